//! One intent rule at work: which events are matches, which matches count, and what they give at an instant.

use super::factors::Factors;
use crate::agreement::{Count, Decay, IntentRule, RuleKind};
use crate::domain::{Day, Period, Points, Timestamp};

/// A rule with its tables worked out.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) kind: PlanKind,
    /// The group that cuts what the rule gives.
    pub(super) group: Option<usize>,
    /// The most that one more match can add to what the rule gives.
    pub(super) gain_max: Points,
    /// The most that all its matches together can give.
    pub(super) most: Points,
    /// For a list of points of both signs, all that it gives in full: there, what takes points away may fade before what
    /// gives them.
    mixed_most: Option<Points>,
}

#[derive(Debug)]
pub(super) enum PlanKind {
    Matches(MatchPlan),
    Quiet {
        any_event: bool,
        after: Period,
        points: Points,
    },
}

#[derive(Debug)]
pub(super) struct MatchPlan {
    once_per: Option<Period>,
    count: Option<Count>,
    pub(super) points: Vec<Points>,
    pub(super) by_recency: bool,
    pub(super) max: Option<u32>,
    pub(super) factors: Factors,
    /// Whether the days of matches needn't be told apart.
    constant: bool,
    /// The age in days from which a match gives nothing.
    horizon: i32,
}

/// Matches of one day that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The day; where points don't change with age, the latest one.
    pub day: Day,
    /// How many.
    pub matches: u32,
}

/// What a lead's events have come to under one rule: small, however long its history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleState {
    /// The last event that counted as one (`once_per`), or that ended the quiet.
    last_kept: Option<Timestamp>,
    /// Events that wait to be enough for a match (`count`), oldest first.
    waiting: Vec<Timestamp>,
    /// The matches that count or still may, oldest first.
    marks: Vec<Mark>,
    /// How many matches the marks hold.
    held: u32,
}

impl Plan {
    pub(super) fn new(rule: &IntentRule) -> Self {
        match &rule.kind {
            RuleKind::Matches(matches) => {
                let factors = Factors::new(matches.decay, matches.expires_days);
                let plan = MatchPlan {
                    constant: factors.is_constant(),
                    horizon: factors.horizon().unwrap_or(i32::MAX),
                    once_per: matches.once_per,
                    count: matches.count,
                    points: matches.points.clone(),
                    by_recency: matches.by_recency,
                    max: matches.max,
                    factors,
                };
                let gain_max = plan.points.iter().copied().max().unwrap_or_default().positive();
                let mixed = gain_max.is_positive() && plan.points.iter().any(|points| *points < Points::ZERO);
                let in_full = plan.points.iter().map(|points| points.positive()).sum();
                let most = match plan.max {
                    _ if plan.by_recency => in_full,
                    Some(max) => gain_max.times(max),
                    None => Points::from_millis(i64::MAX),
                };
                Self {
                    kind: PlanKind::Matches(plan),
                    group: rule.group,
                    gain_max,
                    most,
                    mixed_most: mixed.then_some(in_full),
                }
            }
            RuleKind::Quiet(quiet) => Self {
                kind: PlanKind::Quiet {
                    any_event: quiet.on.is_none(),
                    after: quiet.after,
                    points: quiet.points,
                },
                group: rule.group,
                gain_max: Points::ZERO,
                most: Points::ZERO,
                mixed_most: None,
            },
        }
    }

    /// The most that a rule can give later that gives `now`, without another match.
    #[inline]
    pub(super) fn most_later(&self, now: Points) -> Points {
        self.mixed_most.unwrap_or(now.positive())
    }

    /// Takes an event that meets the rule's pattern, at or after all before it; says whether it is a match.
    #[inline]
    pub(super) fn offer(&self, state: &mut RuleState, ts: Timestamp) -> bool {
        match &self.kind {
            PlanKind::Quiet { .. } => {
                state.last_kept = Some(ts);
                false
            }
            PlanKind::Matches(plan) => {
                let is_match = plan.accepts(state, ts);
                if is_match {
                    plan.remember(state, ts.day());
                }
                is_match
            }
        }
    }
}

impl MatchPlan {
    /// Whether the event makes a match: `once_per` first, then `count` and `within`.
    #[inline]
    fn accepts(&self, state: &mut RuleState, ts: Timestamp) -> bool {
        if let Some(once_per) = self.once_per {
            if state.last_kept.is_some_and(|last| ts.since(last) < once_per) {
                return false;
            }
            state.last_kept = Some(ts);
        }
        let Some(count) = self.count else { return true };
        if let Some(within) = count.within {
            state.waiting.retain(|kept| ts.since(*kept) < within);
        }
        state.waiting.push(ts);
        let complete = state.waiting.len() >= count.events as usize;
        if complete {
            state.waiting.clear();
        }
        complete
    }

    /// Adds a match, and forgets what can never count again.
    #[inline]
    fn remember(&self, state: &mut RuleState, day: Day) {
        match state.marks.last_mut() {
            Some(mark) if self.constant || mark.day == day => {
                mark.day = day;
                mark.matches = mark.matches.saturating_add(1);
            }
            _ => state.marks.push(Mark { day, matches: 1 }),
        }
        state.held = state.held.saturating_add(1);
        if let Some(max) = self.max {
            state.forget_over(max);
        }
        let is_over = |mark: &Mark| day.since(mark.day) >= self.horizon;
        if state.marks.first().is_some_and(is_over) {
            state.marks.retain(|mark| !is_over(mark));
            state.held = state.marks.iter().map(|mark| mark.matches).sum();
        }
    }

    /// What the matches give on a day.
    #[inline]
    pub(super) fn points_on(&self, marks: &[Mark], today: Day) -> Points {
        if !self.by_recency {
            let Some(points) = self.points.first() else {
                return Points::ZERO;
            };
            let mark_points = |mark: &Mark| {
                points
                    .scaled(self.factors.ppm(today.since(mark.day)))
                    .times(mark.matches)
            };
            return marks.iter().map(mark_points).sum();
        }
        let mut by_recency = self.points.iter();
        let mut sum = Points::ZERO;
        for mark in marks.iter().rev() {
            let factor = self.factors.ppm(today.since(mark.day));
            for points in by_recency.by_ref().take(mark.matches as usize) {
                sum = sum + points.scaled(factor);
            }
        }
        sum
    }
}

impl RuleState {
    /// The matches that count, oldest day first.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// How many events wait to be enough for a match.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// How many of those still could make a match with an event at `t`.
    pub(crate) fn waiting_at(&self, within: Option<Period>, t: Timestamp) -> usize {
        let fresh = |kept: &&Timestamp| within.is_none_or(|within| t.since(**kept) < within);
        self.waiting.iter().filter(fresh).count()
    }

    /// The last event that ended the quiet, or that `once_per` kept.
    pub(super) fn last_kept(&self) -> Option<Timestamp> {
        self.last_kept
    }

    /// Drops the oldest matches until at most `max` are held.
    #[inline]
    fn forget_over(&mut self, max: u32) {
        while self.held > max {
            let Some(oldest) = self.marks.first_mut() else {
                return;
            };
            let drop = oldest.matches.min(self.held - max);
            oldest.matches -= drop;
            self.held -= drop;
            if oldest.matches == 0 {
                self.marks.remove(0);
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.last_kept = None;
        self.waiting.clear();
        self.marks.clear();
        self.held = 0;
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
