//! Scoring a history that was gathered from rows in any order.

use std::collections::HashSet;

use bellwether_core::domain::{Timestamp, Traits};
use bellwether_core::engine::{Engine, Signature};
use bellwether_core::suspect::{Sighting, sift};
use hashbrown::HashMap;

use crate::error::ReplayError;
use crate::fold::{Folder, Written};
use crate::history::{Counts, History, Said};
use crate::identity::Resolved;
use crate::leads::{Base, Leads};
use crate::records::{Record, RecordLog, Sorted};
use crate::rejects::Rejects;
use crate::scored::Scored;
use crate::signatures::Signatures;
use crate::traits::{Relevant, TraitSets, overwrite};

/// Who was put where: leads in the order of their ids, and what of each is known from the leads file.
pub(crate) struct People {
    pub(crate) leads: Leads,
    pub(crate) resolved: Resolved,
    /// Leads' numbers in the order of their ids.
    pub(crate) order: Vec<u32>,
    /// What the leads file says of leads that others were joined into.
    joined: HashMap<u32, Base>,
    /// The traits from the beginning of leads whose traits were written later.
    pub(crate) base_traits: HashMap<u32, Traits>,
}

/// Facts sorted by the rank of their lead, and what they refer to.
pub(crate) struct Ordered<'a> {
    pub(crate) people: People,
    pub(crate) records: Sorted,
    pub(crate) traits: TraitSets,
    pub(crate) signatures: Signatures<'a>,
    pub(crate) counts: Counts,
    pub(crate) t: Timestamp,
}

/// Resolves who is who and sorts the facts.
pub(crate) fn order<'a>(
    history: History<'a>,
    engine: &Engine,
    t: Timestamp,
    keep: Option<&Relevant>,
    rejects: &mut Rejects,
) -> Result<Ordered<'a>, ReplayError> {
    let History {
        leads,
        signatures,
        records,
        traits,
        identities,
        counts,
        ..
    } = history;
    let resolved = identities.resolve(&leads.ids)?;
    let mut order: Vec<u32> = (0..u32::try_from(leads.ids.len()).unwrap_or(u32::MAX)).collect();
    order.sort_unstable_by(|a, b| leads.ids.get(*a).cmp(leads.ids.get(*b)));
    let mut rank = vec![0; order.len()];
    for (place, lead) in (0..).zip(&order) {
        if let Some(rank) = rank.get_mut(*lead as usize) {
            *rank = place;
        }
    }
    let mut written = HashSet::new();
    let mut people = People {
        leads,
        resolved,
        order,
        joined: HashMap::new(),
        base_traits: HashMap::new(),
    };
    let records = {
        let written = std::cell::RefCell::new(&mut written);
        let resolve = |record: &Record| {
            let lead = people
                .resolved
                .lead(record.lead, record.ts, record.is_anonymous());
            let writes = match record.said() {
                Said::Traits(_) => true,
                Said::Event(number) => {
                    let signature = signatures.all().get(number as usize);
                    signature.is_some_and(|signature| signature.touch.is_some())
                }
            };
            if writes {
                written.borrow_mut().insert(lead);
            }
            rank.get(lead as usize).copied().unwrap_or(u32::MAX)
        };
        sorted(records, &resolve)?
    };
    people.look_up_bases(engine, &written, keep, rejects)?;
    Ok(Ordered {
        people,
        records,
        traits,
        signatures,
        counts,
        t,
    })
}

fn sorted(records: RecordLog, resolve: &dyn Fn(&Record) -> u32) -> Result<Sorted, ReplayError> {
    records.sorted(resolve)
}

impl People {
    /// What the leads file says of a lead, those that were joined into it included.
    pub(crate) fn base(&self, lead: u32) -> Option<Base> {
        self.joined
            .get(&lead)
            .or_else(|| self.leads.bases.get(lead as usize))
            .copied()
    }

    /// Reads the traits of the leads that need them again, once for all.
    fn look_up_bases(
        &mut self,
        engine: &Engine,
        written: &HashSet<u32>,
        keep: Option<&Relevant>,
        rejects: &mut Rejects,
    ) -> Result<(), ReplayError> {
        let in_file = |lead: u32| (lead as usize) < self.leads.bases.len();
        let mut sources: Vec<u32> = self.resolved.joined().filter(|lead| in_file(*lead)).collect();
        sources.sort_unstable_by(|a, b| self.leads.ids.get(*b).cmp(self.leads.ids.get(*a)));
        let roots = sources.iter().map(|lead| self.resolved.root(*lead));
        let wanted = sources
            .iter()
            .copied()
            .chain(roots)
            .chain(written.iter().copied());
        let mut traits: HashMap<u32, Traits> = wanted
            .filter(|lead| in_file(*lead))
            .map(|lead| (lead, Traits::new()))
            .collect();
        if !traits.is_empty() {
            let keep = |field: &str| keep.is_none_or(|keep| keep.holds(field));
            self.leads.gather_traits(&mut traits, &keep, rejects)?;
        }
        // The target's traits go before those of who was joined into it, and among these the first by id.
        let mut united: HashMap<u32, (Traits, Option<Timestamp>)> = HashMap::new();
        for lead in &sources {
            let (known, created) = united.entry(self.resolved.root(*lead)).or_default();
            overwrite(known, traits.get(lead).cloned().unwrap_or_default());
            let also = self.leads.bases.get(*lead as usize).and_then(|base| base.created);
            *created = (*created).into_iter().chain(also).min();
        }
        for (root, (mut known, created)) in united {
            overwrite(&mut known, traits.get(&root).cloned().unwrap_or_default());
            let own = self.leads.bases.get(root as usize).and_then(|base| base.created);
            let created = created.into_iter().chain(own).min();
            self.joined.insert(
                root,
                Base {
                    fit: engine.fit(&known),
                    created,
                },
            );
            traits.insert(root, known);
        }
        self.base_traits = traits;
        Ok(())
    }
}

