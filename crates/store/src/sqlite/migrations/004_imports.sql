-- Until when leads' facts came by an import, which hands nobody off: a lead that reached the line by then must be over it
-- still when it does something next. A table of its own, since few leads have it and none needs it in a list.
CREATE TABLE lead_imported (
    lead_id INTEGER PRIMARY KEY,
    until   INTEGER NOT NULL
) STRICT;

-- What a file of accounts said, for the leads that are under them and for those that come.
CREATE TABLE account_record (
    account_id INTEGER PRIMARY KEY,
    traits     TEXT NOT NULL,               -- a JSON object, by the names that a group call has
    hash       TEXT NOT NULL,               -- of all that was said
    at         INTEGER NOT NULL
) STRICT;

-- Deals that were won or lost: facts of other systems, by which the agreement is measured. They move no lead.
CREATE TABLE outcome (
    id                 INTEGER PRIMARY KEY,
    lead_id            INTEGER NOT NULL,
    origin_id          INTEGER NOT NULL,    -- the lead that it was kept for, before any join
    opportunity        TEXT NOT NULL,       -- the deal's id, or else its time in milliseconds
    won                INTEGER NOT NULL,
    at                 INTEGER NOT NULL,
    amount_thousandths INTEGER,
    currency           TEXT,
    reason             TEXT,
    has_id             INTEGER NOT NULL,    -- 1 where the other system gave the deal an id
    UNIQUE (origin_id, opportunity)
) STRICT;
CREATE INDEX outcome_by_lead ON outcome (lead_id, opportunity);
CREATE INDEX outcome_by_time ON outcome (at, id);

-- Imports, and what became of their rows.
CREATE TABLE import (
    id            INTEGER PRIMARY KEY,
    kind          TEXT NOT NULL,            -- leads, events, accounts, outcomes
    file          TEXT NOT NULL,
    started_by    TEXT NOT NULL,
    dry_run       INTEGER NOT NULL,
    state         TEXT NOT NULL,            -- running, done, failed, interrupted
    started_at    INTEGER NOT NULL,
    ended_at      INTEGER,
    counts        TEXT NOT NULL,            -- a JSON object
    would_qualify INTEGER,
    error         TEXT
) STRICT;

-- The first rows of an import that were left out.
CREATE TABLE import_reject (
    import_id INTEGER NOT NULL,
    line      INTEGER NOT NULL,
    reason    TEXT NOT NULL,
    row       TEXT NOT NULL,                -- its cells as a JSON list
    PRIMARY KEY (import_id, line)
) STRICT, WITHOUT ROWID;
