//! Events files: each format's rows become facts of a [`History`].

mod csv;
mod json;
mod objects;
mod parquet;
pub(crate) mod row;

use self::objects::Objects;
pub(crate) use self::parquet::list_left_out;
use crate::columns::ColumnMap;
use crate::csv_table::CsvTable;
use crate::error::ReplayError;
use crate::history::History;
use crate::parquet_table::ParquetTable;
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

/// Whether a file of events says by whom and when traits were said. What can't be opened is said when it is read.
pub(crate) fn say_traits(source: &Source, columns: &ColumnMap) -> bool {
    let of_table = |names: &[String]| Objects::among(names).is_some_and(|objects| objects.traits.is_some());
    match source.format {
        Format::Csv => {
            let table = Rejects::new(None, false).and_then(|mut rejects| {
                let table = CsvTable::open(source, &|_| {}, &mut rejects)?;
                Ok(table.columns().to_vec())
            });
            table.is_ok_and(|names| of_table(&names))
        }
        Format::JsonLines => json::say_traits(source, columns),
        Format::Parquet => ParquetTable::open(source).is_ok_and(|table| of_table(table.names())),
    }
}

/// Why a row can't be taken, with more on that.
pub(crate) type Refusal = (Reason, String);

/// The outer failure ends the run, the inner one leaves a row out.
pub(crate) type Taken = Result<Result<(), Refusal>, ReplayError>;
