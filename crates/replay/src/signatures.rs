//! What events mean to the agreement, worked out once per distinct combination of name, path and the properties that the
//! rules read.

use std::sync::OnceLock;

use bellwether_core::agreement::{Agreement, Suspect};
use bellwether_core::domain::{EventKind, EventView, Property, Timestamp, Traits, ValueRef};
use bellwether_core::engine::{Engine, Signature};
use bellwether_core::suspect::{Act, Sighting};
use hashbrown::HashMap;

use crate::distinct_events::DistinctEvents;
use crate::error::ReplayError;
use crate::limits::{SIGNATURE_CACHE_ENTRIES_MAX, SIGNATURES_MAX};

const CHUNKS: usize = 24;
const FIRST_CHUNK: usize = 64;

/// Keeps signatures where they are, so that states can borrow them while more are added.
#[derive(Default)]
pub(crate) struct SignatureArena {
    /// Each chunk is twice as long as the one before it.
    chunks: [OnceLock<Box<[OnceLock<Signature>]>>; CHUNKS],
}

/// The signatures of one reader of events.
pub(crate) struct Signatures<'a> {
    /// What works signatures out and keeps them; nothing where events are taken as they are.
    engine: Option<(&'a Engine, &'a SignatureArena)>,
    paths: Vec<String>,
    reads_pages: bool,
    known: HashMap<&'a Signature, u32>,
    all: Vec<&'a Signature>,
    remembered: HashMap<Box<[u8]>, u32>,
    key: Vec<u8>,
    /// Where events may be held apart: each distinct one, numbered in place of its signature.
    seen: Option<Vec<Seen>>,
    /// Where events are wanted whole: each distinct one, numbered in place of its signature.
    pub(crate) whole: Option<DistinctEvents>,
}

/// The properties of an event, as its file gives them.
#[derive(Clone, Copy)]
pub(crate) enum Given<'g, 'v> {
    /// In the order of [`Signatures::paths`].
    Cells(&'g [Option<ValueRef<'v>>]),
    /// By path.
    Map(&'g Traits),
}

/// An event as the rules of `[suspect]` see it, but for its time, and its signature.
struct Seen {
    /// The number of its signature.
    signature: u32,
    act: Act,
    mail: Box<str>,
    link: Box<str>,
    agent: Option<Box<str>>,
}

/// The properties that rules read, in the order of [`Signatures::paths`].
struct Row<'r, 'v> {
    paths: &'r [String],
    values: &'r [Option<ValueRef<'v>>],
}

impl Property for Row<'_, '_> {
    fn property(&self, path: &str) -> Option<ValueRef<'_>> {
        let at = self.paths.iter().position(|known| known == path)?;
        let value: ValueRef<'_> = self.values.get(at).copied().flatten()?;
        (!value.is_empty()).then_some(value)
    }
}

impl SignatureArena {
    fn keep(&self, at: usize, signature: Signature) -> Option<&Signature> {
        let (chunk, slot) = Self::place(at)?;
        let chunk_length = FIRST_CHUNK << chunk;
        let slots = self
            .chunks
            .get(chunk)?
            .get_or_init(|| (0..chunk_length).map(|_| OnceLock::new()).collect());
        Some(slots.get(slot)?.get_or_init(|| signature))
    }

    fn place(at: usize) -> Option<(usize, usize)> {
        let chunk = (at / FIRST_CHUNK + 1).ilog2() as usize;
        let before = FIRST_CHUNK * ((1_usize << chunk) - 1);
        Some((chunk, at.checked_sub(before)?))
    }
}

impl<'a> Signatures<'a> {
    pub(crate) fn new(engine: &'a Engine, arena: &'a SignatureArena) -> Self {
        let agreement = engine.agreement();
        let suspect = agreement.suspect.as_ref();
        Self {
            engine: Some((engine, arena)),
            paths: paths_of(agreement),
            reads_pages: reads_pages(agreement),
            seen: suspect.map(|_| Vec::new()),
            whole: None,
            ..Self::of_everything()
        }
    }

    /// Numbers distinct events with all that their file says of them, for agreements that aren't known yet.
    pub(crate) fn of_everything() -> Self {
        Self {
            engine: None,
            paths: Vec::new(),
            reads_pages: true,
            known: HashMap::new(),
            all: Vec::new(),
            remembered: HashMap::new(),
            key: Vec::new(),
            seen: None,
            whole: Some(DistinctEvents::default()),
        }
    }

