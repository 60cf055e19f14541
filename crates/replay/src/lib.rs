//! History from files: read, sort, score.
