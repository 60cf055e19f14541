//! One lead after the other, folded in the same memory.

use std::sync::Arc;

use bellwether_core::domain::{Timestamp, Traits};
use bellwether_core::engine::{Engine, Fit, LeadState, Score, Signature, TraitLog};
use bellwether_core::explain::FitBounds;
use bellwether_core::suspect::{Sighting, sift};
use hashbrown::HashSet;

use super::events::{EventsRead, Seen};
use super::fits::{FitClasses, KnownFits};
use super::{Qualified, Verdict};
use crate::chronicle::{Chronicle, Write};

/// Judges leads one after the other.
pub(super) struct Judge<'j> {
    chronicle: &'j Chronicle,
    engine: &'j Engine,
    t: Timestamp,
    events: &'j EventsRead<'j>,
    fits: &'j FitClasses<'j>,
    known_fits: KnownFits,
    state: LeadState<&'j Signature>,
    triggers: HashSet<Arc<str>>,
    /// The events of a lead that aren't held apart, where any may be.
    kept: (Vec<i64>, Vec<u32>),
    /// When the lead's fit changed, and to what.
    learned: Vec<(i64, FitBounds)>,
}

/// What exists of a lead at the instant that is asked for.
#[derive(Clone, Copy)]
struct Facts<'f> {
    created: Option<Timestamp>,
    /// From when on one could reach it; nothing where that was always so.
    known: Option<Timestamp>,
    ms: &'f [i64],
    numbers: &'f [u32],
    base: FitBounds,
    learned: &'f [(i64, FitBounds)],
}

/// Which of the fits that are possible is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    /// The one that the known traits give.
    Now,
    /// The worst.
    Least,
    /// The best.
    Most,
}

impl Case {
    fn of(self, fit: &FitBounds) -> Fit {
        match self {
            Self::Now => fit.now,
            Self::Least => fit.least,
            Self::Most => fit.most,
        }
    }
}

impl<'j> Judge<'j> {
    pub(super) fn new(
        chronicle: &'j Chronicle,
        engine: &'j Engine,
        t: Timestamp,
        events: &'j EventsRead<'j>,
        fits: &'j FitClasses<'j>,
    ) -> Self {
        Self {
            chronicle,
            engine,
            t,
            events,
            fits,
            known_fits: KnownFits::default(),
            state: LeadState::new(engine),
            triggers: HashSet::new(),
            kept: (Vec::new(), Vec::new()),
            learned: Vec::new(),
        }
    }

    /// What a lead came to.
    pub(super) fn verdict(&mut self, lead: u32) -> Verdict {
        let chronicle = self.chronicle;
        let (mut ms, mut numbers) = chronicle.events.of(lead);
        if ms.last().is_some_and(|last| *last > self.t.ms()) {
            let existing = ms.partition_point(|ms| *ms <= self.t.ms());
            (ms, numbers) = (
                ms.get(..existing).unwrap_or(ms),
                numbers.get(..existing).unwrap_or(numbers),
            );
        }
        let writes = chronicle.writes.of(lead);
        let writes = writes
            .get(..writes.partition_point(|write| write.ms <= self.t.ms()))
            .unwrap_or(writes);
        let created = chronicle.created(lead).filter(|created| *created <= self.t);
        let first_seen = [ms.first(), writes.first().map(|write| &write.ms)]
            .into_iter()
            .flatten()
            .min();
        let first_seen = first_seen
            .copied()
            .map(Timestamp::from_ms_clamped)
            .into_iter()
            .chain(created)
            .min();
        let mut kept = std::mem::take(&mut self.kept);
        if let Some((rules, seen)) = &self.events.suspect {
            let released = chronicle.released(lead);
            hold_apart(rules, self.events, seen, (ms, numbers), released, &mut kept);
            (ms, numbers) = (&kept.0, &kept.1);
        }
        let base = self.fits.of(lead, &mut self.known_fits);
        let mut learned = std::mem::take(&mut self.learned);
        self.learn(lead, (ms, numbers), writes, &mut learned);
        let facts = Facts {
            created,
            known: chronicle.known_from(lead),
            ms,
            numbers,
            base,
            learned: &learned,
        };
        let mut verdict = self.judge(facts);
        verdict.first_seen = first_seen;
        (self.kept, self.learned) = (kept, learned);
        verdict
    }

    /// Judges by what is known, and by what may be where that could change the verdict. The best case is tried first:
    /// who doesn't qualify in it doesn't otherwise, and nearly nobody does.
    fn judge(&mut self, facts: Facts<'_>) -> Verdict {
        let fits = facts.learned.iter().map(|(_, fit)| fit).chain([&facts.base]);
        let (mut better, mut worse) = (false, false);
        for fit in fits {
            better |= fit.most != fit.now;
            worse |= fit.least != fit.now;
        }
        let at_best = self.fold(facts, if better { Case::Most } else { Case::Now });
        let mut qualified = at_best.clone();
        if better && at_best.is_some() {
            qualified = self.fold(facts, Case::Now);
        }
        let last = facts.learned.last().map_or(&facts.base, |(_, fit)| fit);
        let score = Score {
            fit: last.now.points,
            intent: self.engine.score(&self.state, self.t).intent,
        };
        let uncertain = match &qualified {
            None => at_best.is_some(),
            Some(_) => worse && self.fold(facts, Case::Least).is_none(),
        };
        Verdict {
            now: score,
            qualified: qualified.map(Box::new),
            disqualified_by: last.now.disqualified_by,
            first_seen: None,
            uncertain,
        }
    }

