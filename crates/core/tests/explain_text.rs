//! A ledger and the ways to qualify, as a terminal and a client see them.

#![expect(
    clippy::needless_raw_string_hashes,
    reason = "expect-test writes its snapshots with them"
)]

use std::sync::Arc;

use bellwether_core::agreement::check;
use bellwether_core::domain::{Event, EventKind, Period, Properties, Timestamp, Traits, Value};
use bellwether_core::engine::{Engine, Returned};
use bellwether_core::explain::{History, HistoryFact, explain, ways};
use expect_test::{Expect, expect};

const AGREEMENT: &str = r#"
[agreement]
name = "Acme"
timezone = "UTC"

[[fit]]
name  = "Seniority"
cases = [
  { when = { seniority = "c_suite" }, points = 20 },
  { when = { seniority = ["vp", "director"] }, points = 15 },
]

[[fit]]
name   = "Company size in our market"
when   = { employees = { min = 50, max = 500 } }
points = 10

[[fit]]
name   = "Personal mailbox"
when   = { email_kind = "free" }
points = -5

[[intent]]
name   = "Requested a demo"
level  = "high"
on     = "Demo Requested"
points = 50
max    = 1

[[intent]]
name   = "Visited pricing"
level  = "high"
on     = { page = "/pricing*" }
points = [15, 10]
decay  = { half_life = "30d" }

[[intent]]
name   = "Pricing three times in a week"
level  = "high"
on     = { page = "/pricing*" }
count  = 3
within = "7d"
points = 25

[[intent]]
name   = "Downloaded an ebook"
level  = "low"
group  = "Content"
on     = { event = "Asset Downloaded", kind = "ebook" }
points = 5
decay  = { over = "180d" }

[[intent]]
name   = "Went quiet"
quiet  = "30d"
points = -10

[[group]]
name = "Content"
max  = 12

[qualify]
score  = 65
fit    = 10
intent = 20
fast   = ["Demo Requested"]

[[disqualify]]
name = "Competitor"
when = { domain = "rival.example" }

[grades]
fit    = { A = 25, B = 10 }
intent = { 1 = 60, 2 = 30, 3 = 10 }

[[rejection]]
reason = "No budget"
again  = "90d"
"#;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn event(
    ts: &str,
    kind: EventKind,
    name: &str,
    path: Option<&str>,
    properties: &[(&str, &str)],
) -> HistoryFact {
    let properties = properties
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
    HistoryFact::Event(Event {
        ts: at(ts),
        kind,
        name: name.to_owned(),
        path: path.map(str::to_owned),
        properties: properties.collect::<Properties>(),
    })
}

fn pricing(ts: &str) -> HistoryFact {
    event(ts, EventKind::Page, "page", Some("/pricing"), &[])
}

fn ebook(ts: &str) -> HistoryFact {
    event(
        ts,
        EventKind::Track,
        "Asset Downloaded",
        None,
        &[("kind", "ebook"), ("name", "Scoring")],
    )
}

fn demo(ts: &str) -> HistoryFact {
    event(ts, EventKind::Track, "Demo Requested", None, &[])
}

fn lead(traits: &[(&str, &str)], facts: Vec<HistoryFact>) -> History {
    let base = traits
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
    History {
        base: base.collect::<Traits>(),
        always_known: true,
        facts,
    }
}

const ANA: [(&str, &str); 3] = [
    ("email", "ana@acme.example"),
    ("title", "VP Marketing"),
    ("employees", "300"),
];

fn show(history: &History, t: &str, expected: &Expect) {
    let engine = Engine::new(Arc::new(check(AGREEMENT).agreement.unwrap()));
    let ledger = explain(&engine, history, at(t));
    expected.assert_eq(&format!("{ledger}\n{}", ways(&engine, history, at(t), 3)));
}

