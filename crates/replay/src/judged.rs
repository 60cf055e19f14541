//! A chronicle judged by an agreement: what each lead came to, whether and when it qualified, and what it scored then.
//!
//! Whatever the number of threads, the verdicts are the same, and the same as those of a run over the files.

mod events;
mod fits;
mod lead;

use std::num::NonZeroUsize;
use std::sync::Arc;

use bellwether_core::domain::Timestamp;
use bellwether_core::engine::{Engine, Score};

use self::events::EventsRead;
use self::fits::FitClasses;
use self::lead::Judge;
use crate::chronicle::Chronicle;
use crate::scored::{Outcome, Scored};
use crate::threads::gathered;

/// What the leads of a chronicle came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The instant that was asked for.
    pub t: Timestamp,
    /// One verdict a lead, in the order of the chronicle's leads.
    pub leads: Vec<Verdict>,
}

/// What one lead came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Fit and intent at the instant that was asked for, not clamped.
    pub now: Score,
    /// That it qualified by then, and first when; few leads do, so that the others have no room for it.
    pub qualified: Option<Box<Qualified>>,
    /// The index of the exclusion that holds then.
    pub disqualified_by: Option<usize>,
    /// Its creation or first fact, whichever is earlier; nothing where neither is known by then.
    pub first_seen: Option<Timestamp>,
    /// Whether the verdict could be another one if what is unknown of the lead's fit were known: it didn't qualify, but
    /// would have in the best case; or it did, but wouldn't have in the worst.
    pub uncertain: bool,
}

/// That a lead qualified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qualified {
    /// The first instant at which it did.
    pub at: Timestamp,
    /// What made it: an event's name, `created` or `traits`.
    pub trigger: Arc<str>,
    /// Fit and intent at that very instant.
    pub score: Score,
}

impl Judged {
    /// The verdicts as a run over files gives them, to be written.
    pub fn scored(&self, chronicle: &Chronicle) -> Scored {
        let mut scored = Scored::default();
        for (lead, verdict) in (0..).zip(&self.leads) {
            let qualified = verdict.qualified.as_ref();
            let outcome = Outcome {
                score: verdict.now,
                qualified: qualified.map(|qualified| (qualified.at, qualified.trigger.to_string())),
                disqualified_by: verdict.disqualified_by,
            };
            scored.push(chronicle.id(lead), &outcome);
        }
        scored
    }
}

impl Chronicle {
    /// Judges every lead at `t` by an agreement; facts after `t` don't exist. Who is who is as the chronicle has it.
    pub fn judge(&self, engine: &Engine, t: Timestamp, threads: NonZeroUsize) -> Judged {
        let events = EventsRead::new(engine, &self.distinct);
        let fits = FitClasses::new(engine, &self.traits, threads);
        let shares = self.shares(threads.get());
        let verdicts = |(from, to): (u32, u32)| {
            let mut judge = Judge::new(self, engine, t, &events, &fits);
            let mut verdicts = Vec::with_capacity(self.leads());
            verdicts.extend((from..to).map(|lead| judge.verdict(lead)));
            verdicts
        };
        let leads = gathered(shares, verdicts);
        Judged { t, leads }
    }

    /// Stretches of leads with about as much to do in each, one a thread.
    fn shares(&self, threads: usize) -> Vec<(u32, u32)> {
        let leads = self.leads();
        let work = |lead: usize| {
            lead + lead
                .checked_sub(1)
                .and_then(|at| self.events.ends.get(at))
                .copied()
                .unwrap_or(0)
        };
        let all = work(leads);
        let mut cuts: Vec<usize> = Vec::with_capacity(threads + 1);
        for share in 0..=threads {
            let wanted = all / threads * share;
            let (mut from, mut to) = (0, leads);
            while from < to {
                let middle = from + (to - from) / 2;
                if work(middle) < wanted {
                    from = middle + 1;
                } else {
                    to = middle;
                }
            }
            cuts.push(if share == threads { leads } else { from });
        }
        let number = |lead: usize| u32::try_from(lead).unwrap_or(u32::MAX);
        cuts.array_windows()
            .map(|[from, to]| (number(*from), number(*to)))
            .collect()
    }
}
