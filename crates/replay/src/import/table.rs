//! A file of rows, whatever its format, encoding and separator: its columns by name, and its rows one at a time.

use std::io::{BufRead, BufReader, Read};

use bellwether_core::domain::Value;
use flate2::read::MultiGzDecoder;
use hashbrown::HashMap;

use super::record::Refusal;
use super::row::Row;
use super::text::{self, Encoding, Latin1};
use crate::cells::{flatten, list_of, parse_object};
use crate::error::ReplayError;
use crate::limits::{EXCERPT_BYTES_MAX, IMPORT_ROW_BYTES_MAX, IMPORT_ROWS_MAX, ROW_CELLS_MAX};
use crate::parquet_table::ParquetTable;
use crate::rows::{Lines, Next, Records};
use crate::source::{Format, Progress, Source};

/// Where the bytes are.
#[derive(Debug, Clone)]
enum Origin<'b> {
    File(Source),
    Memory(&'b [u8]),
}

/// A file of rows.
#[derive(Debug, Clone)]
pub struct Table<'b> {
    origin: Origin<'b>,
    name: String,
    format: Format,
    encoding: Encoding,
    separator: u8,
    columns: Vec<String>,
    lists: Vec<bool>,
    /// Headers that were there twice or not at all, and what they are called instead.
    renamed: Vec<(String, String)>,
}

type Take<'t> = &'t mut dyn FnMut(Row) -> Result<bool, ReplayError>;

impl Table<'static> {
    /// Opens a file; in the encoding that is said, or else the one that its bytes show.
    pub fn open(source: &Source, encoding: Option<Encoding>) -> Result<Self, ReplayError> {
        let name = source.name();
        Table::new(Origin::File(source.clone()), name, source.format, encoding)
    }
}

impl<'b> Table<'b> {
    /// The same from memory; Parquet isn't read from there.
    pub fn of_bytes(
        bytes: &'b [u8],
        format: Format,
        encoding: Option<Encoding>,
    ) -> Result<Self, ReplayError> {
        if format == Format::Parquet {
            return Err(ReplayError::UnknownFormat {
                file: "memory".to_owned(),
            });
        }
        Self::new(Origin::Memory(bytes), "memory".to_owned(), format, encoding)
    }

    fn new(
        origin: Origin<'b>,
        name: String,
        format: Format,
        encoding: Option<Encoding>,
    ) -> Result<Self, ReplayError> {
        let mut table = Self {
            origin,
            name,
            format,
            encoding: Encoding::Utf8,
            separator: b',',
            columns: Vec::new(),
            lists: Vec::new(),
            renamed: Vec::new(),
        };
        if format != Format::Parquet {
            table.encoding = match encoding {
                Some(said) => said,
                None => table.detect()?,
            };
        }
        let found = match format {
            Format::Csv => table.csv_columns()?,
            Format::JsonLines => table.json_columns()?,
            Format::Parquet => table.parquet_columns()?,
        };
        if found.is_empty() {
            return Err(table.header("the file is empty"));
        }
        if found.len() > ROW_CELLS_MAX {
            return Err(table.header(&format!("it has more than {ROW_CELLS_MAX} columns")));
        }
        table.name_columns(found);
        table.lists.resize(table.columns.len(), false);
        Ok(table)
    }

    /// What the file is called in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How its text is read.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// What separates its cells; nothing where it isn't CSV.
    pub fn separator(&self) -> Option<char> {
        (self.format == Format::Csv).then_some(char::from(self.separator))
    }

    /// Headers that were there twice or not at all, and what they are called instead.
    pub fn renamed(&self) -> &[(String, String)] {
        &self.renamed
    }

    /// Whether its rows are lines that aren't made of cells.
    pub fn is_lines(&self) -> bool {
        self.format == Format::JsonLines
    }

    /// How many bytes the file has, for progress.
    pub fn bytes(&self) -> u64 {
        match &self.origin {
            Origin::File(source) => source.bytes(),
            Origin::Memory(bytes) => bytes.len() as u64,
        }
    }

    /// Hands on every row until one isn't wanted.
    pub fn each_row(&self, progress: Progress<'_>, take: Take<'_>) -> Result<(), ReplayError> {
        let mut rows = 0_u64;
        let mut take = |row: Row| {
            rows += 1;
            if rows > IMPORT_ROWS_MAX {
                let limit = IMPORT_ROWS_MAX;
                return Err(ReplayError::TooMany { what: "rows", limit });
            }
            take(row)
        };
        match self.format {
            Format::Csv => self.each_csv_row(progress, &mut take),
            Format::JsonLines => self.each_json_row(progress, &mut take),
            Format::Parquet => self.each_parquet_row(progress, &mut take),
        }
    }