#[test]
fn a_lead_that_qualified_by_a_raised_hand() {
    let facts = vec![
        ebook("2025-11-01T10:00:00Z"),
        ebook("2026-01-02T10:00:00Z"),
        ebook("2026-01-03T10:00:00Z"),
        pricing("2025-12-16T08:00:00Z"),
        pricing("2026-01-14T08:00:00Z"),
        pricing("2026-01-15T09:00:00Z"),
        demo("2026-01-15T09:05:00Z"),
    ];
    show(
        &lead(&ANA, facts),
        "2026-01-15T12:00:00Z",
        &expect![[r#"
        qualified 2026-01-15 09:05 UTC by Demo Requested; now 111.772 = fit 25 + intent 86.772: Requested a demo +50, Visited pricing +24.772, Seniority +15  [A1]
        as of 2026-01-15 12:00 UTC

        Fit           25
              +15  Seniority                      seniority = vp
              +10  Company size in our market     employees = 300
        Intent    86.772
              +50  Requested a demo
                     2026-01-15 09:05 UTC  Demo Requested: +50
          +24.772  Visited pricing                half-life 30 d; 1 over what counts
                     2026-01-15 09:00 UTC  page /pricing: +15
                     2026-01-14 08:00 UTC  page /pricing: +9.772 of 10 after 1 day
                0  Pricing three times in a week  2 of 3 towards the next
          +12.223  Downloaded an ebook            fades over 180 d
                     2026-01-03 10:00 UTC  Asset Downloaded kind = ebook: +4.667 of 5 after 12 days
                     2026-01-02 10:00 UTC  Asset Downloaded kind = ebook: +4.639 of 5 after 13 days
                     2025-11-01 10:00 UTC  Asset Downloaded kind = ebook: +2.917 of 5 after 75 days
           -0.223  `Content` is cut at 12
        Score    111.772

        The line
          reached  score 111.772 of 65
          reached  fit 25 of 10
          reached  intent 86.772 of 20
          at once  demo requested
        Qualified 2026-01-15 09:05 UTC by Demo Requested (cycle 1)

        No ways to qualify from here: it qualified already, on 2026-01-15 09:05 UTC
    "#]],
    );
}

#[test]
fn a_lead_that_is_short_of_the_line() {
    let facts = vec![pricing("2026-01-14T08:00:00Z"), pricing("2026-01-15T09:00:00Z")];
    show(
        &lead(&[("email", "sam@gmail.com")], facts),
        "2026-01-15T12:00:00Z",
        &expect![[r#"
            not qualified, fit -5 is 15 short of 10 (and 1 more reason); 19.772 = fit -5 + intent 24.772: Visited pricing +24.772  [D3]
            as of 2026-01-15 12:00 UTC

            Fit           -5
              unknown  Seniority                      seniority = unknown
              unknown  Company size in our market     employees = missing
                   -5  Personal mailbox               email_kind = free
                       2 of 4 fields known; unknown: employees, seniority; open: up to 30 more
            Intent    24.772
              +24.772  Visited pricing                half-life 30 d
                         2026-01-15 09:00 UTC  page /pricing: +15
                         2026-01-14 08:00 UTC  page /pricing: +9.772 of 10 after 1 day
                    0  Pricing three times in a week  2 of 3 towards the next
            Score     19.772

            The line
              missing  score 19.772 of 65: 45.228 short
              missing  fit -5 of 10: 15 short
              reached  intent 24.772 of 20
              at once  demo requested
            Not qualified (cycle 1)
              fit -5 is 15 short of 10
              score 19.772 is 45.228 short of 65

            The shortest ways to qualify from here
              1. `demo requested`, then seniority is c_suite (score 89.772)
              2. `demo requested`, then seniority is vp (score 84.772)
              3. `/pricing`, then seniority is c_suite (score 65)
        "#]],
    );
}

#[test]
fn a_competitor_has_no_way() {
    let facts = vec![demo("2026-01-15T09:05:00Z")];
    show(
        &lead(&[("email", "ana@rival.example"), ("title", "CEO")], facts),
        "2026-02-20T12:00:00Z",
        &expect![[r#"
            not qualified, excluded by `Competitor` (and 1 more reason); 60 = fit 20 + intent 40: Requested a demo +50, Seniority +20  [B2]
            as of 2026-02-20 12:00 UTC

            Fit           20
                  +20  Seniority                      seniority = c_suite
              unknown  Company size in our market     employees = missing
                       3 of 4 fields known; unknown: employees; open: up to 10 more
            Intent        40
                  +50  Requested a demo
                         2026-01-15 09:05 UTC  Demo Requested: +50
                  -10  Went quiet                     nothing since 2026-01-15 09:05 UTC
            Score         60

            The line
              missing  score 60 of 65: 5 short
              reached  fit 20 of 10
              reached  intent 40 of 20
              at once  demo requested
            Not qualified (cycle 1)
              excluded by `Competitor`
              score 60 is 5 short of 65

            No ways to qualify from here: no set of up to 3 further steps is enough: it is excluded by `Competitor`
        "#]],
    );
}

#[test]
fn a_visitor_that_was_sent_back() {
    let returned = Returned {
        again: Some(Period::from_days(90)),
    };
    let facts = vec![
        HistoryFact::Known(at("2026-01-01")),
        demo("2026-01-15T09:05:00Z"),
        HistoryFact::SentBack(at("2026-01-20T09:00:00Z"), returned),
        pricing("2026-01-25T08:00:00Z"),
    ];
    let history = History {
        always_known: false,
        ..lead(&ANA, facts)
    };
    show(
        &history,
        "2026-01-25T12:00:00Z",
        &expect![[r#"
        not qualified, sent back on 2026-01-20 09:00 UTC, it may not qualify again before 2026-04-20 09:00 UTC (and 1 more reason); 90 = fit 25 + intent 65: Requested a demo +50, Seniority +15, Visited pricing +15  [A1]
        as of 2026-01-25 12:00 UTC

        Fit           25
              +15  Seniority                      seniority = vp
              +10  Company size in our market     employees = 300
        Intent        65
              +50  Requested a demo
                     2026-01-15 09:05 UTC  Demo Requested: +50
              +15  Visited pricing                half-life 30 d
                     2026-01-25 08:00 UTC  page /pricing: +15
                0  Pricing three times in a week  1 of 3 towards the next
        Score         90

        The line
          reached  score 90 of 65
          reached  fit 25 of 10
          reached  intent 65 of 20
          at once  demo requested
        Not qualified (cycle 2)
          sent back on 2026-01-20 09:00 UTC, it may not qualify again before 2026-04-20 09:00 UTC
          intent since it was sent back on 2026-01-20 09:00 UTC is 15, short of 20

        No ways to qualify from here: no set of up to 3 further steps is enough: sent back on 2026-01-20 09:00 UTC, it may not qualify again before 2026-04-20 09:00 UTC; intent since it was sent back on 2026-01-20 09:00 UTC is 15, short of 20
    "#]],
    );
}

#[test]
fn nobody_yet() {
    show(
        &History::default(),
        "2026-01-25T12:00:00Z",
        &expect![[r#"
            not qualified, nobody that one could reach: no email, phone or external id is known (and 3 more reasons); 0 = fit 0 + intent 0  [D4]
            as of 2026-01-25 12:00 UTC

            Fit            0
              unknown  Seniority                      seniority = unknown
              unknown  Company size in our market     employees = missing
              unknown  Personal mailbox               email_kind = none
                       0 of 4 fields known; unknown: domain, email_kind, employees, seniority; open: up to 30 more or 5 less
            Intent         0
            Score          0

            The line
              missing  score 0 of 65: 65 short
              missing  fit 0 of 10: 10 short
              missing  intent 0 of 20: 20 short
              at once  demo requested
            Not qualified (cycle 1)
              nobody that one could reach: no email, phone or external id is known
              fit 0 is 10 short of 10
              score 0 is 65 short of 65
              intent 0 is 20 short of 20

            The shortest ways to qualify from here
              1. `demo requested`, then becoming known by an email, phone or external id, then seniority is c_suite (score 70)
              2. `demo requested`, then becoming known by an email, phone or external id, then seniority is vp (score 65)
              3. `demo requested`, then becoming known by an email, phone or external id, then employees is 50 (score 60)
        "#]],
    );
}

#[test]
fn names_from_outside_cannot_move_the_terminal() {
    let engine = Engine::new(Arc::new(check(AGREEMENT).agreement.unwrap()));
    let facts = vec![event(
        "2026-01-15T09:05:00Z",
        EventKind::Page,
        "page",
        Some("/pricing\u{1b}[2J\nQualified"),
        &[],
    )];
    let text = explain(
        &engine,
        &lead(&[("title", "VP\u{1b}[31m")], facts),
        at("2026-01-16"),
    )
    .render_text();
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    assert!(!text.lines().any(|line| line.starts_with("Qualified")), "{text}");
}

#[test]
fn json_writes_points_and_times_as_texts() {
    let engine = Engine::new(Arc::new(check(AGREEMENT).agreement.unwrap()));
    let facts = vec![pricing("2025-12-16T08:00:00Z")];
    let ledger = explain(&engine, &lead(&ANA, facts), at("2026-01-15T08:00:00Z"));
    let json = serde_json::to_value(&ledger).unwrap();
    assert_eq!(json["at"], "2026-01-15T08:00:00.000Z");
    assert_eq!(json["fit"][1]["points"], "10.000");
    let found = &json["intent"][1]["counted"]["matches"]["matches"][0];
    let expected = serde_json::json!({
        "at": "2025-12-16T08:00:00.000Z",
        "kind": "page",
        "event": "page",
        "detail": "/pricing",
        "full": "15.000",
        "age_days": 30,
        "factor_ppm": 500_000,
        "points": "7.500",
    });
    assert_eq!(found, &expected);
    assert_eq!(json["intent"][4]["counted"]["quiet"]["holds"], true);
    let ways = serde_json::to_value(ways(&engine, &lead(&ANA, Vec::new()), at("2026-01-15"), 1)).unwrap();
    let step = serde_json::json!({
        "kind": "event", "rule": "Requested a demo", "event": "demo requested", "times": 1, "fast": true,
    });
    assert_eq!(ways["ways"][0]["steps"], serde_json::json!([step]));
}