    /// Numbers distinct events in place of signatures, for a ledger to show.
    pub(crate) fn keep_whole_events(mut self) -> Self {
        self.whole = Some(DistinctEvents::default());
        self
    }

    /// Has every column of a table read, where everything is.
    pub(crate) fn read_columns(&mut self, names: &[String]) {
        if self.engine.is_none() {
            let named = names.iter().filter(|name| !name.is_empty());
            self.paths = named.cloned().collect();
            self.paths.sort_unstable();
            self.paths.dedup();
        }
    }

    /// Whether a column holds a property that is read, or has one within.
    pub(crate) fn reads_column(&self, name: &str) -> bool {
        let within = |path: &String| path.split('.').next() == Some(name);
        self.engine.is_none() || self.paths.iter().any(within)
    }

    /// Whether a property is read.
    pub(crate) fn reads(&self, path: &str) -> bool {
        self.engine.is_none()
            || self
                .paths
                .binary_search_by(|known| known.as_str().cmp(path))
                .is_ok()
    }

    /// The properties that rules read, sorted.
    pub(crate) fn paths(&self) -> &[String] {
        &self.paths
    }

    /// Whether a page's path matters.
    pub(crate) fn reads_pages(&self) -> bool {
        self.reads_pages
    }

    /// All signatures so far, by number.
    pub(crate) fn all(&self) -> &[&'a Signature] {
        &self.all
    }

