-- Events that are held apart as those of machines, and those that somebody said are real after all. What is held follows
-- from a lead's facts and the agreement, and is kept for lists and counts; that one was released is a decision.
CREATE TABLE suspect (
    event_id    INTEGER PRIMARY KEY,
    lead_id     INTEGER NOT NULL,           -- whose it is at present
    rule        TEXT NOT NULL,              -- agents, speed, burst, click_without_visit
    reason      TEXT NOT NULL,
    released_at INTEGER,
    released_by TEXT
) STRICT;
CREATE INDEX suspect_by_lead ON suspect (lead_id, event_id);
CREATE INDEX suspect_held ON suspect (event_id) WHERE released_at IS NULL;
CREATE INDEX suspect_held_by_rule ON suspect (rule, event_id) WHERE released_at IS NULL;

CREATE TABLE suspect_count (
    rule     TEXT PRIMARY KEY,
    held     INTEGER NOT NULL,
    released INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Crawlers are held by the thousand, so that counting them anew for every page would cost more than all else.
CREATE TRIGGER suspect_came AFTER INSERT ON suspect BEGIN
    INSERT INTO suspect_count (rule, held, released)
    VALUES (new.rule, new.released_at IS NULL, new.released_at IS NOT NULL)
    ON CONFLICT DO UPDATE SET held = held + excluded.held, released = released + excluded.released;
END;
CREATE TRIGGER suspect_went AFTER DELETE ON suspect BEGIN
    UPDATE suspect_count
    SET held = held - (old.released_at IS NULL), released = released - (old.released_at IS NOT NULL)
    WHERE rule = old.rule;
END;
CREATE TRIGGER suspect_changed AFTER UPDATE OF rule, released_at ON suspect BEGIN
    UPDATE suspect_count
    SET held = held - (old.released_at IS NULL), released = released - (old.released_at IS NOT NULL)
    WHERE rule = old.rule;
    INSERT INTO suspect_count (rule, held, released)
    VALUES (new.rule, new.released_at IS NULL, new.released_at IS NOT NULL)
    ON CONFLICT DO UPDATE SET held = held + excluded.held, released = released + excluded.released;
END;
