-- What changes a lead's history other than new facts, which are found by their numbers: that it was joined or parted, and
-- that one of its events was released, or isn't any more. Whoever keeps the history elsewhere reads on from where they were.
CREATE TABLE history_change (
    id      INTEGER PRIMARY KEY,
    lead_id INTEGER NOT NULL,
    -- A sum of this change and all before it, by which one tells the history of this database from that of another.
    token   INTEGER NOT NULL
) STRICT;
CREATE VIEW history_token AS
    SELECT coalesce((SELECT token FROM history_change ORDER BY id DESC LIMIT 1), 0) * 1000003 AS before;
CREATE TRIGGER history_joined AFTER UPDATE OF merged_into ON lead WHEN new.merged_into IS NOT old.merged_into BEGIN
    INSERT INTO history_change (lead_id, token)
    SELECT new.id, (before + new.id * 2 + coalesce(new.merged_into, 0) * 3) % 2147483647 FROM history_token;
    INSERT INTO history_change (lead_id, token)
    SELECT old.merged_into, (before + old.merged_into) % 2147483647 FROM history_token
    WHERE old.merged_into IS NOT NULL;
    INSERT INTO history_change (lead_id, token)
    SELECT new.merged_into, (before + new.merged_into) % 2147483647 FROM history_token
    WHERE new.merged_into IS NOT NULL;
END;
CREATE TRIGGER history_released AFTER UPDATE OF released_at ON suspect
WHEN (new.released_at IS NULL) <> (old.released_at IS NULL) BEGIN
    INSERT INTO history_change (lead_id, token)
    SELECT new.lead_id, (before + new.event_id * 2 + (new.released_at IS NULL)) % 2147483647 FROM history_token;
END;
