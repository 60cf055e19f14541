//! What the ledger asks of the engine beyond the sums: which events were matches, and what each is worth. The answers
//! come from the rules that score leads, so that a ledger can't tell another story than the score.

use std::borrow::Borrow;

use super::rule::PlanKind;
use super::{Engine, RuleState, Signature};
use crate::domain::{Points, Timestamp};

/// What one match gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Worth {
    /// What it gives on its day.
    pub(crate) full: Points,
    /// The share that is left at its age, in millionths.
    pub(crate) factor_ppm: u32,
    /// What is left.
    pub(crate) points: Points,
}

impl Engine {
    /// For each rule, which of the events are matches: indices into `events`, which are in the order of their times.
    pub(crate) fn matches_of<S: Borrow<Signature>>(&self, events: &[(Timestamp, S)]) -> Vec<Vec<usize>> {
        let mut states = vec![RuleState::default(); self.plans.len()];
        let mut found = vec![Vec::new(); self.plans.len()];
        for (index, (ts, signature)) in events.iter().enumerate() {
            for hit in &signature.borrow().hits {
                let rule = usize::from(*hit);
                if let (Some(plan), Some(state), Some(matches)) =
                    (self.plans.get(rule), states.get_mut(rule), found.get_mut(rule))
                    && plan.offer(state, *ts)
                {
                    matches.push(index);
                }
            }
        }
        found
    }

    /// What the match gives that has `newer` matches after it, `age` days on; `None` where it counts no more because of
    /// `max` or the list of points.
    pub(crate) fn worth(&self, rule: usize, newer: usize, age: i32) -> Option<Worth> {
        let PlanKind::Matches(plan) = &self.plans.get(rule)?.kind else {
            return None;
        };
        if plan.max.is_some_and(|max| newer >= max as usize) {
            return None;
        }
        let full = *plan.points.get(if plan.by_recency { newer } else { 0 })?;
        let factor_ppm = plan.factors.ppm(age);
        Some(Worth {
            full,
            factor_ppm,
            points: full.scaled(factor_ppm),
        })
    }
}