    /// Folds a lead's facts; how it qualified, if it did.
    fn fold(&mut self, facts: Facts<'_>, case: Case) -> Option<Qualified> {
        let (engine, events) = (self.engine, self.events);
        let state = &mut self.state;
        state.clear(engine);
        state.learn_from_the_beginning(engine, case.of(&facts.base));
        if facts.known.is_none() {
            state.known_from_the_beginning(engine);
        }
        let mut others = Others {
            created: facts.created,
            known: facts.known.filter(|known| *known <= self.t),
            learned: facts.learned,
        };
        let (mut ms, mut numbers) = (facts.ms, facts.numbers);
        loop {
            let next = others.next();
            let before = ms.partition_point(|ms| *ms < next);
            let ((now, later), (of_now, of_later)) = (ms.split_at(before), numbers.split_at(before));
            let signatures = now.iter().zip(of_now).filter_map(|(ms, number)| {
                Some((Timestamp::from_ms_clamped(*ms), events.signature(*number)?))
            });
            state.events(engine, signatures);
            if next == i64::MAX {
                break;
            }
            others.take(next, state, engine, case);
            (ms, numbers) = (later, of_later);
        }
        let found = state.qualification(engine)?;
        let trigger = self
            .triggers
            .get_or_insert_with(found.trigger.as_str(), |trigger| Arc::from(trigger));
        Some(Qualified {
            at: found.at,
            trigger: Arc::clone(trigger),
            score: found.score,
        })
    }

    /// Works out when the lead's fit changed: with its writes, and with the visit that brought it.
    fn learn(
        &mut self,
        lead: u32,
        events: (&[i64], &[u32]),
        writes: &[Write],
        learned: &mut Vec<(i64, FitBounds)>,
    ) {
        learned.clear();
        if self.events.touches {
            let visits = events.0.iter().zip(events.1);
            let visits = visits
                .filter_map(|(ms, number)| Some((*ms, self.events.signature(*number)?.touch.as_deref()?)));
            let mut visits = visits.peekable();
            if visits.peek().is_some() {
                return learn_with_visits(self.fits, lead, writes, visits, learned);
            }
        }
        for instant in writes.chunk_by(|a, b| a.ms == b.ms) {
            if let Some(write) = instant.last() {
                learned.push((write.ms, self.fits.of(write.row, &mut self.known_fits)));
            }
        }
    }
}

/// The facts that are no events, as far as they aren't taken yet.
struct Others<'f> {
    created: Option<Timestamp>,
    known: Option<Timestamp>,
    learned: &'f [(i64, FitBounds)],
}

impl Others<'_> {
    /// The time of the next one; the end of time where there is none.
    #[inline]
    fn next(&self) -> i64 {
        let of = |ts: Option<Timestamp>| ts.map_or(i64::MAX, Timestamp::ms);
        let learned = self.learned.first().map_or(i64::MAX, |(ms, _)| *ms);
        of(self.created).min(of(self.known)).min(learned)
    }

    /// Takes those of an instant.
    fn take(&mut self, ms: i64, state: &mut LeadState<&Signature>, engine: &Engine, case: Case) {
        let ts = Timestamp::from_ms_clamped(ms);
        if self.created.take_if(|created| *created == ts).is_some() {
            state.create(engine, ts);
        }
        if self.known.take_if(|known| *known == ts).is_some() {
            state.become_known(engine, ts);
        }
        while let Some(((at, fit), rest)) = self.learned.split_first()
            && *at == ms
        {
            state.learn(engine, ts, case.of(fit));
            self.learned = rest;
        }
    }
}

/// The changes of a lead's fit where its first visit, as any visit at all, may be one of them.
fn learn_with_visits<'v>(
    fits: &FitClasses<'_>,
    lead: u32,
    writes: &[Write],
    visits: impl Iterator<Item = (i64, &'v bellwether_core::profile::channel::Touch)>,
    learned: &mut Vec<(i64, FitBounds)>,
) {
    let (mut visits, mut writes) = (visits.peekable(), writes.iter().peekable());
    let (mut log, mut came, mut row) = (TraitLog::default(), Traits::new(), lead);
    loop {
        let next = [
            writes.peek().map(|write| write.ms),
            visits.peek().map(|(ms, _)| *ms),
        ];
        let Some(now) = next.into_iter().flatten().min() else {
            return;
        };
        let mut changed = false;
        while let Some(write) = writes.next_if(|write| write.ms == now) {
            row = write.row;
            changed = true;
        }
        while let Some((_, touch)) = visits.next_if(|(ms, _)| *ms == now) {
            if log.write_touch(Timestamp::from_ms_clamped(now), touch) {
                came = log.current();
                changed = true;
            }
        }
        if changed {
            learned.push((now, fits.of_row_and(row, &came)));
        }
    }
}

/// Copies a lead's events but those that are held apart.
fn hold_apart(
    rules: &bellwether_core::agreement::Suspect,
    events: &EventsRead<'_>,
    seen: &[Seen],
    (ms, numbers): (&[i64], &[u32]),
    released: impl Iterator<Item = usize>,
    kept: &mut (Vec<i64>, Vec<u32>),
) {
    kept.0.clear();
    kept.1.clear();
    let all = || ms.iter().zip(numbers);
    let sighting =
        |(ms, number): (&i64, &u32)| events.sighting(seen, *number, Timestamp::from_ms_clamped(*ms));
    let mut sightings: Vec<Sighting<'_>> = all().filter_map(sighting).collect();
    for place in released {
        if let Some(sighting) = sightings.get_mut(place) {
            sighting.released = true;
        }
    }
    for ((ms, number), held) in all().zip(sift(rules, &sightings).held) {
        if held.is_none() {
            kept.0.push(*ms);
            kept.1.push(*number);
        }
    }
}
