//! The features of a calibration: each case of a fit rule and each intent rule of an agreement, with what it may come to.
//!
//! A score is a sum over these: a case gives its points where it is the first that holds, an intent rule its points times
//! what its matches, faded, amount to. So the weights of a logistic regression on them are points, up to a scale. A list of
//! points keeps its proportions and has one weight. What several rules of a group give is cut at the group's cap.

use std::ops::Range;
use std::sync::Arc;

use bellwether_core::agreement::{Agreement, IntentRule, RuleKind};
use bellwether_core::domain::Points;
use bellwether_core::engine::Engine;
use bellwether_core::explain::{Contributions, condition_in_words};

use super::draft::Draft;
use super::matrix::Matrix;
use super::numbers::whole;

/// The points that a rule is given to find what its matches amount to.
const PROBE: i32 = 1_000;

/// A case or an intent rule.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Feature {
    pub(super) of: Of,
    /// The rule's name.
    pub(super) rule: String,
    /// What it is about, in words; empty for an intent rule.
    pub(super) when: String,
    /// What it gives at present: of a list, the largest either way. What was found gives nothing yet.
    pub(super) points: f64,
    /// The list's proportions to that; `[1]` where there is none.
    pub(super) shape: Vec<f64>,
    /// The least and most that its sign allows: a rule with a level is a signal of its direction.
    pub(super) sign: Sign,
    /// The group whose cap it shares.
    pub(super) group: Option<usize>,
    /// Where it stands among what was found; `None` where it was written.
    pub(super) found: Option<Found>,
}

/// A case of a rule that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    /// Which of the drafts.
    pub(super) draft: usize,
    /// Whether its numbers follow on those of the case before.
    pub(super) follows: bool,
}

/// Where a feature stands in the agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Case { rule: usize, case: usize },
    Intent { rule: usize },
}

/// Which way a rule's points may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Any,
    Up,
    Down,
}

/// The features of an agreement and where those of each fit rule begin.
#[derive(Debug, Clone)]
pub(super) struct Features {
    pub(super) all: Vec<Feature>,
    first_of_fit: Vec<usize>,
    first_of_intent: usize,
    /// The groups' caps, in points.
    caps: Vec<f64>,
}

/// Fit and intent by some points.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sum {
    pub(super) fit: f64,
    pub(super) intent: f64,
}

impl Sign {
    /// The least and the most, of so much either way.
    pub(super) fn within(self, most: f64) -> (f64, f64) {
        match self {
            Self::Any => (-most, most),
            Self::Up => (0.0, most),
            Self::Down => (-most, 0.0),
        }
    }
}

impl Features {
    /// The features of an agreement whose last rules are drafts, those on who a lead is before those on what it did.
    pub(super) fn new(agreement: &Agreement, drafts: &[Draft]) -> Self {
        let fit_drafts = drafts
            .iter()
            .filter(|draft| matches!(draft, Draft::Fit(_)))
            .count();
        let fit_written = agreement.fit.len().saturating_sub(fit_drafts);
        let intent_written = agreement.intent.len().saturating_sub(drafts.len() - fit_drafts);
        let (mut all, mut first_of_fit) = (Vec::new(), Vec::new());
        for (rule, written) in agreement.fit.iter().enumerate() {
            first_of_fit.push(all.len());
            let draft = rule.checked_sub(fit_written);
            for (case, one) in written.cases.iter().enumerate() {
                let found = draft.map(|draft| Found {
                    draft,
                    follows: drafts.get(draft).is_some_and(|draft| draft.follows(case)),
                });
                all.push(Feature {
                    of: Of::Case { rule, case },
                    rule: written.name.clone(),
                    when: condition_in_words(&one.when),
                    points: if found.is_some() {
                        0.0
                    } else {
                        points_of(one.points)
                    },
                    shape: vec![1.0],
                    sign: Sign::Any,
                    group: None,
                    found,
                });
            }
        }
        let first_of_intent = all.len();
        for (rule, written) in agreement.intent.iter().enumerate() {
            let (points, shape) = shape_of(written);
            let found = rule.checked_sub(intent_written).map(|draft| Found {
                draft: fit_drafts + draft,
                follows: false,
            });
            all.push(Feature {
                of: Of::Intent { rule },
                rule: written.name.clone(),
                when: String::new(),
                points: if found.is_some() { 0.0 } else { points },
                shape,
                sign: match written.level {
                    Some(_) if points < 0.0 => Sign::Down,
                    Some(_) => Sign::Up,
                    None => Sign::Any,
                },
                group: written.group,
                found,
            });
        }
        Self {
            all,
            first_of_fit,
            first_of_intent,
            caps: agreement
                .groups
                .iter()
                .map(|group| points_of(group.max))
                .collect(),
        }
    }

