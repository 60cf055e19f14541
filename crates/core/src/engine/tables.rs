//! What an agreement's intent rules come to in tables, laid out for the walk over a lead's matches.

use super::rule::{Plan, WorthTable};
use crate::agreement::{Agreement, IntentRule, RuleKind};
use crate::domain::Points;

/// The intent rules of an agreement with their tables worked out.
#[derive(Debug)]
pub(super) struct Tables {
    /// The rules, in the agreement's order.
    pub(super) plans: Vec<Plan>,
    /// What each of them makes of an event that meets its pattern.
    pub(super) offers: Vec<Offer>,
    /// How many of them tell such events apart.
    pub(super) gates: usize,
    /// Those that are about the absence of events.
    pub(super) quiets: Vec<usize>,
    /// The rule of each slot. Slots are the rules once more, those of no group first and then group by group, so that what
    /// a group's rules give lies side by side.
    by_slot: Vec<usize>,
    /// What matches give, by slot.
    pub(super) worths: Vec<WorthTable>,
    /// How many slots belong to no group.
    pub(super) ungrouped: usize,
    pub(super) groups: Vec<GroupPlan>,
    /// The slots whose rules may give something else later than now, and how much at most where they have matches.
    pub(super) most_otherwise: Vec<(usize, Points)>,
    /// What quiet rules can give at most, whenever they are asked.
    pub(super) quiet_bound: Points,
}

/// What a rule makes of an event that meets its pattern.
#[derive(Debug)]
pub(super) struct Offer {
    /// The most that it adds to intent.
    pub(super) gain_max: Points,
    pub(super) slot: u16,
    /// Whether it may be no match.
    pub(super) gated: bool,
}

/// A group of rules that share a cap.
#[derive(Debug)]
pub(super) struct GroupPlan {
    pub(super) max: Points,
    /// How many.
    pub(super) rules: usize,
}

impl Tables {
    pub(super) fn new(agreement: &Agreement) -> Self {
        let mut gates = 0;
        let plans = agreement.intent.iter().map(|rule| Plan::new(rule, &mut gates));
        let plans: Vec<Plan> = plans.collect();
        let group_of = |rule: usize| agreement.intent.get(rule).and_then(|rule| rule.group);
        let mut by_slot: Vec<usize> = (0..plans.len()).collect();
        by_slot.sort_by_key(|rule| group_of(*rule));
        let members = |group| by_slot.iter().filter(|rule| group_of(**rule) == group).count();
        let groups = agreement.groups.iter().enumerate();
        let groups = groups.map(|(at, group)| GroupPlan {
            max: group.max,
            rules: members(Some(at)),
        });
        let in_slots = || by_slot.iter().filter_map(|rule| plans.get(*rule)).enumerate();
        let most_otherwise = in_slots().filter_map(|(slot, plan)| {
            // What quiet can give is always counted in.
            let of_quiet = plan.quiet.map(|_| Points::ZERO);
            Some((slot, plan.mixed_most.or(of_quiet)?))
        });
        let quiets = plans.iter().enumerate().filter(|(_, plan)| plan.quiet.is_some());
        Self {
            offers: offers(&plans, &by_slot),
            gates,
            quiets: quiets.map(|(rule, _)| rule).collect(),
            worths: in_slots().map(|(_, plan)| WorthTable::new(plan)).collect(),
            ungrouped: members(None),
            groups: groups.collect(),
            most_otherwise: most_otherwise.collect(),
            quiet_bound: agreement.intent.iter().map(quiet_most).sum(),
            by_slot,
            plans,
        }
    }

    /// The rule whose slot it is.
    pub(super) fn in_slot(&self, slot: usize) -> Option<&Plan> {
        self.plans.get(*self.by_slot.get(slot)?)
    }

    /// The slot of a rule.
    pub(super) fn slot(&self, rule: usize) -> usize {
        let offer = self.offers.get(rule);
        offer.map_or(usize::MAX, |offer| usize::from(offer.slot))
    }
}

fn offers(plans: &[Plan], by_slot: &[usize]) -> Vec<Offer> {
    let mut slots = vec![u16::MAX; plans.len()];
    for (slot, rule) in (0..).zip(by_slot) {
        if let Some(of_rule) = slots.get_mut(*rule) {
            *of_rule = slot;
        }
    }
    let rules = plans.iter().zip(slots);
    rules
        .map(|(plan, slot)| Offer {
            gain_max: plan.gain_max,
            slot,
            gated: plan.gate.is_some(),
        })
        .collect()
}

/// What a quiet rule adds while it holds, if it adds at all.
fn quiet_most(rule: &IntentRule) -> Points {
    match &rule.kind {
        RuleKind::Quiet(quiet) => quiet.points.positive(),
        RuleKind::Matches(_) => Points::ZERO,
    }
}
