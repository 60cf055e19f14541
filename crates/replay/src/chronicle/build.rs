//! Files to a chronicle: rows in any order are gathered and sorted as for a run by one agreement, but nothing is left out.
//! Whatever a chronicle comes from, it is put together by [`Builder`].

use bellwether_core::domain::{Timestamp, TraitSource};
use bellwether_core::engine::TraitLog;
use hashbrown::HashMap;

use super::{Chronicle, NEVER, TraitColumns, Write, sorted};
use crate::distinct_events::DistinctEvents;
use crate::error::ReplayError;
use crate::gathered::{Placed, United, drop_copies, place, unite};
use crate::history::{self, History};
use crate::leads::{Base, Leads};
use crate::rejects::Rejects;
use crate::run::{Effort, Input, gather, since};
use crate::signatures::Signatures;
use crate::source::{Format, Progress};
use crate::traits::TraitSets;

/// The row of a lead of whom no traits are known from the beginning.
pub(super) const NO_ROW: u32 = u32::MAX;

pub(super) fn read(
    input: &Input,
    effort: Effort,
    rejects: &mut Rejects,
    progress: Progress<'_>,
) -> Result<Chronicle, ReplayError> {
    let mut straight = None;
    if let Some(source) = input
        .events
        .as_ref()
        .filter(|source| source.format == Format::Parquet)
    {
        straight = sorted::read(source, input, effort, rejects, progress)?;
    }
    let (leads, traits) = match &input.leads {
        Some(source) => Leads::read_whole(source, &input.columns, since(input), progress, rejects)?,
        None => (Leads::default(), TraitColumns::default()),
    };
    if let Some(straight) = straight {
        return Ok(straight.into_chronicle(&leads, traits));
    }
    let events = Signatures::of_everything();
    let mut history = History::new(leads, events, input.as_of, effort.records_in_memory_max);
    gather(input, &mut history, rejects, progress)?;
    let latest = history.latest.or_else(|| history.leads.latest_creation());
    let mut placed = place(history)?;
    let united = unite(&placed.leads, &placed.resolved, &|lead| traits.row(lead));
    let mut builder = Builder::new(latest);
    builder.chronicle.traits = traits;
    builder.chronicle.distinct = placed.signatures.whole.take().unwrap_or_default();
    builder.take_all(&mut placed, &united)?;
    let also = also(&builder.chronicle, &placed);
    builder.chronicle.also = also;
    builder.chronicle.counts = placed.counts;
    Ok(builder.finish(placed.traits))
}

/// A lead as it is added.
pub(super) struct NewLead<'l> {
    pub(super) id: &'l str,
    pub(super) created: Option<Timestamp>,
    /// From when on one could reach it; nothing where that was always so.
    pub(super) known: Option<Timestamp>,
    /// The row of its traits from the beginning.
    pub(super) row: u32,
    /// The times of its events, in their order.
    pub(super) ms: &'l [i64],
    /// Their numbers.
    pub(super) numbers: &'l [u32],
    /// Which of them were released, by their places, sorted.
    pub(super) released: &'l [usize],
    /// What was said of it, by time.
    pub(super) said: &'l [Said],
}

/// That a source said who a lead is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    pub(super) ms: i64,
    pub(super) source: TraitSource,
    pub(super) set: u32,
}

/// A chronicle that leads are added to, in the order of their ids.
pub(super) struct Builder {
    chronicle: Chronicle,
    /// The row of each lead's traits from the beginning, as the leads file gave them.
    base_rows: Vec<u32>,
    /// The rows that writes made, in the order in which [`Write::row`] counts them.
    state_rows: Vec<u32>,
}

impl Builder {
    pub(super) fn new(latest: Option<Timestamp>) -> Self {
        Self {
            chronicle: Chronicle {
                latest,
                ..Chronicle::default()
            },
            base_rows: Vec::new(),
            state_rows: Vec::new(),
        }
    }

