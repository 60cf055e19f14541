//! What the ledger asks of the engine beyond the sums: which events were matches, and what each is worth. The answers
//! come from the rules that score leads, so that a ledger can't tell another story than the score.

use std::borrow::Borrow;

use super::rule::Gate;
use super::{Engine, Signature};
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
        let mut gates = vec![Gate::default(); self.tables.gates];
        let mut found = vec![Vec::new(); self.tables.plans.len()];
        for (index, (ts, signature)) in events.iter().enumerate() {
            for hit in &signature.borrow().hits {
                let rule = usize::from(*hit);
                if let Some(matches) = found.get_mut(rule)
                    && self.tables.admits(rule, &mut gates, *ts)
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
        let newer = u32::try_from(newer).ok()?;
        let (full, factor_ppm) = self.tables.plans.get(rule)?.worth(newer, age)?;
        Some(Worth {
            full,
            factor_ppm,
            points: full.scaled(factor_ppm),
        })
    }
}
