//! The stages of a lead and the moves between them.
