-- Nurture tracks that run, what was written to leads, and who wants no more mail.

-- A lead on a track of the agreement's.
CREATE TABLE nurture (
    id         INTEGER PRIMARY KEY,
    lead_id    INTEGER NOT NULL,
    origin_id  INTEGER NOT NULL,            -- the lead that it was begun for, before any join
    track      TEXT NOT NULL,
    cause      TEXT NOT NULL,               -- in words: `rejected: No budget`
    started_at INTEGER NOT NULL,
    step       INTEGER NOT NULL,            -- how many steps were taken
    next_at    INTEGER,                     -- when the next one is due, while it runs
    state      TEXT NOT NULL,               -- running, done, stopped
    why        TEXT,                        -- why it stopped, or waits
    ended_at   INTEGER
) STRICT;
CREATE INDEX nurture_by_lead ON nurture (lead_id, id);
CREATE INDEX nurture_by_state ON nurture (state, track, id);

-- A message to a lead: one that was promised, or that was kept back, with the reason.
CREATE TABLE mail (
    id         INTEGER PRIMARY KEY,
    lead_id    INTEGER NOT NULL,
    origin_id  INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    kind       TEXT NOT NULL,               -- reply, nurture
    name       TEXT NOT NULL,               -- the agreement's message
    address    TEXT,                        -- lower case
    nurture_id INTEGER,
    step       INTEGER,
    kept_back  TEXT,                        -- why it wasn't sent
    token      TEXT                         -- of its unsubscribe link
) STRICT;
CREATE INDEX mail_by_lead ON mail (lead_id, id);
CREATE INDEX mail_by_address ON mail (address, kind, at) WHERE kept_back IS NULL;
CREATE UNIQUE INDEX mail_by_token ON mail (token) WHERE token IS NOT NULL;

-- Who wants no more mail.
CREATE TABLE unsubscribed (
    address TEXT PRIMARY KEY,               -- lower case
    at      INTEGER NOT NULL,
    how     TEXT NOT NULL,                  -- one_click, page, hand
    actor   TEXT NOT NULL,
    mail_id INTEGER                         -- by which message
) STRICT, WITHOUT ROWID;
CREATE INDEX unsubscribed_by_time ON unsubscribed (at, address);
