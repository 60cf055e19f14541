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

const BY_CHANNEL: &str = "[agreement]\nname = \"Test\"\n\n[[fit]]\nname = \"Search\"\nwhen = { channel = \"paid_search\" }\n\
    points = 10\n\n[[fit]]\nname = \"Spring\"\nwhen = { campaign = \"spring\" }\npoints = 1\n\n[[intent]]\nname = \"Demo\"\n\
    on = \"Demo Requested\"\npoints = 50\nmax = 1\n\n[qualify]\nscore = 60\n";

fn fits(folder: &Path, words: &[&str]) -> Vec<String> {
    let done = bellwether(folder, words);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let rows = text(&done.stdout);
    let cells = rows.lines().skip(1).map(|row| {
        let cells: Vec<&str> = row.split(',').collect();
        format!("{} {} {}", cells[0], cells[1], cells[5])
    });
    cells.collect()
}

#[test]
fn a_lead_is_scored_by_the_first_visit_that_says_anything_unless_it_says_its_channel_itself() {
    let folder = folder();
    let at = folder.path();
    std::fs::write(at.join("b.toml"), BY_CHANNEL).expect("written");
    let events = "lead,ts,event,path,url,referrer,utm_source,utm_medium,utm_campaign\n\
        ana,2026-01-12,page,/,https://acme.example/,,newsletter,email,spring\n\
        ana,2026-01-10,page,/,https://acme.example/?gclid=1,,,,\n\
        ana,2026-01-13,Demo Requested,,,,,,\n\
        bob,2026-01-10,page,/,https://acme.example/,https://www.bing.com/,,,\n\
        bob,2026-01-11,page,/,https://acme.example/,,google,cpc,spring\n\
        cyd,2026-01-10,page,/,https://acme.example/,,google,cpc,spring\n";
    std::fs::write(at.join("v.csv"), events).expect("written");
    let expected = ["ana 10.000 true", "bob 0.000 false", "cyd 11.000 false"];
    assert_eq!(fits(at, &["score", "b.toml", "--events", "v.csv"]), expected);
    // What a lead says of itself goes first; what it doesn't say is derived all the same.
    std::fs::write(at.join("l.csv"), "lead,channel\ncyd,Fair\nana,\n").expect("written");
    let expected = ["ana 10.000 true", "bob 0.000 false", "cyd 1.000 false"];
    assert_eq!(
        fits(at, &["score", "b.toml", "--leads", "l.csv", "--events", "v.csv"]),
        expected
    );
    let ledger = bellwether(at, &["explain", "b.toml", "--events", "v.csv", "--lead", "ana"]);
    assert!(
        text(&ledger.stdout).contains("channel = paid_search"),
        "{}",
        text(&ledger.stdout)
    );
    // Without such columns nothing is derived.
    std::fs::write(at.join("w.csv"), "lead,ts,event\nana,2026-01-10,page\n").expect("written");
    assert_eq!(
        fits(at, &["score", "b.toml", "--events", "w.csv"]),
        ["ana 0.000 false"]
    );
}

#[test]
fn segments_calls_say_the_same_as_tables() {
    let folder = folder();
    let at = folder.path();
    std::fs::write(at.join("b.toml"), BY_CHANNEL).expect("written");
    let calls = r#"{"type":"track","event":"X","userId":"ana","timestamp":"2026-01-10T00:00:00Z","context":{"page":{"url":"https://acme.example/","search":"?gclid=1&utm_campaign=spring","referrer":"https://www.google.com/"}}}
{"type":"page","userId":"bob","timestamp":"2026-01-10T00:00:00Z","context":{"page":{"url":"https://acme.example/a","referrer":"https://acme.example/"}}}
{"type":"page","userId":"bob","timestamp":"2026-01-11T00:00:00Z","context":{"campaign":{"source":"bing","medium":"ppc"}}}
{"type":"track","event":"X","userId":"cyd","timestamp":"2026-01-10T00:00:00Z","context":{"page":{"url":"https://acme.example/","referrer":""}}}
"#;
    std::fs::write(at.join("calls.jsonl"), calls).expect("written");
    let expected = ["ana 11.000 false", "bob 10.000 false", "cyd 0.000 false"];
    assert_eq!(
        fits(at, &["score", "b.toml", "--events", "calls.jsonl"]),
        expected
    );
}

#[test]
fn rejects_never_take_the_place_of_an_input() {
    let folder = folder();
    for input in ["a.toml", "e.csv"] {
        let before = std::fs::read(folder.path().join(input)).expect("an input");
        let done = bellwether(
            folder.path(),
            &[
                "score",
                "a.toml",
                "--events",
                "e.csv",
                "--rejects",
                &format!("./{input}"),
            ],
        );
        assert_eq!(done.status.code(), Some(1));
        assert!(
            text(&done.stderr).contains("is an input, too"),
            "{}",
            text(&done.stderr)
        );
        let after = std::fs::read(folder.path().join(input)).expect("an input");
        assert_eq!(after, before);
    }
}
