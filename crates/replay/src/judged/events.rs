//! What distinct events mean to an agreement, worked out once for all that differ in nothing that it reads.

use bellwether_core::agreement::Suspect;
use bellwether_core::domain::{EventKind, Timestamp};
use bellwether_core::engine::{Engine, Signature};
use bellwether_core::suspect::{Act, Sighting};
use hashbrown::HashMap;

use crate::distinct_events::DistinctEvents;
use crate::numbered::MISSING;
use crate::signatures::{paths_of, reads_pages};

/// An agreement's reading of distinct events.
pub(super) struct EventsRead<'e> {
    signatures: Vec<Signature>,
    /// The number of each distinct event's signature.
    numbers: Vec<u32>,
    /// Where events may be held apart, by what rules, and each signature's as those see it.
    pub(super) suspect: Option<(&'e Suspect, Vec<Seen>)>,
    /// Whether any event says by what its lead came, where the agreement asks for that.
    pub(super) touches: bool,
}

/// An event as the rules of `[suspect]` see it, but for its time.
pub(super) struct Seen {
    act: Act,
    mail: Box<str>,
    link: Box<str>,
    agent: Option<Box<str>>,
}

impl<'e> EventsRead<'e> {
    pub(super) fn new(engine: &'e Engine, events: &DistinctEvents) -> Self {
        let agreement = engine.agreement();
        let reads_pages = reads_pages(agreement);
        let paths = paths_of(agreement);
        let fields: Vec<u32> = paths.iter().filter_map(|path| events.all.find(path)).collect();
        let mut read = Self {
            signatures: Vec::new(),
            numbers: Vec::with_capacity(events.len()),
            suspect: agreement.suspect.as_ref().map(|rules| (rules, Vec::new())),
            touches: false,
        };
        let (mut known, mut key): (HashMap<Box<[u32]>, u32>, Vec<u32>) = (HashMap::new(), Vec::new());
        for number in 0..events.len() {
            // The table of distinct events counts in as many bits.
            let number = u32::try_from(number).unwrap_or(MISSING);
            let [kind, name, path] = events.all.mark(number);
            let path_read = reads_pages && kind == EventKind::Page as u32;
            key.clear();
            key.extend([kind, name, if path_read { path } else { MISSING }]);
            key.extend(
                fields
                    .iter()
                    .map(|field| events.all.value_number(number, *field).unwrap_or(MISSING)),
            );
            let signature = if let Some(signature) = known.get(key.as_slice()) {
                *signature
            } else {
                let signature = read.classify(engine, events, number);
                known.insert(key.as_slice().into(), signature);
                signature
            };
            read.numbers.push(signature);
        }
        read
    }

    fn classify(&mut self, engine: &Engine, events: &DistinctEvents, number: u32) -> u32 {
        let properties = events.properties(number);
        let view = events.view(number, &properties);
        let signature = engine.classify(&view);
        self.touches |= signature.touch.is_some();
        if let Some((rules, seen)) = &mut self.suspect {
            let one = rules.see(Timestamp::MIN, &view);
            seen.push(Seen {
                act: one.act,
                mail: one.mail.into(),
                link: one.link.into(),
                agent: one.agent.map(Into::into),
            });
        }
        self.signatures.push(signature);
        u32::try_from(self.signatures.len() - 1).unwrap_or(MISSING)
    }

    /// The signature of a distinct event.
    #[inline]
    pub(super) fn signature(&self, number: u32) -> Option<&Signature> {
        let signature = *self.numbers.get(number as usize)?;
        self.signatures.get(signature as usize)
    }

    /// A distinct event at an instant, as the rules of `[suspect]` see it.
    pub(super) fn sighting<'s>(&self, seen: &'s [Seen], number: u32, ts: Timestamp) -> Option<Sighting<'s>> {
        let seen = seen.get(*self.numbers.get(number as usize)? as usize)?;
        Some(Sighting {
            ts,
            act: seen.act,
            mail: (&*seen.mail).into(),
            link: (&*seen.link).into(),
            agent: seen.agent.as_deref().map(Into::into),
            released: false,
        })
    }
}