/// Scores every lead that a row was about.
pub(crate) fn score(mut ordered: Ordered<'_>, engine: &Engine) -> Result<(Scored, Counts), ReplayError> {
    let mut scored = Scored::default();
    let mut folder = Folder::new(engine, ordered.t);
    let mut pile = Pile::default();
    let mut next = ordered.records.next()?;
    for (rank, lead) in (0_u32..).zip(&ordered.people.order) {
        pile.clear();
        while let Some(record) = next.filter(|record| record.lead == rank) {
            pile.records.push(record);
            next = ordered.records.next()?;
        }
        let base = ordered.people.base(*lead);
        // Who was joined into somebody else, or is known as a user, has no row of their own.
        let gone = ordered.people.resolved.root(*lead) != *lead;
        if gone || (pile.records.is_empty() && base.is_none()) {
            continue;
        }
        ordered.counts.duplicate_messages += pile.drop_copies();
        pile.hold_apart(&ordered.signatures, &mut ordered.counts);
        let outcome = pile.fold(&mut folder, base, *lead, &ordered);
        scored.push(ordered.people.leads.ids.get(*lead), &outcome);
    }
    Ok((scored, ordered.counts))
}

/// The facts of one lead.
#[derive(Default)]
struct Pile<'a> {
    records: Vec<Record>,
    events: Vec<(Timestamp, &'a Signature)>,
}

impl<'a> Pile<'a> {
    fn clear(&mut self) {
        self.records.clear();
        self.events.clear();
    }

    fn drop_copies(&mut self) -> u64 {
        drop_copies(&mut self.records)
    }

    /// Takes out what the agreement holds apart, and counts it.
    fn hold_apart(&mut self, signatures: &Signatures<'_>, counts: &mut Counts) {
        let Some(rules) = signatures.suspect() else { return };
        let of_event = |record: &Record| match record.said() {
            Said::Event(number) => signatures.sighting(number, Timestamp::from_ms_clamped(record.ts)),
            Said::Traits(_) => None,
        };
        let sightings: Vec<Sighting<'_>> = self.records.iter().filter_map(of_event).collect();
        let mut held = sift(rules, &sightings).held.into_iter();
        self.records.retain(|record| {
            let why = of_event(record).and_then(|_| held.next().flatten());
            if let Some(why) = &why {
                counts.held.add(why.rule);
            }
            why.is_none()
        });
    }

    fn fold(
        &mut self,
        folder: &mut Folder<'a>,
        base: Option<Base>,
        lead: u32,
        ordered: &Ordered<'a>,
    ) -> crate::scored::Outcome {
        let mut writes = Vec::new();
        for record in &self.records {
            let ts = Timestamp::from_ms_clamped(record.ts);
            match record.said() {
                Said::Event(number) => {
                    let signature = ordered.signatures.signature(number);
                    self.events.extend(signature.map(|signature| (ts, signature)));
                }
                Said::Traits(number) => writes.extend(ordered.traits.get(number).map(|traits| (ts, traits))),
            }
        }
        let touched = self.events.iter().any(|(_, signature)| signature.touch.is_some());
        if writes.is_empty() && !touched {
            return folder.fold(base, &mut self.events);
        }
        let none = Traits::new();
        let base_traits = ordered.people.base_traits.get(&lead).unwrap_or(&none);
        let created = base.and_then(|base| base.created);
        folder.fold_written(
            created,
            Written {
                base: base_traits,
                writes,
            },
            &mut self.events,
        )
    }
}

/// Drops copies of messages, keeping the earliest of each; how many there were.
pub(crate) fn drop_copies(records: &mut Vec<Record>) -> u64 {
    if records.iter().all(|record| record.message == 0) {
        return 0;
    }
    let before = records.len();
    records.sort_unstable_by_key(|record| (record.message, record.ts, record.fact));
    records.dedup_by(|later, kept| later.message == kept.message && later.message != 0);
    records.sort_unstable();
    (before - records.len()) as u64
}
