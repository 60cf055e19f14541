//! What an agreement holds apart of files: what its own `[suspect]` says, the same in every format, and nothing without.

use bellwether_core::suspect::Rule;
use bellwether_replay::{Effort, Input, Rejects, Source, lead_history};

use crate::support::{Bench, Outcome};

const AGREEMENT: &str = r#"
[agreement]
name = "Test"

[[intent]]
name   = "Clicked"
on     = "Email Link Clicked"
points = 10
max    = 9

[[intent]]
name   = "Pricing"
on     = { page = "/pricing" }
points = 5

[qualify]
score = 20
"#;

/// A scanner's clicks, a person's click with the visit after it, and a crawler's view.
const EVENTS: &str = r#"{"type":"track","userId":"scanned","event":"Email Delivered","timestamp":"2026-01-10T10:00:00Z","properties":{"email_id":"m"}}
{"type":"track","userId":"scanned","event":"Email Link Clicked","timestamp":"2026-01-10T10:00:02Z","properties":{"email_id":"m","link_url":"/c"}}
{"type":"track","userId":"scanned","event":"Email Link Clicked","timestamp":"2026-01-10T10:00:01Z","properties":{"email_id":"m","link_url":"/b"}}
{"type":"track","userId":"scanned","event":"Email Link Clicked","timestamp":"2026-01-10T10:00:01Z","properties":{"email_id":"m","link_url":"/a"}}
{"type":"track","userId":"real","event":"Email Link Clicked","timestamp":"2026-01-10T10:00:00Z","properties":{"email_id":"m","link_url":"/a"}}
{"type":"page","userId":"real","timestamp":"2026-01-10T10:00:03Z","properties":{"path":"/pricing"},"context":{"userAgent":"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"}}
{"type":"page","userId":"crawler","timestamp":"2026-01-10T10:00:03Z","properties":{"path":"/pricing"},"context":{"userAgent":"Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"}}
"#;

/// The same as a table, in which a column says which program it was.
const TABLE: &str = "lead,ts,event,path,email_id,link_url,context.agent\n\
    scanned,2026-01-10T10:00:01Z,Email Link Clicked,,m,/a,\n\
    scanned,2026-01-10T10:00:01Z,Email Link Clicked,,m,/b,\n\
    scanned,2026-01-10T10:00:02Z,Email Link Clicked,,m,/c,\n\
    scanned,2026-01-10T10:00:00Z,Email Delivered,,m,,\n\
    real,2026-01-10T10:00:03Z,page,/pricing,,,\n\
    real,2026-01-10T10:00:00Z,Email Link Clicked,,m,/a,\n\
    crawler,2026-01-10T10:00:03Z,page,/pricing,,,bingbot\n";

fn held(outcome: &Outcome) -> Vec<(Rule, u64)> {
    outcome
        .run
        .as_ref()
        .map(|run| run.counts.held.by_rule().collect())
        .unwrap_or_default()
}

#[test]
fn a_file_is_held_apart_by_the_section_of_its_agreement_and_by_nothing_else() {
    let plain = Bench::with(AGREEMENT);
    plain.file("events.jsonl", EVENTS);
    let outcome = plain.score(None, Some("events.jsonl"));
    assert_eq!(
        outcome.rows(),
        [
            "crawler,0.000,5.000,5.000,,false,,,",
            "real,0.000,15.000,15.000,,false,,,",
            "scanned,0.000,30.000,30.000,,true,2026-01-10T10:00:01.000Z,Email Link Clicked,"
        ]
    );
    assert_eq!(held(&outcome), []);
    let holding = Bench::with(&format!("{AGREEMENT}\n[suspect]\n"));
    holding.file("events.jsonl", EVENTS);
    holding.file("events.csv", TABLE);
    for name in ["events.jsonl", "events.csv"] {
        let outcome = holding.score(None, Some(name));
        assert_eq!(
            outcome.rows(),
            [
                "crawler,0.000,0.000,0.000,,false,,,",
                "real,0.000,15.000,15.000,,false,,,",
                "scanned,0.000,0.000,0.000,,false,,,"
            ],
            "{name}"
        );
        assert_eq!(held(&outcome), [(Rule::Agents, 1), (Rule::Burst, 3)], "{name}");
    }
}

#[test]
fn one_leads_history_leaves_out_what_a_run_over_all_leaves_out() {
    let bench = Bench::with(&format!("{AGREEMENT}\n[suspect]\n"));
    let events = bench.file("events.jsonl", EVENTS);
    let input = Input {
        leads: None,
        events: Some(Source::new(&events).expect("a known format")),
        columns: bench.columns.clone(),
        as_of: None,
    };
    let mut rejects = Rejects::new(None, false).expect("no list");
    let found = lead_history(
        &bench.engine,
        &input,
        Effort::default(),
        "scanned",
        &mut rejects,
        &|_| {},
    );
    let found = found.expect("read").expect("there");
    assert_eq!(found.facts.facts.len(), 1);
    assert!(
        found
            .held
            .iter()
            .all(|(event, held)| event.name == "Email Link Clicked" && held.rule == Rule::Burst)
    );
    assert_eq!(found.held.len(), 3);
}
