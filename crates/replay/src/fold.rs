//! One lead's facts, folded into what the lead came to.

use bellwether_core::domain::{Timestamp, TraitSource, Traits};
use bellwether_core::engine::{Engine, Fit, LeadState, Signature, TraitLog};

use crate::leads::Base;
use crate::scored::Outcome;

/// Folds one lead after the other in the same memory.
pub(crate) struct Folder<'a> {
    engine: &'a Engine,
    t: Timestamp,
    /// What a lead without any trait fits.
    empty_fit: Fit,
    state: LeadState<&'a Signature>,
}

/// A lead of whom something was learned over time.
pub(crate) struct Learned<'w> {
    pub(crate) created: Option<Timestamp>,
    /// From when on one could reach it; nothing where that was always so.
    pub(crate) known_from: Option<Timestamp>,
    /// The traits that hold from the beginning.
    pub(crate) base: &'w Traits,
    /// The others by time, each with who said them.
    pub(crate) writes: Vec<(Timestamp, (TraitSource, &'w Traits))>,
}

impl<'a> Folder<'a> {
    pub(crate) fn new(engine: &'a Engine, t: Timestamp) -> Self {
        Self {
            engine,
            t,
            empty_fit: engine.fit(&Traits::new()),
            state: LeadState::new(engine),
        }
    }

    /// What a lead comes to whose traits never change; `events` are those at or before the instant asked for.
    pub(crate) fn fold(&mut self, base: Option<Base>, events: &mut [(Timestamp, &'a Signature)]) -> Outcome {
        let engine = self.engine;
        self.begin(base.map_or(self.empty_fit, |base| base.fit()));
        sort(events);
        let created = base
            .and_then(|base| base.created())
            .filter(|created| *created <= self.t);
        let before = created.map_or(0, |created| events.partition_point(|(ts, _)| *ts < created));
        let (earlier, later) = events.split_at(before);
        self.state.events(engine, earlier.iter().copied());
        if let Some(created) = created {
            self.state.create(engine, created);
        }
        self.state.events(engine, later.iter().copied());
        self.outcome()
    }

    /// What a lead comes to of whom something was learned over time.
    pub(crate) fn fold_learned(
        &mut self,
        mut learned: Learned<'_>,
        events: &mut [(Timestamp, &'a Signature)],
    ) -> Outcome {
        let engine = self.engine;
        self.state.clear(engine);
        self.state
            .learn_from_the_beginning(engine, engine.fit(learned.base));
        if learned.known_from.is_none() {
            self.state.known_from_the_beginning(engine);
        }
        sort(events);
        learned.writes.sort_by_key(|(ts, _)| *ts);
        let mut log = TraitLog::default();
        log.write(Timestamp::MIN, TraitSource::Stated, learned.base);
        let exists = |ts: &Timestamp| *ts <= self.t;
        let mut created = learned.created.filter(exists).into_iter().peekable();
        let mut known = learned.known_from.filter(exists).into_iter().peekable();
        let mut writes = learned.writes.into_iter().peekable();
        let mut events = events.iter().peekable();
        loop {
            let next = [
                created.peek().copied(),
                known.peek().copied(),
                writes.peek().map(|(ts, _)| *ts),
                events.peek().map(|(ts, _)| *ts),
            ];
            let Some(now) = next.into_iter().flatten().min() else {
                break;
            };
            if created.next_if(|ts| *ts == now).is_some() {
                self.state.create(engine, now);
            }
            if known.next_if(|ts| *ts == now).is_some() {
                self.state.become_known(engine, now);
            }
            let mut written = false;
            while let Some((_, (source, traits))) = writes.next_if(|(ts, _)| *ts == now) {
                log.write(now, source, traits);
                written = true;
            }
            if written {
                self.state.learn(engine, now, engine.fit(&log.current()));
            }
            let mut touched = false;
            while let Some((_, signature)) = events.next_if(|(ts, _)| *ts == now) {
                self.state.event(engine, now, signature);
                let touch = signature.touch.as_ref();
                touched |= touch.is_some_and(|touch| log.write_touch(now, touch));
            }
            if touched {
                self.state.learn(engine, now, engine.fit(&log.current()));
            }
        }
        self.outcome()
    }

    fn begin(&mut self, fit: Fit) {
        self.state.clear(self.engine);
        self.state.known_from_the_beginning(self.engine);
        self.state.learn_from_the_beginning(self.engine, fit);
    }

    fn outcome(&mut self) -> Outcome {
        let qualified = self
            .state
            .qualification(self.engine)
            .map(|found| (found.at, found.trigger));
        Outcome {
            score: self.engine.score(&self.state, self.t),
            qualified,
            disqualified_by: self.state.fit().disqualified_by,
        }
    }
}

#[inline]
fn sort(events: &mut [(Timestamp, &Signature)]) {
    if !events.is_sorted_by_key(|(ts, _)| *ts) {
        events.sort_by_key(|(ts, _)| *ts);
    }
}
