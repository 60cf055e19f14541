//! A data directory as a history: commands say of it what they say of the files that it gives back.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use bellwether_testkit::server::TestServer;
use serde_json::Value;
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_bellwether");
const AGREEMENT: &str = "[agreement]\nname = \"Test\"\ntimezone = \"UTC\"\n\n[[fit]]\nname = \"Size\"\n\
    when = { title = \"VP*\" }\npoints = 20\n\n[[intent]]\nname = \"Demo\"\non = \"Demo Requested\"\npoints = 30\n\n\
    [qualify]\nscore = 40\n";
/// What is given back by a database.
const FILES: &str = "--leads back-leads.csv --events back-events.csv";

/// A database, and a folder with the files that it gives back and agreements beside them.
struct Stored {
    database: TestServer,
    folder: TempDir,
}

impl Stored {
    /// Of rows of leads, events and outcomes.
    fn new(rows: [&str; 3]) -> Self {
        let stored = Self {
            database: TestServer::database(BINARY, &[]),
            folder: tempfile::tempdir().unwrap(),
        };
        for (kind, rows) in ["leads", "events", "outcomes"].into_iter().zip(rows) {
            let given = stored.file(&format!("{kind}.csv"), rows);
            stored.database.run(&["import", kind, &given, "--yes"]);
            let back = stored.path(&format!("back-{kind}.csv"));
            stored.database.run(&["export", kind, "--out", &back]);
        }
        stored.file("a.toml", AGREEMENT);
        stored
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn file(&self, name: &str, text: &str) -> String {
        std::fs::write(self.folder.path().join(name), text).unwrap();
        self.path(name)
    }

    /// Runs a command in the folder; `DATA` stands for the data directory.
    fn run(&self, words: &str) -> Output {
        let words = words.split(' ').map(|word| match word {
            "DATA" => self.database.data(),
            word => Path::new(word),
        });
        let mut command = Command::new(BINARY);
        let command = command.args(words).current_dir(self.folder.path());
        command.env_remove("BELLWETHER_DATA").output().unwrap()
    }

    /// What a command prints, and what it says beside that.
    fn printed(&self, words: &str) -> (String, String) {
        let done = self.run(words);
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(0), "{words}: {said}");
        (String::from_utf8(done.stdout).unwrap(), said)
    }
}

fn few() -> Stored {
    Stored::new([
        "user_id,email,title\nu1,ana@acme.example,VP Sales\nu2,bob@acme.example,Clerk\nu3,cyd@acme.example,VP\n",
        "user_id,event,timestamp\nu1,Demo Requested,2026-03-02T10:00:00Z\nu2,Demo Requested,2026-03-03T10:00:00Z\n\
         u2,Demo Requested,2026-04-03T10:00:00Z\nu3,Blog Read,2026-04-04T10:00:00Z\n",
        "lead,outcome,at,amount,currency\nu1,lost,2026-03-20,,\nu2,won,2026-05-01,900,EUR\n",
    ])
}

#[test]
fn it_is_replayed_and_compared() {
    let stored = few();
    stored.file("b.toml", &AGREEMENT.replace("score = 40", "score = 55"));
    let calls = [
        ("replay a.toml", "read whole"),
        ("compare a.toml b.toml", "as it was kept"),
    ];
    for (words, told) in calls {
        let words = format!("{words} --format json");
        let (by_files, _) = stored.printed(&format!("{words} {FILES} --outcomes back-outcomes.csv"));
        let (by_data, said) = stored.printed(&format!("{words} --data DATA"));
        assert_eq!(by_data, by_files);
        assert!(by_data.contains("\"won\": 1"), "{by_data}");
        assert!(
            said.contains("3 leads with 4 events") && said.contains(told),
            "{said}"
        );
    }
}

