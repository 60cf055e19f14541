//! What a lead's matches give at an instant: one walk over them, then a sum over the rules.

use super::matches::Matches;
use super::rule::{Gate, Plan};
use super::score::Beginnings;
use super::tables::Tables;
use crate::domain::{Points, Timestamp};

/// What up to so many rules give is worked out without asking for memory.
const TALLIES_FEW: usize = 32;

/// What one rule gives, before its group is cut.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    points: Points,
    /// How many of its matches were come by, those that count no more with them.
    matches: u32,
}

impl Tables {
    /// What each rule gives at `t`, by its slot, told to `then`.
    #[inline]
    pub(super) fn tallied<R>(
        &self,
        done: &Matches,
        from: Beginnings,
        t: Timestamp,
        then: impl FnOnce(&mut [Tally]) -> R,
    ) -> R {
        let mut few = [Tally::default(); TALLIES_FEW];
        if let Some(tallies) = few.get_mut(..self.plans.len()) {
            self.tally(done, from, t, tallies);
            then(tallies)
        } else {
            let mut tallies = vec![Tally::default(); self.plans.len()];
            self.tally(done, from, t, &mut tallies);
            then(&mut tallies)
        }
    }

    fn tally(&self, done: &Matches, from: Beginnings, t: Timestamp, tallies: &mut [Tally]) {
        let today = t.day();
        for mark in done.marks().iter().rev() {
            let slot = usize::from(mark.slot);
            let (Some(worth), Some(tally)) = (self.worths.get(slot), tallies.get_mut(slot)) else {
                continue;
            };
            let age = today.since(mark.day);
            let counted = mark.matches.min(worth.counted_max.saturating_sub(tally.matches));
            let points = worth
                .points(counted, tally.matches, age)
                .unwrap_or_else(|| self.multiplied(slot, counted, tally.matches, age));
            tally.points = tally.points + points;
            tally.matches = tally.matches.saturating_add(mark.matches);
        }
        for rule in &self.quiets {
            let slot = self.slot(*rule);
            if let (Some(plan), Some(tally)) = (self.plans.get(*rule), tallies.get_mut(slot)) {
                tally.points = quiet_points(plan, done, from, t);
            }
        }
    }

    /// What matches give where no table says it.
    #[cold]
    fn multiplied(&self, slot: usize, matches: u32, newer: u32, age: i32) -> Points {
        self.in_slot(slot)
            .map_or(Points::ZERO, |plan| plan.points(matches, newer, age))
    }

    /// Whether an event that meets a rule's pattern is a match, at or after all before it.
    pub(super) fn admits(&self, rule: usize, gates: &mut [Gate], ts: Timestamp) -> bool {
        self.plans.get(rule).is_some_and(|plan| plan.admits(gates, ts))
    }

    /// What a rule gives, before its group is cut.
    pub(super) fn points_of(&self, tallies: &[Tally], rule: usize) -> Points {
        let tally = tallies.get(self.slot(rule));
        tally.map_or(Points::ZERO, |tally| tally.points)
    }

    /// Intent: the sum of the rules, each group's positive points cut.
    #[inline]
    pub(super) fn intent(&self, tallies: &[Tally]) -> Points {
        let (ungrouped, mut grouped) = tallies.split_at(self.ungrouped.min(tallies.len()));
        let mut intent = ungrouped.iter().map(|tally| tally.points).sum();
        for group in &self.groups {
            let (members, rest) = grouped.split_at(group.rules.min(grouped.len()));
            let (mut up, mut down) = (Points::ZERO, Points::ZERO);
            for tally in members {
                up = up + tally.points.positive();
                down = down + tally.points.negative();
            }
            intent = intent + up.min(group.max) + down;
            grouped = rest;
        }
        intent
    }

    /// What intent can't exceed from now on without another match: points shrink with age, what takes points away may
    /// fade before what gives them, and a quiet may begin at any time. The tallies are spent.
    #[inline]
    pub(super) fn intent_most(&self, tallies: &mut [Tally]) -> Points {
        for (slot, most) in &self.most_otherwise {
            if let Some(tally) = tallies.get_mut(*slot) {
                tally.points = if tally.matches > 0 { *most } else { Points::ZERO };
            }
        }
        let up = |tallies: &[Tally]| tallies.iter().map(|tally| tally.points.positive()).sum();
        let (ungrouped, mut grouped) = tallies.split_at(self.ungrouped.min(tallies.len()));
        let mut most: Points = up(ungrouped);
        for group in &self.groups {
            let (members, rest) = grouped.split_at(group.rules.min(grouped.len()));
            let of_group: Points = up(members);
            most = most + of_group.min(group.max.positive());
            grouped = rest;
        }
        most + self.quiet_bound
    }
}

fn quiet_points(plan: &Plan, done: &Matches, from: Beginnings, t: Timestamp) -> Points {
    let held = plan.quiet.filter(|quiet| {
        let since = quiet_since(plan, done, from, t);
        since.is_some_and(|last| t.since(last) >= quiet.after)
    });
    held.map_or(Points::ZERO, |quiet| quiet.points)
}

/// Since when a quiet rule's events are absent; `None` for other rules, and for a lead of whom nothing is known.
pub(super) fn quiet_since(plan: &Plan, done: &Matches, from: Beginnings, t: Timestamp) -> Option<Timestamp> {
    let last = if plan.quiet?.any_event {
        from.last_event
    } else {
        done.gates().get(plan.gate?)?.last_kept
    };
    let created = from.created.filter(|created| *created <= t);
    last.or_else(|| from.first_event.into_iter().chain(created).min())
}
