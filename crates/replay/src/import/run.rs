//! A file's rows on their way to whoever takes them: in bounded chunks, read while the chunk before is being taken, and
//! every one of them accounted for.

use std::io::Write;
use std::sync::mpsc::sync_channel;

use bellwether_core::records::{Record, RecordKind, RowCounts, RowOutcome};

use super::plan::{ImportOptions, Plan};
use super::record::Refusal;
use super::row::Row;
use super::survey::survey;
use super::table::Table;
use crate::error::ReplayError;
use crate::limits::{IMPORT_CHUNK_BYTES_MAX, IMPORT_CHUNK_ROWS_MAX};
use crate::source::{Format, Progress};

/// How many rows are handed on in one go.
pub const CHUNK_ROWS_MAX: usize = IMPORT_CHUNK_ROWS_MAX;
/// How many chunks are read ahead.
const CHUNKS_AHEAD_MAX: usize = 2;

/// What the list of rejects says of a row before its own cells. Importing the mended list leaves these columns out.
pub(super) const REJECT_COLUMNS: [&str; 2] = ["rejected_line", "rejected_reason"];

/// The rows that were left out, as CSV: line, reason, and the row as it stood.
pub struct RejectsFile<'w> {
    open: Box<dyn FnMut() -> std::io::Result<Box<dyn Write>> + 'w>,
    listing: Option<csv::Writer<Box<dyn Write>>>,
    columns: Vec<String>,
    kept: Vec<KeptReject>,
    kept_bytes: usize,
}

/// How many rows that were left out are kept in memory, beside the file.
const REJECTS_KEPT_MAX: usize = 1_000;
/// How many bytes of them are kept in all: they are noted with one message, and with the database.
const REJECTS_KEPT_BYTES_MAX: usize = 1 << 20;
/// How many bytes are kept of one such row's cells; those after it are left out.
const REJECT_EXCERPT_BYTES_MAX: usize = 4 << 10;
/// How many bytes are kept of the reason.
const REJECT_REASON_BYTES_MAX: usize = 1 << 10;
/// What a text takes up beside its bytes, about.
const TEXT_BYTES: usize = 24;

/// A row that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptReject {
    /// The line that it begins on.
    pub line: u64,
    /// Why.
    pub reason: String,
    /// Its cells, or the one line that it is, as far as they are kept.
    pub row: Vec<String>,
}

impl KeptReject {
    /// What is kept of a row, so that a few wide ones don't take all the room.
    fn of(row: &Row, why: &str) -> Self {
        let mut room = REJECT_EXCERPT_BYTES_MAX;
        let cells = row.shown().into_iter().map_while(|cell| {
            let cell = excerpt(&cell, room.checked_sub(TEXT_BYTES)?);
            room -= cell.len() + TEXT_BYTES;
            Some(cell)
        });
        Self {
            line: row.line,
            row: cells.collect(),
            reason: excerpt(why, REJECT_REASON_BYTES_MAX),
        }
    }

    fn bytes(&self) -> usize {
        let texts = self.row.iter().chain([&self.reason]);
        texts.map(|text| text.len() + TEXT_BYTES).sum()
    }
}

/// A text's beginning of at most so many bytes.
fn excerpt(text: &str, bytes_max: usize) -> String {
    text[..text.floor_char_boundary(bytes_max)].to_owned()
}

impl<'w> RejectsFile<'w> {
    /// Rejects of a table; the file is only opened for the first one.
    pub fn new(table: &Table<'_>, open: impl FnMut() -> std::io::Result<Box<dyn Write>> + 'w) -> Self {
        let columns = if table.is_lines() {
            vec!["row".to_owned()]
        } else {
            table.columns().to_vec()
        };
        Self {
            open: Box::new(open),
            listing: None,
            columns,
            kept: Vec::new(),
            kept_bytes: 0,
        }
    }

    /// Whether there was one.
    pub fn is_open(&self) -> bool {
        self.listing.is_some()
    }

    /// The first rows that were left out .
    pub fn take_kept(&mut self) -> Vec<KeptReject> {
        std::mem::take(&mut self.kept)
    }

    fn add(&mut self, row: &Row, why: &str) -> Result<(), ReplayError> {
        if self.kept.len() < REJECTS_KEPT_MAX {
            let reject = KeptReject::of(row, why);
            self.kept_bytes += reject.bytes();
            if self.kept_bytes <= REJECTS_KEPT_BYTES_MAX {
                self.kept.push(reject);
            }
        }
        let failed =
            |error: &dyn ToString| ReplayError::unwritable("the list of rejects", &error.to_string());
        if self.listing.is_none() {
            let file = (self.open)().map_err(|error| failed(&error))?;
            let mut listing = csv::WriterBuilder::new().flexible(true).from_writer(file);
            let own = self.columns.iter().map(String::as_str);
            let header = REJECT_COLUMNS
                .into_iter()
                .chain(own.filter(|column| !REJECT_COLUMNS.contains(column)));
            listing.write_record(header).map_err(|error| failed(&error))?;
            self.listing = Some(listing);
        }
        let Some(listing) = &mut self.listing else {
            return Ok(());
        };
        // What an earlier list said of the row is said anew.
        let own = row.shown().into_iter().enumerate().filter_map(|(at, cell)| {
            let column = self.columns.get(at).map(String::as_str);
            let column = column.filter(|_| row.line_text().is_none());
            (!column.is_some_and(|column| REJECT_COLUMNS.contains(&column))).then_some(cell)
        });
        let cells = [row.line.to_string(), why.to_owned()].into_iter().chain(own);
        listing.write_record(cells).map_err(|error| failed(&error))
    }

