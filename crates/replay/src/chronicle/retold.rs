//! Leads that are told anew from wherever their facts are kept: how a chronicle comes from a database, all leads at once at
//! first, and later those about whom something is new.

use bellwether_core::domain::{EventKind, Properties, Timestamp, TraitSource, Traits};
use hashbrown::HashMap;

use super::build::{Builder, NO_ROW, NewLead, Said};
use super::{Chronicle, LeadEvents};
use crate::distinct_events::DistinctEvents;
use crate::error::ReplayError;
use crate::traits::TraitSets;

/// Marks the number of an event that was released; there are fewer distinct events than that.
const RELEASED: u32 = 1 << 31;

/// A chronicle with some of its leads told anew, all others as they are. Who is told anew and isn't said to be somebody
/// whom one could reach is no lead of it any more.
#[derive(Default)]
pub struct Retelling {
    base: Chronicle,
    distinct: DistinctEvents,
    sets: TraitSets,
    leads: Vec<ToldLead>,
    places: HashMap<Box<str>, u32>,
    events: Vec<ToldEvent>,
    said: Vec<(u32, Said)>,
}

/// What is told of a lead besides its events and traits.
#[derive(Default)]
struct ToldLead {
    created: Option<Timestamp>,
    known: Option<Timestamp>,
}

struct ToldEvent {
    lead: u32,
    ms: i64,
    /// The event's number, and whether it was released.
    number: u32,
}

/// What a lead did, but for its time.
#[derive(Debug, Clone, Copy)]
pub struct Told<'e> {
    /// What kind of call it came by.
    pub kind: EventKind,
    /// Its name.
    pub name: &'e str,
    /// The path of the page.
    pub path: Option<&'e str>,
    /// Whether somebody said that no machine made it.
    pub released: bool,
}

impl Retelling {
    /// Nothing told anew yet.
    pub fn of(mut base: Chronicle) -> Self {
        Self {
            distinct: std::mem::take(&mut base.distinct),
            sets: std::mem::take(&mut base.writes.sets),
            base,
            ..Self::default()
        }
    }

    /// The number by which more is told of a lead; what the chronicle said of it counts no more.
    pub fn lead(&mut self, id: &str) -> u32 {
        if let Some(place) = self.places.get(id) {
            return *place;
        }
        // A database has far fewer leads.
        let place = u32::try_from(self.leads.len()).unwrap_or(u32::MAX);
        self.leads.push(ToldLead::default());
        self.places.insert(Box::from(id), place);
        place
    }

    /// The number of an event, by which [`Retelling::did`] tells who did it.
    pub fn event(&mut self, told: Told<'_>, properties: &Properties) -> Result<u32, ReplayError> {
        let values = properties
            .iter()
            .map(|(name, value)| (name.as_str(), value.view()));
        let number = self.distinct.intern(told.kind, told.name, told.path, values)?;
        Ok(if told.released { number | RELEASED } else { number })
    }

    /// A lead did something.
    pub fn did(&mut self, lead: u32, ts: Timestamp, event: u32) {
        self.events.push(ToldEvent {
            lead,
            ms: ts.ms(),
            number: event,
        });
    }

    /// A source said who a lead is.
    pub fn said(
        &mut self,
        lead: u32,
        ts: Timestamp,
        source: TraitSource,
        traits: Traits,
    ) -> Result<(), ReplayError> {
        let set = self.sets.intern(traits)?;
        let ms = ts.ms();
        self.said.push((lead, Said { ms, source, set }));
        Ok(())
    }

    /// A lead came to be; of several instants the earliest counts.
    pub fn created(&mut self, lead: u32, ts: Timestamp) {
        if let Some(told) = self.leads.get_mut(lead as usize) {
            told.created = Some(told.created.map_or(ts, |created| created.min(ts)));
        }
    }

    /// One could reach a lead; of several instants the earliest counts.
    pub fn known(&mut self, lead: u32, ts: Timestamp) {
        if let Some(told) = self.leads.get_mut(lead as usize) {
            told.known = Some(told.known.map_or(ts, |known| known.min(ts)));
        }
    }

    /// The chronicle as it was, whatever was told since.
    pub fn undone(self) -> Chronicle {
        let mut base = self.base;
        base.distinct = self.distinct;
        base.writes.sets = self.sets;
        base
    }

