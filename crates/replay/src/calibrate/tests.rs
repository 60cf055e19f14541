//! Whole calibrations on leads that were made up, whose truth is known.

mod events;
mod found;
mod lines;

use std::collections::BTreeMap;

use bellwether_core::agreement::{Agreement, check};
use bellwether_core::domain::{Event, EventKind, Number, Properties, Timestamp, Traits, Value};
use bellwether_core::explain::{History, HistoryFact};

use super::numbers::{chance, real};
use super::seeded::Seeded;
use super::*;
use crate::outcomes::{Fate, Outcome, Outcomes};

const DAY_MS: i64 = 86_400_000;

const FILE: &str = r#"# The agreement of a test.
[agreement]
name = "Made up"

[fields]
seats = "number"
plan = "text"
signed = "bool"

[[fit]]
name = "Size"   # as sales sees it
cases = [
  { when = { employees = { min = 500 } }, points = 5 },
  { when = { employees = { min = 50 } }, points = 20 }, # our market
]
[[fit]]
name = "Personal mailbox"
when = { email_kind = "free" }
points = 10

[[intent]]
name = "Asked for prices"
level = "high"
on = "Prices Requested"
points = 10
max = 3
decay = { half_life = "30d" }

[[intent]]
name = "Read the blog"
level = "low"
group = "Content"
on = "Blog Read"
points = 15

[[group]]
name = "Content"
max = 30

[qualify]
score = 60
"#;

/// Leads in memory.
#[derive(Clone, Default)]
struct MadeUp {
    leads: BTreeMap<String, History>,
    outcomes: BTreeMap<String, (bool, Option<Timestamp>)>,
}

impl Leads for MadeUp {
    fn count(&self) -> u32 {
        u32::try_from(self.leads.len()).expect("few")
    }

    fn id(&self, lead: u32) -> &str {
        self.leads.keys().nth(lead as usize).map_or("", String::as_str)
    }

    fn find(&self, id: &str) -> Option<u32> {
        let at = self.leads.keys().position(|known| known == id)?;
        u32::try_from(at).ok()
    }

    fn facts(&self, lead: u32) -> History {
        self.leads
            .values()
            .nth(lead as usize)
            .cloned()
            .unwrap_or_default()
    }
}

fn day(day: i64) -> Timestamp {
    Timestamp::from_ms_clamped(1_700_000_000_000 + day * DAY_MS)
}

fn event(ts: Timestamp, name: &str) -> HistoryFact {
    HistoryFact::Event(Event {
        ts,
        kind: EventKind::Track,
        name: name.to_owned(),
        path: None,
        properties: Properties::new(),
    })
}

fn number(value: usize) -> Value {
    Value::Number(Number::new(real(value)).expect("finite"))
}

/// Leads over four hundred days. What speaks for a lead is size and asking for prices, against it a personal mailbox;
/// `direction` says by how much, for a lead of that day.
fn made_up(count: usize, seed: u64, direction: impl Fn(i64) -> f64) -> MadeUp {
    let (mut all, mut draw) = (MadeUp::default(), Seeded::new(seed, 77));
    for at in 0..count {
        let begins = i64::try_from(draw.below(400)).expect("few");
        let (employees, free) = (draw.below(1_000), draw.below(3) == 0);
        let (prices, blogs, plan) = (
            draw.below(4),
            draw.below(4),
            ["basic", "pro", "max"][draw.below(3)],
        );
        let email = if free { "ana@gmail.com" } else { "ana@acme.example" };
        let base = Traits::from([
            ("employees".to_owned(), number(employees)),
            ("email".to_owned(), Value::from(email)),
            ("plan".to_owned(), Value::from(plan)),
        ]);
        let mut facts = vec![HistoryFact::Created(day(begins))];
        facts.extend((0..prices).map(|_| event(day(begins + 1), "Prices Requested")));
        facts.extend((0..blogs).map(|_| event(day(begins + 2), "Blog Read")));
        let size = if employees >= 500 {
            1.5
        } else if employees >= 50 {
            0.3
        } else {
            -1.0
        };
        let worth =
            size + 0.7 * real(prices) - if free { 1.5 } else { 0.0 } + if plan == "max" { 1.2 } else { 0.0 };
        let odds = direction(begins) * (worth - 1.0) - 0.5;
        let won = real(draw.below(1_000_000)) / 1e6 < chance(odds);
        let id = format!("lead-{at:05}");
        all.outcomes.insert(id.clone(), (won, Some(day(begins + 20))));
        all.leads.insert(
            id,
            History {
                base,
                always_known: true,
                facts,
            },
        );
    }
    all
}

