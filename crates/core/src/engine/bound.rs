//! The most that a lead's intent can be, kept with a few additions, so that exact sums are worked out only where a line
//! may be reached.

use super::Engine;
use super::rule::{Plan, PlanKind};
use crate::domain::Points;

/// No intent at or after the present instant can exceed this: points shrink with age, each match adds its most, and
/// neither a rule nor a group gives more than it may.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    most: Points,
    /// The most of each rule, then the sum of those of each group's rules.
    parts: Vec<Points>,
}

impl Bound {
    /// The bound of a lead that has done nothing.
    pub(super) fn new(engine: &Engine) -> Self {
        let mut bound = Self {
            most: Points::ZERO,
            parts: vec![Points::ZERO; engine.plans.len() + engine.grouped.len()],
        };
        bound.clear(engine);
        bound
    }

    /// Forgets every match.
    pub(super) fn clear(&mut self, engine: &Engine) {
        self.parts.fill(Points::ZERO);
        self.most = engine.quiet_bound;
    }

    /// The most that intent can be.
    pub(super) fn most(&self) -> Points {
        self.most
    }

    /// Takes a match of a rule.
    #[inline]
    pub(super) fn matched(&mut self, engine: &Engine, rule: usize, plan: &Plan) {
        let Some(part) = self.parts.get_mut(rule) else {
            return;
        };
        let raised = (*part + plan.gain_max).min(plan.most);
        // A sum that was exact may hold more than the cap says, where what takes points away is yet to fade.
        let added = (raised - *part).positive();
        *part = *part + added;
        match plan.group {
            None => self.most = self.most + added,
            Some(group) => self.add_to_group(engine, group, added),
        }
    }

    #[inline]
    fn add_to_group(&mut self, engine: &Engine, group: usize, added: Points) {
        let max = engine
            .agreement
            .groups
            .get(group)
            .map(|group| group.max.positive());
        if let Some((max, sum)) = max.zip(self.parts.get_mut(engine.plans.len() + group)) {
            let before = (*sum).min(max);
            *sum = *sum + added;
            self.most = self.most + ((*sum).min(max) - before);
        }
    }

    /// Takes what a rule gives at an instant, after everything was forgotten.
    #[inline]
    pub(super) fn gives(&mut self, engine: &Engine, rule: usize, points: Points) {
        let Some((plan, part)) = engine.plans.get(rule).zip(self.parts.get_mut(rule)) else {
            return;
        };
        let most = plan.most_later(points);
        // What quiet can give is in every bound.
        if !most.is_positive() || matches!(plan.kind, PlanKind::Quiet { .. }) {
            return;
        }
        *part = most;
        match plan.group {
            None => self.most = self.most + most,
            Some(group) => self.add_to_group(engine, group, most),
        }
    }
}
