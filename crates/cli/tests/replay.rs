//! `bellwether replay` and `bellwether compare` as they are called: what is printed, what goes where, and with which exit
//! status; and a real history with its outcomes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use bellwether_testkit::skip::{Missing, skip};
use serde_json::Value;
use tempfile::TempDir;

const AGREEMENT: &str = "[agreement]\nname = \"Test\"\ntimezone = \"UTC\"\n\n[[intent]]\nname = \"Demo\"\n\
    on = \"Demo Requested\"\npoints = 50\nmax = 1\n\n[[intent]]\nname = \"Blog\"\non = \"Blog Read\"\npoints = 20\n\n\
    [qualify]\nscore = 40\n";
const EVENTS: &str = "lead,ts,event\nana,2026-01-10,Demo Requested\nbob,2026-01-11,Blog Read\n\
    cyd,2026-01-19,Demo Requested\ndan,soon,Blog Read\n";
const OUTCOMES: &str = "lead,outcome,at,amount,currency,reason\nana,won,2026-01-20,900,EUR,\nbob,won,2026-01-21,,,\n\
    cyd,rejected,2026-01-20,,,\"No\u{1b}[2J budget\"\n";

fn folder() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    file("a.toml", AGREEMENT);
    file("b.toml", &AGREEMENT.replace("score = 40", "score = 20"));
    file("e.csv", EVENTS);
    file("o.csv", OUTCOMES);
    folder
}