#[test]
fn a_history_is_of_a_directory_or_of_files() {
    let stored = few();
    for words in ["replay a.toml", "calibrate a.toml", "check a.toml"] {
        for files in [FILES, "--map lead=x"] {
            let done = stored.run(&format!("{words} --data DATA {files}"));
            assert_eq!(done.status.code(), Some(2), "{words} {files}");
        }
    }
    for words in ["replay a.toml", "calibrate a.toml"] {
        let done = stored.run(&format!("{words} --data DATA --outcomes back-outcomes.csv"));
        assert_eq!(done.status.code(), Some(2), "{words}");
        assert_eq!(stored.run(words).status.code(), Some(2), "{words}");
    }
    let nowhere = stored.run("check a.toml --data nowhere");
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("nowhere"));
}

#[test]
fn it_bears_out_the_lints_that_need_a_history() {
    let stored = few();
    let webinar = "\n[[intent]]\nname = \"Webinar\"\non = \"Webinar Attended\"\npoints = 5\n";
    let blog = "\n[[intent]]\nname = \"Blog\"\non = \"Blog Read\"\npoints = 5\n";
    stored.file("c.toml", &format!("{AGREEMENT}{webinar}{blog}"));
    let dead = |history: &str| -> Vec<String> {
        let (report, _) = stored.printed(&format!("check c.toml --json{history}"));
        let report: Value = serde_json::from_str(&report).unwrap();
        let problems = report["files"][0]["problems"].as_array().unwrap().iter();
        let dead = problems.filter(|problem| problem["code"] == "dead-rule");
        dead.map(|problem| problem["message"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(dead("").is_empty());
    let found = ["`Webinar` never holds: none of 4 events meets it"];
    assert_eq!(dead(" --data DATA"), found);
    assert_eq!(dead(&format!(" {FILES}")), found);
    // What came later doesn't exist.
    let earlier = [
        "`Size` never holds: none of 2 leads meets it",
        "`Webinar` never holds: none of 2 events meets it",
        "`Blog` never holds: none of 2 events meets it",
    ];
    assert_eq!(dead(" --data DATA --as-of 2026-03-04"), earlier);
    let of_nothing = stored.run("check c.toml --as-of 2026-03-04");
    assert_eq!(of_nothing.status.code(), Some(2));
}

/// Who asked for a demo mostly bought, some of them late.
fn many() -> Stored {
    let mut leads = "user_id,email,title,created_at,updated_at\n".to_owned();
    let mut events = "user_id,event,timestamp\n".to_owned();
    let mut outcomes = "lead,outcome,at\n".to_owned();
    for n in 0..200_u32 {
        let (month, day) = (1 + n % 5, 1 + n % 28);
        let title = ["VP Sales", "Clerk"][n as usize % 2];
        let since = format!("2026-{month:02}-{day:02}T06:00:00Z");
        writeln!(leads, "u{n},u{n}@acme.example,{title},{since},{since}").unwrap();
        let asked = n % 3 == 0;
        let event = if asked { "Demo Requested" } else { "Blog Read" };
        writeln!(events, "u{n},{event},2026-{month:02}-{day:02}T10:00:00Z").unwrap();
        let outcome = if asked == (n % 7 == 0) { "lost" } else { "won" };
        writeln!(
            outcomes,
            "u{n},{outcome},2026-{:02}-{day:02}T12:00:00Z",
            month + 1 + n % 4
        )
        .unwrap();
    }
    Stored::new([&leads, &events, &outcomes])
}

#[test]
fn points_are_found_as_of_an_instant() {
    let stored = many();
    let report = |history: &str, name: &str| -> Value {
        let done = stored.run(&format!("calibrate a.toml {history} --report {name}"));
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(matches!(done.status.code(), Some(0 | 3)), "{said}");
        let report = std::fs::read_to_string(stored.folder.path().join(name)).unwrap();
        serde_json::from_str(&report).unwrap()
    };
    let files = format!("{FILES} --outcomes back-outcomes.csv");
    let now = report("--data DATA", "now.json");
    assert_eq!(now, report(&files, "now-files.json"));
    let then = report("--data DATA --as-of 2026-06-01", "then.json");
    assert_eq!(
        then,
        report(&format!("{files} --as-of 2026-06-01"), "then-files.json")
    );
    assert_ne!(then["counts"], now["counts"]);
}
