//! What events mean to the agreement, worked out once per distinct combination of name, path and the properties that the
//! rules read.

use std::sync::OnceLock;

use bellwether_core::agreement::Suspect;
use bellwether_core::domain::{EventKind, EventView, Properties, Property, Timestamp, ValueRef};
use bellwether_core::engine::{Engine, Signature};
use bellwether_core::suspect::{Act, Sighting};
use hashbrown::HashMap;

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
    engine: &'a Engine,
    arena: &'a SignatureArena,
    paths: Vec<String>,
    reads_pages: bool,
    known: HashMap<&'a Signature, u32>,
    all: Vec<&'a Signature>,
    remembered: HashMap<Box<[u8]>, u32>,
    key: Vec<u8>,
    /// Where events may be held apart: each distinct one, numbered in place of its signature.
    seen: Option<Vec<Seen>>,
    /// Where events are wanted whole: each distinct one, numbered in place of its signature.
    whole: Option<Vec<WholeEvent>>,
}

/// An event with what rules read of it, but for its time.
#[derive(Debug, Clone)]
pub(crate) struct WholeEvent {
    pub(crate) kind: EventKind,
    pub(crate) name: String,
    pub(crate) path: Option<String>,
    pub(crate) properties: Properties,
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
        let mut paths: Vec<String> = agreement.event_paths().into_iter().map(str::to_owned).collect();
        let suspect = agreement.suspect.as_ref();
        paths.extend(
            suspect
                .iter()
                .flat_map(|rules| rules.property_paths())
                .map(str::to_owned),
        );
        paths.sort_unstable();
        paths.dedup();
        let reads_pages = agreement
            .intent
            .iter()
            .filter_map(|rule| rule.pattern())
            .any(|pattern| !pattern.pages.is_empty());
        Self {
            engine,
            arena,
            paths,
            reads_pages,
            known: HashMap::new(),
            all: Vec::new(),
            remembered: HashMap::new(),
            key: Vec::new(),
            seen: suspect.map(|_| Vec::new()),
            whole: None,
        }
    }

    /// Numbers distinct events in place of signatures, for a ledger to show.
    pub(crate) fn keep_whole_events(mut self) -> Self {
        self.whole = Some(Vec::new());
        self
    }

    /// The distinct events so far, where they are kept.
    pub(crate) fn whole_event(&self, number: u32) -> Option<&WholeEvent> {
        self.whole.as_ref()?.get(number as usize)
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
        self.engine.agreement().suspect.as_ref()
    }

    /// The number of an event's signature; `values` are its properties in the order of [`Signatures::paths`].
    pub(crate) fn of(
        &mut self,
        kind: EventKind,
        name: &str,
        path: Option<&str>,
        values: &[Option<ValueRef<'_>>],
    ) -> Result<u32, ReplayError> {
        let path = path.filter(|_| self.reads_pages && kind == EventKind::Page);
        self.write_key(kind, name, path, values);
        if let Some(number) = self.remembered.get(self.key.as_slice()) {
            return Ok(*number);
        }
        if let Some(whole) = &mut self.whole {
            let number = u32::try_from(whole.len())
                .ok()
                .filter(|_| whole.len() < SIGNATURES_MAX);
            let number = number.ok_or(ReplayError::TooMany {
                what: "distinct events",
                limit: SIGNATURES_MAX as u64,
            })?;
            let properties = self.paths.iter().zip(values);
            let properties =
                properties.filter_map(|(path, value)| Some((path.clone(), (*value)?.to_value())));
            let (name, path) = (name.to_owned(), path.map(str::to_owned));
            whole.push(WholeEvent {
                kind,
                name,
                path,
                properties: properties.collect(),
            });
            self.remembered.insert(self.key.as_slice().into(), number);
            return Ok(number);
        }
        let properties = Row {
            paths: &self.paths,
            values,
        };
        let view = EventView {
            kind,
            name,
            path,
            properties: &properties,
        };
        let signature = self.engine.classify(&view);
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
        let kept = self.arena.keep(self.all.len(), signature);
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
