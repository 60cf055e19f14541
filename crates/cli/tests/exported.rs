//! What a database gives back, read as files: the same leads with the same scores, at the same times, by the same triggers.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use bellwether_testkit::server::TestServer;
use serde_json::Value;

const BINARY: &str = env!("CARGO_BIN_EXE_bellwether");

/// Nothing fades by it: the database's scores are as of each lead's newest fact, those of files as of one instant.
const AGREEMENT: &str = r#"[agreement]
name = "Test"
timezone = "UTC"

[fields]
plan = "text"

[[fit]]
name = "Senior"
when = { seniority = ["manager", "director", "vp", "c_level"] }
points = 15

[[fit]]
name = "Size"
cases = [
  { when = { employees = { min = 200 } }, points = 10 },
  { when = { employees = { min = 50 } }, points = 5 },
]

[[fit]]
name = "Plan"
when = { plan = "pro" }
points = 7

[[intent]]
name = "Demo"
on = "Demo Requested"
points = 30
max = 2

[[intent]]
name = "Ebook"
on = { event = "Asset Downloaded", kind = "ebook" }
points = 4.5

[[intent]]
name = "Pricing"
on = { page = "/pricing*" }
points = 6
once_per = "1d"

[qualify]
score = 40
fit = 10

[[disqualify]]
name = "Competitor"
when = { domain = "rival.example" }
"#;

fn bellwether(words: &[&str], folder: &Path) -> Output {
    let mut command = Command::new(BINARY);
    command.args(words).current_dir(folder).stdin(Stdio::null());
    let output = command.env_remove("BELLWETHER_DATA").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {said}");
    output
}

/// Visitors of whom some say who they are, early or late.
fn calls() -> String {
    let mut calls = String::new();
    let mut call = |n: u32, hour: u32, said: &str| {
        let day = 1 + n % 28;
        let ts = format!("2026-03-{day:02}T{hour:02}:00:{:02}Z", n % 60);
        writeln!(
            calls,
            "{{\"timestamp\":\"{ts}\",\"messageId\":\"m{n}-{hour}\",{said}}}"
        )
        .unwrap();
    };
    for n in 0..240_u32 {
        let person = n % 24;
        let device = format!("\"anonymousId\":\"device-{person}\"");
        let path = ["/pricing/eu", "/about", "/pricing"][n as usize % 3];
        call(
            n,
            8,
            &format!("\"type\":\"page\",{device},\"properties\":{{\"path\":\"{path}\",\"n\":{n}}}"),
        );
        let kind = ["ebook", "video"][n as usize % 2];
        let said = format!(
            "\"properties\":{{\"kind\":\"{kind}\",\"form\":{{\"id\":\"f{n}\"}},\"tags\":[\"a\",\"b\"]}}"
        );
        call(
            n,
            9,
            &format!("\"type\":\"track\",\"event\":\"Asset Downloaded\",{device},{said}"),
        );
        call(n, 10, &format!("\"type\":\"screen\",\"event\":\"Home\",{device}"));
        if n % 7 == 0 {
            call(
                n,
                11,
                &format!("\"type\":\"track\",\"event\":\"Demo Requested\",{device}"),
            );
        }
        // Every sixth never says who they are.
        if n % 5 == 0 && person % 6 != 5 {
            let host = if person == 3 { "rival" } else { "acme" };
            let title = ["VP Sales", "Engineer", "Head of IT"][n as usize / 40 % 3];
            let traits = format!(
                "\"email\":\"u{person}@{host}.example\",\"title\":\"{title}\",\"company\":{{\"employee_count\":{}}}",
                n + 20
            );
            let user = format!("{device},\"userId\":\"u{person}\"");
            call(
                n,
                12,
                &format!("\"type\":\"identify\",{user},\"traits\":{{{traits}}}"),
            );
            call(
                n,
                13,
                &format!(
                    "\"type\":\"group\",{user},\"event\":\"g{person}\",\"traits\":{{\"name\":\"Acme\"}}"
                ),
            );
        }
        if n == 200 {
            call(n, 15, "\"type\":\"alias\",\"userId\":\"u2\",\"event\":\"u1\"");
        }
    }
    calls
}

