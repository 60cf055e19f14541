//! Running an agreement's examples: each is judged at one fixed instant, so that it comes to the same on every day.
//!
//! The lead's traits hold from the beginning; its events end at that instant unless `ago` says otherwise, and where there
//! are none, its traits are learned then.

use std::sync::Arc;

use super::model::{Agreement, Example, ExampleEvent, Expectation};
use crate::domain::{EventView, Points, Timestamp, TraitSource, normalized_name};
use crate::engine::{Engine, Fact, LeadState, Score, Signature, TraitLog, apply};
use crate::profile::Profile;
use crate::suspect::sift;

/// 2026-01-15T12:00:00Z, the instant at which examples are judged.
pub const EXAMPLES_JUDGED_AT: Timestamp = Timestamp::from_ms_clamped(1_768_478_400_000);

/// What came of an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleOutcome {
    /// The example's name.
    pub name: String,
    /// Its line in the file, from 1.
    pub line: usize,
    /// Where it came to something else than was expected.
    pub mismatches: Vec<Mismatch>,
    /// What gave or took points, one line for each rule.
    pub ledger: Vec<String>,
}

/// An expectation that wasn't met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What was expected, by its key: `fit`.
    pub key: &'static str,
    /// The value that the file expects.
    pub expected: String,
    /// The value that it came to.
    pub found: String,
}

impl ExampleOutcome {
    /// Whether it came to all that was expected.
    pub fn passed(&self) -> bool {
        self.mismatches.is_empty()
    }
}

/// Runs all examples, in the file's order.
pub fn run_examples(agreement: &Agreement) -> Vec<ExampleOutcome> {
    if agreement.examples.is_empty() {
        return Vec::new();
    }
    let engine = Engine::new(Arc::new(agreement.clone()));
    agreement
        .examples
        .iter()
        .map(|example| run(&engine, example))
        .collect()
}

fn run(engine: &Engine, example: &Example) -> ExampleOutcome {
    let mut events = counted(engine, example);
    events.sort_by_key(|(ts, _)| *ts);
    let fit = engine.fit(&example.traits);
    let mut state: LeadState = LeadState::new(engine);
    state.learn_from_the_beginning(engine, fit);
    state.known_from_the_beginning(engine);
    if events.is_empty() {
        state.learn(engine, EXAMPLES_JUDGED_AT, fit);
    }
    let mut traits = TraitLog::default();
    traits.write(Timestamp::MIN, TraitSource::Stated, &example.traits);
    for (ts, signature) in events {
        apply(engine, &mut state, &mut traits, ts, &Fact::Event(signature));
    }
    let qualification = state.qualification(engine);
    let score = engine.score(&state, EXAMPLES_JUDGED_AT);
    let exclusion = state
        .fit()
        .disqualified_by
        .and_then(|at| engine.agreement().disqualify.get(at));
    let found = Found {
        qualified: qualification.is_some(),
        score,
        grade: engine.grade(score),
        disqualified_by: exclusion.map(|exclusion| exclusion.name.clone()),
        trigger: qualification.map(|qualification| qualification.trigger),
    };
    ExampleOutcome {
        name: example.name.clone(),
        line: example.line,
        mismatches: mismatches(&example.expect, &found),
        ledger: ledger(engine, example, &state),
    }
}

/// What an example's lead did, without what the agreement holds apart.
fn counted(engine: &Engine, example: &Example) -> Vec<(Timestamp, Arc<Signature>)> {
    let views: Vec<EventView<'_>> = example.events.iter().map(view).collect();
    let happened: Vec<_> = views
        .iter()
        .zip(&example.events)
        .flat_map(|(view, event)| {
            happened(engine, view, event)
                .into_iter()
                .map(move |one| (view, one))
        })
        .collect();
    let held = engine.agreement().suspect.as_ref().map(|rules| {
        let seen = happened.iter().map(|(view, (ts, _))| rules.see(*ts, view));
        sift(rules, &seen.collect::<Vec<_>>()).held
    });
    let held = held
        .unwrap_or_default()
        .into_iter()
        .chain(std::iter::repeat(None));
    let counted = happened.into_iter().zip(held).filter(|(_, held)| held.is_none());
    counted.map(|((_, one), _)| one).collect()
}

fn view(event: &ExampleEvent) -> EventView<'_> {
    EventView {
        kind: event.kind,
        name: &event.name,
        path: event.path.as_deref(),
        properties: &event.properties,
    }
}

/// The events that an entry stands for.
fn happened(engine: &Engine, view: &EventView<'_>, event: &ExampleEvent) -> Vec<(Timestamp, Arc<Signature>)> {
    let signature = Arc::new(engine.classify(view));
    let mut ts = EXAMPLES_JUDGED_AT.minus(event.ago);
    let mut all = Vec::with_capacity(event.times as usize);
    for _ in 0..event.times {
        all.push((ts, Arc::clone(&signature)));
        ts = ts.minus(event.every);
    }
    all
}

struct Found {
    qualified: bool,
    score: Score,
    grade: String,
    disqualified_by: Option<String>,
    trigger: Option<String>,
}

fn mismatches(expect: &Expectation, found: &Found) -> Vec<Mismatch> {
    let points = |key, expected: Option<Points>, found: Points| {
        let expected = expected.filter(|expected| *expected != found)?;
        Some(Mismatch {
            key,
            expected: expected.short(),
            found: found.short(),
        })
    };
    let name = |key, expected: &Option<String>, found: Option<&str>| {
        let differs = |expected: &&String| {
            found.is_none_or(|found| normalized_name(found) != normalized_name(expected))
        };
        let expected = expected.as_ref().filter(differs)?;
        Some(Mismatch {
            key,
            expected: expected.clone(),
            found: found.unwrap_or("none").to_owned(),
        })
    };
    let qualified = expect
        .qualified
        .filter(|expected| *expected != found.qualified)
        .map(|expected| Mismatch {
            key: "qualified",
            expected: expected.to_string(),
            found: found.qualified.to_string(),
        });
    let all = [
        qualified,
        points("fit", expect.fit, found.score.fit),
        points("intent", expect.intent, found.score.intent),
        points("score", expect.score, found.score.total()),
        name("grade", &expect.grade, Some(&found.grade)),
        name(
            "disqualified_by",
            &expect.disqualified_by,
            found.disqualified_by.as_deref(),
        ),
        name("trigger", &expect.trigger, found.trigger.as_deref()),
    ];
    all.into_iter().flatten().collect()
}

fn ledger(engine: &Engine, example: &Example, state: &LeadState) -> Vec<String> {
    let agreement = engine.agreement();
    let profile = Profile::new(&example.traits);
    let fit = agreement.fit.iter().filter_map(|rule| {
        let case = rule
            .cases
            .iter()
            .find(|case| case.when.holds(&|field| profile.field(field)))?;
        Some((rule.name.as_str(), case.points))
    });
    let mut room: Vec<Points> = agreement.groups.iter().map(|group| group.max).collect();
    let intent = agreement
        .intent
        .iter()
        .zip(state.points_by_rule(engine, EXAMPLES_JUDGED_AT))
        .map(|(rule, points)| {
            let points = match rule.group.and_then(|at| room.get_mut(at)) {
                Some(left) if points.is_positive() => {
                    let given = points.min(*left);
                    *left = *left - given;
                    given
                }
                _ => points,
            };
            (rule.name.as_str(), points)
        });
    let lines = fit.chain(intent).filter(|(_, points)| *points != Points::ZERO);
    lines
        .map(|(name, points)| format!("{name} {}", points.short()))
        .collect()
}