fn bellwether(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bellwether"));
    command.current_dir(folder).args(words).output().expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn printed(folder: &Path, words: &[&str]) -> String {
    let done = bellwether(folder, words);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    text(&done.stdout)
}

const REPLAY: [&str; 6] = ["replay", "a.toml", "--events", "e.csv", "--outcomes", "o.csv"];
const COMPARE: [&str; 7] = [
    "compare",
    "a.toml",
    "b.toml",
    "--events",
    "e.csv",
    "--outcomes",
    "o.csv",
];

#[test]
fn leads_of_whom_nothing_has_a_time_are_counted_where_months_are_shown() {
    let folder = folder();
    let leads = "lead,title\nana,CEO\neve,CEO\nfay,CEO\n";
    std::fs::write(folder.path().join("l.csv"), leads).expect("written");
    for words in [&REPLAY[..], &COMPARE[..]] {
        assert!(!printed(folder.path(), words).contains("has a time"));
        let with = [words, &["--leads", "l.csv"]].concat();
        let said = printed(folder.path(), &with).replace('\n', " ");
        assert!(said.contains("Of 2 of the 5 leads nothing has a time"), "{said}");
        let with = [&with[..], &["--format", "json"]].concat();
        let said: Value = serde_json::from_str(&printed(folder.path(), &with)).expect("JSON");
        assert_eq!(said["without_time"], 2);
    }
}

#[test]
fn a_replay_says_what_matters_first_and_fits_a_hundred_columns() {
    let folder = folder();
    let more = ["--capacity", "1", "--people", "2", "--rejects", "r.csv"];
    let done = bellwether(folder.path(), &[&REPLAY[..], &more].concat());
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    assert!(text(&done.stderr).contains("left out 1 rows: 1 unreadable time"));
    let said = text(&done.stdout);
    assert!(
        said.starts_with("Test: 2 of 3 leads (66.7 %) would have gone to sales, 0.7 a week."),
        "{said}"
    );
    assert!(said.lines().all(|line| line.chars().count() <= 100), "{said}");
    assert!(!said.contains('\u{1b}'), "a reason steers the terminal");
    for part in [
        "By month",
        "Load on sales",
        "The line by capacity",
        "which rules brought it",
        "`Demo` at 0 points",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let listed = std::fs::read_to_string(folder.path().join("r.csv")).expect("a list");
    assert!(listed.contains("e.csv,5,"), "{listed}");
}

#[test]
fn a_replay_in_json_has_the_same_figures_and_goes_where_it_is_sent() {
    let folder = folder();
    let said = printed(folder.path(), &[&REPLAY[..], &["--format", "json"]].concat());
    let json: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(json["handed_off"]["hits"], 2);
    assert_eq!(json["precision"]["rate"], 0.5);
    assert_eq!(json["fates"]["amounts"][0]["amount"], "900");
    assert_eq!(json["judged_at"], "2026-01-19T00:00:00.000Z");
    let nothing = printed(
        folder.path(),
        &[&REPLAY[..], &["--format", "json", "--out", "report.json"]].concat(),
    );
    assert_eq!(nothing, "");
    let written = std::fs::read_to_string(folder.path().join("report.json")).expect("a report");
    assert_eq!(written, said);
}

#[test]
fn days_bound_what_is_looked_at() {
    let folder = folder();
    let json = |more: &[&str]| -> Value {
        let said = printed(
            folder.path(),
            &[&REPLAY[..], &["--format", "json"], more].concat(),
        );
        serde_json::from_str(&said).expect("JSON")
    };
    let until = json(&["--to", "2026-01-18"]);
    assert_eq!(
        (&until["leads"], &until["handed_off"]["hits"]),
        (&2.into(), &1.into())
    );
    assert_eq!(until["until"], "2026-01-19T00:00:00.000Z");
    let from = json(&["--from", "2026-01-11"]);
    assert_eq!(
        (&from["leads"], &from["handed_off"]["hits"]),
        (&2.into(), &1.into())
    );
}

#[test]
fn a_comparison_names_who_and_why() {
    let folder = folder();
    let said = printed(folder.path(), &COMPARE);
    assert!(
        said.starts_with("The second would have handed sales 1 lead more and 0 fewer"),
        "{said}"
    );
    assert!(said.contains("score line 40 -> 20"), "{said}");
    assert!(said.lines().all(|line| line.chars().count() <= 100), "{said}");
    let json = printed(folder.path(), &[&COMPARE[..], &["--format", "json"]].concat());
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["newly"]["leads"][0]["lead"], "bob");
    assert_eq!(json["newly"]["leads"][0]["causes"][0]["kind"], "line");
    let same = printed(
        folder.path(),
        &["compare", "a.toml", "a.toml", "--events", "e.csv"],
    );
    assert!(same.starts_with("No lead is treated differently"), "{same}");
}

#[test]
fn the_exit_status_tells_failed_work_from_wrong_usage() {
    let folder = folder();
    for (words, status) in [
        (&["replay", "a.toml"][..], 2),
        (&["replay", "a.toml", "--events", "e.xlsx"], 2),
        (&["replay", "a.toml", "--events", "e.csv", "--capacity", "0"], 2),
        (
            &[
                "replay",
                "a.toml",
                "--events",
                "e.csv",
                "--map",
                "outcome=verdict",
                "--outcomes",
                "o.csv",
            ],
            2,
        ),
        (
            &[
                "replay",
                "a.toml",
                "--events",
                "e.csv",
                "--from",
                "2026-02-01",
                "--to",
                "2026-01-01",
            ],
            1,
        ),
        (
            &["replay", "a.toml", "--events", "e.csv", "--outcomes", "e.csv"],
            1,
        ),
        (&["replay", "a.toml", "--events", "e.csv", "--strict"], 1),
        (&["replay", "a.toml", "--events", "e.csv", "--out", "e.csv"], 1),
        (&["replay", "missing.toml", "--events", "e.csv"], 1),
        (&["compare", "a.toml", "missing.toml", "--events", "e.csv"], 1),
        (
            &[
                "compare", "a.toml", "b.toml", "--events", "e.csv", "--out", "b.toml",
            ],
            1,
        ),
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

/// The loan applications of a bank (BPI Challenge 2012): approved is won, declined and cancelled are lost.
struct Loans {
    folder: TempDir,
    cases: PathBuf,
    events: PathBuf,
    /// How many of each outcome there are.
    counts: BTreeMap<&'static str, u64>,
}

impl Loans {
    fn read() -> Option<Self> {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/loan_leads");
        let events = data.join("bpi2012_events.csv.gz");
        let Ok(file) = std::fs::File::open(&events) else {
            skip(Missing::Data, "the loan applications are not on this machine");
            return None;
        };
        let rows = std::io::read_to_string(flate2::read::MultiGzDecoder::new(file)).expect("text");
        let mut outcomes = String::from("lead,outcome,at,reason\n");
        let mut counts = BTreeMap::new();
        for row in rows.lines().skip(1) {
            let cells: Vec<&str> = row.split(',').collect();
            let (outcome, reason) = match cells[3] {
                "A_APPROVED" => ("won", ""),
                "A_DECLINED" => ("lost", "declined"),
                "A_CANCELLED" => ("lost", "cancelled"),
                _ => continue,
            };
            *counts.entry(outcome).or_default() += 1;
            writeln!(outcomes, "{},{outcome},{},{reason}", cells[0], cells[2]).expect("a string");
        }
        let folder = TempDir::new().expect("a folder");
        std::fs::write(folder.path().join("outcomes.csv"), outcomes).expect("written");
        Some(Self {
            folder,
            cases: data.join("bpi2012_cases.csv"),
            events,
            counts,
        })
    }

    fn run(&self, words: &[&str], more: &[&str]) -> String {
        let files = ["--leads", self.cases.to_str().expect("a path")];
        let events = ["--events", self.events.to_str().expect("a path")];
        let rest = [
            "--outcomes",
            "outcomes.csv",
            "--map",
            "lead=case_id,ts=timestamp,event=activity",
        ];
        printed(
            self.folder.path(),
            &[words, &files, &events, &rest, more].concat(),
        )
    }
}

#[test]
fn the_loan_applications_are_replayed_with_their_outcomes() {
    let Some(loans) = Loans::read() else { return };
    let agreement = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/loan_leads.toml");
    let agreement = agreement.to_str().expect("a path");
    let json = loans.run(&["replay", agreement], &["--format", "json"]);
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let count = |value: &Value| value.as_u64().expect("a count");
    assert_eq!(count(&json["leads"]), 13_087);
    assert_eq!(count(&json["all"]["won"]), loans.counts["won"]);
    assert_eq!(count(&json["all"]["lost"]), loans.counts["lost"]);
    // As `bellwether score` finds it; each is in exactly one of the three.
    let parts = [&json["handed_off"]["hits"], &json["already_won"], &json["below"]];
    assert_eq!(parts.map(count).iter().sum::<u64>(), 13_087);
    // Applications that qualify are approved more often than all are.
    assert!(
        json["lift"]["low"].as_f64().is_some_and(|low| low > 1.0),
        "{}",
        json["lift"]
    );

    let other = std::fs::read_to_string(agreement).expect("the agreement");
    let stricter = other.replace("score  = 62", "score  = 75");
    assert_ne!(stricter, other);
    std::fs::write(loans.folder.path().join("stricter.toml"), stricter).expect("written");
    let said = loans.run(&["compare", agreement, "stricter.toml"], &[]);
    println!("{said}");
    assert!(
        said.contains(" 0 leads more and "),
        "a stricter line lets nobody in: {said}"
    );
    assert!(said.lines().all(|line| line.chars().count() <= 100), "{said}");
}

#[test]
fn checking_with_a_history_names_the_rule_that_nothing_meets() {
    let folder = folder();
    let webinar = "\n[[intent]]\nname = \"Webinar\"\non = \"Webinar Attended\"\npoints = 5\nmax = 1\n";
    std::fs::write(folder.path().join("c.toml"), format!("{AGREEMENT}{webinar}")).expect("written");
    let without = printed(folder.path(), &["check", "c.toml"]);
    assert!(!without.contains("dead-rule"), "{without}");
    let with = printed(folder.path(), &["check", "c.toml", "--events", "e.csv"]);
    assert_eq!(with.matches("dead-rule").count(), 1, "{with}");
    assert!(
        with.contains("`Webinar` never holds: none of 3 events meets it"),
        "{with}"
    );
}
