//! History from files: read, sort, score.
//!
//! Rows come in whatever order; what comes out depends on what they say alone. Files are read with memory for the leads'
//! states, not for the rows: events become records of a fixed size, and past a limit those go through temporary files.
//!
//! The modules are in the order of reading: what a run is ([`run`](score)), how it reads each format, how it folds.

pub mod calibrate;
mod cells;
mod chronicle;
mod columns;
pub mod compare;
mod csv_table;
mod distinct;
mod distinct_events;
mod error;
mod event_columns;
mod events;
mod fold;
mod gathered;
mod history;
mod hybrid;
mod identity;
pub mod import;
mod judged;
mod lead;
mod lead_columns;
mod leads;
pub mod limits;
mod numbered;
pub mod outcomes;
mod output;
mod pages;
mod parquet_table;
mod parquet_values;
pub mod profiled;
mod reach;
mod records;
mod rejects;
pub mod report;
mod rows;
mod run;
mod scored;
mod signatures;
mod sorted;
mod source;
pub mod statistics;
mod table_writer;
mod texts;
mod threads;
mod traits;

pub use chronicle::{Chronicle, Retelling, Told};
pub use columns::ColumnMap;
pub use error::ReplayError;
pub use history::{Counts, HeldCounts};
pub use judged::{Judged, Qualified, Verdict};
pub use lead::{LeadHistory, lead_history};
pub use lead_columns::LeadColumns;
pub use output::{write, write_file};
pub use rejects::{Reason, Rejects};
pub use run::{Effort, Input, Run, score};
pub use scored::{Scored, ScoredLead};
pub use source::{Format, Progress, Source};
pub use table_writer::{TableWriter, WrittenColumn};
