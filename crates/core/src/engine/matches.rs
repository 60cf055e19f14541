//! What a lead's events have come to under all rules together. The matches of all rules are one list in the order of their
//! days, so that what they give is worked out in one straight walk, whatever rules they are of.

use super::Signature;
use super::rule::Gate;
use super::tables::Tables;
use crate::domain::{Day, Points, Timestamp};

/// How many matches are kept before those that can count no more are looked for.
const KEPT_MIN: usize = 48;

/// Matches of one rule that count or still may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// Their day; where points don't change with age, the latest one.
    pub(super) day: Day,
    /// How many.
    pub(super) matches: u32,
    /// Where their rule's tally is.
    pub(super) slot: u16,
}

/// What the events of a lead have come to: small, however many they were.
#[derive(Debug, Clone, Default)]
pub(super) struct Matches {
    /// In the order of their days.
    marks: Vec<Mark>,
    /// How many marks are too many.
    full: usize,
    gates: Vec<Gate>,
}

impl Matches {
    /// Those of a lead that has done nothing.
    pub(super) fn new(tables: &Tables) -> Self {
        Self {
            marks: Vec::new(),
            full: KEPT_MIN,
            gates: vec![Gate::default(); tables.gates],
        }
    }

    /// Forgets everything, keeping the memory.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.marks.clear();
        self.full = KEPT_MIN;
        self.gates.iter_mut().for_each(Gate::clear);
    }

    /// Takes an event, at or after all before it. Returns the most that it can add to intent, whatever the caps.
    #[inline]
    pub(super) fn take(&mut self, tables: &Tables, ts: Timestamp, signature: &Signature) -> Points {
        let mut gain = Points::ZERO;
        for hit in &signature.hits {
            let Some(offer) = tables.offers.get(usize::from(*hit)) else {
                continue;
            };
            if !offer.gated || tables.admits(usize::from(*hit), &mut self.gates, ts) {
                gain = gain + offer.gain_max;
                self.marks.push(Mark {
                    day: ts.day(),
                    matches: 1,
                    slot: offer.slot,
                });
            }
        }
        if self.marks.len() >= self.full {
            self.forget(tables, ts.day());
        }
        gain
    }

    /// The matches that count or still may, in the order of their days.
    pub(super) fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// What decides about the next events.
    pub(super) fn gates(&self) -> &[Gate] {
        &self.gates
    }

    /// Drops the matches that can count no more from `today` on, and puts those together that give the same.
    #[cold]
    fn forget(&mut self, tables: &Tables, today: Day) {
        /// The matches of a rule so far, and the place of the mark of them that later ones may join.
        #[derive(Clone, Copy, Default)]
        struct Newer {
            matches: u32,
            joined: Option<usize>,
        }
        let mut newer = vec![Newer::default(); tables.plans.len()];
        let mut kept: Vec<Mark> = Vec::with_capacity(self.marks.len());
        for mark in self.marks.iter().rev() {
            let slot = usize::from(mark.slot);
            let (Some(plan), Some(newer)) = (tables.in_slot(slot), newer.get_mut(slot)) else {
                continue;
            };
            let matches = plan.counted_of(mark.matches, newer.matches);
            if matches == 0 || plan.is_over(today.since(mark.day)) {
                continue;
            }
            newer.matches = newer.matches.saturating_add(matches);
            match newer.joined.and_then(|place| kept.get_mut(place)) {
                Some(like) if plan.joins(like.day.since(mark.day)) => {
                    like.matches = like.matches.saturating_add(matches);
                }
                _ => {
                    newer.joined = Some(kept.len());
                    kept.push(Mark { matches, ..*mark });
                }
            }
        }
        kept.reverse();
        self.marks.clear();
        self.marks.extend_from_slice(&kept);
        self.full = KEPT_MIN.max(self.marks.len() * 2);
    }
}
