-- Facts: appended, never rewritten but for one link. A lead's facts hang together from the newest one, which the lead's
-- row names, to the oldest: an index by lead would cost each fact a page of its own. Joining two leads ties the oldest
-- fact of one to the newest of the other.
CREATE TABLE event (
    id          INTEGER PRIMARY KEY,
    previous    INTEGER,                    -- the fact of the same lead that was kept before it
    ts          INTEGER NOT NULL,           -- when it happened, corrected for the sender's clock
    received_at INTEGER NOT NULL,
    original_at INTEGER,
    sent_at     INTEGER,
    source_id   INTEGER NOT NULL,
    message_id  TEXT NOT NULL,
    kind        TEXT NOT NULL,              -- track, page, screen, identify, group, alias
    name        TEXT,                       -- the event's or screen's name, the group's id, the previous id
    path        TEXT,
    properties  TEXT,                       -- a JSON object with dotted keys
    traits      TEXT,                       -- likewise, what it says about who they are
    known       INTEGER NOT NULL            -- 1 where it shows somebody whom one could reach
) STRICT;

CREATE TABLE returned (
    id         INTEGER PRIMARY KEY,
    lead_id    INTEGER NOT NULL,
    handoff_id INTEGER NOT NULL UNIQUE,
    at         INTEGER NOT NULL,
    again_ms   INTEGER,
    reason     TEXT NOT NULL,
    note       TEXT
) STRICT;
CREATE INDEX returned_by_lead ON returned (lead_id);

-- Message ids that were taken, by half of a hash; the other half tells two apart that share the first.
CREATE TABLE seen (
    hash INTEGER PRIMARY KEY,
    rest INTEGER NOT NULL,
    at   INTEGER NOT NULL
) STRICT;

