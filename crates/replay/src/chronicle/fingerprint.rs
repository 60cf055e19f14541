//! A number by which two chronicles can be told apart.
//!
//! Facts are added up, each as a hash of all that it says, so that neither the order in which they came nor how values
//! are numbered shows. It tells damage and staleness, not malice.

use bellwether_core::domain::{Traits, Value, ValueRef};

use super::Chronicle;

/// Takes one word after the other into a hash (the finalizer of `SplitMix64`, by Steele, Lea and Flood).
#[derive(Clone, Copy)]
struct Hash(u64);

impl Hash {
    fn word(self, word: u64) -> Self {
        let mixed = (self.0 ^ word).wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self(mixed ^ (mixed >> 31))
    }

    fn text(self, text: &str) -> Self {
        let words = text.as_bytes().chunks(8).map(|chunk| {
            let mut word = [0; 8];
            for (to, from) in word.iter_mut().zip(chunk) {
                *to = *from;
            }
            u64::from_le_bytes(word)
        });
        words.fold(self.word(text.len() as u64), Self::word)
    }

    fn value(self, value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Bool(value) => self.word(1).word(u64::from(value)),
            ValueRef::Number(number) => self.word(2).word(number.get().to_bits()),
            ValueRef::Text(text) => self.word(3).text(text),
            ValueRef::List(list) => {
                let begun = self.word(4).word(list.len() as u64);
                list.iter().fold(begun, |hash, text| hash.text(text))
            }
        }
    }
}

/// What a hash is begun with, so that facts of several kinds differ.
const EVENT: Hash = Hash(1);
const WRITE: Hash = Hash(2);
const TRAIT: Hash = Hash(3);
const LEAD: Hash = Hash(4);
const ALSO: Hash = Hash(5);
const RELEASED: Hash = Hash(6);

impl Chronicle {
    /// A number that is the same for chronicles that hold the same, and hardly ever for others. It is worked out anew
    /// each time, from all facts.
    pub fn fingerprint(&self) -> u64 {
        let events: Vec<u64> = (0..self.distinct.len())
            .map(|number| self.event_hash(u32::try_from(number).unwrap_or(u32::MAX)))
            .collect();
        let sets: Vec<u64> = self.writes.sets.all().iter().map(traits_hash).collect();
        let at = |hashes: &[u64], number: u32| hashes.get(number as usize).copied().unwrap_or_default();
        let mut sum = self.latest().ms().unsigned_abs();
        for lead in (0_u32..).take(self.leads()) {
            let mut facts = self.traits.sent_columns().fold(0_u64, |sum, column| {
                let hash = column
                    .value(lead)
                    .map(|value| TRAIT.text(&column.name).value(value).0);
                sum.wrapping_add(hash.unwrap_or_default())
            });
            let (ms, numbers) = self.events.of(lead);
            let mut released = self.released(lead).peekable();
            for (place, (ms, number)) in ms.iter().zip(numbers).enumerate() {
                let kind = if released.next_if_eq(&place).is_some() {
                    RELEASED
                } else {
                    EVENT
                };
                let fact = kind.word(ms.cast_unsigned()).word(at(&events, *number));
                facts = facts.wrapping_add(fact.0);
            }
            for write in self.writes.of(lead) {
                let fact = WRITE.word(write.ms.cast_unsigned()).word(write.source as u64);
                let fact = fact.word(at(&sets, write.set));
                facts = facts.wrapping_add(fact.0);
            }
            let created = self
                .created(lead)
                .map_or(u64::MAX, |created| created.ms().cast_unsigned());
            let known = self
                .known_from(lead)
                .map_or(u64::MAX, |known| known.ms().cast_unsigned());
            let lead = LEAD.text(self.id(lead)).word(created).word(known);
            sum = sum.wrapping_add(lead.word(facts).0);
        }
        for (id, lead) in &self.also {
            sum = sum.wrapping_add(ALSO.text(id).text(self.id(*lead)).0);
        }
        sum
    }

    fn event_hash(&self, number: u32) -> u64 {
        let (kind, name, path) = self.distinct.head(number);
        let head = EVENT.word(kind as u64).text(name);
        let head = path.map_or(head.word(0), |path| head.word(1).text(path));
        head.word(traits_hash(&self.distinct.all.values(number))).0
    }
}

fn traits_hash(traits: &Traits) -> u64 {
    let hash = |(name, value): (&String, &Value)| TRAIT.text(name).value(value.view()).0;
    traits.iter().map(hash).fold(0, u64::wrapping_add)
}
