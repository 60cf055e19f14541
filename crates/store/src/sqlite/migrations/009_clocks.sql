-- The clock of a handoff, and who was in touch with its lead when.
CREATE TABLE clock (
    handoff_id       INTEGER PRIMARY KEY,
    terms            TEXT NOT NULL,         -- what was agreed when it began, as JSON
    started_at       INTEGER NOT NULL,
    owner_since      INTEGER,               -- since when the present owner has it; nothing while it waits in a queue
    owner_due_at     INTEGER,               -- by when the present owner would be in time
    steps_done       INTEGER NOT NULL DEFAULT 0,
    paused_at        INTEGER,               -- since when it stands still
    contacted_at     INTEGER,               -- the first contact
    ended_at         INTEGER,               -- by first contact, or with the handoff
    raw_ms           INTEGER,               -- what had passed then, by the clock on the wall
    working_ms       INTEGER,               -- and of the time that counts
    owner_raw_ms     INTEGER,
    owner_working_ms INTEGER
) STRICT;

-- Times in which a clock stood still.
CREATE TABLE clock_pause (
    id         INTEGER PRIMARY KEY,
    handoff_id INTEGER NOT NULL,
    from_at    INTEGER NOT NULL,
    until_at   INTEGER,
    reason     TEXT NOT NULL,
    paused_by  TEXT NOT NULL,
    resumed_by TEXT
) STRICT;
CREATE INDEX clock_pause_by_handoff ON clock_pause (handoff_id, id);

-- The escalation steps that were taken.
CREATE TABLE clock_step (
    handoff_id INTEGER NOT NULL,
    step       INTEGER NOT NULL,            -- from 0, in the order of their times
    at_percent INTEGER NOT NULL,
    due_at     INTEGER NOT NULL,
    taken_at   INTEGER NOT NULL,
    outcome    TEXT NOT NULL,               -- in words: who was told, who got the lead
    PRIMARY KEY (handoff_id, step)
) STRICT, WITHOUT ROWID;

-- Calls, mails, meetings and notes.
CREATE TABLE contact (
    id          INTEGER PRIMARY KEY,
    lead_id     INTEGER NOT NULL,
    origin_id   INTEGER NOT NULL,           -- the lead that it was kept for, before any join
    handoff_id  INTEGER,
    at          INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    kind        TEXT NOT NULL,              -- call, mail, meeting, note
    actor       TEXT NOT NULL,
    note        TEXT,
    source      TEXT NOT NULL               -- by hand, or what told of it
) STRICT;
CREATE INDEX contact_by_lead ON contact (lead_id, at);
CREATE INDEX contact_by_handoff ON contact (handoff_id, at) WHERE handoff_id IS NOT NULL;

-- Handoffs of before have a clock too: by what they promised, without steps.
INSERT INTO clock (handoff_id, terms, started_at, owner_since, owner_due_at, ended_at)
SELECT id, json_object('policy', sla, 'allowed_ms', due_at - created_at, 'steps', json_array(), 'pause', json_array()),
       created_at, CASE WHEN owner_id IS NOT NULL THEN created_at END, CASE WHEN owner_id IS NOT NULL THEN due_at END,
       CASE WHEN state NOT IN ('open', 'accepted') THEN decided_at END
FROM handoff;