fn outcomes_of(leads: &MadeUp) -> Outcomes {
    let mut outcomes = Outcomes::default();
    for (id, (won, at)) in &leads.outcomes {
        outcomes.add(
            id,
            Outcome {
                fate: if *won { Fate::Won } else { Fate::Lost },
                at: *at,
                amount_thousandths: None,
                currency: None,
                reason: None,
            },
        );
    }
    outcomes
}

fn calibrated(leads: &MadeUp, options: &CalibrateOptions) -> Calibration {
    let agreement = Agreement::parse(FILE).expect("it is in order");
    calibrate(FILE, &agreement, leads, &outcomes_of(leads), options).expect("it can be tried")
}

fn reasons(found: &Calibration) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = found
        .report
        .refusals
        .iter()
        .map(|refusal| refusal.reason)
        .collect();
    reasons.sort_unstable();
    reasons.dedup();
    reasons
}

#[test]
fn points_are_found_that_rank_better_and_only_points_change() {
    let leads = made_up(1_500, 1, |_| 1.0);
    let found = calibrated(&leads, &CalibrateOptions::default());
    assert_eq!(reasons(&found), [], "{}", found.report.to_text());
    let text = found.agreement.clone().expect("nothing speaks against it");
    assert!(check(&text).agreement.is_some(), "{text}");
    let without_digits = |text: &str| {
        text.replace(
            |character: char| character.is_ascii_digit() || character == '-',
            "",
        )
    };
    assert_eq!(without_digits(&text), without_digits(FILE));
    let tried = found.report.tried.as_ref().expect("it was tried");
    assert!(tried.gain.low > 0.0 && matches!(tried.how, How::Time { .. }));
    let becomes = |rule: &str| {
        let line = found.report.points.iter().find(|line| line.rule == rule);
        line.map(|line| line.becomes.parse::<i32>().expect("whole"))
            .expect("there")
    };
    assert!(becomes("Personal mailbox") < 0, "{text}");
    assert!(becomes("Asked for prices") > becomes("Read the blog"), "{text}");
    assert!(becomes("Read the blog") >= 0, "a level says up");
    let line = found.report.line.expect("there is a line");
    assert!((line.share_after - line.share_before).abs() < 0.05, "{line:?}");
    assert_eq!(
        calibrated(&leads, &CalibrateOptions::default()).agreement,
        Some(text)
    );
}

#[test]
fn limits_hold() {
    let leads = made_up(1_500, 1, |_| 1.0);
    let options = CalibrateOptions {
        points_max: 7,
        discover: true,
        ..CalibrateOptions::default()
    };
    let found = calibrated(&leads, &options);
    for line in &found.report.points {
        let points: i32 = line.becomes.parse().expect("whole");
        assert!(points.abs() <= 7, "{line:?}");
    }
}

#[test]
fn rules_are_found_that_nobody_wrote() {
    let leads = made_up(2_000, 2, |_| 1.0);
    let options = CalibrateOptions {
        discover: true,
        ..CalibrateOptions::default()
    };
    let found = calibrated(&leads, &options);
    assert_eq!(reasons(&found), [], "{}", found.report.to_text());
    let text = found.agreement.expect("nothing speaks against it");
    assert!(check(&text).agreement.is_some(), "{text}");
    assert!(text.contains("name = \"Found: plan by value\""), "{text}");
    let of = |method: &str| {
        let tried = found.report.tried.as_ref().expect("it was tried");
        tried
            .methods
            .iter()
            .find(|one| one.method == method)
            .map(|one| one.auc)
            .expect("there")
    };
    let plain = calibrated(&leads, &CalibrateOptions::default());
    let plain = plain.report.tried.expect("it was tried").methods[0].auc;
    assert!(of("new points") > plain + 0.01, "{} {plain}", of("new points"));
}

#[test]
fn shuffled_outcomes_are_refused_whatever_the_seed() {
    let mut with_rules = 0;
    for seed in 0..20 {
        let mut leads = made_up(600, 100 + seed, |_| 1.0);
        let mut said: Vec<(bool, Option<Timestamp>)> = leads.outcomes.values().copied().collect();
        Seeded::new(seed, 5).shuffle(&mut said);
        for (outcome, shuffled) in leads.outcomes.values_mut().zip(said) {
            outcome.0 = shuffled.0;
        }
        for discover in [false, true] {
            let options = CalibrateOptions {
                discover,
                seed,
                ..CalibrateOptions::default()
            };
            let found = calibrated(&leads, &options);
            assert!(
                found.agreement.is_none(),
                "seed {seed}: {}",
                found.report.to_text()
            );
            assert!(!found.report.refusals.is_empty());
            with_rules += usize::from(found.report.points.iter().any(|line| line.was.is_none()));
        }
    }
    // Where all is luck, hardly ever does anything look like a rule.
    assert!(with_rules <= 3, "{with_rules}");
}

