-- Deals, what was found out about a buyer, and moves that no handoff stands behind.

-- A lead that a manager moved back to marketing was sent back, too, whether or not it had a handoff.
CREATE TABLE returned_from (
    id         INTEGER PRIMARY KEY,
    lead_id    INTEGER NOT NULL,
    origin_id  INTEGER NOT NULL,            -- the lead that was sent back, before any join
    handoff_id INTEGER UNIQUE,              -- the handoff that ended, where there was one
    at         INTEGER NOT NULL,
    again_ms   INTEGER,
    reason     TEXT NOT NULL,
    note       TEXT
) STRICT;
INSERT INTO returned_from (id, lead_id, origin_id, handoff_id, at, again_ms, reason, note)
    SELECT returned.id, returned.lead_id, coalesce(handoff.origin_lead_id, returned.lead_id), handoff_id, at, again_ms,
        reason, returned.note
    FROM returned LEFT JOIN handoff ON handoff.id = returned.handoff_id;
DROP TABLE returned;
ALTER TABLE returned_from RENAME TO returned;
CREATE INDEX returned_by_lead ON returned (lead_id);

-- Budget, authority, need and timeline: what holds now is the latest row of an origin and cycle.
CREATE TABLE bant (
    id             INTEGER PRIMARY KEY,
    lead_id        INTEGER NOT NULL,
    origin_id      INTEGER NOT NULL,
    cycle          INTEGER NOT NULL,
    at             INTEGER NOT NULL,
    actor          TEXT NOT NULL,
    budget         TEXT,                    -- yes, no, unknown; nothing where it wasn't asked yet
    budget_note    TEXT,
    authority      TEXT,
    authority_note TEXT,
    need           TEXT,
    need_note      TEXT,
    timeline       TEXT,
    timeline_note  TEXT
) STRICT;
CREATE INDEX bant_by_place ON bant (origin_id, cycle, id);
CREATE INDEX bant_by_lead ON bant (lead_id);

CREATE TABLE opportunity (
    id                 INTEGER PRIMARY KEY,
    lead_id            INTEGER NOT NULL,
    origin_id          INTEGER NOT NULL,
    cycle              INTEGER NOT NULL,
    name               TEXT NOT NULL,
    amount_thousandths INTEGER,
    currency           TEXT,
    close_on           TEXT,                -- a day, as 2026-09-30
    sales_stage        TEXT,
    owner_id           INTEGER,
    state              TEXT NOT NULL,       -- open, won, lost
    opened_at          INTEGER NOT NULL,
    opened_by          TEXT NOT NULL,
    closed_at          INTEGER,
    closed_by          TEXT,
    reason             TEXT,                -- why it was won or lost
    note               TEXT
) STRICT;
CREATE INDEX opportunity_by_lead ON opportunity (lead_id, id);
CREATE INDEX opportunity_by_close ON opportunity (state, close_on, id);
CREATE INDEX opportunity_by_owner ON opportunity (owner_id, state, close_on, id);

-- What was changed of a deal, in words.
CREATE TABLE opportunity_change (
    id             INTEGER PRIMARY KEY,
    opportunity_id INTEGER NOT NULL,
    at             INTEGER NOT NULL,
    actor          TEXT NOT NULL,
    change         TEXT NOT NULL
) STRICT;
CREATE INDEX opportunity_change_by_deal ON opportunity_change (opportunity_id, id);
