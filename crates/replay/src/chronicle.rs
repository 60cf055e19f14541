//! A whole history as columns in memory: who did what, and what was known of them, with nothing worked out by any
//! agreement. So one chronicle can be judged by one agreement after the other.
//!
//! Leads are in the order of their ids, and each lead's events in the order of their times. What events say is kept once
//! for each distinct event, what traits say once for each distinct value.

mod build;
mod derived;
mod facts;
mod files;
mod fingerprint;
mod observed;
mod retold;
mod sorted;
mod traits;

use bellwether_core::domain::{Timestamp, TraitSource, Traits};
use bytes::Bytes;
use parquet::data_type::ByteArray;

use crate::distinct_events::DistinctEvents;
use crate::error::ReplayError;
use crate::history::Counts;
use crate::rejects::Rejects;
use crate::run::{Effort, Input, apart};
use crate::source::Progress;
use crate::traits::TraitSets;

pub use self::retold::{Retelling, Told};
pub(crate) use self::traits::{TraitColumn, TraitColumns};

/// The number of milliseconds that stands for no time.
pub(crate) const NEVER: i64 = i64::MIN;

/// A history that any agreement can judge.
#[derive(Default, Clone)]
pub struct Chronicle {
    pub(crate) ids: Ids,
    /// Other ids by which leads are known, sorted: devices that were identified, and leads that were joined into others.
    pub(crate) also: Vec<(Box<str>, u32)>,
    /// When each lead came to be, in milliseconds; [`NEVER`] where that isn't known.
    pub(crate) created: Vec<i64>,
    /// From when on one could reach each lead, in milliseconds; [`NEVER`] where that was always so. Empty where it was so
    /// for all.
    pub(crate) known: Vec<i64>,
    pub(crate) events: LeadEvents,
    /// Which events somebody said no machine made, by their places among all, sorted.
    pub(crate) released: Vec<usize>,
    pub(crate) distinct: DistinctEvents,
    /// What each lead wrote of itself later; no starts where nobody did.
    pub(crate) writes: Writes,
    /// A row for each lead from the beginning, then one for each state that writes made.
    pub(crate) traits: TraitColumns,
    pub(crate) latest: Option<Timestamp>,
    pub(crate) counts: Counts,
    /// What whoever keeps the chronicle wants to know again of how far it goes.
    pub(crate) position: String,
}

/// Ids, sorted, packed one after the other.
#[derive(Default, Clone)]
pub(crate) struct Ids {
    packed: String,
    ends: Vec<usize>,
}

/// The events of all leads, one lead's after the other's.
#[derive(Default, Clone)]
pub(crate) struct LeadEvents {
    /// Where each lead's events end.
    pub(crate) ends: Vec<usize>,
    pub(crate) ms: Vec<i64>,
    /// The number of each event among the distinct ones.
    pub(crate) numbers: Vec<u32>,
}

/// The writes of traits of all leads, one lead's after the other's.
#[derive(Default, Clone)]
pub(crate) struct Writes {
    /// Where each lead's writes end; empty where there is no write at all.
    pub(crate) ends: Vec<usize>,
    pub(crate) all: Vec<Write>,
    /// The distinct sets of traits that were written.
    pub(crate) sets: TraitSets,
}

/// That traits were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Write {
    pub(crate) ms: i64,
    /// By whom.
    pub(crate) source: TraitSource,
    /// What was written.
    pub(crate) set: u32,
    /// The row of all traits after this instant.
    pub(crate) row: u32,
}

impl Chronicle {
    /// Reads files whole. Of two facts of one message the earlier counts, and devices belong to whom they were identified
    /// as, by what the input says up to its `as_of`.
    pub fn read(
        input: &Input,
        effort: Effort,
        rejects: &mut Rejects,
        progress: Progress<'_>,
    ) -> Result<Self, ReplayError> {
        apart(input, || build::read(input, effort, rejects, progress))
    }

    /// How many leads there are.
    pub fn leads(&self) -> usize {
        self.ids.len()
    }

    /// How many events there are.
    pub fn events(&self) -> u64 {
        self.events.ms.len() as u64
    }

    /// A lead's id; empty where there is no such lead.
    pub fn id(&self, lead: u32) -> &str {
        self.ids.get(lead)
    }

    /// The lead of an id, be it another one by which that lead is known.
    pub fn find(&self, id: &str) -> Option<u32> {
        self.ids.find(id).or_else(|| {
            let at = self.also.binary_search_by(|(also, _)| (**also).cmp(id)).ok()?;
            self.also.get(at).map(|(_, lead)| *lead)
        })
    }

