//! Where facts and decisions are kept: the store in domain words, and SQLite.