/// What the company and a service know: other titles than people say, and what nobody says.
fn told(size: u32, plan: &str) -> String {
    let mut rows = "email,title,employees,plan,created_at,updated_at\n".to_owned();
    for person in (0..30_u32).filter(|person| person % 3 != 1) {
        let host = if person == 3 { "rival" } else { "acme" };
        let day = 1 + (person + size) % 27;
        writeln!(
            rows,
            "u{person}@{host}.example,Director of {plan},{},{plan},2026-01-{day:02},2026-03-{day:02}T06:00:00Z",
            size + person
        )
        .unwrap();
    }
    rows
}

type Row = BTreeMap<String, String>;

fn rows(csv: &[u8]) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(csv);
    reader.deserialize().map(|row| row.unwrap()).collect()
}

/// Fit, intent, and when and by what they qualified, of the leads whom one can reach, by id.
fn scores(rows: &[Row], prefix: &str) -> BTreeMap<String, [String; 4]> {
    let known = rows.iter().filter(|row| row["lead"].parse::<u64>().is_ok());
    let scores = known.map(|row| {
        let cell = |name: &str| row[&format!("{prefix}{name}")].clone();
        let shown = ["fit", "intent", "qualified_at", "trigger"].map(cell);
        (row["lead"].clone(), shown)
    });
    scores.collect()
}

#[test]
fn an_export_scores_and_replays_as_its_database_did() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let run = |words: &str| {
        let words: Vec<&str> = words.split(' ').collect();
        bellwether(&words, folder.path()).stdout
    };
    file("a.toml", AGREEMENT);
    file("never.toml", &AGREEMENT.replace("score = 40", "score = 4000"));
    file("calls.jsonl", &calls());
    file("crm.csv", &told(30, "basic"));
    file("bought.csv", &told(190, "pro"));
    let agreement = folder.path().join("a.toml");
    let database = TestServer::database(BINARY, &["--agreement", agreement.to_str().unwrap()]);
    let data = database.data().display();
    run(&format!("import events calls.jsonl --yes --data {data}"));
    run(&format!("import leads crm.csv --yes --as crm --data {data}"));
    run(&format!(
        "import leads bought.csv --yes --as enrichment --data {data}"
    ));
    let held = scores(&rows(&run(&format!("export leads --data {data}"))), "scored_");
    let qualified: BTreeMap<&str, &str> = held
        .iter()
        .map(|(lead, [.., at, _])| (lead.as_str(), at.as_str()))
        .filter(|(_, at)| !at.is_empty())
        .collect();
    let triggers: std::collections::BTreeSet<&str> =
        held.values().map(|[.., trigger]| trigger.as_str()).collect();
    assert!(
        (5..held.len()).contains(&qualified.len()) && triggers.contains("traits") && triggers.len() > 3,
        "{held:?}"
    );
    for extension in ["csv", "jsonl", "parquet", "csv.gz", "jsonl.gz"] {
        run(&format!("export leads --out l.{extension} --data {data}"));
        run(&format!("export events --out e.{extension} --data {data}"));
        let input = format!("--leads l.{extension} --events e.{extension}");
        let scored = run(&format!("score a.toml {input} --strict"));
        assert_eq!(scores(&rows(&scored), ""), held, "{extension}");
        let compared = run(&format!("compare a.toml never.toml {input} --format json"));
        let compared: Value = serde_json::from_slice(&compared).unwrap();
        let replayed = compared["no_longer"]["leads"].as_array().unwrap();
        let replayed: BTreeMap<&str, &str> = replayed
            .iter()
            .map(|lead| (lead["lead"].as_str().unwrap(), lead["at"].as_str().unwrap()))
            .collect();
        assert_eq!(replayed, qualified, "{extension}");
        run(&format!("check a.toml {input}"));
    }
}