    /// The instant of the latest fact, at which a history is judged unless another one is asked for; without facts the
    /// latest creation of a lead.
    pub fn latest(&self) -> Timestamp {
        self.latest.unwrap_or(Timestamp::MIN)
    }

    /// What whoever keeps the chronicle noted with [`Retelling::finish`]; empty where nobody did.
    pub fn position(&self) -> &str {
        &self.position
    }

    /// What was read.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// When a lead came to be, where that is known.
    pub fn created(&self, lead: u32) -> Option<Timestamp> {
        self.created
            .get(lead as usize)
            .copied()
            .and_then(Timestamp::from_ms)
    }

    /// From when on one could reach a lead; nothing where that was always so.
    pub(crate) fn known_from(&self, lead: u32) -> Option<Timestamp> {
        let known = self.known.get(lead as usize).copied();
        known.filter(|ms| *ms != NEVER).map(Timestamp::from_ms_clamped)
    }

    /// Which of a lead's events somebody said no machine made, by their places among the lead's own.
    pub(crate) fn released(&self, lead: u32) -> impl Iterator<Item = usize> {
        let all = range(&self.events.ends, lead);
        let begin = self.released.partition_point(|place| *place < all.start);
        let end = self.released.partition_point(|place| *place < all.end);
        let own = self.released.get(begin..end).unwrap_or_default();
        own.iter().map(move |place| place - all.start)
    }

    /// How many distinct events there are.
    pub fn distinct_events(&self) -> usize {
        self.distinct.len()
    }
}

impl Ids {
    pub(crate) fn push(&mut self, id: &str) {
        self.packed.push_str(id);
        self.ends.push(self.packed.len());
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The last id; empty where there is none.
    pub(crate) fn last(&self) -> &str {
        let last = self
            .ends
            .len()
            .checked_sub(1)
            .and_then(|last| u32::try_from(last).ok());
        last.map_or("", |last| self.get(last))
    }

    pub(crate) fn get(&self, lead: u32) -> &str {
        let range = range(&self.ends, lead);
        self.packed.get(range).unwrap_or_default()
    }

    /// All ids, as values to be written.
    pub(crate) fn shared(&self) -> Vec<ByteArray> {
        let packed = Bytes::from(self.packed.clone().into_bytes());
        let all = (0..)
            .take(self.len())
            .map(|lead| ByteArray::from(packed.slice(range(&self.ends, lead))));
        all.collect()
    }

    pub(crate) fn find(&self, id: &str) -> Option<u32> {
        let (mut from, mut to) = (0, u32::try_from(self.ends.len()).unwrap_or(u32::MAX));
        while from < to {
            let middle = from + (to - from) / 2;
            match self.get(middle).cmp(id) {
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => to = middle,
            }
        }
        None
    }
}

impl LeadEvents {
    /// The times and numbers of a lead's events.
    pub(crate) fn of(&self, lead: u32) -> (&[i64], &[u32]) {
        let range = range(&self.ends, lead);
        let numbers = self.numbers.get(range.clone()).unwrap_or_default();
        (self.ms.get(range).unwrap_or_default(), numbers)
    }
}

impl LeadEvents {
    /// Puts each lead's events in the order of their times.
    pub(crate) fn sort_by_time(&mut self) {
        let (mut start, mut scratch) = (0, Vec::new());
        for end in &self.ends {
            let range = start..*end;
            start = *end;
            let (Some(ms), Some(numbers)) = (self.ms.get_mut(range.clone()), self.numbers.get_mut(range))
            else {
                continue;
            };
            if ms.is_sorted() {
                continue;
            }
            scratch.clear();
            scratch.extend(ms.iter().copied().zip(numbers.iter().copied()));
            scratch.sort_unstable();
            for ((ms, number), sorted) in ms.iter_mut().zip(numbers).zip(&scratch) {
                (*ms, *number) = *sorted;
            }
        }
    }
}

impl Writes {
    /// A lead's writes, by time.
    pub(crate) fn of(&self, lead: u32) -> &[Write] {
        self.all.get(range(&self.ends, lead)).unwrap_or_default()
    }

    /// What a write said.
    pub(crate) fn set(&self, write: &Write) -> Option<&Traits> {
        self.sets.get(write.set)
    }
}

/// The stretch that belongs to a lead, by where each one's ends.
fn range(ends: &[usize], lead: u32) -> std::ops::Range<usize> {
    let lead = lead as usize;
    let before = lead.checked_sub(1).and_then(|before| ends.get(before));
    let start = before.copied().unwrap_or(0);
    start..ends.get(lead).copied().unwrap_or(start)
}
