//! Tables of texts, written row by row as CSV, JSON lines or Parquet, packed or not; memory for a block of rows alone.

use std::io::Write;
use std::sync::Arc;

use flate2::Compression as Gzip;
use flate2::write::GzEncoder;
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::error::ReplayError;
use crate::source::Format;

/// The rows of a Parquet group, which are held until it is written.
const GROUP_ROWS: usize = 16_384;

/// A column of a table that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrittenColumn {
    /// What it is called: letters, digits, points and `_`.
    pub name: &'static str,
    /// Whether its cells are JSON, which in JSON lines stands as it is.
    pub is_json: bool,
}

/// A table that is being written.
pub struct TableWriter<W: Write + Send> {
    columns: Vec<WrittenColumn>,
    form: Form<W>,
}

enum Form<W: Write + Send> {
    Csv(Box<csv::Writer<Packed<W>>>),
    JsonLines(Box<Packed<W>>, String),
    Parquet(Box<SerializedFileWriter<W>>, Vec<Vec<Option<ByteArray>>>),
}

/// Bytes as they are, or as gzip.
enum Packed<W: Write> {
    Plain(W),
    Gzip(Box<GzEncoder<W>>),
}

impl<W: Write + Send> TableWriter<W> {
    /// Begins a table.
    pub fn new(to: W, format: Format, gzip: bool, columns: Vec<WrittenColumn>) -> Result<Self, ReplayError> {
        let packed = |to| {
            if gzip {
                Packed::Gzip(Box::new(GzEncoder::new(to, Gzip::default())))
            } else {
                Packed::Plain(to)
            }
        };
        let form = match format {
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(packed(to));
                writer
                    .write_record(columns.iter().map(|column| column.name))
                    .map_err(|error| failed(&error))?;
                Form::Csv(Box::new(writer))
            }
            Format::JsonLines => Form::JsonLines(Box::new(packed(to)), String::new()),
            Format::Parquet => {
                let writer = parquet_writer(to, &columns).map_err(|error| failed(&error))?;
                Form::Parquet(Box::new(writer), vec![Vec::new(); columns.len()])
            }
        };
        Ok(Self { columns, form })
    }

    /// Writes a row: a cell a column, nothing where it is missing.
    pub fn row(&mut self, cells: &[Option<String>]) -> Result<(), ReplayError> {
        match &mut self.form {
            Form::Csv(writer) => {
                let cells = cells.iter().map(|cell| cell.as_deref().unwrap_or_default());
                writer.write_record(cells).map_err(|error| failed(&error))
            }
            Form::JsonLines(writer, line) => {
                json_line(line, &self.columns, cells);
                writer.write_all(line.as_bytes()).map_err(|error| failed(&error))
            }
            Form::Parquet(writer, held) => {
                for (column, cell) in held.iter_mut().zip(cells) {
                    column.push(cell.as_deref().map(ByteArray::from));
                }
                let full = held.first().is_some_and(|column| column.len() >= GROUP_ROWS);
                if full {
                    write_group(writer, held).map_err(|error| failed(&error))
                } else {
                    Ok(())
                }
            }
        }
    }

    /// Ends the table; gives back what it was written to.
    pub fn finish(self) -> Result<W, ReplayError> {
        match self.form {
            Form::Csv(writer) => writer
                .into_inner()
                .map_err(|error| failed(error.error()))?
                .finish()
                .map_err(|error| failed(&error)),
            Form::JsonLines(writer, _) => writer.finish().map_err(|error| failed(&error)),
            Form::Parquet(mut writer, mut held) => {
                write_group(&mut writer, &mut held).map_err(|error| failed(&error))?;
                writer.into_inner().map_err(|error| failed(&error))
            }
        }
    }
}

impl<W: Write> Packed<W> {
    fn finish(self) -> std::io::Result<W> {
        match self {
            Self::Plain(to) => Ok(to),
            Self::Gzip(encoder) => encoder.finish(),
        }
    }
}

impl<W: Write> Write for Packed<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(to) => to.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Plain(to) => to.flush(),
            Self::Gzip(encoder) => encoder.flush(),
        }
    }
}

fn json_line(line: &mut String, columns: &[WrittenColumn], cells: &[Option<String>]) {
    line.clear();
    for (column, cell) in columns.iter().zip(cells) {
        line.push(if line.is_empty() { '{' } else { ',' });
        line.push('"');
        line.push_str(column.name);
        line.push_str("\":");
        match cell {
            None => line.push_str("null"),
            Some(json) if column.is_json => line.push_str(json),
            // A text always has a form in JSON.
            Some(text) => line.push_str(&serde_json::to_string(text).unwrap_or_default()),
        }
    }
    line.push_str("}\n");
}

fn parquet_writer<W: Write + Send>(
    to: W,
    columns: &[WrittenColumn],
) -> Result<SerializedFileWriter<W>, ParquetError> {
    let fields: Vec<String> = columns
        .iter()
        .map(|column| format!("optional binary {} (utf8);", column.name))
        .collect();
    let schema = parse_message_type(&format!("message rows {{ {} }}", fields.join(" ")))?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by("bellwether".to_owned())
        .build();
    SerializedFileWriter::new(to, Arc::new(schema), Arc::new(properties))
}

fn write_group<W: Write + Send>(
    writer: &mut SerializedFileWriter<W>,
    held: &mut [Vec<Option<ByteArray>>],
) -> Result<(), ParquetError> {
    if held.first().is_none_or(Vec::is_empty) {
        return Ok(());
    }
    let mut group = writer.next_row_group()?;
    for cells in held {
        let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
        let values: Vec<ByteArray> = cells.drain(..).flatten().collect();
        let column = group.next_column()?;
        let mut column = column.ok_or_else(|| {
            ParquetError::General("the schema has fewer columns than are written".to_owned())
        })?;
        column
            .typed::<ByteArrayType>()
            .write_batch(&values, Some(&levels), None)?;
        column.close()?;
    }
    group.close()?;
    Ok(())
}

fn failed(error: &(impl ToString + ?Sized)) -> ReplayError {
    ReplayError::unwritable("the export", error)
}
