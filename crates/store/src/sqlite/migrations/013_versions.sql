-- How an agreement becomes a version: proposed, replayed, signed by both departments, published; and what publishing leaves
-- to be confirmed. All of it is kept for ever.

-- A version stands on signatures, or on the reason why it has none.
ALTER TABLE agreement ADD COLUMN mode TEXT NOT NULL DEFAULT 'forward';      -- forward, retroactive
ALTER TABLE agreement ADD COLUMN basis TEXT NOT NULL DEFAULT 'unsigned';    -- signed, first, override, rollback, unsigned
ALTER TABLE agreement ADD COLUMN reason TEXT;                               -- why it was published so
ALTER TABLE agreement ADD COLUMN proposal_id INTEGER;                       -- what was signed
ALTER TABLE agreement ADD COLUMN back_to INTEGER;                           -- the version that it is again
ALTER TABLE agreement ADD COLUMN rescored_to INTEGER;                       -- the last lead that was judged anew
ALTER TABLE agreement ADD COLUMN rescored_at INTEGER;                       -- when all of them were

CREATE TABLE proposal (
    id          INTEGER PRIMARY KEY,
    hash        TEXT NOT NULL,
    source      TEXT NOT NULL,
    note        TEXT,                       -- why, in its author's words
    based_on    INTEGER NOT NULL,           -- the version that was active then
    proposed_at INTEGER NOT NULL,
    proposed_by TEXT NOT NULL,
    state       TEXT NOT NULL,              -- open, published, withdrawn
    version     INTEGER,                    -- as which it was published
    replay      TEXT,                       -- JSON: what it would have come to
    replayed_at INTEGER
) STRICT;

-- One of each department, and never the same person twice.
CREATE TABLE signature (
    proposal_id INTEGER NOT NULL,
    department  TEXT NOT NULL,              -- marketing, sales
    user_id     INTEGER NOT NULL,
    name        TEXT NOT NULL,              -- as they were called then
    role        TEXT NOT NULL,              -- which they had then
    at          INTEGER NOT NULL,
    hash        TEXT NOT NULL,              -- of what they signed
    replay      TEXT NOT NULL,              -- what they were shown: JSON
    PRIMARY KEY (proposal_id, department),
    UNIQUE (proposal_id, user_id)
) STRICT, WITHOUT ROWID;

-- Whom a retroactive version would newly hand off; nobody is before somebody confirms it.
CREATE TABLE newly_qualified (
    version      INTEGER NOT NULL,
    lead_id      INTEGER NOT NULL,          -- as it was then, before any join
    listed_at    INTEGER NOT NULL,
    qualified_at INTEGER NOT NULL,
    trigger      TEXT NOT NULL,
    fit          INTEGER NOT NULL,          -- as it qualified
    intent       INTEGER NOT NULL,
    reaches      INTEGER NOT NULL,          -- 1 where it reaches the line still
    team         TEXT,                      -- whose it would be
    owner_id     INTEGER,
    state        TEXT NOT NULL,             -- waiting, confirmed, handed_off, left_out, lapsed, superseded
    decided_at   INTEGER,
    decided_by   TEXT,
    handoff_id   INTEGER,
    outcome      TEXT,                      -- why it lapsed
    PRIMARY KEY (version, lead_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX newly_qualified_by_state ON newly_qualified (version, state, lead_id);
CREATE INDEX newly_qualified_confirmed ON newly_qualified (lead_id) WHERE state = 'confirmed';

-- A proposal that runs beside the active version and hands nobody off.
CREATE TABLE shadow (
    id          INTEGER PRIMARY KEY,
    proposal_id INTEGER NOT NULL,
    started_at  INTEGER NOT NULL,
    started_by  TEXT NOT NULL,
    ends_at     INTEGER NOT NULL,
    stopped_by  TEXT,                       -- who ended it before its time
    report      TEXT,                       -- JSON: what it came to in the end
    reported_at INTEGER
) STRICT;
CREATE INDEX shadow_by_proposal ON shadow (proposal_id, id);
