//! Scoring a history that was gathered from rows in any order.

use std::collections::HashSet;

use bellwether_core::domain::{Timestamp, Traits};
use bellwether_core::engine::{Engine, Signature};
use bellwether_core::suspect::{Sighting, sift};
use hashbrown::HashMap;

use crate::error::ReplayError;
use crate::fold::{Folder, Learned};
use crate::history::{Counts, History, Said};
use crate::identity::Resolved;
use crate::leads::{Base, Leads};
use crate::reach::Reach;
use crate::records::{Record, Sorted};
use crate::rejects::Rejects;
use crate::scored::Scored;
use crate::signatures::Signatures;
use crate::traits::{Relevant, TraitSets, overwrite};

/// Who was put where: leads in the order of their ids, and what of each is known from the leads file.
pub(crate) struct People {
    pub(crate) leads: Leads,
    pub(crate) resolved: Resolved,
    /// From when on one could reach whom.
    pub(crate) reach: Reach,
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

/// Facts sorted by the rank of their lead, before anything is known of the leads but their ids.
pub(crate) struct Placed<'a> {
    pub(crate) leads: Leads,
    pub(crate) resolved: Resolved,
    /// From when on one could reach whom.
    pub(crate) reach: Reach,
    /// Leads' numbers in the order of their ids.
    pub(crate) order: Vec<u32>,
    pub(crate) records: Sorted,
    pub(crate) traits: TraitSets,
    pub(crate) signatures: Signatures<'a>,
    pub(crate) counts: Counts,
    /// The leads whose traits are written by a fact.
    written: HashSet<u32>,
}

/// Resolves who is who and sorts the facts.
pub(crate) fn place(history: History<'_>) -> Result<Placed<'_>, ReplayError> {
    let History {
        leads,
        signatures,
        records,
        traits,
        identities,
        counts,
        reach,
        ..
    } = history;
    let resolved = identities.resolve(&leads.ids)?;
    let reach = reach.of_leads(&resolved);
    let mut order: Vec<u32> = (0..u32::try_from(leads.ids.len()).unwrap_or(u32::MAX)).collect();
    order.sort_unstable_by(|a, b| leads.ids.get(*a).cmp(leads.ids.get(*b)));
    let mut rank = vec![0; order.len()];
    for (place, lead) in (0..).zip(&order) {
        if let Some(rank) = rank.get_mut(*lead as usize) {
            *rank = place;
        }
    }
    let written = std::cell::RefCell::new(HashSet::new());
    let resolve = |record: &Record| {
        let lead = resolved.lead(record.lead, record.ts, record.is_anonymous());
        let writes = match record.said() {
            Said::Traits(..) => true,
            Said::Event(number) => {
                let signature = signatures.signature(number);
                signature.is_some_and(|signature| signature.touch.is_some())
            }
        };
        if writes {
            written.borrow_mut().insert(lead);
        }
        rank.get(lead as usize).copied().unwrap_or(u32::MAX)
    };
    let records = records.sorted(&resolve)?;
    Ok(Placed {
        leads,
        resolved,
        reach,
        order,
        records,
        traits,
        signatures,
        counts,
        written: written.into_inner(),
    })
}

/// Resolves who is who, sorts the facts, and looks up what the leads file says of whom.
pub(crate) fn order<'a>(
    history: History<'a>,
    engine: &Engine,
    t: Timestamp,
    keep: Option<&Relevant>,
    rejects: &mut Rejects,
) -> Result<Ordered<'a>, ReplayError> {
    let placed = place(history)?;
    let mut people = People {
        leads: placed.leads,
        resolved: placed.resolved,
        reach: placed.reach,
        order: placed.order,
        joined: HashMap::new(),
        base_traits: HashMap::new(),
    };
    people.look_up_bases(engine, &placed.written, keep, rejects)?;
    Ok(Ordered {
        people,
        records: placed.records,
        traits: placed.traits,
        signatures: placed.signatures,
        counts: placed.counts,
        t,
    })
}

/// What a leads file says of leads that others were joined into: traits and creation, united.
pub(crate) type United = HashMap<u32, (Traits, Option<Timestamp>)>;

/// Unites what a leads file says of each lead that others were joined into. `traits_of` gives those of a lead of the file.
pub(crate) fn unite(leads: &Leads, resolved: &Resolved, traits_of: &dyn Fn(u32) -> Traits) -> United {
    let created = |lead: u32| leads.bases.get(lead as usize).and_then(Base::created);
    let mut united = United::new();
    // The target's traits go before those of who was joined into it, and among these the first by id.
    for lead in joined_in_file(leads, resolved) {
        let (known, since) = united.entry(resolved.root(lead)).or_default();
        overwrite(known, traits_of(lead));
        *since = (*since).into_iter().chain(created(lead)).min();
    }
    for (root, (known, since)) in &mut united {
        overwrite(known, traits_of(*root));
        *since = (*since).into_iter().chain(created(*root)).min();
    }
    united
}

/// The leads of the file that were joined into others, the last by id first.
fn joined_in_file(leads: &Leads, resolved: &Resolved) -> Vec<u32> {
    let in_file = |lead: &u32| (*lead as usize) < leads.bases.len();
    let mut joined: Vec<u32> = resolved.joined().filter(in_file).collect();
    joined.sort_unstable_by(|a, b| leads.ids.get(*b).cmp(leads.ids.get(*a)));
    joined
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
        let sources = joined_in_file(&self.leads, &self.resolved);
        let roots = sources.iter().map(|lead| self.resolved.root(*lead));
        let wanted = sources
            .iter()
            .copied()
            .chain(roots)
            .chain(written.iter().copied())
            .chain(self.reach.said());
        let mut traits: HashMap<u32, Traits> = wanted
            .filter(|lead| in_file(*lead))
            .map(|lead| (lead, Traits::new()))
            .collect();
        if !traits.is_empty() {
            let keep = |field: &str| keep.is_none_or(|keep| keep.holds(field));
            self.leads.gather_traits(&mut traits, &keep, rejects)?;
        }
        let traits_of = |lead: u32| traits.get(&lead).cloned().unwrap_or_default();
        for (root, (known, created)) in unite(&self.leads, &self.resolved, &traits_of) {
            let fit = engine.fit(&known);
            self.joined.insert(root, Base::new(fit, created));
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
            Said::Traits(..) => None,
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
                Said::Traits(source, number) => {
                    writes.extend(ordered.traits.get(number).map(|traits| (ts, (source, traits))));
                }
            }
        }
        let touched = self.events.iter().any(|(_, signature)| signature.touch.is_some());
        let known_from = ordered.people.reach.of(lead);
        if writes.is_empty() && !touched && known_from.is_none() {
            return folder.fold(base, &mut self.events);
        }
        let none = Traits::new();
        let learned = Learned {
            created: base.and_then(|base| base.created()),
            known_from,
            base: ordered.people.base_traits.get(&lead).unwrap_or(&none),
            writes,
        };
        folder.fold_learned(learned, &mut self.events)
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