    fn each_csv_row(&self, progress: Progress<'_>, take: Take<'_>) -> Result<(), ReplayError> {
        let mut records = Records::separated(self.text(progress)?, self.separator);
        let mut header = true;
        let mut rows = 0;
        loop {
            let next = records.next().map_err(|error| self.cut_off(rows, &error))?;
            if next == Next::End {
                return Ok(());
            }
            if std::mem::take(&mut header) {
                continue;
            }
            rows += 1;
            let row = match next {
                Next::TooLong => Row::broken(
                    records.line(),
                    "the row is too long",
                    String::new(),
                    excerpt(&records.excerpt()),
                ),
                Next::Row | Next::End => self.csv_row(&records),
            };
            if !take(row)? {
                return Ok(());
            }
        }
    }

    fn csv_row<R: BufRead>(&self, records: &Records<R>) -> Row {
        let (found, wanted) = (records.cells(), self.columns.len());
        let mut bytes = 0;
        let mut cells = Vec::with_capacity(wanted);
        let mut broken = None;
        for at in 0..found {
            let Ok(cell) = std::str::from_utf8(records.cell(at)) else {
                return Row::broken(
                    records.line(),
                    "bytes that aren't UTF-8",
                    "give `--encoding latin-1` if that is what they are".to_owned(),
                    excerpt(&records.excerpt()),
                );
            };
            let cell = cell.trim();
            bytes += cell.len();
            cells.push((!text::is_missing(cell)).then(|| Value::Text(cell.to_owned())));
        }
        let spare = cells.iter().skip(wanted).all(Option::is_none);
        if found < wanted || !spare {
            broken = Some(Refusal {
                reason: "wrong number of cells",
                detail: format!("{found} instead of {wanted}"),
            });
        } else if bytes > IMPORT_ROW_BYTES_MAX {
            return Row::broken(
                records.line(),
                "the row is too long",
                String::new(),
                excerpt(&records.excerpt()),
            );
        } else {
            cells.truncate(wanted);
        }
        Row {
            line: records.line(),
            cells,
            text: None,
            broken,
        }
    }

    fn each_json_row(&self, progress: Progress<'_>, take: Take<'_>) -> Result<(), ReplayError> {
        let index: HashMap<&str, usize> = self
            .columns
            .iter()
            .enumerate()
            .map(|(at, name)| (name.as_str(), at))
            .collect();
        let mut lines = Lines::new(self.text(progress)?);
        let mut rows = 0;
        loop {
            let next = lines.next().map_err(|error| self.cut_off(rows, &error))?;
            rows += 1;
            let line = lines.line();
            let row = match next {
                Next::End => return Ok(()),
                Next::Row if line.len() <= IMPORT_ROW_BYTES_MAX => json_row(lines.number(), line, &index),
                Next::TooLong | Next::Row => Row::broken(
                    lines.number(),
                    "the row is too long",
                    String::new(),
                    excerpt(line),
                ),
            };
            if !take(row)? {
                return Ok(());
            }
        }
    }

    fn each_parquet_row(&self, progress: Progress<'_>, take: Take<'_>) -> Result<(), ReplayError> {
        let Origin::File(source) = &self.origin else {
            return Ok(());
        };
        let table = ParquetTable::open(source)?;
        let all: Vec<usize> = (0..self.columns.len()).collect();
        let mut wanted = true;
        table.each_row(&all, progress, &mut |number, cell| {
            if !wanted {
                return Ok(());
            }
            let cells = all.iter().map(|at| {
                let text = cell(*at);
                if text::is_missing(text) {
                    None
                } else if self.lists.get(*at).copied().unwrap_or_default() {
                    Some(Value::List(list_of(text)))
                } else {
                    Some(Value::Text(text.to_owned()))
                }
            });
            let row = Row {
                line: number,
                cells: cells.collect(),
                text: None,
                broken: None,
            };
            wanted = take(row)?;
            Ok(())
        })
    }

    fn csv_columns(&mut self) -> Result<Vec<String>, ReplayError> {
        const HEADER_BYTES_MAX: u64 = 1 << 20;
        let mut first = Vec::new();
        let mut head = self.text(&|_| ())?.take(HEADER_BYTES_MAX);
        // Blank lines above the header say nothing of it.
        while first.iter().all(|byte| matches!(byte, b'\n' | b'\r')) {
            first.clear();
            let read = head.read_until(b'\n', &mut first);
            if read.map_err(|error| self.cut_off(0, &error))? == 0 {
                break;
            }
        }
        drop(head);
        self.separator = text::separator(&first);
        let mut records = Records::separated(self.text(&|_| ())?, self.separator);
        match records.next().map_err(|error| self.cut_off(0, &error))? {
            Next::Row => {}
            Next::TooLong => return Err(self.header("its first line is too long to be one")),
            Next::End => return Err(self.header("the file is empty")),
        }
        let names =
            (0..records.cells()).map(|at| String::from_utf8_lossy(records.cell(at)).trim().to_owned());
        Ok(names.collect())
    }