    /// One that goes on with the values of another chronicle, whose leads can be kept.
    pub(super) fn over(traits: TraitColumns, distinct: DistinctEvents) -> Self {
        let mut builder = Self::new(None);
        builder.chronicle.traits = traits;
        builder.chronicle.distinct = distinct;
        builder
    }

    /// The rows of traits, to which those that leads have from the beginning are added.
    pub(super) fn traits(&mut self) -> &mut TraitColumns {
        &mut self.chronicle.traits
    }

    /// The distinct events.
    pub(super) fn events(&mut self) -> &mut DistinctEvents {
        &mut self.chronicle.distinct
    }

    /// How many leads there are.
    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.base_rows.len()).unwrap_or(u32::MAX)
    }

    /// Adds an id by which the lead that was taken last is known, too.
    pub(super) fn also_known(&mut self, id: &str) {
        let lead = self.len().saturating_sub(1);
        self.chronicle.also.push((Box::from(id), lead));
    }

    fn take_all(&mut self, placed: &mut Placed<'_>, united: &United) -> Result<(), ReplayError> {
        let (mut records, mut duplicates) = (Vec::new(), 0);
        let (mut ms, mut numbers, mut said) = (Vec::new(), Vec::new(), Vec::new());
        let mut next = placed.records.next()?;
        for (rank, number) in (0_u32..).zip(&placed.order) {
            records.clear();
            while let Some(record) = next.filter(|record| record.lead == rank) {
                records.push(record);
                next = placed.records.next()?;
            }
            let in_file = placed.leads.bases.get(*number as usize);
            let joined = united.get(number);
            // Who was joined into somebody else, or is known as a user, is no lead of their own.
            let gone = placed.resolved.root(*number) != *number;
            if gone || (records.is_empty() && in_file.is_none() && joined.is_none()) {
                continue;
            }
            duplicates += drop_copies(&mut records);
            let id = placed.leads.ids.get(*number);
            let created = match joined {
                Some((_, created)) => *created,
                None => in_file.and_then(Base::created),
            };
            let row = match (joined, in_file) {
                (Some((traits, _)), _) => self.chronicle.traits.push(traits),
                (None, Some(_)) => *number,
                (None, None) => NO_ROW,
            };
            ms.clear();
            numbers.clear();
            said.clear();
            for record in &records {
                match record.said() {
                    history::Said::Event(number) => {
                        ms.push(record.ts);
                        numbers.push(number);
                    }
                    history::Said::Traits(source, set) => said.push(Said {
                        ms: record.ts,
                        source,
                        set,
                    }),
                }
            }
            let lead = NewLead {
                id,
                created,
                known: placed.reach.of(*number),
                row,
                ms: &ms,
                numbers: &numbers,
                released: &[],
                said: &said,
            };
            self.take(&lead, &placed.traits);
        }
        placed.counts.duplicate_messages += duplicates;
        Ok(())
    }

    /// Adds a lead with its events and its writes, both by time.
    pub(super) fn take(&mut self, lead: &NewLead<'_>, sets: &TraitSets) {
        self.begin(lead);
        if !lead.said.is_empty() {
            self.take_writes(lead.row, lead.said, sets);
        }
        let writes = &mut self.chronicle.writes;
        writes.ends.push(writes.all.len());
    }

    /// Adds a lead of the chronicle whose values are gone on with, as it is there.
    pub(super) fn keep(&mut self, from: &Chronicle, lead: u32) {
        let (ms, numbers) = from.events.of(lead);
        let released: Vec<usize> = from.released(lead).collect();
        self.begin(&NewLead {
            id: from.id(lead),
            created: from.created(lead),
            known: from.known_from(lead),
            row: lead,
            ms,
            numbers,
            released: &released,
            said: &[],
        });
        let mut before = None;
        for write in from.writes.of(lead) {
            if before.replace(write.row) != Some(write.row) {
                self.state_rows.push(write.row);
            }
            // There are fewer states than rows of traits, which are counted in as many bits.
            let row = u32::try_from(self.state_rows.len() - 1).unwrap_or(u32::MAX);
            self.chronicle.writes.all.push(Write { row, ..*write });
        }
        let writes = &mut self.chronicle.writes;
        writes.ends.push(writes.all.len());
    }

    fn begin(&mut self, lead: &NewLead<'_>) {
        let chronicle = &mut self.chronicle;
        chronicle.ids.push(lead.id);
        chronicle.created.push(lead.created.map_or(NEVER, Timestamp::ms));
        chronicle.known.push(lead.known.map_or(NEVER, Timestamp::ms));
        self.base_rows.push(lead.row);
        let begun = chronicle.events.ms.len();
        let released = lead.released.iter().map(|place| begun + place);
        chronicle.released.extend(released);
        chronicle.events.ms.extend_from_slice(lead.ms);
        chronicle.events.numbers.extend_from_slice(lead.numbers);
        chronicle.events.ends.push(chronicle.events.ms.len());
    }

    /// Takes what a lead wrote, by time, with what all its traits are after each instant.
    fn take_writes(&mut self, base: u32, said: &[Said], sets: &TraitSets) {
        let traits = &mut self.chronicle.traits;
        let (mut log, mut current) = (TraitLog::default(), traits.row(base));
        log.write(Timestamp::MIN, TraitSource::Stated, &current);
        let mut state = None;
        for instant in said.chunk_by(|a, b| a.ms == b.ms) {
            for said in instant {
                let ts = Timestamp::from_ms_clamped(said.ms);
                if let Some(set) = sets.get(said.set) {
                    log.write(ts, said.source, set);
                }
            }
            let now = log.current();
            let row = match state {
                Some(row) if now == current => row,
                _ => {
                    self.state_rows.push(traits.push(&now));
                    self.state_rows.len() - 1
                }
            };
            (state, current) = (Some(row), now);
            // There are fewer states than rows of traits, which are counted in as many bits.
            let row = u32::try_from(row).unwrap_or(u32::MAX);
            let written = instant.iter().map(|said| Write {
                ms: said.ms,
                source: said.source,
                set: said.set,
                row,
            });
            self.chronicle.writes.all.extend(written);
        }
    }

    pub(super) fn finish(self, sets: TraitSets) -> Chronicle {
        let mut chronicle = self.chronicle;
        // The rows of leads come first, in the order of the leads.
        let leads = u32::try_from(self.base_rows.len()).unwrap_or(u32::MAX);
        for write in &mut chronicle.writes.all {
            write.row = write.row.saturating_add(leads);
        }
        let mut rows = self.base_rows;
        rows.extend(self.state_rows);
        chronicle.traits.keep(&rows);
        if chronicle.writes.all.is_empty() {
            chronicle.writes.ends = Vec::new();
        }
        if chronicle.known.iter().all(|known| *known == NEVER) {
            chronicle.known = Vec::new();
        }
        chronicle.also.sort_unstable();
        chronicle.writes.sets = sets;
        chronicle
    }
}

/// The ids that are no lead's own, and whose they are in the end.
fn also(chronicle: &Chronicle, placed: &Placed<'_>) -> Vec<(Box<str>, u32)> {
    let ids = &placed.leads.ids;
    let mut leads: HashMap<u32, Option<u32>> = HashMap::new();
    let mut found = Vec::new();
    for number in &placed.order {
        let lead = placed.resolved.lead(*number, Timestamp::MAX.ms(), true);
        if lead == *number || chronicle.ids.find(ids.get(*number)).is_some() {
            continue;
        }
        let known = *leads
            .entry(lead)
            .or_insert_with(|| chronicle.ids.find(ids.get(lead)));
        found.extend(known.map(|lead| (Box::from(ids.get(*number)), lead)));
    }
    found
}
