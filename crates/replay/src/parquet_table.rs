//! A Parquet file as a table: its columns by name, its row groups, its rows.

use std::fs::File;

use parquet::basic::{ConvertedType, Repetition};
use parquet::errors::ParquetError;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::file::statistics::Statistics;
use parquet::schema::types::{ColumnDescriptor, Type};

use crate::error::ReplayError;
use crate::pages::{Chunk, Int64Column, NumberedColumn};
use crate::parquet_values::Shape;
use crate::rejects::{Reason, Rejects};
use crate::source::{Progress, Source};

/// Rows that are read in one go.
pub(crate) const BATCH_ROWS: usize = 8_192;

/// An open file.
pub(crate) struct ParquetTable {
    source: Source,
    reader: SerializedFileReader<File>,
    names: Vec<String>,
    /// The leaf column that each name stands for.
    leaves: Vec<usize>,
    /// The columns that are neither single values nor lists of them.
    left_out: Vec<String>,
}

/// Takes a row, by its number in the file from 1 and a way to its cells.
pub(crate) type TakeRow<'t> =
    &'t mut dyn for<'r> FnMut(u64, &'r dyn Fn(usize) -> &'r str) -> Result<(), ReplayError>;

impl ParquetTable {
    pub(crate) fn open(source: &Source) -> Result<Self, ReplayError> {
        let reader = SerializedFileReader::new(source.file()?).map_err(|error| damaged(source, 0, &error))?;
        let columns = reader.metadata().file_metadata().schema_descr().columns();
        let root = reader.metadata().file_metadata().schema();
        let (mut leaves, mut names, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
        for (leaf, column) in columns.iter().enumerate() {
            let path = column.path();
            let list = || (column.max_rep_level() == 1).then(|| list_name(root, path.parts()));
            let name = match column.max_rep_level() {
                0 => Some(path.string()),
                _ => list().flatten(),
            };
            match name {
                Some(name) => {
                    leaves.push(leaf);
                    names.push(name);
                }
                None => left_out.push(path.string()),
            }
        }
        Ok(Self {
            source: source.clone(),
            reader,
            names,
            leaves,
            left_out,
        })
    }

    /// The names of the columns, nested ones by dotted path.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether a named column holds lists.
    pub(crate) fn is_list(&self, name: usize) -> bool {
        self.describe(name).max_rep_level() > 0
    }

    /// Lists the columns that somebody wants to read, as the first part of their path says, and that nobody can.
    pub(crate) fn list_left_out(
        &self,
        wanted: &dyn Fn(&str) -> bool,
        rejects: &mut Rejects,
    ) -> Result<(), ReplayError> {
        let first = |path: &&String| path.split('.').next().is_some_and(wanted);
        for path in self.left_out.iter().filter(first) {
            rejects.add(&self.source.path, 0, Reason::NestedColumn, path, b"")?;
        }
        Ok(())
    }

    /// What the file's metadata say under a key.
    pub(crate) fn said(&self, key: &str) -> Option<&str> {
        let mut said = self
            .reader
            .metadata()
            .file_metadata()
            .key_value_metadata()?
            .iter();
        said.find(|said| said.key == key)?.value.as_deref()
    }

    pub(crate) fn groups(&self) -> usize {
        self.reader.num_row_groups()
    }

    pub(crate) fn group(&self, at: usize) -> Result<Box<dyn RowGroupReader + '_>, ParquetError> {
        self.reader.get_row_group(at)
    }

    pub(crate) fn group_metadata(&self, at: usize) -> &RowGroupMetaData {
        self.reader.metadata().row_group(at)
    }

    pub(crate) fn group_rows(&self, at: usize) -> usize {
        usize::try_from(self.group_metadata(at).num_rows()).unwrap_or(0)
    }

    /// A named column's chunk of a row group.
    pub(crate) fn chunk<'r>(&'r self, group: &'r dyn RowGroupReader, name: usize) -> Chunk<'r> {
        let column = self.leaves.get(name).copied().unwrap_or_default();
        Chunk {
            group,
            column,
            describe: self.describe(name),
        }
    }

    /// What a named column's values mean.
    pub(crate) fn shape(&self, name: usize) -> Shape {
        Shape::of(self.describe(name))
    }

