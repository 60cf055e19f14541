//! A history as it is gathered from a file, in whatever order the file has it.

use bellwether_core::domain::{Timestamp, TraitSource, Traits};
use bellwether_core::suspect::Rule;

use crate::error::ReplayError;
use crate::identity::Identities;
use crate::leads::Leads;
use crate::limits::LEADS_MAX;
use crate::reach::Reach;
use crate::records::{Record, RecordLog};
use crate::signatures::Signatures;
use crate::traits::{Relevant, TraitSets};

/// Marks a fact as a write of traits; the rest of its number is that of the traits.
const TRAITS: u32 = 1 << 31;
/// Marks a fact as one that came with an anonymous id.
const ANONYMOUS: u32 = 1 << 30;
/// Where the number of whoever said traits stands.
const SOURCE: u32 = 28;
const NUMBER: u32 = (1 << SOURCE) - 1;

/// What was read, besides what was refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events that count.
    pub events: u64,
    /// Writes of traits that count.
    pub trait_writes: u64,
    /// Facts later than the instant that is asked for.
    pub after_as_of: u64,
    /// Calls about groups, which say nothing of a lead.
    pub groups_ignored: u64,
    /// Copies of messages that count once.
    pub duplicate_messages: u64,
    /// Events that the agreement holds apart as those of machines.
    pub held: HeldCounts,
}

/// How many events are held apart, by rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HeldCounts([u64; Rule::ALL.len()]);

impl HeldCounts {
    /// Each rule that holds any, and how many.
    pub fn by_rule(&self) -> impl Iterator<Item = (Rule, u64)> {
        Rule::ALL.into_iter().zip(self.0).filter(|(_, count)| *count > 0)
    }

    pub(crate) fn add(&mut self, rule: Rule) {
        for (one, count) in Rule::ALL.into_iter().zip(&mut self.0) {
            *count += u64::from(one == rule);
        }
    }
}

/// Who an event came from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Actor {
    pub(crate) id: u32,
    pub(crate) anonymous: bool,
}

/// What a record says.
pub(crate) enum Said {
    /// An event with this signature.
    Event(u32),
    /// Somebody said these traits.
    Traits(TraitSource, u32),
}

/// Everything gathered so far.
pub(crate) struct History<'a> {
    pub(crate) leads: Leads,
    pub(crate) signatures: Signatures<'a>,
    pub(crate) records: RecordLog,
    pub(crate) traits: TraitSets,
    pub(crate) identities: Identities,
    pub(crate) counts: Counts,
    pub(crate) latest: Option<Timestamp>,
    /// The traits that are kept of what is written; all where nothing is said.
    pub(crate) relevant: Option<Relevant>,
    /// From when on one could reach whom, where rows say so.
    pub(crate) reach: Reach,
    as_of: Option<Timestamp>,
}

impl<'a> History<'a> {
    pub(crate) fn new(
        leads: Leads,
        signatures: Signatures<'a>,
        as_of: Option<Timestamp>,
        records_in_memory_max: usize,
    ) -> Self {
        Self {
            leads,
            signatures,
            records: RecordLog::new(records_in_memory_max),
            traits: TraitSets::default(),
            identities: Identities::new(),
            counts: Counts::default(),
            latest: None,
            relevant: None,
            reach: Reach::default(),
            as_of,
        }
    }

    /// Whether something of this instant exists at the instant that is asked for; what doesn't is counted.
    pub(crate) fn exists(&mut self, ts: Timestamp) -> bool {
        let exists = self.as_of.is_none_or(|as_of| ts <= as_of);
        if exists {
            self.latest = self.latest.max(Some(ts));
        } else {
            self.counts.after_as_of += 1;
        }
        exists
    }

    /// The number of an id.
    pub(crate) fn id(&mut self, id: &str) -> Result<u32, ReplayError> {
        if self.leads.ids.len() >= LEADS_MAX {
            return Err(ReplayError::TooMany {
                what: "leads",
                limit: LEADS_MAX as u64,
            });
        }
        Ok(self.leads.ids.intern(id))
    }

    /// Takes an event by the number of its signature.
    pub(crate) fn event(
        &mut self,
        actor: Actor,
        ts: Timestamp,
        signature: u32,
        message: u64,
    ) -> Result<(), ReplayError> {
        self.counts.events += 1;
        self.push(actor, ts, signature & NUMBER, message)
    }

    /// Takes a write of traits, of which those are kept that can change a score.
    pub(crate) fn write_traits(
        &mut self,
        actor: Actor,
        ts: Timestamp,
        source: TraitSource,
        mut traits: Traits,
        message: u64,
    ) -> Result<(), ReplayError> {
        self.counts.trait_writes += 1;
        if let Some(relevant) = &self.relevant {
            // A write that can't change a score is still something learned, so an empty set stays.
            traits.retain(|name, _| relevant.holds(name));
        }
        let number = self.traits.intern(traits)? | (source as u32) << SOURCE;
        self.push(actor, ts, number | TRAITS, message)
    }

    /// Takes what the leads file says as of a time.
    pub(crate) fn take_dated(&mut self) -> Result<(), ReplayError> {
        let dated = std::mem::take(&mut self.leads.dated);
        self.traits = dated.sets;
        for (id, ts, set) in dated.writes {
            if self.exists(ts) {
                self.counts.trait_writes += 1;
                self.push(Actor { id, anonymous: false }, ts, set | TRAITS, 0)?;
            }
        }
        Ok(())
    }

    fn push(&mut self, actor: Actor, ts: Timestamp, fact: u32, message: u64) -> Result<(), ReplayError> {
        let fact = if actor.anonymous { fact | ANONYMOUS } else { fact };
        self.records.push(Record {
            lead: actor.id,
            ts: ts.ms(),
            fact,
            message,
        })
    }
}

impl Record {
    /// What the record says.
    pub(crate) fn said(&self) -> Said {
        let number = self.fact & NUMBER;
        if self.fact & TRAITS == 0 {
            Said::Event(number)
        } else {
            let source = usize::try_from(self.fact >> SOURCE & 3).ok();
            let source = source.and_then(|source| TraitSource::ALL.get(source).copied());
            Said::Traits(source.unwrap_or_default(), number)
        }
    }

    /// Whether it came with an anonymous id.
    pub(crate) fn is_anonymous(&self) -> bool {
        self.fact & ANONYMOUS != 0
    }
}
