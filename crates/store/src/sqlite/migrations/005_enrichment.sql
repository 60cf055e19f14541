-- As whom a write key speaks: the person, the company's own records, or an enrichment.
ALTER TABLE api_key ADD COLUMN speaks_as TEXT NOT NULL DEFAULT 'stated';

-- Services that are asked what they know of leads, each by its file.
CREATE TABLE enricher (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    source     TEXT NOT NULL,
    secret     TEXT,
    created_at INTEGER NOT NULL
) STRICT;

-- What is to be asked about whom: written with the facts that ask for it, once for a lead and the values asked with.
CREATE TABLE enrichment (
    id          INTEGER PRIMARY KEY,
    enricher_id INTEGER NOT NULL,
    lead_id     INTEGER NOT NULL,
    key         TEXT NOT NULL,              -- a JSON object: the fields that are asked with, and their values
    state       TEXT NOT NULL,              -- waiting, answered, unknown, skipped, dead
    attempts    INTEGER NOT NULL DEFAULT 0,
    next_at     INTEGER NOT NULL,
    ended_at    INTEGER,
    last_error  TEXT,
    UNIQUE (enricher_id, lead_id, key)
) STRICT;
CREATE INDEX enrichment_waiting ON enrichment (enricher_id, next_at, id) WHERE state = 'waiting';

-- What was answered, so that nobody is asked the same twice while it holds.
CREATE TABLE enrichment_answer (
    enricher_id INTEGER NOT NULL,
    key         TEXT NOT NULL,
    traits      TEXT,                       -- a JSON object; nothing where nothing is known
    answered_at INTEGER NOT NULL,
    holds_until INTEGER NOT NULL,
    PRIMARY KEY (enricher_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX enrichment_answer_by_end ON enrichment_answer (holds_until);

-- How many requests were made on a day of UTC, counted before each is made.
CREATE TABLE enricher_day (
    enricher_id INTEGER NOT NULL,
    day         INTEGER NOT NULL,           -- days since 1970-01-01
    requests    INTEGER NOT NULL,
    PRIMARY KEY (enricher_id, day)
) STRICT, WITHOUT ROWID;
