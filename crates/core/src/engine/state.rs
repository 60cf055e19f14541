//! A lead's state: what its facts so far come to, in a size that its history doesn't change.

use std::borrow::Borrow;
use std::sync::Arc;

use super::bound::Bound;
use super::rule::RuleState;
use super::score::Beginnings;
use super::{Engine, Fit, Score, Signature};
use crate::domain::{Period, Points, Timestamp};

/// What a lead's facts so far come to.
///
/// Facts are given in the order of their times. Those of one instant may come in any order and are judged together, once
/// the first fact of a later instant comes or [`LeadState::qualification`] is asked for. `S` is how signatures are held:
/// shared in the live server, borrowed where a whole history is at hand.
#[derive(Debug, Clone)]
pub struct LeadState<S = Arc<Signature>> {
    rules: Vec<RuleState>,
    fit: Fit,
    created: Option<Timestamp>,
    first_event: Option<Timestamp>,
    last_event: Option<Timestamp>,
    /// From when there is somebody whom one could reach; before, nothing qualifies.
    known_from: Option<Timestamp>,
    /// What no intent at or after `now` can exceed; not kept up while the lead is qualified.
    bound: Bound,
    /// The instant that facts are taken for, and what came in it.
    now: Option<Timestamp>,
    instant: Vec<S>,
    /// Whether one of the instant's events is fast.
    fast: bool,
    judged_at: Judging,
    returned: Option<Box<Recycled>>,
    cycle: u32,
    qualified: Option<Qualification>,
}

/// That a lead qualified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qualification {
    /// The first instant at which it did, in this cycle.
    pub at: Timestamp,
    /// What made it: an event's name, `created` or `traits`.
    pub trigger: String,
    /// The score at that instant.
    pub score: Score,
}

/// How a lead that was sent back stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Again {
    /// When it was sent back.
    pub(crate) at: Timestamp,
    /// From when on it may qualify again.
    pub(crate) not_before: Timestamp,
    /// What it did since comes to, alone.
    pub(crate) fresh_intent: Points,
}

/// Why the present instant is one at which to judge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Judging {
    /// Nothing happened and nothing was learned.
    #[default]
    Not,
    /// Something was learned.
    Traits,
    /// The lead came to be.
    Created,
}

/// What is kept of a lead that was sent back: what it did since, alone.
#[derive(Debug, Clone)]
struct Recycled {
    at: Timestamp,
    not_before: Timestamp,
    fresh: Vec<RuleState>,
    first_event: Option<Timestamp>,
    last_event: Option<Timestamp>,
}

impl<S: Borrow<Signature>> LeadState<S> {
    /// A lead of whom nothing is known yet, not even that one could reach them.
    pub fn new(engine: &Engine) -> Self {
        let rules = vec![RuleState::default(); engine.plans.len()];
        Self::with_memory(engine, rules, Bound::new(engine), Vec::new())
    }

    /// Forgets everything, keeping the memory for the next lead.
    pub fn clear(&mut self, engine: &Engine) {
        self.rules.iter_mut().for_each(RuleState::clear);
        self.bound.clear(engine);
        self.instant.clear();
        self.fit = engine.unknown_fit;
        self.created = None;
        self.first_event = None;
        self.last_event = None;
        self.known_from = None;
        self.now = None;
        self.fast = false;
        self.judged_at = Judging::Not;
        self.returned = None;
        self.cycle = 1;
        self.qualified = None;
    }

    fn with_memory(engine: &Engine, rules: Vec<RuleState>, bound: Bound, instant: Vec<S>) -> Self {
        Self {
            rules,
            fit: engine.unknown_fit,
            created: None,
            first_event: None,
            last_event: None,
            known_from: None,
            bound,
            now: None,
            instant,
            fast: false,
            judged_at: Judging::Not,
            returned: None,
            cycle: 1,
            qualified: None,
        }
    }

    /// Takes an event. Returns `false`, having changed nothing, where it is older than a fact already taken.
    #[inline]
    pub fn event(&mut self, engine: &Engine, ts: Timestamp, signature: S) -> bool {
        if !self.advance(engine, ts) {
            return false;
        }
        self.first_event = self.first_event.or(Some(ts));
        self.last_event = Some(ts);
        let open = self.qualified.is_none();
        for hit in &signature.borrow().hits {
            let index = usize::from(*hit);
            if let (Some(plan), Some(rule)) = (engine.plans.get(index), self.rules.get_mut(index))
                && plan.offer(rule, ts)
                && open
            {
                self.bound.matched(engine, index, plan);
            }
        }
        if let Some(returned) = &mut self.returned {
            returned.event(engine, ts, signature.borrow());
        }
        if open {
            self.fast |= signature.borrow().fast;
            self.instant.push(signature);
        }
        true
    }

