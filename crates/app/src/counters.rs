//! The names of what is counted in the database.

/// Facts that were taken.
pub(crate) const ACCEPTED: &str = "facts_accepted";
/// Facts that had been taken before.
pub(crate) const DUPLICATES: &str = "facts_duplicate";
/// Facts that couldn't be taken.
pub(crate) const REFUSED: &str = "facts_refused";