    /// The chronicle. `position` is for whoever keeps it: [`Chronicle::position`] gives it back.
    pub fn finish(self, position: String) -> Chronicle {
        let mut base = self.base;
        let mut builder = Builder::over(std::mem::take(&mut base.traits), self.distinct);
        let told = Sorted::new(self.leads.len(), self.events, self.said);
        let mut order: Vec<(Box<str>, u32)> = self.places.into_iter().collect();
        order.sort_unstable();
        let mut order = order.into_iter().peekable();
        let mut moved = vec![None; base.leads()];
        let take = |builder: &mut Builder, (id, place): &(Box<str>, u32)| {
            let lead = self.leads.get(*place as usize);
            if let Some((lead, known)) = lead.and_then(|lead| Some((lead, lead.known?))) {
                told.take(builder, id, *place, (lead.created, known), &self.sets);
            }
        };
        for (lead, moved) in (0..).zip(&mut moved) {
            let id = base.id(lead);
            while let Some(earlier) = order.next_if(|(told, _)| **told < *id) {
                take(&mut builder, &earlier);
            }
            if let Some(anew) = order.next_if(|(told, _)| **told == *id) {
                take(&mut builder, &anew);
            } else {
                *moved = Some(builder.len());
                builder.keep(&base, lead);
            }
        }
        for later in order {
            take(&mut builder, &later);
        }
        let mut chronicle = builder.finish(self.sets);
        let also = base.also.into_iter();
        let also = also.filter_map(|(id, lead)| Some((id, (*moved.get(lead as usize)?)?)));
        chronicle.also = also.collect();
        chronicle.counts.events = chronicle.events();
        chronicle.counts.trait_writes = chronicle.writes.all.len() as u64;
        chronicle.latest = latest(&chronicle);
        chronicle.position = position;
        chronicle
    }
}

/// What is told, lead by lead and by time.
struct Sorted {
    /// Their numbers also say which were released.
    events: LeadEvents,
    said: Vec<(u32, Said)>,
}

impl Sorted {
    fn new(leads: usize, told: Vec<ToldEvent>, mut said: Vec<(u32, Said)>) -> Self {
        said.sort_by_key(|(lead, said)| (*lead, said.ms));
        let mut ends = vec![0; leads];
        for event in &told {
            if let Some(count) = ends.get_mut(event.lead as usize) {
                *count += 1;
            }
        }
        let mut begun = 0;
        for end in &mut ends {
            let count = std::mem::replace(end, begun);
            begun += count;
        }
        let (mut ms, mut numbers) = (vec![0; told.len()], vec![0; told.len()]);
        for event in told {
            let Some(next) = ends.get_mut(event.lead as usize) else {
                continue;
            };
            if let (Some(ms), Some(number)) = (ms.get_mut(*next), numbers.get_mut(*next)) {
                (*ms, *number) = (event.ms, event.number);
            }
            // Once all are in their places, each lead's next one is where its own end.
            *next += 1;
        }
        let mut events = LeadEvents { ends, ms, numbers };
        events.sort_by_time();
        Self { events, said }
    }

    fn take(
        &self,
        builder: &mut Builder,
        id: &str,
        place: u32,
        (created, known): (Option<Timestamp>, Timestamp),
        sets: &TraitSets,
    ) {
        let (ms, numbers) = self.events.of(place);
        let mut numbers = numbers.to_vec();
        let mut released = Vec::new();
        for (place, number) in numbers.iter_mut().enumerate() {
            if *number & RELEASED != 0 {
                *number &= !RELEASED;
                released.push(place);
            }
        }
        let begun = self.said.partition_point(|(lead, _)| *lead < place);
        let said = self.said.get(begun..).unwrap_or_default().iter();
        let said: Vec<Said> = said
            .take_while(|(lead, _)| *lead == place)
            .map(|(_, said)| *said)
            .collect();
        let lead = NewLead {
            id,
            created,
            known: Some(known),
            row: NO_ROW,
            ms,
            numbers: &numbers,
            released: &released,
            said: &said,
        };
        builder.take(&lead, sets);
    }
}

/// The instant of the latest fact, or else of the latest creation.
fn latest(chronicle: &Chronicle) -> Option<Timestamp> {
    let leads = 0..u32::try_from(chronicle.leads()).unwrap_or(u32::MAX);
    let facts = leads.clone().flat_map(|lead| {
        let event = chronicle.events.of(lead).0.last();
        let write = chronicle.writes.of(lead).last().map(|write| &write.ms);
        event.into_iter().chain(write).copied()
    });
    let latest = facts.max().map(Timestamp::from_ms_clamped);
    latest.or_else(|| leads.filter_map(|lead| chronicle.created(lead)).max())
}