    /// The members of all lines, in the order in which they first come.
    fn json_columns(&self) -> Result<Vec<String>, ReplayError> {
        let mut lines = Lines::new(self.text(&|_| ())?);
        let (mut names, mut known) = (Vec::new(), HashMap::<String, ()>::new());
        while names.len() <= ROW_CELLS_MAX {
            match lines.next().map_err(|error| self.cut_off(0, &error))? {
                Next::End => break,
                Next::TooLong => continue,
                Next::Row => {}
            }
            let Ok(object) = parse_object(lines.line()) else {
                continue;
            };
            for name in flatten(&lists_as_text(object)).into_keys() {
                if !known.contains_key(&name) {
                    known.insert(name.clone(), ());
                    names.push(name);
                }
            }
        }
        Ok(names)
    }

    fn parquet_columns(&mut self) -> Result<Vec<String>, ReplayError> {
        let Origin::File(source) = &self.origin else {
            return Ok(Vec::new());
        };
        let table = ParquetTable::open(source)?;
        self.lists = (0..table.names().len()).map(|at| table.is_list(at)).collect();
        Ok(table.names().to_vec())
    }

    fn name_columns(&mut self, found: Vec<String>) {
        let mut taken: HashMap<String, usize> = HashMap::new();
        for (at, name) in found.into_iter().enumerate() {
            let wanted = if name.is_empty() {
                format!("column {}", at + 1)
            } else {
                name.clone()
            };
            let times = taken.entry(wanted.clone()).or_default();
            *times += 1;
            let mut given = wanted.clone();
            let mut number = *times;
            while number > 1 {
                given = format!("{wanted} ({number})");
                if !taken.contains_key(&given) {
                    taken.insert(given.clone(), 1);
                    break;
                }
                number += 1;
            }
            if given != name {
                self.renamed.push((name, given.clone()));
            }
            self.columns.push(given);
        }
    }

    fn detect(&self) -> Result<Encoding, ReplayError> {
        let mut bytes = self.bytes_unpacked(&|_| ())?;
        let start = bytes.fill_buf().map_err(|error| self.cut_off(0, &error))?;
        if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
            return Err(self.header("it is UTF-16; save it as CSV in UTF-8"));
        }
        text::detect(&mut *bytes).map_err(|error| self.cut_off(0, &error))
    }

    /// The file's text as UTF-8, as far as it is text.
    fn text<'p>(&'p self, progress: Progress<'p>) -> Result<Box<dyn BufRead + 'p>, ReplayError> {
        let bytes = self.bytes_unpacked(progress)?;
        Ok(match self.encoding {
            Encoding::Utf8 => bytes,
            Encoding::Latin1 => Box::new(BufReader::new(Latin1::new(bytes))),
        })
    }

    fn bytes_unpacked<'p>(&'p self, progress: Progress<'p>) -> Result<Box<dyn BufRead + 'p>, ReplayError> {
        let mut bytes: &[u8] = match &self.origin {
            Origin::File(source) => return source.open(progress),
            Origin::Memory(bytes) => bytes,
        };
        if bytes.starts_with(&[0x1f, 0x8b]) {
            return Ok(Box::new(BufReader::new(MultiGzDecoder::new(bytes))));
        }
        bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        Ok(Box::new(bytes))
    }

    fn header(&self, reason: &str) -> ReplayError {
        ReplayError::Header {
            file: self.name.clone(),
            reason: reason.to_owned(),
        }
    }

    fn cut_off(&self, rows: u64, error: &std::io::Error) -> ReplayError {
        ReplayError::Truncated {
            file: self.name.clone(),
            rows,
            reason: error.to_string(),
        }
    }
}

fn json_row(number: u64, line: &[u8], index: &HashMap<&str, usize>) -> Row {
    let text = String::from_utf8_lossy(line).into_owned();
    let object = match parse_object(line) {
        Ok(object) => object,
        Err((reason, detail)) => return Row::broken(number, reason.as_str(), detail, text),
    };
    let mut cells = vec![None; index.len()];
    for (name, value) in flatten(&lists_as_text(object)) {
        let missing = matches!(&value, Value::Text(text) if text::is_missing(text.trim()));
        if let Some(cell) = index.get(name.as_str()).and_then(|at| cells.get_mut(*at))
            && !missing
        {
            *cell = Some(value);
        }
    }
    Row {
        line: number,
        cells,
        text: Some(text),
        broken: None,
    }
}

fn excerpt(bytes: &[u8]) -> String {
    let shown = bytes.get(..EXCERPT_BYTES_MAX).unwrap_or(bytes);
    String::from_utf8_lossy(shown).into_owned()
}

/// An object whose lists of lists are texts, since a value can only be a list of texts.
fn lists_as_text(mut object: serde_json::Map<String, serde_json::Value>) -> serde_json::Value {
    for value in object.values_mut() {
        let nested = matches!(value, serde_json::Value::Array(elements) if elements.iter().any(serde_json::Value::is_array));
        if nested {
            *value = serde_json::Value::String(value.to_string());
        }
    }
    serde_json::Value::Object(object)
}