    /// The features of each rule, fit rules first.
    pub(super) fn rules(&self) -> Vec<Range<usize>> {
        let ends = self
            .first_of_fit
            .iter()
            .skip(1)
            .copied()
            .chain([self.first_of_intent]);
        let fit = self
            .first_of_fit
            .iter()
            .copied()
            .zip(ends)
            .map(|(start, end)| start..end);
        let intent = (self.first_of_intent..self.all.len()).map(|at| at..at + 1);
        fit.chain(intent).collect()
    }

    /// A lead's row: what it has of each feature.
    pub(super) fn row(&self, given: &Contributions) -> Vec<(usize, f64)> {
        let cases = given.cases.iter().zip(&self.first_of_fit);
        let cases = cases.filter_map(|(case, first)| Some((first + (*case)?, 1.0)));
        let intent = given.intent.iter().enumerate();
        let intent =
            intent.map(|(rule, points)| (self.first_of_intent + rule, points_of(*points) / f64::from(PROBE)));
        cases.chain(intent).filter(|(_, value)| *value != 0.0).collect()
    }

    /// Fit and intent of a row by the points of each feature, groups cut.
    pub(super) fn sum(&self, row: &[(usize, f64)], points: &[f64]) -> Sum {
        let mut sum = Sum::default();
        let mut grouped = vec![0.0; self.caps.len()];
        for (column, value) in row {
            let (Some(feature), Some(points)) = (self.all.get(*column), points.get(*column)) else {
                continue;
            };
            let given = points * value;
            let group = feature.group.filter(|_| given > 0.0);
            match (feature.of, group.and_then(|group| grouped.get_mut(group))) {
                (Of::Case { .. }, _) => sum.fit += given,
                (Of::Intent { .. }, Some(group)) => *group += given,
                (Of::Intent { .. }, None) => sum.intent += given,
            }
        }
        let cut = grouped.iter().zip(&self.caps);
        sum.intent += cut.map(|(given, cap)| given.min(*cap)).sum::<f64>();
        sum
    }

    /// The rows as they are to be fitted: what is in a group counts by the share that the group's cap leaves of it at
    /// present, so that the hundredth visit, which gives nothing, says nothing.
    pub(super) fn cut(&self, matrix: &Matrix) -> Matrix {
        if self.caps.is_empty() {
            return matrix.clone();
        }
        let present: Vec<f64> = self.all.iter().map(|feature| feature.points).collect();
        let mut cut = Matrix::new(matrix.columns());
        for at in 0..matrix.rows() {
            let row = matrix.row(at);
            let left = self.left_of_groups(row, &present);
            cut.push(row.iter().map(|(column, value)| {
                let feature = self.all.get(*column).filter(|feature| feature.points > 0.0);
                let group = feature.and_then(|feature| feature.group);
                let left = group.and_then(|group| left.get(group)).copied().unwrap_or(1.0);
                (*column, value * left)
            }));
        }
        cut
    }

    fn left_of_groups(&self, row: &[(usize, f64)], points: &[f64]) -> Vec<f64> {
        let mut given = vec![0.0; self.caps.len()];
        for (column, value) in row {
            let group = self.all.get(*column).and_then(|feature| feature.group);
            let points = points.get(*column).copied().unwrap_or(0.0);
            if let Some(given) = group.and_then(|group| given.get_mut(group)) {
                *given += (points * value).max(0.0);
            }
        }
        let left = given.iter().zip(&self.caps);
        left.map(|(given, cap)| if given > cap { cap / given } else { 1.0 })
            .collect()
    }

    /// The points at present.
    pub(super) fn present(&self) -> Vec<f64> {
        self.all.iter().map(|feature| feature.points).collect()
    }
}

/// An engine that gives, for each intent rule, a thousand points times what its matches amount to, and cuts no group.
pub(super) fn probing(agreement: &Agreement) -> Engine {
    let mut probe = agreement.clone();
    for rule in &mut probe.intent {
        let (_, shape) = shape_of(rule);
        rule.group = None;
        match &mut rule.kind {
            RuleKind::Matches(matches) => {
                let probed = shape.iter().map(|part| Points::from_millis(millis(*part)));
                matches.points = probed.collect();
            }
            RuleKind::Quiet(quiet) => quiet.points = Points::whole(PROBE),
        }
    }
    Engine::new(Arc::new(probe))
}

/// Points as a number of them.
#[expect(clippy::cast_precision_loss, reason = "points are far below 2^53 thousandths")]
pub(super) fn points_of(points: Points) -> f64 {
    points.millis() as f64 / 1_000.0
}

fn millis(part: f64) -> i64 {
    i64::from(whole(part * f64::from(PROBE) * 1_000.0))
}

