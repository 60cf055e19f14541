//! Files of outcomes: what is taken, what is refused and why, and which row of several holds.

use bellwether_replay::outcomes::{Fate, Outcomes};
use bellwether_replay::{ColumnMap, Reason, Rejects, ReplayError, Source};

use crate::support::Bench;

/// What a file says, and what of it was refused or doubted.
fn read(name: &str, text: &str, map: &str) -> (Result<Outcomes, ReplayError>, Vec<(Reason, u64)>) {
    let bench = Bench::new();
    let source = Source::new(&bench.file(name, text)).expect("a known format");
    let columns = if map.is_empty() {
        ColumnMap::default()
    } else {
        map.parse().expect("a map")
    };
    let mut rejects = Rejects::new(None, false).expect("no list");
    let read = Outcomes::read(&source, &columns, &mut rejects, &|_| {});
    let counts = rejects.counts().iter();
    (read, counts.map(|(reason, count)| (*reason, *count)).collect())
}

fn furthest(outcomes: &Outcomes) -> Vec<(&str, Fate, String)> {
    let leads = outcomes.iter().filter_map(|(lead, said)| {
        let row = said.furthest()?;
        Some((
            lead,
            row.fate,
            row.at.map_or_else(String::new, |at| at.to_string()),
        ))
    });
    leads.collect()
}

#[test]
fn the_furthest_fate_holds_and_bad_rows_are_counted_by_reason() {
    let text = "lead,outcome,at,amount,currency,reason\n\
        ana,accepted,2026-01-02,,,\n\
        ana,won,2026-02-01,\"1,200.50\",eur,\n\
        ana,won,2026-02-01,\"1,200.50\",eur,\n\
        bob,Closed Lost,,,,Price\n\
        cyd,rejected,2026-01-05,,,No budget\n\
        cyd,SQL,2026-03-05,,,\n\
        dan,won,1769904000,a lot,,\n\
        ,won,2026-01-01,,,\n\
        eve,,2026-01-01,,,\n\
        eve,maybe,2026-01-01,,,\n\
        eve,won,soon,,,\n\
        eve,won\n";
    let (outcomes, refused) = read("o.csv", text, "");
    let outcomes = outcomes.expect("a file of outcomes");
    assert_eq!(
        furthest(&outcomes),
        [
            ("ana", Fate::Won, "2026-02-01T00:00:00.000Z".to_owned()),
            ("bob", Fate::Lost, String::new()),
            ("cyd", Fate::Sql, "2026-03-05T00:00:00.000Z".to_owned()),
            ("dan", Fate::Won, "2026-02-01T00:00:00.000Z".to_owned()),
        ]
    );
    assert_eq!((outcomes.rows(), outcomes.len()), (6, 4));
    let ana = outcomes.get("ana").and_then(|said| said.furthest()).expect("ana");
    assert_eq!(
        (ana.amount_thousandths, ana.currency.as_deref()),
        (Some(1_200_500), Some("EUR"))
    );
    assert_eq!(
        refused,
        [
            (Reason::MissingLead, 1),
            (Reason::UnreadableTime, 1),
            (Reason::WrongCellCount, 1),
            (Reason::MissingOutcome, 1),
            (Reason::UnknownOutcome, 1),
            (Reason::UnreadableAmount, 1),
            (Reason::SameOutcome, 1),
        ]
    );
}

#[test]
fn every_format_says_the_same() {
    let csv = "lead;outcome;at\nana;won;2026-01-02\nbob;lost;\n";
    let jsonl = "{\"lead\":\"bob\",\"outcome\":\"lost\"}\n{\"lead\":\"ana\",\"outcome\":\"won\",\"at\":\"2026-01-02\"}\n";
    let from_csv = read("o.csv", csv, "").0.expect("outcomes");
    assert_eq!(from_csv, read("o.jsonl", jsonl, "").0.expect("outcomes"));
    assert_eq!(from_csv.len(), 2);
}

#[test]
fn columns_are_guessed_or_named_and_what_is_missing_is_told() {
    let text = "Case,Verdict,When\nana,won,2026-01-02\n";
    let (named, _) = read("o.csv", text, "outcome=Verdict,at=When");
    assert_eq!(
        furthest(&named.expect("outcomes")),
        [("ana", Fate::Won, "2026-01-02T00:00:00.000Z".to_owned())]
    );
    let error = read("o.csv", text, "").0.expect_err("no outcome");
    assert!(error.to_string().contains("--map outcome=COLUMN"), "{error}");
}
