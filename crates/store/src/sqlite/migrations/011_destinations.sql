-- Destinations of several kinds, and what became of each message.
CREATE TABLE told_where (
    id             INTEGER PRIMARY KEY,
    name           TEXT NOT NULL,
    source         TEXT NOT NULL,           -- its file, TOML, without secrets
    secret         TEXT,
    signing_secret TEXT,                    -- by which requests from there are known
    off_reason     TEXT,                    -- why nothing is sent there though the file says so
    created_at     INTEGER NOT NULL,
    removed_at     INTEGER
) STRICT;
INSERT INTO told_where (id, name, source, secret, created_at)
SELECT id, 'webhook', 'name = "webhook"' || char(10) || 'kind = "webhook"' || char(10) || 'url = "'
        || replace(replace(url, '\', '%5C'), '"', '%22') || '"' || char(10), secret, created_at
FROM destination WHERE active = 1 ORDER BY id DESC LIMIT 1;
-- What waits for an address that another one took the place of goes to that one.
UPDATE outbox SET destination_id = (SELECT id FROM told_where)
WHERE state <> 'delivered' AND EXISTS (SELECT 1 FROM told_where);
INSERT INTO told_where (id, name, source, created_at, removed_at)
SELECT id, 'webhook', '', created_at, created_at FROM destination WHERE id NOT IN (SELECT id FROM told_where);
DROP TABLE destination;
ALTER TABLE told_where RENAME TO destination;
CREATE UNIQUE INDEX destination_by_name ON destination (name) WHERE removed_at IS NULL;

-- The address of a mail, as it was when the mail was promised.
ALTER TABLE outbox ADD COLUMN recipient TEXT;
CREATE INDEX outbox_lane ON outbox (destination_id, next_at, id) WHERE state = 'waiting';
CREATE INDEX outbox_dry ON outbox (id) WHERE state = 'dry_run';

-- Random bytes that this database's links and tokens are made with, by what they are for.
CREATE TABLE server_key (
    name TEXT PRIMARY KEY,
    key  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Links that worked once and don't any more.
CREATE TABLE used_link (
    digest     BLOB PRIMARY KEY,
    used_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX used_link_by_expiry ON used_link (expires_at);
