//! Events files: each format's rows become facts of a [`History`].

mod csv;
mod json;
mod parquet;
pub(crate) mod row;

pub(crate) use self::parquet::list_left_out;
use crate::columns::ColumnMap;
use crate::error::ReplayError;
use crate::history::History;
use crate::rejects::{Reason, Rejects};
use crate::source::{Format, Progress, Source};

/// Reads a whole file into a history.
pub(crate) fn read(
    source: &Source,
    columns: &ColumnMap,
    history: &mut History<'_>,
    progress: Progress<'_>,
    rejects: &mut Rejects,
) -> Result<(), ReplayError> {
    match source.format {
        Format::Csv => csv::read(source, columns, history, progress, rejects),
        Format::JsonLines => json::read(source, columns, history, progress, rejects),
        Format::Parquet => parquet::read(source, columns, history, progress, rejects),
    }
}

/// Why a row can't be taken, with more on that.
pub(crate) type Refusal = (Reason, String);

/// The outer failure ends the run, the inner one leaves a row out.
pub(crate) type Taken = Result<Result<(), Refusal>, ReplayError>;