    /// The signature of an event, by its number.
    pub(crate) fn signature(&self, number: u32) -> Option<&'a Signature> {
        match &self.seen {
            Some(seen) => self
                .all
                .get(seen.get(number as usize)?.signature as usize)
                .copied(),
            None => self.all.get(number as usize).copied(),
        }
    }

    /// An event as the rules of `[suspect]` see it, by its number; `None` where the agreement has none.
    pub(crate) fn sighting(&self, number: u32, ts: Timestamp) -> Option<Sighting<'_>> {
        let seen = self.seen.as_ref()?.get(number as usize)?;
        Some(Sighting {
            ts,
            act: seen.act,
            mail: (&*seen.mail).into(),
            link: (&*seen.link).into(),
            agent: seen.agent.as_deref().map(Into::into),
            released: false,
        })
    }

    /// The rules by which events are held apart.
    pub(crate) fn suspect(&self) -> Option<&'a Suspect> {
        self.engine?.0.agreement().suspect.as_ref()
    }

    /// The number of an event's signature or, where events are wanted whole, of the event.
    pub(crate) fn of(
        &mut self,
        kind: EventKind,
        name: &str,
        path: Option<&str>,
        properties: Given<'_, '_>,
    ) -> Result<u32, ReplayError> {
        let path = path.filter(|_| self.reads_pages && kind == EventKind::Page);
        let Some((engine, _)) = self.engine.filter(|_| self.whole.is_none()) else {
            return self.whole_event(kind, name, path, properties);
        };
        let paths = std::mem::take(&mut self.paths);
        let number = match properties {
            Given::Cells(values) => self.classified(engine, kind, name, path, &paths, values),
            Given::Map(properties) => {
                let values: Vec<_> = paths.iter().map(|path| properties.property(path)).collect();
                self.classified(engine, kind, name, path, &paths, &values)
            }
        };
        self.paths = paths;
        number
    }

    fn whole_event(
        &mut self,
        kind: EventKind,
        name: &str,
        path: Option<&str>,
        properties: Given<'_, '_>,
    ) -> Result<u32, ReplayError> {
        let whole = self.whole.get_or_insert_default();
        match properties {
            Given::Cells(values) => {
                let cells = self.paths.iter().zip(values);
                let filled = cells.filter_map(|(path, value)| Some((path.as_str(), (*value)?)));
                whole.intern(kind, name, path, filled)
            }
            Given::Map(properties) => {
                let everything = self.engine.is_none();
                let read = |path: &str| everything || self.paths.iter().any(|known| known == path);
                let wanted = properties.iter().filter(|(path, _)| read(path));
                whole.intern(
                    kind,
                    name,
                    path,
                    wanted.map(|(path, value)| (path.as_str(), value.view())),
                )
            }
        }
    }

    fn classified(
        &mut self,
        engine: &Engine,
        kind: EventKind,
        name: &str,
        path: Option<&str>,
        paths: &[String],
        values: &[Option<ValueRef<'_>>],
    ) -> Result<u32, ReplayError> {
        self.write_key(kind, name, path, values);
        if let Some(number) = self.remembered.get(self.key.as_slice()) {
            return Ok(*number);
        }
        let properties = Row { paths, values };
        let view = EventView {
            kind,
            name,
            path,
            properties: &properties,
        };
        let signature = engine.classify(&view);
        let sighting = self.suspect().map(|rules| rules.see(Timestamp::MIN, &view));
        let sighting = sighting.map(|one| {
            (
                one.act,
                one.mail.into(),
                one.link.into(),
                one.agent.map(Into::into),
            )
        });
        let number = self.number(signature)?;
        if let Some((act, mail, link, agent)) = sighting {
            let number = self.see(Seen {
                signature: number,
                act,
                mail,
                link,
                agent,
            })?;
            self.remembered.insert(self.key.as_slice().into(), number);
            return Ok(number);
        }
        if self.remembered.len() >= SIGNATURE_CACHE_ENTRIES_MAX {
            self.remembered.clear();
        }
        self.remembered.insert(self.key.as_slice().into(), number);
        Ok(number)
    }

    /// The number of an event that may be held apart.
    fn see(&mut self, event: Seen) -> Result<u32, ReplayError> {
        let seen = self.seen.get_or_insert_default();
        let number = u32::try_from(seen.len())
            .ok()
            .filter(|_| seen.len() < SIGNATURES_MAX);
        seen.push(event);
        number.ok_or(ReplayError::TooMany {
            what: "distinct events",
            limit: SIGNATURES_MAX as u64,
        })
    }

    fn number(&mut self, signature: Signature) -> Result<u32, ReplayError> {
        if let Some(number) = self.known.get(&signature) {
            return Ok(*number);
        }
        let too_many = || ReplayError::TooMany {
            what: "distinct event names",
            limit: SIGNATURES_MAX as u64,
        };
        let number = u32::try_from(self.all.len()).map_err(|_| too_many())?;
        let kept = self
            .engine
            .and_then(|(_, arena)| arena.keep(self.all.len(), signature));
        let kept = kept
            .filter(|_| self.all.len() < SIGNATURES_MAX)
            .ok_or_else(too_many)?;
        self.all.push(kept);
        self.known.insert(kept, number);
        Ok(number)
    }

    /// Writes what the signature depends on in a form that no two different events share.
    fn write_key(
        &mut self,
        kind: EventKind,
        name: &str,
        path: Option<&str>,
        values: &[Option<ValueRef<'_>>],
    ) {
        let key = &mut self.key;
        key.clear();
        key.push(kind as u8);
        write_text(key, name);
        if let Some(path) = path {
            key.push(1);
            write_text(key, path);
        }
        for value in values {
            match value {
                None => key.push(0),
                Some(ValueRef::Bool(value)) => key.extend([2, u8::from(*value)]),
                Some(ValueRef::Number(number)) => {
                    key.push(3);
                    key.extend(number.get().to_bits().to_le_bytes());
                }
                Some(ValueRef::Text(text)) => {
                    key.push(4);
                    write_text(key, text);
                }
                Some(ValueRef::List(list)) => {
                    key.push(5);
                    key.extend(list.len().to_le_bytes());
                    list.iter().for_each(|text| write_text(key, text));
                }
            }
        }
    }
}

/// The properties that an agreement reads, sorted.
pub(crate) fn paths_of(agreement: &Agreement) -> Vec<String> {
    let suspect = agreement.suspect.iter().flat_map(Suspect::property_paths);
    let paths = agreement.event_paths().into_iter().chain(suspect);
    let mut paths: Vec<String> = paths.map(str::to_owned).collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}

/// Whether an agreement reads the paths of pages.
pub(crate) fn reads_pages(agreement: &Agreement) -> bool {
    let patterns = agreement.intent.iter().filter_map(|rule| rule.pattern());
    patterns.into_iter().any(|pattern| !pattern.pages.is_empty())
}

fn write_text(key: &mut Vec<u8>, text: &str) {
    key.extend(text.len().to_le_bytes());
    key.extend(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_one_place_in_the_arena() {
        let mut expected = (0, 0);
        for at in 0..100_000 {
            assert_eq!(SignatureArena::place(at), Some(expected), "{at}");
            expected.1 += 1;
            if expected.1 == FIRST_CHUNK << expected.0 {
                expected = (expected.0 + 1, 0);
            }
        }
    }
}
