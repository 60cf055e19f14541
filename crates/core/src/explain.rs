//! The ledger behind a score, and what is missing to qualify.
//!
//! **Invariant:** a ledger's lines sum to the score to the last millipoint, at any instant. Which events are matches and
//! what each gives is asked of the engine's own rules; nothing here decides it a second time.

mod contributions;
mod coverage;
mod history;
mod intent;
mod ledger;
mod samples;
mod standing;
mod text;
mod ways;
pub(crate) mod wire;
pub(crate) mod words;

pub use contributions::{Contributions, contributions};
pub use coverage::{Coverage, FitBounds, UnknownField, answers, coverage, fit_bounds};
pub use history::{Folded, History, HistoryFact};
pub use ledger::{
    Counted, CutLine, Earlier, FieldRead, FitLine, IntentLine, Ledger, MatchLine, NotCounted, Outcome,
    Qualified, QuietLine, Requirement, Totals, Waiting,
};
pub use ways::{Step, Way, Ways, ways};
pub use words::condition_in_words;

use crate::agreement::{Condition, FitRule};
use crate::domain::{Points, Timestamp, Value};
use crate::engine::{Engine, Score};
use crate::profile::Profile;

/// The ledger of a lead's score at `t`; facts after `t` don't exist.
pub fn explain(engine: &Engine, history: &History, t: Timestamp) -> Ledger {
    let mut folded = history.fold(engine, t);
    let score = engine.score(&folded.state, t);
    let traits = folded.traits.current();
    let profile = Profile::new(&traits);
    let fit = engine
        .agreement()
        .fit
        .iter()
        .map(|rule| fit_line(engine, rule, &profile))
        .collect();
    let intent = intent::lines(engine, &folded, t);
    let cuts = intent::cuts(engine, &intent);
    let (fit_shown, intent_shown, score_shown) = score.displayed(engine.agreement().clamp);
    let standing = standing::standing(engine, &mut folded, score, t);
    let mut ledger = Ledger {
        at: t,
        why: String::new(),
        fit,
        coverage: coverage(engine.agreement(), &profile),
        intent,
        cuts,
        totals: Totals {
            fit: score.fit,
            intent: score.intent,
            score: score.total(),
        },
        shown: Totals {
            fit: fit_shown,
            intent: intent_shown,
            score: score_shown,
        },
        grade: engine.grade(score),
        line: requirements(engine, score),
        fast: engine.agreement().qualify.fast.clone(),
        disqualified_by: standing::exclusion(engine, &folded),
        cycle: folded.state.cycle(),
        qualified: standing.qualified,
        held_back: standing.held_back,
    };
    ledger.why = ledger.in_one_line();
    ledger
}

fn fit_line(engine: &Engine, rule: &FitRule, profile: &Profile<'_>) -> FitLine {
    let held = rule
        .cases
        .iter()
        .enumerate()
        .find(|(_, case)| case.when.holds(&|field| profile.field(field)));
    let conditions: Vec<&Condition> = match held {
        Some((_, case)) => vec![&case.when],
        None => rule.cases.iter().map(|case| &case.when).collect(),
    };
    FitLine {
        rule: rule.name.clone(),
        points: held.map_or(Points::ZERO, |(_, case)| case.points),
        outcome: coverage::outcome(engine.agreement(), profile, rule),
        case: held.map(|(index, _)| index.saturating_add(1)),
        when: held.map(|(_, case)| condition_in_words(&case.when)),
        read: fields_read(&conditions, profile),
    }
}

fn fields_read(conditions: &[&Condition], profile: &Profile<'_>) -> Vec<FieldRead> {
    let mut fields = Vec::new();
    for condition in conditions {
        condition.visit_fields(&mut |field| {
            if !fields.contains(&field) {
                fields.push(field);
            }
        });
    }
    let read = fields.into_iter().map(|field| FieldRead {
        field: field.to_owned(),
        value: profile.field(field).map(crate::domain::ValueRef::to_value),
    });
    read.collect()
}

fn requirements(engine: &Engine, score: Score) -> Vec<Requirement> {
    let qualify = &engine.agreement().qualify;
    let drawn = [
        ("score", qualify.score, score.total()),
        ("fit", qualify.fit, score.fit),
        ("intent", qualify.intent, score.intent),
    ];
    let drawn = drawn
        .into_iter()
        .filter_map(|(of, line, has)| Some((of, line?, has)));
    drawn
        .map(|(of, needs, has)| Requirement {
            of,
            needs,
            has,
            lacks: (needs - has).positive(),
            reached: has >= needs,
        })
        .collect()
}

/// A value as it is shown: text in quotes only where it would be unclear.
fn shown_value(value: Option<&Value>) -> String {
    value.map_or_else(|| "missing".to_owned(), |value| words::plain(&value.to_string()))
}