CREATE TABLE lead (
    id                INTEGER PRIMARY KEY,
    stage             TEXT NOT NULL,
    cycle             INTEGER NOT NULL,
    handoff_id        INTEGER,              -- the handoff of this cycle
    owner_id          INTEGER,
    account_id        INTEGER,
    account_ts        INTEGER,              -- the time of the group call that named the account
    created_at        INTEGER NOT NULL,
    known_from        INTEGER,
    last_seen         INTEGER NOT NULL,
    merged_into       INTEGER,
    first_event       INTEGER,              -- the two ends of its facts
    last_event        INTEGER,
    -- What follows is worked out from the facts and can be again.
    name              TEXT,
    email             TEXT,
    title             TEXT,
    company           TEXT,
    fit               INTEGER NOT NULL,
    intent            INTEGER NOT NULL,
    score             INTEGER NOT NULL,
    grade             TEXT NOT NULL,
    qualified_at      INTEGER,
    trigger           TEXT,
    disqualified_by   TEXT,
    scored_at         INTEGER NOT NULL,
    agreement_version INTEGER NOT NULL
) STRICT;
-- Visitors come and go by the thousand and nobody calls them: keeping them in order would cost more than all else.
CREATE INDEX lead_by_score ON lead (score DESC, id DESC) WHERE merged_into IS NULL AND known_from IS NOT NULL;
CREATE INDEX lead_by_seen ON lead (last_seen DESC, id DESC) WHERE merged_into IS NULL AND known_from IS NOT NULL;
CREATE INDEX lead_by_creation ON lead (created_at DESC, id DESC) WHERE merged_into IS NULL AND known_from IS NOT NULL;
CREATE INDEX lead_by_owner ON lead (owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX lead_by_account ON lead (account_id) WHERE account_id IS NOT NULL;

CREATE TABLE lead_key (
    kind    TEXT NOT NULL,
    value   TEXT NOT NULL,
    lead_id INTEGER NOT NULL,
    since   INTEGER NOT NULL,
    PRIMARY KEY (kind, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX lead_key_by_lead ON lead_key (lead_id);

CREATE TABLE account (
    id         INTEGER PRIMARY KEY,
    kind       TEXT NOT NULL,               -- domain, group
    value      TEXT NOT NULL,
    name       TEXT,
    owner_id   INTEGER,
    created_at INTEGER NOT NULL,
    UNIQUE (kind, value)
) STRICT;

-- Decisions.
CREATE TABLE transition (
    id         INTEGER PRIMARY KEY,
    lead_id    INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    from_stage TEXT,
    to_stage   TEXT NOT NULL,
    actor      TEXT NOT NULL,
    reason     TEXT NOT NULL,
    handoff_id INTEGER
) STRICT;
CREATE INDEX transition_by_lead ON transition (lead_id, id);

CREATE TABLE handoff (
    id                INTEGER PRIMARY KEY,
    lead_id           INTEGER NOT NULL,
    origin_lead_id    INTEGER NOT NULL,     -- the lead that it was made for, before any join
    cycle             INTEGER NOT NULL,
    state             TEXT NOT NULL,        -- open, accepted, rejected, expired, merged
    trigger           TEXT NOT NULL,
    qualified_at      INTEGER NOT NULL,
    fit               INTEGER NOT NULL,
    intent            INTEGER NOT NULL,
    score             INTEGER NOT NULL,
    grade             TEXT NOT NULL,
    owner_id          INTEGER,
    team              TEXT,
    route             TEXT,
    route_reason      TEXT NOT NULL,
    sla               TEXT,
    created_at        INTEGER NOT NULL,
    due_at            INTEGER,
    agreement_version INTEGER NOT NULL,
    packet            TEXT NOT NULL,
    decided_at        INTEGER,
    decided_by        TEXT,
    rejection_reason  TEXT,
    note              TEXT,
    UNIQUE (origin_lead_id, cycle)
) STRICT;
CREATE INDEX handoff_by_lead ON handoff (lead_id);
CREATE INDEX handoff_by_due ON handoff (state, due_at, id);
CREATE INDEX handoff_by_owner ON handoff (owner_id, state, due_at);

CREATE TABLE task (
    id         INTEGER PRIMARY KEY,
    handoff_id INTEGER NOT NULL UNIQUE,
    title      TEXT NOT NULL,
    priority   TEXT NOT NULL,
    owner_id   INTEGER,
    created_at INTEGER NOT NULL,
    due_at     INTEGER,
    closed_at  INTEGER
) STRICT;

CREATE TABLE agreement (
    version      INTEGER PRIMARY KEY,
    hash         TEXT NOT NULL,
    source       TEXT NOT NULL,
    activated_at INTEGER NOT NULL,
    published_by TEXT NOT NULL
) STRICT;

CREATE TABLE destination (
    id         INTEGER PRIMARY KEY,
    url        TEXT NOT NULL,
    secret     TEXT NOT NULL,
    active     INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE outbox (
    id             INTEGER PRIMARY KEY,
    destination_id INTEGER NOT NULL,
    message_id     TEXT NOT NULL UNIQUE,
    event_type     TEXT NOT NULL,
    payload        TEXT NOT NULL,
    created_at     INTEGER NOT NULL,
    state          TEXT NOT NULL,           -- waiting, delivered, dead
    attempts       INTEGER NOT NULL DEFAULT 0,
    next_at        INTEGER NOT NULL,
    ended_at       INTEGER,
    last_error     TEXT
) STRICT;
CREATE INDEX outbox_waiting ON outbox (next_at, id) WHERE state = 'waiting';
CREATE INDEX outbox_dead ON outbox (id) WHERE state = 'dead';

CREATE TABLE api_key (
    id         INTEGER PRIMARY KEY,
    class      TEXT NOT NULL,               -- write, admin
    name       TEXT NOT NULL,
    hash       BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE user (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL,
    email         TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    role          TEXT NOT NULL,            -- sales, marketing, admin
    created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE session (
    token_hash BLOB PRIMARY KEY,
    user_id    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_expiry ON session (expires_at);

CREATE TABLE team_member (
    team             TEXT NOT NULL,
    user_id          INTEGER NOT NULL,
    weight           INTEGER NOT NULL,
    assigned         INTEGER NOT NULL DEFAULT 0,
    last_assigned_at INTEGER,
    active           INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (team, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE finding (
    kind     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    reason   TEXT NOT NULL,
    count    INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at  INTEGER NOT NULL,
    PRIMARY KEY (kind, subject, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE counter (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
