-- What is to happen at a time, once. A kind has one timer at most for each subject.
CREATE TABLE timer (
    id      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    subject INTEGER NOT NULL,               -- the number of a handoff, or of whatever the kind is about
    UNIQUE (kind, subject)
) STRICT;
CREATE INDEX timer_by_time ON timer (at, id);
