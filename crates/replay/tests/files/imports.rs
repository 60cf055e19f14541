//! What exports come to: for each file of `tests/imports`, whose name begins with what its rows are, the plan that its headers
//! and values suggest, and what each row says.

use std::fmt::Write as _;
use std::path::Path;

use bellwether_core::records::RecordKind;
use bellwether_replay::Format;
use bellwether_replay::import::{ImportOptions, read_bytes};

fn read(path: &Path) -> String {
    let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
    let kind: RecordKind = name.split('-').next().expect("a kind").parse().expect("a kind");
    let (format, _) = Format::of(path).expect("a format");
    let bytes = std::fs::read(path).expect("a file");
    let (plan, rows) = match read_bytes(kind, &bytes, format, &ImportOptions::default()) {
        Ok(read) => read,
        Err(error) => return format!("{error}\n"),
    };
    let mut text = String::new();
    for column in plan.columns() {
        let becomes = column.target.as_deref().unwrap_or("nothing");
        let dates = column
            .dates
            .map_or(String::new(), |form| format!(" as {}", form.as_str()));
        writeln!(
            text,
            "{} -> {becomes} ({}, {}{dates})",
            column.column,
            column.how.as_str(),
            column.values
        )
        .expect("memory");
    }
    for (line, row) in rows {
        match row {
            Ok(record) => writeln!(text, "{line}: {}", serde_json::to_string(&record).expect("JSON")),
            Err(refusal) => writeln!(text, "{line}: left out, {refusal}"),
        }
        .expect("memory");
    }
    text
}

#[test]
fn every_export_becomes_what_it_says() {
    insta::glob!("../imports", "*.*", |path| insta::assert_snapshot!(read(path)));
}