#[test]
fn a_field_that_knows_the_outcome_is_a_leak() {
    let mut leads = made_up(800, 4, |_| 1.0);
    let outcomes = leads.outcomes.clone();
    for (id, facts) in &mut leads.leads {
        let signed = if outcomes[id].0 { "true" } else { "false" };
        facts.base.insert("signed".to_owned(), Value::from(signed));
    }
    let options = CalibrateOptions {
        discover: true,
        ..CalibrateOptions::default()
    };
    let found = calibrated(&leads, &options);
    assert_eq!(reasons(&found), [Reason::Leak], "{}", found.report.to_text());
    assert_eq!(found.report.refusals.len(), 1);
    assert!(
        found.report.refusals[0]
            .message
            .starts_with("the field `signed` knows the outcome")
    );
    assert!(found.agreement.is_none());
}

#[test]
fn an_event_of_some_won_leads_only_is_a_leak_and_so_is_one_that_comes_with_the_outcome() {
    let mut leads = made_up(1_200, 5, |_| 1.0);
    let outcomes = leads.outcomes.clone();
    for (at, (id, facts)) in leads.leads.iter_mut().enumerate() {
        let (won, decided) = outcomes[id];
        let decided = decided.expect("dated");
        facts
            .facts
            .retain(|fact| !matches!(fact, HistoryFact::Event(event) if event.name == "Blog Read"));
        if won {
            // The outcome is written down on the evening of the day on which the contract came.
            let before = Timestamp::from_ms_clamped(decided.ms() - 3_600_000);
            facts
                .facts
                .extend((at % 2 == 0).then(|| event(before, "Contract Received")));
            facts.facts.push(event(decided, "Blog Read"));
        }
    }
    let options = CalibrateOptions {
        discover: true,
        ..CalibrateOptions::default()
    };
    let found = calibrated(&leads, &options);
    let said = found.report.to_text();
    assert_eq!(reasons(&found), [Reason::Leak], "{said}");
    // Each is said once, however many rules the event is.
    let messages: Vec<&str> = found
        .report
        .refusals
        .iter()
        .map(|refusal| refusal.message.as_str())
        .collect();
    let [rule, event] = messages.as_slice() else {
        panic!("{said}")
    };
    assert!(
        rule.contains("the rule `Read the blog` knows the outcome")
            && rule.contains("only with their outcome"),
        "{rule}"
    );
    assert!(
        event.starts_with("the event `Contract Received` knows the outcome: of the "),
        "{event}"
    );
}

#[test]
fn what_inverts_over_time_is_refused() {
    for (turns, seed) in [(120, 6), (200, 7), (280, 8)] {
        let leads = made_up(2_000, seed, |day| if day < turns { 1.0 } else { -1.0 });
        let found = calibrated(&leads, &CalibrateOptions::default());
        assert!(
            reasons(&found).contains(&Reason::RankingInverts),
            "{turns}: {}",
            found.report.to_text()
        );
        assert!(found.agreement.is_none());
    }
}

#[test]
fn too_few_outcomes_are_said_to_be_too_few() {
    let found = calibrated(&made_up(50, 7, |_| 1.0), &CalibrateOptions::default());
    assert_eq!(reasons(&found), [Reason::TooFewOutcomes]);
    assert!(html(&found.report).contains("too-few-outcomes"));
}

#[test]
fn an_agreement_that_is_as_good_already_is_left() {
    let leads = made_up(1_500, 8, |_| 1.0);
    let text = calibrated(&leads, &CalibrateOptions::default())
        .agreement
        .expect("better");
    let agreement = Agreement::parse(&text).expect("in order");
    let outcomes = outcomes_of(&leads);
    let again = calibrate(&text, &agreement, &leads, &outcomes, &CalibrateOptions::default()).expect("tried");
    assert_eq!(reasons(&again), [Reason::NoBetter], "{}", again.report.to_text());
}