    fn finish(&mut self) -> Result<(), ReplayError> {
        match &mut self.listing {
            Some(listing) => listing
                .flush()
                .map_err(|error| ReplayError::unwritable("the list of rejects", &error)),
            None => Ok(()),
        }
    }
}

/// Why an import stopped.
#[derive(Debug, thiserror::Error)]
pub enum RunError<E> {
    /// The file can't be read on, or the rejects can't be written.
    #[error(transparent)]
    File(ReplayError),
    /// Whoever takes the rows can't.
    #[error("{0}")]
    Sink(E),
}

/// Rows that are handed on together.
#[derive(Default)]
struct Chunk {
    rows: Vec<Row>,
    records: Vec<Record>,
    refused: Vec<(Row, Refusal)>,
    bytes: usize,
}

/// Hands a file's rows on as records, in chunks; `take` gives what became of each. `seen` is told of the counts after
/// every chunk.
pub fn run<E: Send>(
    table: &Table<'_>,
    plan: &Plan,
    rejects: &mut RejectsFile<'_>,
    progress: Progress<'_>,
    take: &mut dyn FnMut(Vec<Record>) -> Result<Vec<RowOutcome>, E>,
    seen: &mut dyn FnMut(&RowCounts),
) -> Result<RowCounts, RunError<E>> {
    let mut counts = RowCounts::default();
    let (send, receive) = sync_channel::<Chunk>(CHUNKS_AHEAD_MAX);
    let taken = std::thread::scope(|scope| {
        let reading = scope.spawn(move || {
            let mut chunk = Chunk::default();
            let read = table.each_row(progress, &mut |row| {
                chunk.add(plan, row);
                // Nobody takes any more where the other end is gone.
                Ok(!chunk.is_full() || send.send(std::mem::take(&mut chunk)).is_ok())
            });
            read.map(|()| drop(send.send(chunk)))
        });
        let taken = receive.into_iter().try_for_each(|chunk| {
            count(chunk, rejects, &mut counts, take)?;
            seen(&counts);
            Ok(())
        });
        let read = reading.join().unwrap_or_else(|_| {
            Err(ReplayError::Unreadable {
                file: table.name().to_owned(),
                reason: "reading ended badly".to_owned(),
            })
        });
        taken.and_then(|()| read.map_err(RunError::File))
    });
    rejects.finish().map_err(RunError::File)?;
    taken.map(|()| counts)
}

fn count<E>(
    chunk: Chunk,
    rejects: &mut RejectsFile<'_>,
    counts: &mut RowCounts,
    take: &mut dyn FnMut(Vec<Record>) -> Result<Vec<RowOutcome>, E>,
) -> Result<(), RunError<E>> {
    for (row, refusal) in &chunk.refused {
        counts.rows += 1;
        counts.reject(refusal.reason);
        rejects.add(row, &refusal.to_string()).map_err(RunError::File)?;
    }
    if chunk.records.is_empty() {
        return Ok(());
    }
    let outcomes = take(chunk.records).map_err(RunError::Sink)?;
    let mut outcomes = outcomes.into_iter();
    for row in &chunk.rows {
        counts.rows += 1;
        match outcomes.next() {
            Some(RowOutcome::New) => counts.new += 1,
            Some(RowOutcome::Updated) => counts.updated += 1,
            Some(RowOutcome::AlreadyThere) => counts.already_there += 1,
            Some(RowOutcome::Rejected(why)) => {
                // What follows a colon is about this row alone.
                counts.reject(why.split(": ").next().unwrap_or(&why));
                rejects.add(row, &why).map_err(RunError::File)?;
            }
            None => {
                counts.reject("no answer came for it");
                rejects
                    .add(row, "no answer came for it")
                    .map_err(RunError::File)?;
            }
        }
    }
    Ok(())
}

impl Chunk {
    fn add(&mut self, plan: &Plan, row: Row) {
        self.bytes += row.bytes();
        match plan.record(&row) {
            Ok(record) => {
                self.records.push(record);
                self.rows.push(row);
            }
            Err(refusal) => self.refused.push((row, refusal)),
        }
    }

