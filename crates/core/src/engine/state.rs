//! A lead's state: what its facts so far come to, in a size that its history doesn't change.

mod stretch;

use std::borrow::Borrow;
use std::sync::Arc;

use super::matches::Matches;
use super::score::Beginnings;
use super::tally::{Tally, quiet_since};
use super::{Engine, Fit, Score, Signature};
use crate::domain::{Period, Points, Timestamp};

/// What a lead's facts so far come to.
///
/// Facts are given in the order of their times. Those of one instant may come in any order and are judged together, once
/// the first fact of a later instant comes or [`LeadState::qualification`] is asked for. `S` is how signatures are held:
/// shared in the live server, borrowed where a whole history is at hand.
#[derive(Debug, Clone)]
pub struct LeadState<S = Arc<Signature>> {
    done: Matches,
    fit: Fit,
    created: Option<Timestamp>,
    first_event: Option<Timestamp>,
    last_event: Option<Timestamp>,
    /// From when there is somebody whom one could reach; before, nothing qualifies.
    known_from: Option<Timestamp>,
    /// The intent from which on it qualifies as its fit is now; nothing is enough where that, or not being known, holds it
    /// back, and where the agreement draws no line.
    intent_needed: Points,
    /// What no intent at or after `now` can exceed; not kept up while the lead is qualified. Exact sums are worked out only
    /// where this reaches what is needed.
    intent_most: Points,
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
    fresh: Matches,
    first_event: Option<Timestamp>,
    last_event: Option<Timestamp>,
}

impl<S: Borrow<Signature>> LeadState<S> {
    /// A lead of whom nothing is known yet, not even that one could reach them.
    pub fn new(engine: &Engine) -> Self {
        Self::with_memory(engine, Matches::new(&engine.tables), Vec::new())
    }

    /// Forgets everything, keeping the memory for the next lead.
    pub fn clear(&mut self, engine: &Engine) {
        self.done.clear();
        self.instant.clear();
        let (done, instant) = (std::mem::take(&mut self.done), std::mem::take(&mut self.instant));
        *self = Self::with_memory(engine, done, instant);
    }

    fn with_memory(engine: &Engine, done: Matches, instant: Vec<S>) -> Self {
        Self {
            done,
            fit: engine.unknown_fit,
            created: None,
            first_event: None,
            last_event: None,
            known_from: None,
            intent_needed: Points::MOST,
            intent_most: engine.tables.quiet_bound,
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
        let gain = self.done.take(&engine.tables, ts, signature.borrow());
        if let Some(returned) = &mut self.returned {
            returned.event(engine, ts, signature.borrow());
        }
        if self.qualified.is_none() {
            self.intent_most = self.intent_most + gain;
            self.fast |= signature.borrow().fast;
            self.instant.push(signature);
        }
        true
    }

    /// Takes what the lead's traits come to from `ts` on. `false` as for [`LeadState::event`].
    pub fn learn(&mut self, engine: &Engine, ts: Timestamp, fit: Fit) -> bool {
        let in_order = self.advance(engine, ts);
        if in_order {
            self.learn_from_the_beginning(engine, fit);
            self.judged_at = self.judged_at.max(Judging::Traits);
        }
        in_order
    }

    /// Takes the traits that hold from the beginning, which no instant belongs to and at which nothing is judged.
    pub fn learn_from_the_beginning(&mut self, engine: &Engine, fit: Fit) {
        self.fit = fit;
        self.intent_needed = self.intent_needed(engine);
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
            self.intent_needed = self.intent_needed(engine);
            self.judged_at = self.judged_at.max(Judging::Traits);
        }
        in_order
    }

