//! Scores and crossings worked out a second time, in SQL by `DuckDB`, from the arithmetic as it is written down.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;

use bellwether_replay::{Chronicle, Rejects};
use bellwether_testkit::clients::python;
use bellwether_testkit::history::{HistoryFormat, HistoryPlan};
use bellwether_testkit::skip::{Missing, skip};
use serde_json::{Value, json};

use crate::support::Bench;

/// The Python that has `DuckDB`; where there is none, the test says so and doesn't run.
fn duckdb() -> Option<PathBuf> {
    let python = python()?;
    let found = Command::new(&python).args(["-c", "import duckdb"]).output();
    if found.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    skip(
        Missing::Tool,
        "DuckDB is not among Python's packages; run `cargo xtask setup`",
    );
    None
}

#[test]
fn sql_gives_the_same_scores_and_crossings_to_the_thousandth() {
    let Some(python) = duckdb() else { return };
    let bench = Bench::with(include_str!("../../examples/bench_agreement.toml"));
    let plan = HistoryPlan {
        events: 10_000,
        leads: 400,
        seed: 2_026,
        whole_ids: false,
        shuffled: false,
    };
    plan.write_leads(&bench.path("leads.csv")).expect("written");
    let events = bench.path("events.parquet");
    plan.write_events(&events, HistoryFormat::Parquet)
        .expect("written");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/sql/scores.py");
    let output = Command::new(&python)
        .arg(script)
        .args([&events, &bench.path("leads.csv")])
        .output();
    let output = output.expect("the script runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said = String::from_utf8(output.stdout).expect("UTF-8");

    let mut rejects = Rejects::new(None, false).expect("no list");
    let input = bench.input(Some("leads.csv"), Some("events.parquet"));
    let chronicle = Chronicle::read(&input, bench.effort, &mut rejects, &|_| {}).expect("a chronicle");
    let judged = chronicle.judge(&bench.engine, chronicle.latest(), NonZeroUsize::MIN);
    assert_eq!(said.lines().count(), judged.leads.len());
    let (mut qualified, mut triggers) = (0, 0);
    for ((lead, verdict), line) in (0..).zip(&judged.leads).zip(said.lines()) {
        let said: Vec<Value> = serde_json::from_str(line).expect("a row");
        let found = verdict.qualified.as_ref();
        let expected = [
            json!(chronicle.id(lead)),
            json!(verdict.now.fit.millis()),
            json!(verdict.now.intent.millis()),
            json!(found.map(|it| it.at.ms())),
            json!(found.map(|it| it.score.fit.millis())),
            json!(found.map(|it| it.score.intent.millis())),
        ];
        assert_eq!(said[..6], expected);
        qualified += usize::from(found.is_some());
        if let Some(trigger) = said[6].as_str() {
            assert_eq!(found.map(|it| &*it.trigger), Some(trigger));
            triggers += 1;
        }
    }
    assert!(
        qualified > 50 && qualified < 350 && triggers > 50,
        "{qualified} {triggers}"
    );
}

/// What another tool says of a chronicle's files: how many events and leads, and what JSON holds.
const ASKED: &str = "import duckdb, sys
ask = lambda query: duckdb.execute(query, [sys.argv[1]]).fetchone()[0]
print(ask(\"SELECT count(*) FROM read_parquet($1 || '/events.parquet') WHERE properties->>'$.kind' = 'ebook'\"))
print(ask(\"SELECT epoch_ms(max(ts)) FROM read_parquet($1 || '/events.parquet')\"))
print(ask(\"SELECT traits->>'$.title' FROM read_parquet($1 || '/leads.parquet')\"))
print(ask(\"SELECT traits->>'$.employees' FROM read_parquet($1 || '/traits.parquet')\"))";

#[test]
fn another_tool_reads_the_files_of_a_chronicle() {
    let Some(python) = duckdb() else { return };
    let bench = Bench::new();
    bench.file("l.csv", "id,title\nana,VP\n");
    bench.file(
        "e.jsonl",
        r#"{"type":"track","userId":"ana","timestamp":"2026-01-02T03:04:05Z","event":"Asset Downloaded","properties":{"kind":"ebook"}}
{"type":"page","userId":"ana","timestamp":"2026-01-01T00:00:00Z","properties":{"path":"/pricing"}}
{"type":"identify","userId":"ana","timestamp":"2026-01-01T00:00:00Z","traits":{"employees":70}}"#,
    );
    let mut rejects = Rejects::new(None, false).expect("no list");
    let input = bench.input(Some("l.csv"), Some("e.jsonl"));
    let chronicle = Chronicle::read(&input, bench.effort, &mut rejects, &|_| {}).expect("a chronicle");
    chronicle.write(&bench.path("kept")).expect("written");
    let output = Command::new(&python)
        .args(["-c", ASKED])
        .arg(bench.path("kept"))
        .output()
        .expect("Python runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let [ebooks, latest, title, employees] = said.lines().collect::<Vec<_>>()[..] else {
        panic!("{said}");
    };
    assert_eq!((ebooks, title, employees), ("1", "VP", "70"));
    assert_eq!(latest, chronicle.latest().ms().to_string());
}
