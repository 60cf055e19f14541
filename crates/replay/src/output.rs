//! What came of a run, written as CSV, JSON lines or Parquet.

use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use bellwether_core::domain::Points;
use bellwether_core::engine::Engine;
use parquet::basic::Compression;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use crate::error::ReplayError;
use crate::run::Effort;
use crate::scored::{Scored, ScoredLead};
use crate::source::Format;

/// The columns, in their order.
const COLUMNS: [&str; 9] = [
    "lead",
    "fit",
    "intent",
    "score",
    "grade",
    "qualified",
    "qualified_at",
    "trigger",
    "disqualified_by",
];

const BLOCK_ROWS: usize = 16_384;
const GROUP_ROWS: usize = 131_072;

const SCHEMA: &str = "message scores {
    required binary lead (utf8);
    required int64 fit (decimal(18, 3));
    required int64 intent (decimal(18, 3));
    required int64 score (decimal(18, 3));
    optional binary grade (utf8);
    required boolean qualified;
    optional int64 qualified_at (timestamp(millis, true));
    optional binary trigger (utf8);
    optional binary disqualified_by (utf8);
}";

/// Writes a file in the format of its extension. It appears once it is whole; a failed run leaves none.
pub fn write_file(path: &Path, scored: &Scored, engine: &Engine, effort: Effort) -> Result<(), ReplayError> {
    whole_file(path, &mut |file, format| {
        write(file, format, scored, engine, effort)
    })
}

/// Makes a file in the format of its extension, which appears once it is whole.
pub(crate) fn whole_file<T>(
    path: &Path,
    fill: &mut dyn FnMut(&mut std::fs::File, Format) -> Result<T, ReplayError>,
) -> Result<T, ReplayError> {
    let Some((format, false)) = Format::of(path) else {
        return Err(ReplayError::UnknownFormat {
            file: path.display().to_string(),
        });
    };
    let failed = |error: std::io::Error| ReplayError::unwritable(&path.display(), &error);
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any file that is created, minus what the user's mask takes away.
        file.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = file.prefix(".bellwether-").tempfile_in(folder).map_err(failed)?;
    let made = fill(file.as_file_mut(), format)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(made)
}

/// Writes the rows in a format.
pub fn write(
    to: &mut (impl Write + Send),
    format: Format,
    scored: &Scored,
    engine: &Engine,
    effort: Effort,
) -> Result<(), ReplayError> {
    let failed = |error: std::io::Error| ReplayError::unwritable("the result", &error);
    match format {
        Format::Csv => {
            to.write_all((COLUMNS.join(",") + "\n").as_bytes())
                .map_err(failed)?;
            write_blocks(to, scored, engine, effort, csv_row).map_err(failed)
        }
        Format::JsonLines => write_blocks(to, scored, engine, effort, json_row).map_err(failed),
        Format::Parquet => {
            write_parquet(to, scored, engine).map_err(|error| ReplayError::unwritable("the result", &error))
        }
    }
    .and_then(|()| to.flush().map_err(failed))
}

type WriteRow = fn(&mut String, &ScoredLead<'_>, &Engine);

/// Formats blocks of rows on every thread and writes them in their order.
fn write_blocks(
    to: &mut impl Write,
    scored: &Scored,
    engine: &Engine,
    effort: Effort,
    row: WriteRow,
) -> std::io::Result<()> {
    let threads = effort.threads.get();
    let mut texts = vec![String::new(); threads];
    let mut start = 0;
    while start < scored.len() {
        std::thread::scope(|scope| {
            for (at, text) in texts.iter_mut().enumerate() {
                let from = start + at * BLOCK_ROWS;
                scope.spawn(move || {
                    text.clear();
                    for lead in scored.rows(from, BLOCK_ROWS) {
                        row(text, &lead, engine);
                    }
                });
            }
        });
        for text in &texts {
            to.write_all(text.as_bytes())?;
        }
        start += threads * BLOCK_ROWS;
    }
    Ok(())
}

fn csv_row(text: &mut String, lead: &ScoredLead<'_>, engine: &Engine) {
    let (fit, intent, score) = lead.displayed(engine.agreement());
    csv_text(text, lead.lead);
    for points in [fit, intent, score] {
        text.push(',');
        write_points(text, points);
    }
    text.push(',');
    csv_text(text, &lead.grade(engine));
    text.push_str(if lead.qualified_at.is_some() {
        ",true,"
    } else {
        ",false,"
    });
    if let Some(at) = lead.qualified_at {
        // Writing to a string can't fail.
        let _ = write!(text, "{at}");
    }
    for name in [lead.trigger, lead.exclusion(engine.agreement())] {
        text.push(',');
        csv_text(text, name.unwrap_or_default());
    }
    text.push('\n');
}

/// Quotes where RFC 4180 asks for it.
pub(crate) fn csv_text(text: &mut String, cell: &str) {
    if cell
        .bytes()
        .any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r'))
    {
        text.push('"');
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(cell);
    }
}

fn json_row(text: &mut String, lead: &ScoredLead<'_>, engine: &Engine) {
    let (fit, intent, score) = lead.displayed(engine.agreement());
    text.push_str("{\"lead\":");
    json_text(text, Some(lead.lead));
    for (key, points) in [("fit", fit), ("intent", intent), ("score", score)] {
        let _ = write!(text, ",\"{key}\":");
        write_points(text, points);
    }
    text.push_str(",\"grade\":");
    let grade = lead.grade(engine);
    json_text(text, Some(grade.as_str()).filter(|grade| !grade.is_empty()));
    let _ = write!(
        text,
        ",\"qualified\":{},\"qualified_at\":",
        lead.qualified_at.is_some()
    );
    json_text(text, lead.qualified_at.map(|at| at.to_string()).as_deref());
    text.push_str(",\"trigger\":");
    json_text(text, lead.trigger);
    text.push_str(",\"disqualified_by\":");
    json_text(text, lead.exclusion(engine.agreement()));
    text.push_str("}\n");
}

fn json_text(text: &mut String, value: Option<&str>) {
    match value {
        None => text.push_str("null"),
        // A text always has a form in JSON.
        Some(value) => text.push_str(&serde_json::to_string(value).unwrap_or_default()),
    }
}

/// Points with three decimals, as their `Display` has them, without its detours.
fn write_points(text: &mut String, points: Points) {
    let millis = points.millis();
    if millis < 0 {
        text.push('-');
    }
    let millis = millis.unsigned_abs();
    let _ = write!(text, "{}.{:03}", millis / 1_000, millis % 1_000);
}

fn write_parquet(to: &mut (impl Write + Send), scored: &Scored, engine: &Engine) -> Result<(), ParquetError> {
    let schema = Arc::new(parse_message_type(SCHEMA)?);
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by("bellwether".to_owned())
        .build();
    let mut writer = SerializedFileWriter::new(to, schema, Arc::new(properties))?;
    let mut start = 0;
    while start < scored.len() {
        let mut group = writer.next_row_group()?;
        let rows = Rows { scored, start };
        write_group(&mut group, &rows, engine)?;
        group.close()?;
        start += GROUP_ROWS;
    }
    writer.close()?;
    Ok(())
}

/// The rows of one group, gone through once for each column, so that nothing of all is held.
struct Rows<'s> {
    scored: &'s Scored,
    start: usize,
}