    /// Takes what the lead's traits come to from `ts` on. `false` as for [`LeadState::event`].
    pub fn learn(&mut self, engine: &Engine, ts: Timestamp, fit: Fit) -> bool {
        let in_order = self.advance(engine, ts);
        if in_order {
            self.fit = fit;
            self.judged_at = self.judged_at.max(Judging::Traits);
        }
        in_order
    }

    /// Takes the traits that hold from the beginning, which no instant belongs to and at which nothing is judged.
    pub fn learn_from_the_beginning(&mut self, fit: Fit) {
        self.fit = fit;
    }

    /// Takes the lead's creation. `false` as for [`LeadState::event`].
    pub fn create(&mut self, engine: &Engine, ts: Timestamp) -> bool {
        let in_order = self.advance(engine, ts);
        if in_order {
            self.created = Some(self.created.map_or(ts, |created| created.min(ts)));
            self.judged_at = Judging::Created;
        }
        in_order
    }

    /// Takes that from `ts` on there is somebody whom one could reach, which is something learned.
    /// `false` as for [`LeadState::event`].
    pub fn become_known(&mut self, engine: &Engine, ts: Timestamp) -> bool {
        let in_order = self.advance(engine, ts);
        if in_order && self.known_from.is_none() {
            self.known_from = Some(ts);
            self.judged_at = self.judged_at.max(Judging::Traits);
        }
        in_order
    }

    /// Takes that one could always reach this lead, as files hold it.
    pub fn known_from_the_beginning(&mut self) {
        self.known_from = Some(Timestamp::MIN);
    }

    /// Takes that the lead was sent back at `ts` and may qualify again from `ts + again` on, by what it does after `ts`.
    /// `false` as for [`LeadState::event`].
    pub fn send_back(&mut self, engine: &Engine, ts: Timestamp, again: Option<Period>) -> bool {
        let in_order = self.advance(engine, ts);
        if !in_order {
            return false;
        }
        self.settle(engine);
        if self.qualified.take().is_some() {
            self.intent_exactly(engine, ts);
        }
        self.cycle = self.cycle.saturating_add(1);
        let rest_over = again.map_or(ts, |again| ts.plus(again));
        // Of two returns at one instant the longer rest holds, so that their order never shows.
        let at_once = self.returned.as_ref().filter(|returned| returned.at == ts);
        let not_before = at_once.map_or(rest_over, |returned| returned.not_before.max(rest_over));
        let fresh = vec![RuleState::default(); engine.plans.len()];
        self.returned = Some(Box::new(Recycled {
            at: ts,
            not_before,
            fresh,
            first_event: None,
            last_event: None,
        }));
        true
    }

    /// When and why the lead qualified in its present cycle, judging the present instant by what it holds so far.
    pub fn qualification(&mut self, engine: &Engine) -> Option<Qualification> {
        self.qualified.clone().or_else(|| self.judge(engine))
    }

    /// Moves on to `ts`, judging the instant that ends; `false` where `ts` is in the past.
    #[inline]
    fn advance(&mut self, engine: &Engine, ts: Timestamp) -> bool {
        if self.now == Some(ts) {
            return true;
        }
        if self.now.is_some_and(|now| ts < now) {
            return false;
        }
        self.settle(engine);
        self.now = Some(ts);
        true
    }

    /// Judges the present instant for good.
    #[inline]
    fn settle(&mut self, engine: &Engine) {
        if self.qualified.is_none() {
            if self.may_qualify(engine) {
                self.qualified = self.judge_exactly(engine);
            }
            self.instant.clear();
            self.fast = false;
        }
        self.judged_at = Judging::Not;
    }

    fn judge(&mut self, engine: &Engine) -> Option<Qualification> {
        if self.may_qualify(engine) {
            self.judge_exactly(engine)
        } else {
            None
        }
    }

    /// Whether the present instant is one to judge, and the line may be reached for all that is kept.
    #[inline]
    fn may_qualify(&self, engine: &Engine) -> bool {
        let Some(t) = self.now else { return false };
        if self.instant.is_empty() && self.judged_at == Judging::Not {
            return false;
        }
        let qualify = &engine.agreement.qualify;
        let held_back = self.fit.disqualified_by.is_some()
            || qualify.fit.is_some_and(|line| self.fit.points < line)
            || self.known_from.is_none_or(|known| t < known);
        let most = Score {
            fit: self.fit.points,
            intent: self.bound.most(),
        };
        !held_back && (self.fast || engine.lines_reached(most))
    }