#[test]
fn what_comes_with_the_outcome_or_after_it_changes_nothing() {
    let leads = made_up(600, 9, |_| 1.0);
    let mut later = leads.clone();
    for (id, facts) in &mut later.leads {
        let decided = leads.outcomes[id].1.expect("dated");
        facts.facts.push(event(decided, "Unheard Of"));
        let after = Timestamp::from_ms_clamped(decided.ms() + DAY_MS);
        let learned = Traits::from([("plan".to_owned(), Value::from("customer"))]);
        facts.facts.push(HistoryFact::Traits(
            after,
            bellwether_core::domain::TraitSource::Stated,
            learned,
        ));
    }
    let options = CalibrateOptions {
        discover: true,
        ..CalibrateOptions::default()
    };
    assert_eq!(
        calibrated(&leads, &options).report,
        calibrated(&later, &options).report
    );
}

#[test]
fn what_was_learned_after_the_instant_that_is_asked_for_does_not_exist() {
    let mut leads = made_up(1_500, 12, |_| 1.0);
    let as_of = day(250);
    let later = Timestamp::from_ms_clamped(as_of.ms() + 1);
    for (number, (id, facts)) in leads.leads.iter_mut().enumerate() {
        if number % 40 == 0 {
            // Somebody whom one couldn't reach by then was no lead.
            facts.always_known = false;
            facts.facts.push(HistoryFact::Known(later));
        }
        // Who was lost by then is won back later, and all do what they hadn't done.
        let (won, decided) = leads.outcomes[id];
        facts.facts.extend((0..3).map(|_| event(later, "Came Back")));
        if won && decided > Some(as_of) {
            let learned = Traits::from([("plan".to_owned(), Value::from("customer"))]);
            let written = HistoryFact::Traits(later, bellwether_core::domain::TraitSource::Stated, learned);
            facts.facts.push(written);
        }
    }
    let mut known = leads.clone();
    known.leads.retain(|_, facts| {
        facts.facts.iter().any(|fact| fact.ts() <= as_of) && !facts.facts.contains(&HistoryFact::Known(later))
    });
    for facts in known.leads.values_mut() {
        facts.facts.retain(|fact| fact.ts() <= as_of);
    }
    known
        .outcomes
        .retain(|id, (_, at)| known.leads.contains_key(id) && *at <= Some(as_of));
    let then = CalibrateOptions {
        discover: true,
        as_of: Some(as_of),
        ..CalibrateOptions::default()
    };
    let mut found = calibrated(&leads, &then);
    let note = format!("everything is as it was known at {as_of}, so that the outcomes of ");
    assert!(
        found.report.notes[0].starts_with(&note),
        "{:?}",
        found.report.notes
    );
    assert_eq!(
        found.report.counts.won + found.report.counts.lost,
        known.outcomes.len()
    );
    assert!(found.report.counts.undecided > 20 && found.report.counts.leads == known.leads.len());
    let all_there_was = CalibrateOptions { as_of: None, ..then };
    let expected = calibrated(&known, &all_there_was);
    found.report.counts.decided_later = 0;
    found.report.notes.remove(0);
    assert_eq!(found.report, expected.report);
    assert_eq!(found.agreement, expected.agreement);
    assert!(!found.agreement.expect("written").contains("Came Back"));
}

#[test]
fn leads_without_times_are_dealt_into_folds_and_it_says_so() {
    let mut leads = made_up(900, 10, |_| 1.0);
    for outcome in leads.outcomes.values_mut() {
        outcome.1 = None;
    }
    for facts in leads.leads.values_mut() {
        facts.facts.clear();
    }
    let options = CalibrateOptions {
        discover: true,
        ..CalibrateOptions::default()
    };
    let found = calibrated(&leads, &options);
    let tried = found.report.tried.as_ref().expect("it was tried");
    assert!(
        matches!(
            tried.how,
            How::Folds {
                without_time: 900,
                ..
            }
        ),
        "{:?}",
        tried.how
    );
    assert!(found.report.to_text().contains("Not tried in the order of time"));
    assert_eq!(reasons(&found), [], "{}", found.report.to_text());
}

#[test]
fn the_page_needs_nothing_else_and_escapes_what_people_wrote() {
    let mut found = calibrated(&made_up(900, 11, |_| 1.0), &CalibrateOptions::default());
    found.report.agreement = "<script>alert('x')</script>".to_owned();
    let page = html(&found.report);
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script"));
    assert!(page.contains("<svg") && page.contains("light-dark(") && !page.contains("http://"));
    let json = serde_json::to_string(&found.report).expect("json");
    assert!(json.contains("\"by\":\"time\"") && json.contains("\"auc\""));
}