impl<'s> Rows<'s> {
    fn iter(&self) -> impl Iterator<Item = ScoredLead<'s>> {
        self.scored.rows(self.start, GROUP_ROWS)
    }
}

fn write_group<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    rows: &Rows<'_>,
    engine: &Engine,
) -> Result<(), ParquetError> {
    let agreement = engine.agreement();
    write_texts(
        group,
        rows.iter().map(|lead| Some(ByteArray::from(lead.lead))),
        true,
    )?;
    let shown = |of: fn((Points, Points, Points)) -> Points| {
        rows.iter()
            .map(move |lead| of(lead.displayed(agreement)).millis())
            .collect::<Vec<i64>>()
    };
    for points in [
        shown(|shown| shown.0),
        shown(|shown| shown.1),
        shown(|shown| shown.2),
    ] {
        let column = group.next_column()?;
        let mut column = column.ok_or_else(no_column)?;
        column.typed::<Int64Type>().write_batch(&points, None, None)?;
        column.close()?;
    }
    let grades = rows
        .iter()
        .map(|lead| Some(lead.grade(engine)).filter(|grade| !grade.is_empty()));
    write_texts(
        group,
        grades.map(|grade| grade.as_deref().map(ByteArray::from)),
        false,
    )?;
    let qualified: Vec<bool> = rows.iter().map(|lead| lead.qualified_at.is_some()).collect();
    let mut column = group.next_column()?.ok_or_else(no_column)?;
    column.typed::<BoolType>().write_batch(&qualified, None, None)?;
    column.close()?;
    let levels: Vec<i16> = qualified.iter().map(|qualified| i16::from(*qualified)).collect();
    let times: Vec<i64> = rows
        .iter()
        .filter_map(|lead| Some(lead.qualified_at?.ms()))
        .collect();
    let mut column = group.next_column()?.ok_or_else(no_column)?;
    column
        .typed::<Int64Type>()
        .write_batch(&times, Some(&levels), None)?;
    column.close()?;
    let triggers = rows.iter().map(|lead| lead.trigger.map(ByteArray::from));
    write_texts(group, triggers, false)?;
    let exclusions = rows
        .iter()
        .map(|lead| lead.exclusion(agreement).map(ByteArray::from));
    write_texts(group, exclusions, false)
}

/// Writes a column of texts, some at a time.
fn write_texts<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    mut texts: impl Iterator<Item = Option<ByteArray>>,
    required: bool,
) -> Result<(), ParquetError> {
    let mut column = group.next_column()?.ok_or_else(no_column)?;
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    loop {
        values.clear();
        levels.clear();
        for text in texts.by_ref().take(BLOCK_ROWS) {
            levels.push(i16::from(text.is_some()));
            values.extend(text);
        }
        if levels.is_empty() {
            return column.close();
        }
        let levels = (!required).then_some(levels.as_slice());
        column
            .typed::<ByteArrayType>()
            .write_batch(&values, levels, None)?;
    }
}

pub(crate) fn no_column() -> ParquetError {
    ParquetError::General("the schema has fewer columns than are written".to_owned())
}
