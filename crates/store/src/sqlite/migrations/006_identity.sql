-- Whatever is kept for a lead names the lead that it was kept for, also after that one was joined with another: by it two
-- who aren't one after all are parted again, exactly.
ALTER TABLE event ADD COLUMN lead_id INTEGER NOT NULL DEFAULT 0;
WITH RECURSIVE chain (id, previous, lead_id) AS (
    SELECT event.id, event.previous, lead.id FROM lead JOIN event ON event.id = lead.last_event
    UNION ALL SELECT event.id, event.previous, chain.lead_id FROM chain JOIN event ON event.id = chain.previous
)
UPDATE event SET lead_id = chain.lead_id FROM chain WHERE event.id = chain.id;

ALTER TABLE lead_key ADD COLUMN origin_id INTEGER NOT NULL DEFAULT 0;
UPDATE lead_key SET origin_id = lead_id;

-- A move without an origin only tells of a joining or parting.
ALTER TABLE transition ADD COLUMN origin_id INTEGER;
UPDATE transition SET origin_id = lead_id WHERE reason NOT LIKE 'joined with lead %';

CREATE INDEX lead_by_joining ON lead (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE joining (
    id                INTEGER PRIMARY KEY,
    lead_id           INTEGER NOT NULL,     -- the lead that was joined
    into_id           INTEGER NOT NULL,     -- the one that stays
    at                INTEGER NOT NULL,
    actor             TEXT NOT NULL,
    reason            TEXT NOT NULL,
    closed_handoff_id INTEGER,              -- the handoff that gave way
    into_owner_id     INTEGER,              -- what the one that stays had before
    into_account_id   INTEGER,
    parted_at         INTEGER,
    parted_by         TEXT
) STRICT;
CREATE INDEX joining_by_lead ON joining (lead_id, id);
CREATE INDEX joining_by_into ON joining (into_id, id);

-- Pairs that look like one person. Parted ones are kept apart: no fact joins them again, only a person does.
CREATE TABLE pair (
    id       INTEGER PRIMARY KEY,
    one_id   INTEGER NOT NULL,              -- the lower number
    other_id INTEGER NOT NULL,
    state    TEXT NOT NULL,                 -- offered, dismissed, apart
    reason   TEXT NOT NULL,
    at       INTEGER NOT NULL,
    actor    TEXT,
    UNIQUE (one_id, other_id)
) STRICT;
CREATE INDEX pair_by_state ON pair (state, id DESC);
CREATE INDEX pair_by_other ON pair (other_id);

-- By what leads that may be one are found: a name at a company, an address without its tag.
CREATE TABLE likeness (
    kind    TEXT NOT NULL,
    value   TEXT NOT NULL,
    lead_id INTEGER NOT NULL,
    PRIMARY KEY (kind, value, lead_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX likeness_by_lead ON likeness (lead_id);
