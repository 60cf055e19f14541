//! One lead's whole history out of the same files and by the same reading as a run over all, for its ledger.

use bellwether_core::domain::{Event, Timestamp, Traits};
use bellwether_core::engine::Engine;
use bellwether_core::explain::{History as Facts, HistoryFact};
use bellwether_core::suspect::Held;
use hashbrown::HashMap;

use crate::error::ReplayError;
use crate::gathered::{self, Ordered, drop_copies};
use crate::history::{History, Said};
use crate::rejects::Rejects;
use crate::run::{Effort, Input, gather, instant, read_leads};
use crate::signatures::{SignatureArena, Signatures};
use crate::source::Progress;

/// What is known of one lead.
pub struct LeadHistory {
    /// Its id; another than asked for where that one was joined into it.
    pub id: String,
    /// Its facts, with the properties that the agreement's rules read.
    pub facts: Facts,
    /// The events that the agreement holds apart, which are not among the facts, and why.
    pub held: Vec<(Event, Held)>,
    /// The instant that a run over all would score at.
    pub t: Timestamp,
}

/// Reads one lead's history; `None` where nothing names it.
pub fn lead_history(
    engine: &Engine,
    input: &Input,
    effort: Effort,
    lead: &str,
    rejects: &mut Rejects,
    progress: Progress<'_>,
) -> Result<Option<LeadHistory>, ReplayError> {
    let leads = read_leads(engine, input, effort, rejects, progress)?;
    let arena = SignatureArena::default();
    let signatures = Signatures::new(engine, &arena).keep_whole_events();
    let mut history = History::new(leads, signatures, input.as_of, effort.records_in_memory_max);
    gather(input, &mut history, rejects, progress)?;
    let t = instant(input, &history);
    let mut ordered = gathered::order(history, engine, t, None, rejects)?;
    let Some(number) = ordered.people.leads.ids.find(lead) else {
        return Ok(None);
    };
    // A device that was identified in the end is its user.
    let number = ordered.people.resolved.lead(number, Timestamp::MAX.ms(), true);
    let facts = facts_of(&mut ordered, number)?;
    let base = ordered.people.base(number);
    if facts.is_empty() && base.is_none() {
        return Ok(None);
    }
    let created = base.and_then(|base| base.created()).map(HistoryFact::Created);
    let known = ordered.people.reach.of(number).map(HistoryFact::Known);
    let mut facts = Facts {
        base: base_traits(&ordered, number, rejects)?,
        always_known: known.is_none(),
        facts: created.into_iter().chain(known).chain(facts).collect(),
    };
    let held = engine.agreement().suspect.as_ref();
    let held = held.map(|rules| facts.hold_apart(rules, &[])).unwrap_or_default();
    let id = ordered.people.leads.ids.get(number).to_owned();
    Ok(Some(LeadHistory { id, facts, held, t }))
}

fn facts_of(ordered: &mut Ordered<'_>, lead: u32) -> Result<Vec<HistoryFact>, ReplayError> {
    let rank = ordered.people.order.iter().position(|number| *number == lead);
    let rank = rank.and_then(|rank| u32::try_from(rank).ok());
    let mut records = Vec::new();
    while let Some(record) = ordered.records.next()? {
        if Some(record.lead) == rank {
            records.push(record);
        }
    }
    drop_copies(&mut records);
    let facts = records.iter().filter_map(|record| {
        let ts = Timestamp::from_ms_clamped(record.ts);
        match record.said() {
            Said::Event(number) => {
                let events = ordered.signatures.whole.as_ref()?;
                Some(HistoryFact::Event(events.event(number, ts)))
            }
            Said::Traits(source, number) => Some(HistoryFact::Traits(
                ts,
                source,
                ordered.traits.get(number)?.clone(),
            )),
        }
    });
    Ok(facts.collect())
}

fn base_traits(ordered: &Ordered<'_>, lead: u32, rejects: &mut Rejects) -> Result<Traits, ReplayError> {
    if let Some(known) = ordered.people.base_traits.get(&lead) {
        return Ok(known.clone());
    }
    let mut traits = HashMap::from([(lead, Traits::new())]);
    ordered
        .people
        .leads
        .gather_traits(&mut traits, &|_| true, rejects)?;
    Ok(traits.remove(&lead).unwrap_or_default())
}
