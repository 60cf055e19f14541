//! A real history that nobody here made: the loan applications of a bank (BPI Challenge 2012). The files scored as they
//! are, scored again shuffled and doubled, and sent shuffled and doubled to the server, must come to the same.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use bellwether_testkit::clients::http::Http;
use bellwether_testkit::server::{KeyKind, TestServer};
use bellwether_testkit::skip::{Missing, skip};
use serde_json::{Value, json};

use crate::crash::pages;

const BINARY: &str = env!("CARGO_BIN_EXE_bellwether");
/// Of how many events one is sent twice.
const DOUBLED_ONE_IN: usize = 9;
/// Of how many applications the points are compared, besides when they qualified.
const ALONE: usize = 100;

/// What is compared: fit, intent, score, grade, qualified at, trigger.
type Scored = BTreeMap<String, [String; 6]>;

#[test]
fn shuffled_and_doubled_events_come_to_the_same_scores_in_files_and_in_the_server() {
    let Some(history) = History::read() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let leads = history.folder.join("bpi2012_cases.csv");
    let events = history.folder.join("bpi2012_events.csv.gz");
    let columns = ["--map", "lead=case_id,ts=timestamp,event=activity"];
    let expected = score(&folder.path().join("sorted.csv"), &leads, &events, &columns);
    assert_eq!(expected.len(), history.cases.len());
    let qualified = expected.values().filter(|row| !row[4].is_empty()).count();
    assert!(
        (1_000..10_000).contains(&qualified),
        "{qualified} qualify: the agreement says nothing about this history"
    );

    let lines = shuffled_and_doubled(history.events.iter().map(Value::to_string).collect());
    let jsonl = folder.path().join("shuffled.jsonl");
    write_lines(&jsonl, &lines);
    assert_eq!(
        score(&folder.path().join("shuffled.csv"), &leads, &jsonl, &[]),
        expected
    );

    serve_and_compare(&history, &expected, folder.path());
}

/// The history as Segment calls.
struct History {
    folder: PathBuf,
    /// Applications with their traits.
    cases: Vec<(String, Value)>,
    events: Vec<Value>,
}

impl History {
    fn read() -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/loan_leads");
        let Ok(cases) = fs::read_to_string(folder.join("bpi2012_cases.csv")) else {
            skip(Missing::Data, "the loan applications are not on this machine");
            return None;
        };
        let events =
            File::open(folder.join("bpi2012_events.csv.gz")).expect("the events lie beside the cases");
        let events =
            std::io::read_to_string(flate2::read::MultiGzDecoder::new(events)).expect("the events are text");
        let row = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        let cases = cases.lines().skip(1).map(row);
        let cases = cases.map(|cells| {
            (
                cells[0].clone(),
                json!({ "amount_req": cells[2], "events": cells[3] }),
            )
        });
        let events = events.lines().skip(1).map(row).map(|cells| {
            json!({
                "type": "track", "userId": cells[0], "messageId": format!("{}-{}", cells[0], cells[1]),
                "event": cells[3], "timestamp": cells[2], "properties": { "lifecycle": cells[4] },
            })
        });
        Some(Self {
            folder,
            cases: cases.collect(),
            events: events.collect(),
        })
    }
}

fn score(out: &Path, leads: &Path, events: &Path, more: &[&str]) -> Scored {
    let output = Command::new(BINARY)
        .arg("score")
        .arg(agreement())
        .args([
            "--leads".as_ref(),
            leads,
            "--events".as_ref(),
            events,
            "--out".as_ref(),
            out,
        ])
        .args(more)
        .output()
        .expect("the program can be started");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = fs::read_to_string(out).expect("the scores were written");
    let rows = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let pick = |cells: &[String]| [1, 2, 3, 4, 6, 7].map(|column| cells[column].clone());
    rows.map(|cells| (cells[0].clone(), pick(&cells))).collect()
}

fn agreement() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/loan_leads.toml")
}