    fn judge_exactly(&mut self, engine: &Engine) -> Option<Qualification> {
        let t = self.now?;
        let score = Score {
            fit: self.fit.points,
            intent: self.intent_exactly(engine, t),
        };
        let reached = self.fast || engine.lines_reached(score);
        let returned = self.returned.as_ref();
        if !reached || !returned.is_none_or(|returned| returned.may_qualify(engine, self.created, t)) {
            return None;
        }
        Some(Qualification {
            at: t,
            trigger: self.trigger(engine, t),
            score,
        })
    }

    /// The intent at an instant, from which on it is what bounds later ones.
    fn intent_exactly(&mut self, engine: &Engine, t: Timestamp) -> Points {
        let (from, bound) = (self.beginnings(), &mut self.bound);
        bound.clear(engine);
        engine.sum_of(&self.rules, from, t, &mut |rule, points| {
            bound.gives(engine, rule, points);
        })
    }

    /// The event of the instant that is fast, else whose rules give the most, else the first by name.
    fn trigger(&self, engine: &Engine, t: Timestamp) -> String {
        let from = self.beginnings();
        let given = |signature: &Signature| -> Points {
            let hits = signature.hits.iter().map(|hit| usize::from(*hit));
            let rules = hits.filter_map(|index| Some((index, self.rules.get(index)?)));
            rules
                .map(|(index, rule)| engine.rule_points(index, rule, from, t))
                .sum()
        };
        let events = self.instant.iter().map(Borrow::borrow);
        let first = events.min_by(|a, b| {
            let order = b.fast.cmp(&a.fast).then_with(|| given(b).cmp(&given(a)));
            order.then_with(|| a.name.cmp(&b.name))
        });
        let nothing_done = if self.judged_at == Judging::Created {
            "created"
        } else {
            "traits"
        };
        first
            .map_or(nothing_done, |signature| signature.name.as_str())
            .to_owned()
    }
}

impl<S> LeadState<S> {
    /// What the traits come to.
    pub fn fit(&self) -> Fit {
        self.fit
    }

    /// Each intent rule's state, in the agreement's order.
    pub fn rules(&self) -> &[RuleState] {
        &self.rules
    }

    /// How many times the lead was sent back, plus one.
    pub fn cycle(&self) -> u32 {
        self.cycle
    }

    /// When the lead was last sent back.
    pub fn returned_at(&self) -> Option<Timestamp> {
        self.returned.as_ref().map(|returned| returned.at)
    }

    /// The time of the newest fact.
    pub fn newest(&self) -> Option<Timestamp> {
        self.now
    }

    /// The time of the latest event.
    pub fn last_event(&self) -> Option<Timestamp> {
        self.last_event
    }

    /// From when there is somebody whom one could reach.
    pub(crate) fn known_from(&self) -> Option<Timestamp> {
        self.known_from
    }

    /// How a lead that was sent back stands at `t`.
    pub(crate) fn again(&self, engine: &Engine, t: Timestamp) -> Option<Again> {
        let returned = self.returned.as_ref()?;
        Some(Again {
            at: returned.at,
            not_before: returned.not_before,
            fresh_intent: engine.intent_of(&returned.fresh, returned.beginnings(self.created), t),
        })
    }

    pub(crate) fn beginnings(&self) -> Beginnings {
        Beginnings {
            first_event: self.first_event,
            last_event: self.last_event,
            created: self.created,
        }
    }
}

impl Recycled {
    /// Only what comes after the lead was sent back is fresh.
    fn event(&mut self, engine: &Engine, ts: Timestamp, signature: &Signature) {
        if ts <= self.at {
            return;
        }
        self.first_event = self.first_event.or(Some(ts));
        self.last_event = Some(ts);
        for hit in &signature.hits {
            let index = usize::from(*hit);
            if let (Some(plan), Some(rule)) = (engine.plans.get(index), self.fresh.get_mut(index)) {
                plan.offer(rule, ts);
            }
        }
    }

    fn beginnings(&self, created: Option<Timestamp>) -> Beginnings {
        Beginnings {
            first_event: self.first_event,
            last_event: self.last_event,
            created: created.filter(|created| *created > self.at),
        }
    }

    /// Whether it is time, and what was done since is enough.
    fn may_qualify(&self, engine: &Engine, created: Option<Timestamp>, t: Timestamp) -> bool {
        let from = self.beginnings(created);
        let line = engine.agreement.qualify.intent;
        t > self.at
            && t >= self.not_before
            && line.is_none_or(|line| engine.intent_of(&self.fresh, from, t) >= line)
    }
}