    /// The greatest stored number of a column of whole numbers, where every row group says it.
    pub(crate) fn max_whole(&self, name: usize) -> Option<i64> {
        let column = *self.leaves.get(name)?;
        let max = |group: &RowGroupMetaData| match group.column(column).statistics()? {
            Statistics::Int64(values) => values.max_opt().copied(),
            Statistics::Int32(values) => values.max_opt().copied().map(i64::from),
            _ => None,
        };
        let full = self
            .reader
            .metadata()
            .row_groups()
            .iter()
            .filter(|group| group.num_rows() > 0);
        full.map(max).collect::<Option<Vec<i64>>>()?.into_iter().max()
    }

    /// What to say of a file that can't be read on.
    pub(crate) fn damaged(&self, rows: u64, error: &ParquetError) -> ReplayError {
        damaged(&self.source, rows, error)
    }

    /// Hands on every row's cells as text, of the named columns `read` alone. A cell that isn't UTF-8 is empty.
    pub(crate) fn each_row(
        &self,
        read: &[usize],
        progress: Progress<'_>,
        take: TakeRow<'_>,
    ) -> Result<(), ReplayError> {
        let mut done = 0_u64;
        for at in 0..self.groups() {
            let failed = |error: ParquetError| self.damaged(done, &error);
            let group = self.group(at).map_err(failed)?;
            let columns = read
                .iter()
                .map(|name| NumberedColumn::open(&self.chunk(group.as_ref(), *name)));
            let mut columns = columns.collect::<Result<Vec<_>, _>>().map_err(failed)?;
            let mut numbers: Vec<Vec<u32>> = vec![Vec::new(); read.len()];
            let mut left = self.group_rows(at);
            while left > 0 {
                let rows = left.min(BATCH_ROWS);
                for (column, numbers) in columns.iter_mut().zip(&mut numbers) {
                    numbers.clear();
                    column
                        .read(rows, numbers)
                        .map_err(|error| self.damaged(done, &error))?;
                }
                for row in 0..rows {
                    let cell = |name: usize| {
                        let at = read.iter().position(|known| *known == name);
                        let place = at.and_then(|at| Some((columns.get(at)?, *numbers.get(at)?.get(row)?)));
                        let text = place.and_then(|(column, number)| column.values.cell(number).trimmed());
                        text.unwrap_or_default()
                    };
                    take(done + row as u64 + 1, &cell)?;
                }
                done += rows as u64;
                left -= rows;
            }
            progress(u64::try_from(self.group_metadata(at).compressed_size()).unwrap_or(0));
        }
        Ok(())
    }

    /// Opens a column of whole numbers.
    pub(crate) fn whole_column(
        &self,
        group: &dyn RowGroupReader,
        name: usize,
    ) -> Result<Int64Column, ParquetError> {
        Int64Column::open(&self.chunk(group, name))
    }

    fn describe(&self, name: usize) -> &ColumnDescriptor {
        let columns = self.reader.metadata().file_metadata().schema_descr().columns();
        let leaf = self.leaves.get(name).copied().unwrap_or_default();
        &columns[leaf]
    }
}

/// What a column of lists of single values is called: the path of the list, without what is within it by convention.
fn list_name(root: &Type, path: &[String]) -> Option<String> {
    let mut above = root;
    for (at, part) in path.iter().enumerate() {
        let node = above.get_fields().iter().find(|field| field.name() == part)?;
        let info = node.get_basic_info();
        let repeated = info.has_repetition() && info.repetition() == Repetition::REPEATED;
        if repeated {
            let is_list = at > 0
                && above.get_basic_info().converted_type() == ConvertedType::LIST
                && above.get_fields().len() == 1;
            let inner = path.len() - at - 1;
            return match (is_list, inner) {
                (true, 0) => Some(path.get(..at)?.join(".")),
                (true, 1) if node.get_fields().len() == 1 => Some(path.get(..at)?.join(".")),
                (false, 0) => Some(path.join(".")),
                _ => None,
            };
        }
        above = node;
    }
    None
}

fn damaged(source: &Source, rows: u64, error: &ParquetError) -> ReplayError {
    let file = source.path.display().to_string();
    ReplayError::Truncated {
        file,
        rows,
        reason: error.to_string(),
    }
}