fn serve_and_compare(history: &History, expected: &Scored, folder: &Path) {
    let server = TestServer::start(BINARY);
    let (write, admin) = (server.client(KeyKind::Write), server.client(KeyKind::Admin));
    let source = fs::read_to_string(agreement()).expect("the agreement is in the project");
    let _ = admin
        .put("/api/v1/agreement", "application/toml", &source)
        .expect_status(200);

    let served: BTreeMap<&str, &Value> = history
        .cases
        .iter()
        .map(|(case, traits)| (case.as_str(), traits))
        .collect();
    let identify = |(case, traits): (&&str, &&Value)| {
        // Older than every event, as traits in a file hold from the beginning.
        json!({ "type": "identify", "userId": case, "messageId": format!("{case}-identify"),
                "timestamp": "2011-01-01T00:00:00Z",
                "traits": { "name": case, "amount_req": traits["amount_req"] } })
        .to_string()
    };
    let mut lines: Vec<String> = served.iter().map(identify).collect();
    let theirs = history
        .events
        .iter()
        .filter(|event| served.contains_key(event["userId"].as_str().unwrap_or_default()));
    lines.extend(theirs.map(Value::to_string));
    for batch in shuffled_and_doubled(lines).chunks(400) {
        let body = format!(r#"{{"batch":[{}]}}"#, batch.join(","));
        let reply = write.send(
            "POST",
            "/v1/batch",
            &[("content-type", "application/json")],
            body.as_bytes(),
        );
        let _ = reply.expect_status(200);
    }
    compare(&admin, history, &served, expected, folder);
}

/// Compares what the server's list says of each application. Its points are as of the lead's last fact.
fn compare(
    admin: &Http,
    history: &History,
    served: &BTreeMap<&str, &Value>,
    expected: &Scored,
    folder: &Path,
) {
    let leads = pages(admin, "/api/v1/leads");
    assert_eq!(leads.len(), served.len());
    for (index, lead) in leads.iter().enumerate() {
        let text = |name: &str| lead[name].as_str().unwrap_or_default().to_owned();
        let case = text("name");
        let row = &expected[&case];
        assert_eq!(
            [text("qualified_at"), text("trigger")],
            [row[4].clone(), row[5].clone()],
            "{case}"
        );
        if index % (served.len() / ALONE) == 0 {
            let alone = &score_alone(history, &case, folder)[&case];
            assert_eq!(
                [text("fit"), text("intent"), text("score"), text("grade")],
                alone[..4],
                "{case}"
            );
        }
    }
}

/// Scores one application by itself, so that it is as of its own last event, as the server's list has it.
fn score_alone(history: &History, case: &str, folder: &Path) -> Scored {
    let (leads, events) = (folder.join("one-lead.csv"), folder.join("one-lead.jsonl"));
    let traits = &history
        .cases
        .iter()
        .find(|(id, _)| id == case)
        .expect("it is one of them")
        .1;
    let amount = traits["amount_req"].as_str().expect("a cell is text");
    write_lines(
        &leads,
        &["lead,amount_req".to_owned(), format!("{case},{amount}")],
    );
    let theirs = history
        .events
        .iter()
        .filter(|event| event["userId"] == case)
        .map(Value::to_string);
    write_lines(&events, &theirs.collect::<Vec<_>>());
    score(&folder.join("one-lead-scored.csv"), &leads, &events, &[])
}

fn shuffled_and_doubled(mut lines: Vec<String>) -> Vec<String> {
    let doubled: Vec<String> = lines.iter().step_by(DOUBLED_ONE_IN).cloned().collect();
    lines.extend(doubled);
    let mut state = 7_u64;
    for last in (1..lines.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        lines.swap(
            last,
            usize::try_from(state >> 33).expect("31 bits fit") % (last + 1),
        );
    }
    lines
}

fn write_lines(path: &Path, lines: &[String]) {
    let mut file = File::create(path).expect("a file can be made in a temporary folder");
    file.write_all(lines.join("\n").as_bytes())
        .expect("the file can be written");
}
