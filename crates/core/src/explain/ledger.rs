//! What a ledger holds. Points are written with three decimals and times in RFC 3339, both as texts.

use serde::Serialize;

use super::{Coverage, wire};
use crate::agreement::Level;
use crate::domain::{EventKind, Points, Timestamp, Value};

/// Every point behind a score at an instant.
///
/// The points of `fit` sum to the fit, those of `intent` and `cuts` to the intent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ledger {
    /// The instant that the score is asked for.
    #[serde(serialize_with = "wire::time")]
    pub at: Timestamp,
    /// Why it stands as it does, in one line.
    pub why: String,
    /// Who they are: every fit rule, in the agreement's order.
    pub fit: Vec<FitLine>,
    /// How much of what those and the exclusions ask is known.
    pub coverage: Coverage,
    /// What they do: every intent rule, in the agreement's order, before its group is cut.
    pub intent: Vec<IntentLine>,
    /// What the groups' caps take away; only those that do.
    pub cuts: Vec<CutLine>,
    /// Fit, intent and score.
    pub totals: Totals,
    /// The same as they are shown, each clamped.
    pub shown: Totals,
    /// Letter and number; empty without `[grades]`.
    pub grade: String,
    /// What the line asks for, and what there is.
    pub line: Vec<Requirement>,
    /// The events by which a hand-raiser qualifies at once.
    pub fast: Vec<String>,
    /// The exclusion that holds.
    pub disqualified_by: Option<String>,
    /// The first time, the second time …
    pub cycle: u32,
    /// When and why it qualified in this cycle.
    pub qualified: Option<Qualified>,
    /// Otherwise each reason why not.
    pub held_back: Vec<String>,
}

/// What one fit rule gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FitLine {
    /// The rule.
    pub rule: String,
    /// What it gives.
    #[serde(serialize_with = "wire::points")]
    pub points: Points,
    /// Whether it holds.
    pub outcome: Outcome,
    /// The case that holds, counted from 1.
    pub case: Option<usize>,
    /// That case in words.
    pub when: Option<String>,
    /// The fields that it read; where no case holds, the fields of all.
    pub read: Vec<FieldRead>,
}

/// Whether a rule holds. What isn't known is never taken for no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// One of its cases does.
    Holds,
    /// None does, whatever else may become known.
    No,
    /// None does as yet, and one may once a field that it reads is known.
    Unknown,
}

/// A field that a rule read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldRead {
    /// Its name.
    pub field: String,
    /// What stood there.
    pub value: Option<Value>,
}

/// What one intent rule gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IntentLine {
    /// The rule.
    pub rule: String,
    /// How strong a signal it is.
    pub level: Option<Level>,
    /// The group whose cap it shares.
    pub group: Option<String>,
    /// What it gives, before that cap.
    #[serde(serialize_with = "wire::points")]
    pub points: Points,
    /// How its points fade, in words.
    pub decay: Option<String>,
    /// What it gives them for.
    pub counted: Counted,
}

/// What a rule gives its points for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Events.
    Matches {
        /// The matches that give something, the newest first.
        matches: Vec<MatchLine>,
        /// What those give together that are too many to list.
        earlier: Option<Earlier>,
        /// The matches that give nothing.
        not_counted: NotCounted,
        /// Events that wait to be enough for a match.
        waiting: Option<Waiting>,
    },
    /// That nothing happened.
    Quiet(QuietLine),
}

/// A match that gives points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MatchLine {
    /// When it was.
    #[serde(serialize_with = "wire::time")]
    pub at: Timestamp,
    /// The kind of call it came by.
    pub kind: EventKind,
    /// The event's name.
    pub event: String,
    /// The page's path, or the properties that the rule reads.
    pub detail: Option<String>,
    /// What it gave on its day.
    #[serde(serialize_with = "wire::points")]
    pub full: Points,
    /// Its age in UTC days.
    pub age_days: i32,
    /// The share that is left, in millionths.
    pub factor_ppm: u32,
    /// What it gives.
    #[serde(serialize_with = "wire::points")]
    pub points: Points,
}

/// Matches that count but are too many to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Earlier {
    /// How many.
    pub matches: usize,
    /// What they give together.
    #[serde(serialize_with = "wire::points")]
    pub points: Points,
}

/// Matches that give nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct NotCounted {
    /// Because newer ones are all that `max`, or the list of points, lets count.
    pub over_max: usize,
    /// Because nothing is left of them at their age.
    pub faded: usize,
}

/// Events that wait to be enough for a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// How many there are.
    pub events: usize,
    /// How many it takes.
    pub of: u32,
}

/// A rule on silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct QuietLine {
    /// Since when it has been quiet.
    #[serde(serialize_with = "wire::time_opt")]
    pub since: Option<Timestamp>,
    /// Whether that is long enough.
    pub holds: bool,
}

/// What a group's cap takes away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CutLine {
    /// The group.
    pub group: String,
    /// The most that its positive points count for.
    #[serde(serialize_with = "wire::points")]
    pub max: Points,
    /// What they would have been.
    #[serde(serialize_with = "wire::points")]
    pub before: Points,
    /// What is taken away: less than zero.
    #[serde(serialize_with = "wire::points")]
    pub points: Points,
}

/// Fit, intent and score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Who they are.
    #[serde(serialize_with = "wire::points")]
    pub fit: Points,
    /// What they do.
    #[serde(serialize_with = "wire::points")]
    pub intent: Points,
    /// Both together.
    #[serde(serialize_with = "wire::points")]
    pub score: Points,
}

/// A line that the agreement draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Requirement {
    /// What it is drawn on: `score`, `fit` or `intent`.
    pub of: &'static str,
    /// What it asks for.
    #[serde(serialize_with = "wire::points")]
    pub needs: Points,
    /// What there is.
    #[serde(serialize_with = "wire::points")]
    pub has: Points,
    /// What is missing.
    #[serde(serialize_with = "wire::points")]
    pub lacks: Points,
    /// Whether it is reached.
    pub reached: bool,
}

/// That the lead qualified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Qualified {
    /// The first instant at which it did, in this cycle.
    #[serde(serialize_with = "wire::time")]
    pub at: Timestamp,
    /// What made it.
    pub trigger: String,
    /// Fit, intent and score at that instant.
    pub score: Totals,
}
