//! The agreement between marketing and sales: read from TOML, checked, and compiled into what the engine runs.
//!
//! [`Agreement`] is the compiled form; nothing in it refers to the file any more, so it can be shared and kept.
//! [`check`] says everything that is wrong with a file; [`Agreement::parse`] only whether it can be used.

mod condition;
mod example;
mod fields;
pub mod limits;
mod lint;
mod model;
mod parse;
mod pattern;
mod problem;
mod read;
mod schema;
mod shape;

pub(crate) use condition::AMOUNT_FIELDS;
pub use condition::{Condition, Test};
pub use example::{EXAMPLES_JUDGED_AT, ExampleOutcome, Mismatch, run_examples};
pub use lint::{LINTS, Lint, Observed, explain};
pub use model::{
    AccountModel, Agreement, Burst, Case, CommitteeRole, Count, Decay, Disqualify, EscalationAction,
    EscalationStep, Example, ExampleEvent, Expectation, FieldType, Fields, FitRule, Grades, Group, Handoff,
    IntentRule, Level, Limits, MailEvents, Matches, Message, NurtureStep, NurtureTrack, Pick, Priority,
    Qualify, Quiet, RejectionReason, Reply, Route, RuleKind, ScoreClamp, Silenced, Sla, SlaCondition,
    SlaHours, Speed, Suspect,
};
pub use pattern::{EventPattern, Glob};
pub(crate) use problem::nearest;
pub use problem::{Problem, Severity};
pub use schema::json_schema;

use problem::{BAD_TEMPLATE, Problems};

/// The help for a name that isn't known: the nearest known one, or all of them.
pub(crate) fn nearest_or_all(name: &str, known: &[&str]) -> String {
    problem::did_you_mean(name, known.iter().copied())
}

/// What came of checking a file.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The agreement; `None` where there are errors.
    pub agreement: Option<Agreement>,
    /// Everything that is wrong or doubtful, in the file's order.
    pub problems: Vec<Problem>,
}

/// Checks a whole file: its form, its names and types, its lints and its examples.
pub fn check(source: &str) -> Checked {
    checked(source, None)
}

/// Checks a whole file, also by what a history had to do with it.
pub fn check_observed(source: &str, observed: &Observed) -> Checked {
    checked(source, Some(observed))
}

fn checked(source: &str, observed: Option<&Observed>) -> Checked {
    let mut cx = Problems::new(source);
    let parsed = parse::parse(&mut cx, source);
    if let Some(parsed) = &parsed {
        lint::run(&mut cx, parsed, observed);
        report_failed_examples(&mut cx, parsed);
    }
    let agreement = parsed.map(|parsed| parsed.agreement);
    let agreement = agreement.filter(|_| !cx.has_errors());
    Checked {
        agreement,
        problems: cx.finish(),
    }
}

impl Agreement {
    /// Reads an agreement, without lints and without running its examples; on failure all errors, in the file's order.
    pub fn parse(source: &str) -> Result<Self, Vec<Problem>> {
        let mut cx = Problems::new(source);
        if let Some(parsed) = parse::parse(&mut cx, source) {
            return Ok(parsed.agreement);
        }
        let mut problems = cx.finish();
        problems.retain(|problem| problem.severity == Severity::Error);
        Err(problems)
    }

    /// Reads an agreement that was published once. A text that isn't right any more, since this version of the product
    /// knows other names, doesn't make what else was agreed unreadable: what it names and isn't there is empty, and it is
    /// among the warnings.
    pub fn parse_published(source: &str) -> Result<(Self, Vec<Problem>), Vec<Problem>> {
        let mut cx = Problems::of_published(source);
        let parsed = parse::parse(&mut cx, source);
        let mut problems = cx.finish();
        if let Some(parsed) = parsed {
            problems.retain(|problem| problem.code == BAD_TEMPLATE);
            return Ok((parsed.agreement, problems));
        }
        problems.retain(|problem| problem.severity == Severity::Error);
        Err(problems)
    }
}

fn report_failed_examples(cx: &mut Problems<'_>, parsed: &parse::Parsed) {
    for (outcome, place) in run_examples(&parsed.agreement)
        .iter()
        .zip(&parsed.places.examples)
    {
        if outcome.passed() {
            continue;
        }
        let differences: Vec<String> = outcome
            .mismatches
            .iter()
            .map(|one| format!("`{}` is {}, expected {}", one.key, one.found, one.expected))
            .collect();
        let message = format!(
            "example {} fails: {}",
            problem::quoted(&outcome.name),
            differences.join("; ")
        );
        let ledger = if outcome.ledger.is_empty() {
            "no rule gives any points".to_owned()
        } else {
            outcome.ledger.join(", ")
        };
        cx.error(
            "example-failed",
            place.clone(),
            message,
            format!("the points are: {ledger}"),
        );
    }
}
