//! Any bytes as a file of any kind of rows, as CSV and as JSON lines: every row is a record or a reject and is counted once,
//! a record names somebody, and neither line ends nor blank lines above the header change what a file says.

#![no_main]

use std::convert::Infallible;

use bellwether_core::domain::Stage;
use bellwether_core::records::{Record, RecordKeys, RecordKind, RowOutcome};
use bellwether_replay::Format;
use bellwether_replay::import::dates::DateForm;
use bellwether_replay::import::{
    Encoding, ImportOptions, Plan, ReadRow, RejectsFile, Table, read_bytes, run, survey,
};
use libfuzzer_sys::fuzz_target;

/// The longest id.
const ID_BYTES_MAX: usize = 512;

fuzz_target!(|bytes: &[u8]| {
    for format in [Format::Csv, Format::JsonLines] {
        for kind in RecordKind::ALL {
            let options = ImportOptions::default();
            let Ok((plan, _)) = check(kind, bytes, format, &options) else {
                continue;
            };
            if let Some(first) = plan.columns().first() {
                let _ = check(kind, bytes, format, &said(&first.column));
            }
        }
    }
});

/// What somebody may say about a file, all of it.
fn said(column: &str) -> ImportOptions {
    ImportOptions {
        maps: vec![("external.crm".to_owned(), column.to_owned())],
        id_kind: Some("export".to_owned()),
        only_mapped: true,
        dates: Some(DateForm::DayFirst),
        timezone: Some("Europe/Berlin".to_owned()),
        stage: Some(Stage::Mql),
        words: vec![("yes".to_owned(), "won".to_owned())],
        encoding: Some(Encoding::Latin1),
    }
}

fn check(
    kind: RecordKind,
    bytes: &[u8],
    format: Format,
    options: &ImportOptions,
) -> Result<(Plan, Vec<ReadRow>), String> {
    let (plan, rows) = read_bytes(kind, bytes, format, options)?;
    assert!(
        rows.is_sorted_by_key(|(line, _)| *line),
        "rows stand in the order of their lines"
    );
    for (line, row) in &rows {
        match row {
            Ok(record) => check_record(kind, record),
            Err(refusal) => assert!(
                !refusal.reason.is_empty(),
                "line {line} is left out without a reason"
            ),
        }
    }
    check_counts(kind, bytes, format, options, &rows);
    check_line_ends(kind, bytes, format, options, &rows);
    Ok((plan, rows))
}

/// A record is of the kind that was asked for, and names whom it is about.
fn check_record(kind: RecordKind, record: &Record) {
    match (kind, record) {
        (RecordKind::Leads, Record::Lead(lead)) => {
            assert!(!lead.keys.is_empty() || !lead.more_keys.is_empty(), "{lead:?}");
            check_keys(&lead.keys);
        }
        (RecordKind::Events, Record::Event(event)) => {
            assert!(!event.keys.is_empty(), "{event:?}");
            check_keys(&event.keys);
        }
        (RecordKind::Accounts, Record::Account(account)) => {
            let names = [&account.id, &account.domain];
            assert!(names.into_iter().any(Option::is_some), "{account:?}");
            names.into_iter().flatten().for_each(|name| check_id(name));
        }
        (RecordKind::Outcomes, Record::Outcome(outcome)) => check_id(&outcome.lead),
        (_, other) => panic!("{other:?} among {kind}"),
    }
}

fn check_keys(keys: &RecordKeys) {
    let own = [&keys.anonymous_id, &keys.user_id, &keys.email];
    own.into_iter().flatten().for_each(|id| check_id(id));
    keys.external_ids.iter().for_each(|(_, id)| check_id(id));
}

fn check_id(id: &str) {
    assert!(!id.trim().is_empty(), "an id that is nothing");
    assert!(id.len() <= ID_BYTES_MAX, "an id of {} bytes", id.len());
}

/// Handed on in chunks, the same rows are counted, each of them once.
fn check_counts(kind: RecordKind, bytes: &[u8], format: Format, options: &ImportOptions, rows: &[ReadRow]) {
    let table = Table::of_bytes(bytes, format, options.encoding).expect("it was read");
    let found = survey(&table, &|_| ()).expect("it was read");
    assert_eq!(found.rows, rows.len() as u64);
    let plan = Plan::new(kind, &found, options).expect("it was planned");
    let mut rejects = RejectsFile::new(&table, || Ok(Box::new(std::io::sink())));
    let mut taken = Vec::new();
    let mut take = |records: Vec<Record>| {
        let outcomes = vec![RowOutcome::New; records.len()];
        taken.extend(records);
        Ok::<_, Infallible>(outcomes)
    };
    let counts = run(&table, &plan, &mut rejects, &|_| (), &mut take, &mut |_| ()).expect("it was read");
    let records: Vec<&Record> = rows.iter().filter_map(|(_, row)| row.as_ref().ok()).collect();
    assert_eq!(
        taken.iter().collect::<Vec<_>>(),
        records,
        "other records are handed on"
    );
    let rejected = (rows.len() - records.len()) as u64;
    assert_eq!(
        (counts.rows, counts.new, counts.rejects()),
        (rows.len() as u64, records.len() as u64, rejected)
    );
    assert_eq!(rejects.is_open(), rejected > 0);
    assert_eq!(rejects.take_kept().len(), rejected.min(1_000) as usize);
}

/// The same with Windows' line ends, and below a blank line.
fn check_line_ends(
    kind: RecordKind,
    bytes: &[u8],
    format: Format,
    options: &ImportOptions,
    rows: &[ReadRow],
) {
    let begins_with_a_sign = [&b"\x1f\x8b"[..], b"\xef\xbb\xbf"]
        .iter()
        .any(|sign| bytes.starts_with(sign));
    if begins_with_a_sign {
        return;
    }
    let below = [b"\n", bytes].concat();
    let (_, lower) = read_bytes(kind, &below, format, options).expect("a blank line spoils nothing");
    let moved = lower.into_iter().map(|(line, row)| (line - 1, row));
    assert_eq!(moved.collect::<Vec<_>>(), rows, "a blank line changes nothing");
    // A line's end within quotes is part of a cell.
    let is_plain = format == Format::JsonLines || !bytes.contains(&b'"');
    if is_plain && !bytes.contains(&b'\r') {
        let windows = bytes
            .split(|byte| *byte == b'\n')
            .collect::<Vec<_>>()
            .join(&b"\r\n"[..]);
        let (_, read) = read_bytes(kind, &windows, format, options).expect("line ends spoil nothing");
        assert_eq!(read, rows, "line ends change nothing");
    }
}