/// The largest of a rule's points, and the others by it.
fn shape_of(rule: &IntentRule) -> (f64, Vec<f64>) {
    let points: Vec<f64> = match &rule.kind {
        RuleKind::Matches(matches) => matches.points.iter().map(|points| points_of(*points)).collect(),
        RuleKind::Quiet(quiet) => vec![points_of(quiet.points)],
    };
    let largest = points.iter().copied().fold(
        0.0_f64,
        |most, points| if points.abs() > most.abs() { points } else { most },
    );
    let shape = points
        .iter()
        .map(|points| if largest == 0.0 { 1.0 } else { points / largest });
    (largest, shape.collect())
}

#[cfg(test)]
mod tests {
    use bellwether_core::domain::{Event, EventKind, Properties, Timestamp, Traits, Value};
    use bellwether_core::explain::{History, HistoryFact, contributions, explain};

    use super::*;
    use crate::calibrate::draft::{Counts, DraftIntent};

    const FILE: &str = r#"
[agreement]
name = "All forms"
[[fit]]
name = "Size"
cases = [{ when = { employees = { min = 100 } }, points = 20 }, { when = { employees = { min = 10 } }, points = 5 }]
[[fit]]
name = "Mailbox"
when = { email_kind = "free" }
points = -7
[[intent]]
name = "Pricing"
level = "high"
on = { page = "/pricing*" }
points = [15, 10]
decay = { half_life = "30d" }
[[intent]]
name = "Content"
group = "Content"
level = "low"
on = "Downloaded"
points = 8
[[intent]]
name = "Blog"
group = "Content"
on = { page = "/blog/*" }
points = 2
[[intent]]
name = "No demo"
quiet = "14d"
on = "Demo Requested"
points = -3
[[group]]
name = "Content"
max = 20
[qualify]
score = 50
"#;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_ms_clamped(1_700_000_000_000 + day * 86_400_000)
    }

    fn event(at: i64, name: &str, path: Option<&str>) -> HistoryFact {
        HistoryFact::Event(Event {
            ts: day(at),
            kind: if path.is_some() {
                EventKind::Page
            } else {
                EventKind::Track
            },
            name: name.to_owned(),
            path: path.map(str::to_owned),
            properties: Properties::new(),
        })
    }

    #[test]
    fn rows_by_the_present_points_are_the_ledgers_score() {
        let agreement = Agreement::parse(FILE).expect("it is in order");
        let features = Features::new(&agreement, &[]);
        let (probing, engine) = (probing(&agreement), Engine::new(Arc::new(agreement.clone())));
        let mut history = History {
            base: Traits::from([
                ("employees".to_owned(), Value::from("30")),
                ("email".to_owned(), Value::from("ana@gmail.com")),
            ]),
            always_known: true,
            facts: (0..5)
                .map(|at| event(at * 11, "page", Some("/pricing")))
                .collect(),
        };
        history
            .facts
            .extend((0..4).map(|at| event(at, "Downloaded", None)));
        history
            .facts
            .extend((0..3).map(|at| event(at, "page", Some("/blog/x"))));
        for at in [0, 1, 12, 30, 60, 400] {
            let row = features.row(&contributions(&probing, &history, day(at)));
            let sum = features.sum(&row, &features.present());
            let totals = explain(&engine, &history, day(at)).totals;
            assert!(
                (sum.fit - points_of(totals.fit)).abs() < 1e-9,
                "day {at}: {sum:?}"
            );
            assert!(
                (sum.intent - points_of(totals.intent)).abs() < 0.005,
                "day {at}: {sum:?} {totals:?}"
            );
        }
    }

    #[test]
    fn a_level_says_which_way_points_may_go_and_a_cap_how_much_counts() {
        let agreement = Agreement::parse(FILE).expect("it is in order");
        let found = Draft::Intent(DraftIntent {
            name: "No demo".to_owned(),
            about: "the event `Demo Requested`".to_owned(),
            on: "\"Demo Requested\"".to_owned(),
            counts: Counts::Each { max: 1 },
            expires_days: 14,
        });
        let features = Features::new(&agreement, &[found]);
        let signs: Vec<Sign> = features.all.iter().map(|feature| feature.sign).collect();
        assert_eq!(
            signs,
            [
                Sign::Any,
                Sign::Any,
                Sign::Any,
                Sign::Up,
                Sign::Up,
                Sign::Any,
                Sign::Any
            ]
        );
        assert!(features.all[6].found.is_some() && features.all[5].found.is_none());
        let mut matrix = Matrix::new(features.all.len());
        matrix.push([(3, 1.0), (4, 4.0), (5, 4.0)]);
        // 4 x 8 + 4 x 2 = 40, of which the cap leaves a half.
        assert_eq!(features.cut(&matrix).row(0), [(3, 1.0), (4, 2.0), (5, 2.0)]);
    }
}
