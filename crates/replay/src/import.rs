//! Other systems' exports, understood: which column holds what, in which form its dates are, and each row as a
//! [`Record`](bellwether_core::records::Record) or with the reason why it is none.
//!
//! A file is looked at whole before anything is made of it ([`survey`]); what was found and what the caller said become
//! a [`Plan`], which is shown; [`run`] then hands records on in bounded chunks and accounts for every row.

mod amounts;
pub mod dates;
pub mod headers;
mod plan;
mod record;
mod row;
mod run;
mod survey;
mod table;
mod text;

pub use amounts::thousandths;
pub use plan::{How, ID_KIND, ImportOptions, Plan, PlanError, PlannedColumn, Target};
pub use record::Refusal;
pub(crate) use record::{LOST, WON};
pub use row::Row;
pub use run::{CHUNK_ROWS_MAX, KeptReject, ReadRow, RejectsFile, RunError, read_bytes, run};
pub use survey::{ColumnSurvey, Survey, survey};
pub use table::Table;
pub use text::{Encoding, MISSING};
