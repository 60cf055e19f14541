-- What changes a lead's history other than new facts, which are found by their numbers: that it was joined or parted, and
-- that one of its events was released, or isn't any more. Whoever keeps the history elsewhere reads on from where they were.
CREATE TABLE history_change (
    id      INTEGER PRIMARY KEY,
    lead_id INTEGER NOT NULL
) STRICT;
CREATE TRIGGER history_joined AFTER UPDATE OF merged_into ON lead WHEN new.merged_into IS NOT old.merged_into BEGIN
    INSERT INTO history_change (lead_id) VALUES (new.id);
    INSERT INTO history_change (lead_id) SELECT old.merged_into WHERE old.merged_into IS NOT NULL;
    INSERT INTO history_change (lead_id) SELECT new.merged_into WHERE new.merged_into IS NOT NULL;
END;
CREATE TRIGGER history_released AFTER UPDATE OF released_at ON suspect
WHEN (new.released_at IS NULL) <> (old.released_at IS NULL) BEGIN
    INSERT INTO history_change (lead_id) VALUES (new.lead_id);
END;
