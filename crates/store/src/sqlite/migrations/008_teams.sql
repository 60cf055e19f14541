-- Teams: working hours, holidays, time off, limits, and why a lead became whose.
CREATE TABLE team (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,       -- as the agreement's routes name it
    zone        TEXT,                       -- an IANA time zone; nothing is the agreement's
    shifts      TEXT,                       -- "mon-fri 09:00-17:00"; nothing is at any time
    holidays    TEXT,                       -- the calendar whose days are off
    manager_id  INTEGER,
    booking_url TEXT
) STRICT;

CREATE TABLE holiday (
    calendar TEXT NOT NULL,
    date     TEXT NOT NULL,                 -- 2026-12-25
    name     TEXT NOT NULL,
    PRIMARY KEY (calendar, date)
) STRICT, WITHOUT ROWID;

CREATE TABLE time_off (
    id       INTEGER PRIMARY KEY,
    user_id  INTEGER NOT NULL,
    from_at  INTEGER NOT NULL,
    until_at INTEGER,                       -- nothing is until somebody says that they are back
    reason   TEXT NOT NULL
) STRICT;
CREATE INDEX time_off_by_user ON time_off (user_id, from_at);

ALTER TABLE user ADD COLUMN active INTEGER NOT NULL DEFAULT 1;  -- 0 for whoever left
ALTER TABLE user ADD COLUMN zone TEXT;                          -- their own hours, instead of the team's
ALTER TABLE user ADD COLUMN shifts TEXT;
ALTER TABLE user ADD COLUMN holidays TEXT;
ALTER TABLE user ADD COLUMN booking_url TEXT;
ALTER TABLE user ADD COLUMN slack_id TEXT;

ALTER TABLE team_member ADD COLUMN day_max INTEGER;             -- leads that the team gives them on one day
ALTER TABLE team_member ADD COLUMN open_max INTEGER;            -- leads that wait for their answer

-- Whose turn it is, for each team and way of picking: what everybody got since the present stretch began, and the credit
-- that is carried over from stretch to stretch, in billionths of a lead.
CREATE TABLE turn (
    team    TEXT NOT NULL,
    pick    TEXT NOT NULL,                  -- round_robin, weighted
    user_id INTEGER NOT NULL,
    weight  INTEGER NOT NULL,               -- in the present stretch; 0 for whoever isn't in it
    given   INTEGER NOT NULL,
    credit  INTEGER NOT NULL,
    last_at INTEGER,
    PRIMARY KEY (team, pick, user_id)
) STRICT, WITHOUT ROWID;

-- Decisions: appended, never rewritten.
CREATE TABLE route_decision (
    id         INTEGER PRIMARY KEY,
    handoff_id INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    cause      TEXT NOT NULL,               -- qualified, taken_up, reassigned, manual
    actor      TEXT NOT NULL,
    team       TEXT,
    picked_id  INTEGER,                     -- nothing where nobody could take it
    reason     TEXT NOT NULL,
    looked_at  TEXT NOT NULL                -- JSON: routes and candidates, and why each was passed over
) STRICT;
CREATE INDEX route_decision_by_handoff ON route_decision (handoff_id, id);
CREATE INDEX route_decision_by_day ON route_decision (picked_id, team, at) WHERE picked_id IS NOT NULL;

-- Who waits in a team's queue.
CREATE INDEX handoff_queue ON handoff (team, due_at, id) WHERE owner_id IS NULL AND state = 'open';

INSERT INTO team (name) SELECT DISTINCT team FROM team_member;
