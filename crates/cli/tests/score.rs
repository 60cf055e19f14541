//! `bellwether score` and `bellwether explain` as they are called: what goes where, and with which exit status.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const EVENTS: &str = "lead,ts,event\nana,2026-01-10,Demo Requested\nbob,soon,Demo Requested\n";

fn folder() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let agreement = "[agreement]\nname = \"Test\"\ntimezone = \"UTC\"\n\n[[intent]]\nname = \"Demo\"\n\
        on = \"Demo Requested\"\npoints = 50\nmax = 1\n\n[qualify]\nfast = [\"Demo Requested\"]\n";
    std::fs::write(folder.path().join("a.toml"), agreement).expect("written");
    std::fs::write(folder.path().join("e.csv"), EVENTS).expect("written");
    folder
}

fn bellwether(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bellwether"));
    command.current_dir(folder).args(words).output().expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn scores_go_to_standard_output_and_what_was_left_out_to_standard_error_and_the_list() {
    let folder = folder();
    let done = bellwether(
        folder.path(),
        &["score", "a.toml", "--events", "e.csv", "--rejects", "r.csv"],
    );
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let rows = text(&done.stdout);
    assert_eq!(
        rows.lines().nth(1),
        Some("ana,0.000,50.000,50.000,,true,2026-01-10T00:00:00.000Z,Demo Requested,")
    );
    assert!(
        text(&done.stderr).contains("left out 1 rows: 1 unreadable time"),
        "{}",
        text(&done.stderr)
    );
    let listed = std::fs::read_to_string(folder.path().join("r.csv")).expect("a list");
    assert!(
        listed
            .lines()
            .nth(1)
            .is_some_and(|row| row.starts_with("e.csv,3,")),
        "{listed}"
    );
}

#[test]
fn the_exit_status_tells_failed_work_from_wrong_usage() {
    let folder = folder();
    for (words, status) in [
        (&["score", "a.toml", "--events", "e.csv", "--strict"][..], 1),
        (&["score", "a.toml", "--events", "missing.csv"], 1),
        (&["score", "missing.toml", "--events", "e.csv"], 1),
        (&["score", "a.toml"], 2),
        (&["score", "a.toml", "--as-of", "2026-01-01T00:00:00Z"], 2),
        (&["score", "a.toml", "--events", "e.xlsx"], 2),
        (&["score", "a.toml", "--events", "e.csv", "--map", "lead=who"], 2),
        (&["score", "a.toml", "--events", "e.csv", "--as-of", "soon"], 2),
        (&["score", "a.toml", "--events", "e.csv", "--out", "o.xlsx"], 2),
        (&["explain", "a.toml", "--events", "e.csv", "--lead", "nobody"], 1),
    ] {
        let done = bellwether(folder.path(), words);
        assert_eq!(
            done.status.code(),
            Some(status),
            "{words:?}: {}",
            text(&done.stderr)
        );
        assert!(!done.stderr.is_empty(), "{words:?} fails in silence");
    }
}

#[test]
fn a_ledger_is_printed_for_people_and_as_json() {
    let folder = folder();
    let words = ["explain", "a.toml", "--events", "e.csv", "--lead", "ana"];
    let done = bellwether(folder.path(), &words);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    assert!(text(&done.stdout).contains("Demo"), "{}", text(&done.stdout));
    let done = bellwether(folder.path(), &[&words[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_slice(&done.stdout).expect("JSON");
    assert_eq!(json["lead"], "ana");
}