    fn is_full(&self) -> bool {
        self.rows.len() + self.refused.len() >= IMPORT_CHUNK_ROWS_MAX || self.bytes >= IMPORT_CHUNK_BYTES_MAX
    }
}

/// A row by its line, and what it says or why it is left out.
pub type ReadRow = (u64, Result<Record, Refusal>);

/// What a file's bytes say, by a plan that follows from them and the options: pure, for tests and fuzzers.
pub fn read_bytes(
    kind: RecordKind,
    bytes: &[u8],
    format: Format,
    options: &ImportOptions,
) -> Result<(Plan, Vec<ReadRow>), String> {
    let table = Table::of_bytes(bytes, format, options.encoding).map_err(|error| error.to_string())?;
    let found = survey(&table, &|_| ()).map_err(|error| error.to_string())?;
    let plan = Plan::new(kind, &found, options).map_err(|error| error.to_string())?;
    let mut rows = Vec::new();
    let read = table.each_row(&|_| (), &mut |row| {
        rows.push((row.line, plan.record(&row)));
        Ok(true)
    });
    read.map_err(|error| error.to_string())?;
    Ok((plan, rows))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::convert::Infallible;
    use std::rc::Rc;

    use super::*;

    #[derive(Clone, Default)]
    struct Page(Rc<RefCell<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// Imports a file; gives what it was taken for, the list of rejects and those that were kept.
    fn imported(kind: RecordKind, text: &str) -> (Vec<Record>, String, Vec<KeptReject>) {
        let table = Table::of_bytes(text.as_bytes(), Format::Csv, None).expect("a table");
        let found = survey(&table, &|_| ()).expect("it can be looked at");
        let plan = Plan::new(kind, &found, &ImportOptions::default()).expect("a plan");
        let page = Page::default();
        let mut rejects = RejectsFile::new(&table, || Ok(Box::new(page.clone())));
        let mut taken = Vec::new();
        let mut take = |records: Vec<Record>| -> Result<_, Infallible> {
            let outcomes = vec![RowOutcome::New; records.len()];
            taken.extend(records);
            Ok(outcomes)
        };
        run(&table, &plan, &mut rejects, &|_| (), &mut take, &mut |_| ()).expect("it runs");
        let kept = rejects.take_kept();
        drop(rejects);
        let listed = String::from_utf8(page.0.take()).expect("text");
        (taken, listed, kept)
    }

    #[test]
    fn what_is_kept_of_rejects_is_bounded_by_bytes_and_the_list_is_whole() {
        let wide = "ä".repeat(60_000);
        let rows = format!("nobody,{wide},red\n").repeat(600);
        let text = format!("email,notes,colour\n{rows}");
        let (taken, listed, kept) = imported(RecordKind::Leads, &text);
        assert_eq!(taken.len(), 0);
        assert_eq!(listed.matches(&wide).count(), 600);
        assert!((200..600).contains(&kept.len()), "{}", kept.len());
        let bytes: usize = kept.iter().map(KeptReject::bytes).sum();
        assert!(bytes <= REJECTS_KEPT_BYTES_MAX, "{bytes}");
        assert!(kept[0].row[1].starts_with("ää"));
        assert_eq!(kept[0].row[0], "nobody");
    }

    #[test]
    fn a_mended_list_of_rejects_is_taken_as_the_file_would_have_been() {
        let outcomes =
            "Contact ID,Deal Stage,Close Date,Amount\n8,lost,2026-02-02,a lot\n9,lost,2026-02-03,much\n";
        let leads =
            "Email,Shoe size,Created\na@x.example,38,bald\nb@x.example,40,soon\nc@x.example,1,2026-01-02\n";
        for (kind, text, wrong, right) in [
            (RecordKind::Outcomes, outcomes, ["a lot", "much"], ["12", "13"]),
            (
                RecordKind::Leads,
                leads,
                ["bald", "soon"],
                ["2026-01-01", "2026-01-03"],
            ),
        ] {
            let mend =
                |text: &str, at: usize| text.replace(&format!(",{}", wrong[at]), &format!(",{}", right[at]));
            let (whole, none, _) = imported(kind, &mend(&mend(text, 0), 1));
            assert_eq!(none, "");
            let (mut taken, listed, _) = imported(kind, text);
            assert!(listed.starts_with("rejected_line,rejected_reason,"), "{listed}");
            // Mended in two goes: the second list is one of rejects of a list of rejects.
            let (first, listed, _) = imported(kind, &mend(&listed, 0));
            assert_eq!(listed.matches("rejected_line").count(), 1, "{listed}");
            let (second, listed, _) = imported(kind, &mend(&listed, 1));
            assert_eq!(listed, "");
            taken.extend(first.into_iter().chain(second));
            let sorted = |records: &[Record]| {
                let mut texts: Vec<String> = records.iter().map(|record| format!("{record:?}")).collect();
                texts.sort();
                texts
            };
            assert_eq!(sorted(&taken), sorted(&whole), "{kind}");
        }
    }
}
