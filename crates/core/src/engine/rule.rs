//! One intent rule at work: which events are matches, which matches count, and what each gives at an age.

use super::factors::Factors;
use crate::agreement::{self, Count, Decay, IntentRule, RuleKind};
use crate::domain::{Period, Points, Timestamp};

/// How many entries a rule's table of points may have; past that they are multiplied out each time.
const TABLE_MAX: usize = 32_768;

/// A rule with its tables worked out.
#[derive(Debug)]
pub(super) struct Plan {
    /// What each of its matches gives, place by place from the newest on, or all of them alike; nothing for a quiet rule.
    points: Vec<Points>,
    /// What is left of that at each age.
    factors: Factors,
    /// How many matches count, the newest first.
    counted_max: u32,
    /// Whether matches give the same whatever their order.
    alike: bool,
    /// What the rule gives while nothing happens, where it is about that.
    pub(super) quiet: Option<Quiet>,
    /// The most that one more match can add to what the rule gives.
    pub(super) gain_max: Points,
    /// For a list of points of both signs, all that it gives in full: there, what takes points away may fade before what
    /// gives them.
    pub(super) mixed_most: Option<Points>,
    /// Which of a lead's [`Gate`]s says what is a match, where not every event is one that meets the pattern.
    pub(super) gate: Option<usize>,
    once_per: Option<Period>,
    count: Option<Count>,
}

/// What a quiet rule gives, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quiet {
    /// Whether any event ends the quiet, not only those that meet the rule's pattern.
    pub(super) any_event: bool,
    pub(super) after: Period,
    pub(super) points: Points,
}

/// What a match gives by how many are newer and by its age, worked out beforehand: few bytes, and no branches, for what is
/// asked most.
#[derive(Debug)]
pub(super) struct WorthTable {
    /// For each place the thousandths at each age; both stay at their last where they go beyond. Empty where it would be
    /// too large.
    millis: Box<[i32]>,
    last_age: u32,
    last_place: u32,
    /// How many matches count, the newest first.
    pub(super) counted_max: u32,
}

/// What decides for one lead and rule whether the next event is a match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Gate {
    /// The last event that counted as one (`once_per`), or that ended the quiet.
    pub(super) last_kept: Option<Timestamp>,
    /// Events that wait to be enough for a match (`count`), oldest first.
    waiting: Vec<Timestamp>,
}

impl Plan {
    /// Works out a rule's tables. `gates` is how many the rules before it need.
    pub(super) fn new(rule: &IntentRule, gates: &mut usize) -> Self {
        let mut plan = match &rule.kind {
            RuleKind::Matches(matches) => Self::of_matches(matches),
            RuleKind::Quiet(quiet) => Self {
                quiet: Some(Quiet {
                    any_event: quiet.on.is_none(),
                    after: quiet.after,
                    points: quiet.points,
                }),
                ..Self::of_nothing()
            },
        };
        let quiet_ends = plan.quiet.is_some_and(|quiet| !quiet.any_event);
        let told_apart = plan.once_per.is_some() || plan.count.is_some() || quiet_ends;
        plan.gate = told_apart.then(|| std::mem::replace(gates, *gates + 1));
        plan
    }

    fn of_matches(rule: &agreement::Matches) -> Self {
        let mut points = rule.points.clone();
        let listed_max = if rule.by_recency {
            u32::try_from(points.len()).unwrap_or(u32::MAX)
        } else {
            points.truncate(1);
            u32::MAX
        };
        let (most, least) = (points.iter().max(), points.iter().min());
        let mut gain_max = most.copied().unwrap_or_default().positive();
        if !points.is_sorted_by(|newer, older| newer >= older) {
            // Where a list rises, a match that moves on by a place may gain by being rounded anew.
            gain_max = gain_max + Points::from_millis(1).times(listed_max);
        }
        let mixed = gain_max.is_positive() && least.is_some_and(|least| *least < Points::ZERO);
        Self {
            mixed_most: mixed.then(|| points.iter().map(|points| points.positive()).sum()),
            points,
            factors: Factors::new(rule.decay, rule.expires_days),
            counted_max: rule.max.unwrap_or(u32::MAX).min(listed_max),
            alike: !rule.by_recency,
            gain_max,
            once_per: rule.once_per,
            count: rule.count,
            ..Self::of_nothing()
        }
    }

    fn of_nothing() -> Self {
        Self {
            points: Vec::new(),
            factors: Factors::new(Decay::None, None),
            counted_max: 0,
            alike: true,
            quiet: None,
            gain_max: Points::ZERO,
            mixed_most: None,
            gate: None,
            once_per: None,
            count: None,
        }
    }

    /// What so many matches of one day give at an age in days that have `newer` ones after them.
    pub(super) fn points(&self, matches: u32, newer: u32, age: i32) -> Points {
        let of = |newer| {
            let (full, factor) = self.worth(newer, age)?;
            Some(full.scaled(factor))
        };
        if self.alike {
            return of(newer).map_or(Points::ZERO, |points| points.times(matches));
        }
        let places = newer..newer.saturating_add(matches);
        places.map_while(of).sum()
    }

