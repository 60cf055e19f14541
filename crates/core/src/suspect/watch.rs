//! Judging a lead's next event by what was remembered of the ones before it, so that hardly any needs the whole history.

use std::collections::VecDeque;

use super::{Act, Held, Sighting};
use crate::agreement::{Speed, Suspect};
use crate::domain::Timestamp;

/// What is remembered of a lead's events: a few instants, and the times of the newest views and clicks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watch {
    newest: Option<Timestamp>,
    /// The times of the latest views and clicks, as many as are too fast and no older than they could be.
    recent: VecDeque<Timestamp>,
    /// Until when everything is held because what went before was too fast.
    fast_until: Option<Timestamp>,
    /// Until when an opened mail may belong to a burst.
    burst_until: Option<Timestamp>,
    /// Until when a page view may be the one that a click waits for.
    pending_until: Option<Timestamp>,
}

/// What is known of a new event without looking at the ones before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It counts, and changes nothing for the others.
    Counts,
    /// It is held, and changes nothing for the others.
    Held(Held),
    /// The whole history has to be sifted.
    Unclear,
}

impl Watch {
    pub(super) fn new(sightings: &[Sighting<'_>]) -> Self {
        Self {
            newest: sightings.iter().map(|one| one.ts).max(),
            ..Self::default()
        }
    }

    pub(super) fn saw_speed(&mut self, speed: Speed, times: &[Timestamp], fast_until: Option<Timestamp>) {
        self.recent = times
            .iter()
            .rev()
            .take(speed.events as usize)
            .rev()
            .copied()
            .collect();
        self.fast_until = fast_until;
    }

    pub(super) fn saw_burst(&mut self, until: Option<Timestamp>) {
        self.burst_until = self.burst_until.max(until);
    }

    pub(super) fn saw_pending(&mut self, until: Timestamp) {
        self.pending_until = self.pending_until.max(Some(until));
    }

    /// Judges the next event. After [`Verdict::Unclear`] this is of no more use: sifting the whole gives the next one.
    pub fn next(&mut self, rules: &Suspect, one: &Sighting<'_>) -> Verdict {
        if self
            .newest
            .is_some_and(|newest| one.ts < newest || (one.ts == newest && one.act == Act::Delivered))
        {
            return Verdict::Unclear;
        }
        self.newest = Some(one.ts);
        let clicks_matter = rules.burst.is_some() || rules.click_without_visit.is_some();
        if one.act == Act::Clicked && clicks_matter {
            return Verdict::Unclear;
        }
        let by_speed = self.speed(rules, one);
        if by_speed == Verdict::Unclear {
            return by_speed;
        }
        if let Some(held) = rules.by_agent(one) {
            return Verdict::Held(held);
        }
        let open_until = |until: Option<Timestamp>| until.is_some_and(|until| one.ts <= until);
        match one.act {
            _ if by_speed != Verdict::Counts => by_speed,
            Act::Opened if open_until(self.burst_until) => Verdict::Unclear,
            Act::Viewed if open_until(self.pending_until) => Verdict::Unclear,
            _ => Verdict::Counts,
        }
    }

    /// Judges the event by its speed alone; unclear where it makes earlier ones be held as well.
    fn speed(&mut self, rules: &Suspect, one: &Sighting<'_>) -> Verdict {
        let Some(speed) = rules.speed else {
            return Verdict::Counts;
        };
        let still_fast = one.act != Act::Delivered && self.fast_until.is_some_and(|until| one.ts <= until);
        if one.act.by_hand() {
            self.recent.push_back(one.ts);
            while self.recent.len() > speed.events as usize
                || self
                    .recent
                    .front()
                    .is_some_and(|first| one.ts.since(*first) > speed.within)
            {
                self.recent.pop_front();
            }
            if self.recent.len() == speed.events as usize {
                if !still_fast {
                    return Verdict::Unclear;
                }
                // Since the first of them everything is held already.
                self.fast_until = Some(one.ts.plus(speed.within));
            }
        }
        let held = rules.by_speed().filter(|_| still_fast);
        held.map_or(Verdict::Counts, Verdict::Held)
    }
}
