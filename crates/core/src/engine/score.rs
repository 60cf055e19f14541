//! What a state comes to at an instant: fit, intent and score, the grade, and the line.

use super::{Engine, LeadState};
use crate::agreement::ScoreClamp;
use crate::domain::{Points, Timestamp};

/// Fit, intent and their sum, not clamped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Score {
    /// Who they are.
    pub fit: Points,
    /// What they do.
    pub intent: Points,
}

/// How far a score is from each line that the agreement draws; nothing where the line is reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gap {
    /// What fit lacks.
    pub fit: Points,
    /// What intent lacks.
    pub intent: Points,
    /// What fit and intent together lack.
    pub score: Points,
}

/// The instants that a quiet is counted from where no event ended it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Beginnings {
    pub(super) first_event: Option<Timestamp>,
    pub(super) last_event: Option<Timestamp>,
    pub(super) created: Option<Timestamp>,
}

impl Score {
    /// Fit and intent together.
    pub fn total(self) -> Points {
        self.fit + self.intent
    }

    /// Fit, intent and score as they are shown: each clamped.
    pub fn displayed(self, clamp: ScoreClamp) -> (Points, Points, Points) {
        let clamped = |points: Points| {
            let low = clamp.min.map_or(points, |min| points.max(min));
            clamp.max.map_or(low, |max| low.min(max))
        };
        (clamped(self.fit), clamped(self.intent), clamped(self.total()))
    }
}

impl Engine {
    /// What the lead is worth at `t`, which is at or after its last fact.
    pub fn score<S>(&self, state: &LeadState<S>, t: Timestamp) -> Score {
        Score {
            fit: state.fit().points,
            intent: state.intent(self, t),
        }
    }

    /// The letter of fit and the number of intent, such as `A1`; empty without `[grades]`.
    pub fn grade(&self, score: Score) -> String {
        let Some(grades) = &self.agreement.grades else {
            return String::new();
        };
        let label = |lines: &[(String, Points)], points: Points, below: &str| {
            let reached = lines.iter().find(|(_, line)| points >= *line);
            reached.map_or_else(|| below.to_owned(), |(label, _)| label.clone())
        };
        label(&grades.fit, score.fit, "D") + &label(&grades.intent, score.intent, "4")
    }

    /// What is missing to each line.
    pub fn gap(&self, score: Score) -> Gap {
        let lacks =
            |line: Option<Points>, has: Points| line.map_or(Points::ZERO, |line| (line - has).positive());
        let qualify = &self.agreement.qualify;
        Gap {
            fit: lacks(qualify.fit, score.fit),
            intent: lacks(qualify.intent, score.intent),
            score: lacks(qualify.score, score.total()),
        }
    }

    /// Whether the score and intent lines are reached; they never are where neither is drawn.
    pub(super) fn lines_reached(&self, score: Score) -> bool {
        let qualify = &self.agreement.qualify;
        (qualify.score.is_some() || qualify.intent.is_some())
            && qualify.score.is_none_or(|line| score.total() >= line)
            && qualify.intent.is_none_or(|line| score.intent >= line)
    }
}
