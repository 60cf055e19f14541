//! Rows with what is derived from them: a table in, the same table out with more columns. Rows stream through; no more than
//! a group of them is ever held.

mod columns;
mod rows;
mod write;

pub use self::columns::{DERIVED_COLUMNS, INPUT_FIELDS, Inputs};
pub use self::write::{profile, profile_file};
