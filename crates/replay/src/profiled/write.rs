//! The table with its new columns, as CSV, JSON lines or Parquet.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use bellwether_core::domain::Value;
use parquet::basic::{Compression, ConvertedType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use serde_json::Value as Json;

use super::columns::{Found, Inputs};
use super::rows::Layout;
use crate::cells::text_of_list;
use crate::error::ReplayError;
use crate::import::{Row, Table};
use crate::output::{csv_text, no_column, whole_file};
use crate::rejects::{Reason, Rejects};
use crate::source::{Format, Progress};

/// How many rows of Parquet are held before they are written.
const GROUP_ROWS: usize = 16_384;

/// Writes the table to a file in the format of its extension; how many rows. The file appears once it is whole.
pub fn profile_file(
    path: &Path,
    table: &Table<'_>,
    named: &Inputs,
    rejects: &mut Rejects,
    progress: Progress<'_>,
) -> Result<u64, ReplayError> {
    whole_file(path, &mut |file, format| {
        profile(file, format, table, named, rejects, progress)
    })
}

/// Writes the table in a format; how many rows.
pub fn profile(
    to: &mut (impl Write + Send),
    format: Format,
    table: &Table<'_>,
    named: &Inputs,
    rejects: &mut Rejects,
    progress: Progress<'_>,
) -> Result<u64, ReplayError> {
    let layout = Layout::new(table.columns(), Found::in_table(table, named)?);
    let rows = match format {
        Format::Csv => as_csv(to, table, &layout, rejects, progress),
        Format::JsonLines => as_json(to, table, &layout, rejects, progress),
        Format::Parquet => as_parquet(to, table, &layout, rejects, progress),
    }?;
    to.flush().map_err(|error| unwritable(&error))?;
    Ok(rows)
}

impl Inputs {
    /// Which columns of the table are read for what.
    pub fn in_words(&self, table: &Table<'_>) -> Result<String, ReplayError> {
        Ok(Found::in_table(table, self)?.in_words(table))
    }
}

/// Hands on every good row; how many there were.
fn each_row(
    table: &Table<'_>,
    rejects: &mut Rejects,
    progress: Progress<'_>,
    take: &mut dyn FnMut(Row) -> Result<(), ReplayError>,
) -> Result<u64, ReplayError> {
    let mut rows = 0;
    table.each_row(progress, &mut |row| {
        if let Some((reason, detail)) = row.refused() {
            let reason = Reason::of_words(reason);
            rejects.add(
                Path::new(table.name()),
                row.line,
                reason,
                detail,
                row.shown().join(",").as_bytes(),
            )?;
            return Ok(true);
        }
        rows += 1;
        take(row)?;
        Ok(true)
    })?;
    Ok(rows)
}

fn as_csv(
    to: &mut impl Write,
    table: &Table<'_>,
    layout: &Layout,
    rejects: &mut Rejects,
    progress: Progress<'_>,
) -> Result<u64, ReplayError> {
    let mut text = String::new();
    for name in &layout.names {
        csv_text(&mut text, name);
        text.push(',');
    }
    end_line(&mut text);
    to.write_all(text.as_bytes())
        .map_err(|error| unwritable(&error))?;
    each_row(table, rejects, progress, &mut |mut row| {
        layout.fill(&mut row.cells);
        text.clear();
        for cell in &row.cells {
            csv_text(&mut text, &cell.as_ref().map(plain).unwrap_or_default());
            text.push(',');
        }
        end_line(&mut text);
        to.write_all(text.as_bytes()).map_err(|error| unwritable(&error))
    })
}

fn end_line(text: &mut String) {
    text.pop();
    text.push('\n');
}

fn as_json(
    to: &mut impl Write,
    table: &Table<'_>,
    layout: &Layout,
    rejects: &mut Rejects,
    progress: Progress<'_>,
) -> Result<u64, ReplayError> {
    let own = table.columns().len();
    each_row(table, rejects, progress, &mut |mut row| {
        let sent = row.line_text().and_then(|line| serde_json::from_str(line).ok());
        layout.fill(&mut row.cells);
        // A line that was an object stays that, with its lists and what is nested in it.
        let (mut object, from) = match sent {
            Some(Json::Object(object)) => (object, own),
            _ => (serde_json::Map::new(), 0),
        };
        for (at, (name, cell)) in layout.names.iter().zip(&row.cells).enumerate() {
            if let Some(value) = cell.as_ref()
                && (at >= from || object.get(name).is_none_or(is_nothing) && is_derived(name))
            {
                object.insert(name.clone(), json(value));
            }
        }
        let mut line = Json::Object(object).to_string();
        line.push('\n');
        to.write_all(line.as_bytes()).map_err(|error| unwritable(&error))
    })
}

fn is_derived(name: &str) -> bool {
    super::columns::DERIVED_COLUMNS.contains(&name)
}

fn is_nothing(value: &Json) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn json(value: &Value) -> Json {
    match value {
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(number) => number.to_string().parse().map_or(Json::Null, Json::Number),
        Value::Text(text) => Json::String(text.clone()),
        Value::List(texts) => texts.iter().map(|text| Json::String(text.clone())).collect(),
    }
}

/// A cell as the text of a table.
fn plain(value: &Value) -> String {
    match value {
        Value::List(texts) => text_of_list(&texts.iter().map(String::as_str).collect::<Vec<_>>()),
        other => other.to_string(),
    }
}

fn as_parquet(
    to: &mut (impl Write + Send),
    table: &Table<'_>,
    layout: &Layout,
    rejects: &mut Rejects,
    progress: Progress<'_>,
) -> Result<u64, ReplayError> {
    let failed = |error: ParquetError| unwritable(&error);
    let schema = schema(&layout.names).map_err(failed)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by("bellwether".to_owned())
        .build();
    let mut writer = SerializedFileWriter::new(to, Arc::new(schema), Arc::new(properties)).map_err(failed)?;
    let mut held: Vec<Vec<Option<Value>>> = Vec::new();
    let rows = each_row(table, rejects, progress, &mut |mut row| {
        layout.fill(&mut row.cells);
        held.push(row.cells);
        if held.len() >= GROUP_ROWS {
            write_group(&mut writer, layout.names.len(), &held).map_err(failed)?;
            held.clear();
        }
        Ok(())
    })?;
    if !held.is_empty() {
        write_group(&mut writer, layout.names.len(), &held).map_err(failed)?;
    }
    writer.close().map_err(failed)?;
    Ok(rows)
}

fn schema(names: &[String]) -> Result<Type, ParquetError> {
    let columns = names.iter().map(|name| {
        let column = Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
            .with_repetition(Repetition::OPTIONAL)
            .with_converted_type(ConvertedType::UTF8)
            .build()?;
        Ok(Arc::new(column))
    });
    let columns: Result<Vec<_>, ParquetError> = columns.collect();
    Type::group_type_builder("rows").with_fields(columns?).build()
}

fn write_group<W: Write + Send>(
    writer: &mut SerializedFileWriter<W>,
    columns: usize,
    rows: &[Vec<Option<Value>>],
) -> Result<(), ParquetError> {
    let mut group = writer.next_row_group()?;
    for at in 0..columns {
        let cells = rows.iter().map(|row| row.get(at).and_then(Option::as_ref));
        let levels: Vec<i16> = cells.clone().map(|cell| i16::from(cell.is_some())).collect();
        let values = cells
            .flatten()
            .map(|value| ByteArray::from(plain(value).as_str()));
        let values: Vec<ByteArray> = values.collect();
        let mut column = group.next_column()?.ok_or_else(no_column)?;
        column
            .typed::<ByteArrayType>()
            .write_batch(&values, Some(&levels), None)?;
        column.close()?;
    }
    group.close()?;
    Ok(())
}

fn unwritable(error: &(impl ToString + ?Sized)) -> ReplayError {
    ReplayError::unwritable("the result", error)
}