    /// Takes that one could always reach this lead, as files hold it.
    pub fn known_from_the_beginning(&mut self, engine: &Engine) {
        self.known_from = Some(Timestamp::MIN);
        self.intent_needed = self.intent_needed(engine);
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
            self.intent_most = engine
                .tables
                .tallied(&self.done, self.beginnings(), ts, |tallies| {
                    engine.tables.intent_most(tallies)
                });
        }
        self.cycle = self.cycle.saturating_add(1);
        let rest_over = again.map_or(ts, |again| ts.plus(again));
        // Of two returns at one instant the longer rest holds, so that their order never shows.
        let at_once = self.returned.as_ref().filter(|returned| returned.at == ts);
        let not_before = at_once.map_or(rest_over, |returned| returned.not_before.max(rest_over));
        let fresh = Matches::new(&engine.tables);
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
        if self.qualified.is_some() || !self.may_qualify() {
            return self.qualified.clone();
        }
        self.judge(engine)
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
            if self.may_qualify() {
                self.qualified = self.judge(engine);
            }
            self.instant.clear();
            self.fast = false;
        }
        self.judged_at = Judging::Not;
    }

    /// Whether the present instant may be one at which the lead qualifies, for all that is kept.
    #[inline]
    fn may_qualify(&self) -> bool {
        self.fast || self.intent_most >= self.intent_needed
    }

    fn judge(&mut self, engine: &Engine) -> Option<Qualification> {
        let t = self.now?;
        let something_new = !self.instant.is_empty() || self.judged_at != Judging::Not;
        if !something_new || self.held_back(engine) {
            return None;
        }
        let returned = self.returned.as_ref();
        let waits = returned.is_some_and(|returned| !returned.may_qualify(engine, self.created, t));
        let judged = engine
            .tables
            .tallied(&self.done, self.beginnings(), t, |tallies| {
                let score = Score {
                    fit: self.fit.points,
                    intent: engine.tables.intent(tallies),
                };
                if waits || !(self.fast || engine.lines_reached(score)) {
                    return Err(engine.tables.intent_most(tallies));
                }
                Ok(Qualification {
                    at: t,
                    trigger: self.trigger(engine, tallies).to_owned(),
                    score,
                })
            });
        // The sum, being exact, bounds later ones better than what was added up.
        judged.map_err(|most| self.intent_most = most).ok()
    }

    /// The event of the instant that is fast, else whose rules give the most, else the first by name.
    fn trigger(&self, engine: &Engine, tallies: &[Tally]) -> &str {
        let given = |signature: &Signature| -> Points {
            let hits = signature.hits.iter().map(|hit| usize::from(*hit));
            hits.map(|rule| engine.tables.points_of(tallies, rule)).sum()
        };
        let events = self.instant.iter().map(Borrow::borrow);
        let first = events.min_by(|a: &&Signature, b: &&Signature| {
            let order = b.fast.cmp(&a.fast).then_with(|| given(b).cmp(&given(a)));
            order.then_with(|| a.name.cmp(&b.name))
        });
        let nothing_done = if self.judged_at == Judging::Created {
            "created"
        } else {
            "traits"
        };
        first.map_or(nothing_done, |signature| signature.name.as_str())
    }
}

impl<S> LeadState<S> {
    /// What the traits come to.
    pub fn fit(&self) -> Fit {
        self.fit
    }

    /// What the lead's doings come to at `t`, which is at or after its last fact.
    pub(super) fn intent(&self, engine: &Engine, t: Timestamp) -> Points {
        engine
            .tables
            .tallied(&self.done, self.beginnings(), t, |tallies| {
                engine.tables.intent(tallies)
            })
    }

    /// What each intent rule gives at `t`, in the agreement's order, before the groups are cut.
    pub(crate) fn points_by_rule(&self, engine: &Engine, t: Timestamp) -> Vec<Points> {
        let tell = |tallies: &mut [Tally]| {
            let rules = 0..engine.tables.plans.len();
            rules.map(|rule| engine.tables.points_of(tallies, rule)).collect()
        };
        engine.tables.tallied(&self.done, self.beginnings(), t, tell)
    }

    /// Since when the events of a quiet rule are absent; `None` for other rules, and for a lead of whom nothing is known.
    pub(crate) fn quiet_since(&self, engine: &Engine, rule: usize, t: Timestamp) -> Option<Timestamp> {
        quiet_since(engine.tables.plans.get(rule)?, &self.done, self.beginnings(), t)
    }

    /// How many events wait that could still make a match of a rule with one at `t`.
    pub(crate) fn waiting_at(&self, engine: &Engine, rule: usize, t: Timestamp) -> usize {
        let plan = engine.tables.plans.get(rule);
        plan.map_or(0, |plan| plan.waiting_at(self.done.gates(), t))
    }

    /// Whether fit, an exclusion, or that nobody knows whom to call keeps the lead from qualifying, whatever it does.
    fn held_back(&self, engine: &Engine) -> bool {
        let line = engine.agreement.qualify.fit;
        self.known_from.is_none()
            || self.fit.disqualified_by.is_some()
            || line.is_some_and(|line| self.fit.points < line)
    }

    fn intent_needed(&self, engine: &Engine) -> Points {
        let qualify = &engine.agreement.qualify;
        let by_score = qualify.score.map(|line| line - self.fit.points);
        let needed = by_score.max(qualify.intent);
        needed.filter(|_| !self.held_back(engine)).unwrap_or(Points::MOST)
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
            fresh_intent: returned.fresh_intent(engine, self.created, t),
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
        self.fresh.take(&engine.tables, ts, signature);
    }

    /// What was done since comes to, alone.
    fn fresh_intent(&self, engine: &Engine, created: Option<Timestamp>, t: Timestamp) -> Points {
        engine
            .tables
            .tallied(&self.fresh, self.beginnings(created), t, |tallies| {
                engine.tables.intent(tallies)
            })
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
        let line = engine.agreement.qualify.intent;
        t > self.at
            && t >= self.not_before
            && line.is_none_or(|line| self.fresh_intent(engine, created, t) >= line)
    }
}
