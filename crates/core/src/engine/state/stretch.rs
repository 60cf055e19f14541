//! Many events at once, as a whole history has them: what changes with each of them is kept at hand, and put back where a
//! line may be reached and at the end.

use std::borrow::Borrow;

use super::{Judging, LeadState};
use crate::domain::Timestamp;
use crate::engine::{Engine, Signature};

impl<S: Borrow<Signature>> LeadState<S> {
    /// Takes events in the order of their times, as [`LeadState::event`] takes one after the other. Those that are older
    /// than a fact already taken are left out.
    pub fn events(&mut self, engine: &Engine, mut events: impl Iterator<Item = (Timestamp, S)> + Clone) {
        while let Some((ts, signature)) = events.next() {
            if !self.event(engine, ts, signature) || self.returned.is_some() {
                continue;
            }
            if self.qualified.is_none() {
                self.until_qualified(engine, &mut events);
            } else {
                self.once_qualified(engine, &mut events);
            }
        }
    }

    /// Takes events, the last one taken being one, up to that after which the lead is found to have qualified, or to one that
    /// is too old, which is left out.
    fn until_qualified(
        &mut self,
        engine: &Engine,
        events: &mut (impl Iterator<Item = (Timestamp, S)> + Clone),
    ) {
        let Some(mut now) = self.now else { return };
        let (needed, mut most, mut fast) = (self.intent_needed, self.intent_most, self.fast);
        // The instant's events are looked at again only where it is judged.
        let (mut instant, mut of_instant) = (events.clone(), 0);
        loop {
            let here = events.clone();
            let Some((ts, signature)) = events.next() else {
                break;
            };
            if ts != now {
                let may_qualify = fast || most >= needed;
                if may_qualify || ts < now {
                    self.put_back(now, instant.take(of_instant));
                    (self.intent_most, self.fast) = (most, fast);
                    if ts < now {
                        return;
                    }
                    self.settle(engine);
                    if self.qualified.is_some() {
                        *events = here;
                        return;
                    }
                    most = self.intent_most;
                }
                self.instant.clear();
                self.judged_at = Judging::Not;
                fast = false;
                now = ts;
                (instant, of_instant) = (here, 0);
            }
            of_instant += 1;
            let signature = signature.borrow();
            most = most + self.done.take(&engine.tables, ts, signature);
            fast |= signature.fast;
        }
        self.put_back(now, instant.take(of_instant));
        (self.intent_most, self.fast) = (most, fast);
    }

    /// Takes events of a lead that has qualified, the last one taken being one. They are judged no more.
    fn once_qualified(&mut self, engine: &Engine, events: &mut impl Iterator<Item = (Timestamp, S)>) {
        let Some(mut now) = self.now else { return };
        for (ts, signature) in events {
            if ts >= now {
                now = ts;
                self.done.take(&engine.tables, ts, signature.borrow());
            }
        }
        if self.now != Some(now) {
            self.judged_at = Judging::Not;
        }
        self.put_back(now, std::iter::empty());
    }

    fn put_back(&mut self, now: Timestamp, instant: impl Iterator<Item = (Timestamp, S)>) {
        self.now = Some(now);
        self.last_event = Some(now);
        self.instant.extend(instant.map(|(_, signature)| signature));
    }
}
