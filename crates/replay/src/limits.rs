//! The bounds that keep a run's memory from following its input's size.

/// The longest line of JSON, or row of a table, in bytes; a longer one is a reject.
pub const ROW_BYTES_MAX: usize = 4 << 20;
/// The most cells of a row.
pub const ROW_CELLS_MAX: usize = 4_096;
/// The longest id of a lead, in bytes.
pub const LEAD_ID_BYTES_MAX: usize = 1_024;
/// The longest name of an event, in bytes.
pub const EVENT_NAME_BYTES_MAX: usize = 1_024;
/// The most distinct signatures (names with what rules make of them).
pub const SIGNATURES_MAX: usize = 4_000_000;
/// The most distinct events of a chronicle: names with their paths and properties.
pub const DISTINCT_EVENTS_MAX: usize = 50_000_000;
/// The most distinct sets of traits that are written; a fact's number has four bits of its own.
pub const TRAIT_SETS_MAX: u32 = 1 << 28;
/// How many combinations of name, path and properties are remembered with their signature.
pub const SIGNATURE_CACHE_ENTRIES_MAX: usize = 100_000;
/// How many events are sorted in memory; more go through a temporary file.
pub const RECORDS_IN_MEMORY_MAX: usize = 6_000_000;
/// The most leads of one run.
pub const LEADS_MAX: usize = 1 << 31;
/// The bytes of a bad row that the list of rejects shows.
pub const EXCERPT_BYTES_MAX: usize = 200;
/// The deepest that a JSON property's objects are followed.
pub const PROPERTY_DEPTH_MAX: usize = 8;

/// The most rows of one imported file.
pub const IMPORT_ROWS_MAX: u64 = 100_000_000;
/// How many rows are handed on in one go when a file is imported; live events wait for no more than these.
pub const IMPORT_CHUNK_ROWS_MAX: usize = 1_000;
/// How many bytes of rows, about, are handed on in one go when a file is imported.
pub const IMPORT_CHUNK_BYTES_MAX: usize = 1 << 20;
/// The largest row of an imported file, in bytes of its cells.
pub const IMPORT_ROW_BYTES_MAX: usize = 256 << 10;