    /// What a match gives on its day that has `newer` ones after it, and the share that is left at its age in days, in parts
    /// per million; nothing where it doesn't count.
    pub(super) fn worth(&self, newer: u32, age: i32) -> Option<(Points, u32)> {
        if newer >= self.counted_max {
            return None;
        }
        let place = if self.alike { 0 } else { newer as usize };
        Some((*self.points.get(place)?, self.factors.ppm(age)))
    }

    /// How many of some matches count that have `newer` ones after them.
    pub(super) fn counted_of(&self, matches: u32, newer: u32) -> u32 {
        matches.min(self.counted_max.saturating_sub(newer))
    }

    /// Whether nothing is left of a match at an age in days, nor ever will be.
    pub(super) fn is_over(&self, age: i32) -> bool {
        self.factors.horizon().is_some_and(|horizon| age >= horizon)
    }

    /// Whether two matches so many days apart give the same at every time, so that they needn't be told apart.
    pub(super) fn joins(&self, days_apart: i32) -> bool {
        self.alike && (days_apart == 0 || self.factors.is_constant())
    }

    /// Takes an event that meets the rule's pattern, at or after all before it; says whether it is a match.
    #[inline]
    pub(super) fn admits(&self, gates: &mut [Gate], ts: Timestamp) -> bool {
        match self.gate {
            None => true,
            Some(gate) => gates.get_mut(gate).is_some_and(|gate| gate.admits(self, ts)),
        }
    }

    /// How many of the events that wait could still make a match with one at `t`.
    pub(super) fn waiting_at(&self, gates: &[Gate], t: Timestamp) -> usize {
        let within = self.count.and_then(|count| count.within);
        let fresh = |kept: &&Timestamp| within.is_none_or(|within| t.since(**kept) < within);
        let gate = self.gate.and_then(|gate| gates.get(gate));
        gate.map_or(0, |gate| gate.waiting.iter().filter(fresh).count())
    }
}

impl WorthTable {
    pub(super) fn new(plan: &Plan) -> Self {
        let places = plan.points.len().max(1);
        let ages = plan.factors.horizon().map_or(1, |horizon| i64::from(horizon) + 1);
        let ages = usize::try_from(ages).unwrap_or(usize::MAX);
        let mut millis = Vec::new();
        if places.saturating_mul(ages) <= TABLE_MAX {
            for points in &plan.points {
                let at_age = |age| points.scaled(plan.factors.ppm(age)).millis();
                // What a rule may name fits.
                let millis_at = |age| i32::try_from(at_age(age)).unwrap_or(i32::MAX);
                millis.extend((0..).take(ages).map(millis_at));
            }
        }
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Self {
            millis: millis.into(),
            last_age: number(ages - 1),
            last_place: number(places - 1),
            counted_max: plan.counted_max,
        }
    }

    /// What so many matches give that have `newer` ones after them, at an age in days; nothing where the table would be too
    /// large.
    #[inline]
    pub(super) fn points(&self, matches: u32, newer: u32, age: i32) -> Option<Points> {
        let age = age.cast_unsigned().min(self.last_age);
        let row = newer.min(self.last_place) as usize * (self.last_age as usize + 1);
        let millis = self.millis.get(row + age as usize)?;
        // 31 bits by 32: what can't overflow needn't saturate.
        Some(Points::from_millis(i64::from(*millis) * i64::from(matches)))
    }
}

impl Gate {
    /// `once_per` first, then `count` and `within`.
    fn admits(&mut self, plan: &Plan, ts: Timestamp) -> bool {
        if plan.quiet.is_some() {
            self.last_kept = Some(ts);
            return false;
        }
        if let Some(once_per) = plan.once_per {
            if self.last_kept.is_some_and(|last| ts.since(last) < once_per) {
                return false;
            }
            self.last_kept = Some(ts);
        }
        let Some(count) = plan.count else { return true };
        if let Some(within) = count.within {
            self.waiting.retain(|kept| ts.since(*kept) < within);
        }
        self.waiting.push(ts);
        let complete = self.waiting.len() >= count.events as usize;
        if complete {
            self.waiting.clear();
        }
        complete
    }

    pub(super) fn clear(&mut self) {
        self.last_kept = None;
        self.waiting.clear();
    }
}

/// How a rule's decay is put in words: `half-life 30 d`.
pub(crate) fn decay_in_words(decay: Decay, expires_days: Option<u32>) -> Option<String> {
    let decay = match decay {
        Decay::None => None,
        Decay::HalfLife { days } => Some(format!("half-life {days} d")),
        Decay::Lose { percent, every_days } => Some(format!("loses {percent} % every {every_days} d")),
        Decay::Over { days } => Some(format!("fades over {days} d")),
    };
    let expiry = expires_days.map(|days| format!("expires after {days} d"));
    match (decay, expiry) {
        (Some(decay), Some(expiry)) => Some(format!("{decay}, {expiry}")),
        (decay, expiry) => decay.or(expiry),
    }
}
