//! Sets of traits that were written, each kept once.

use std::hash::BuildHasher;

use bellwether_core::agreement::Agreement;
use bellwether_core::domain::{Traits, Value};
use bellwether_core::profile::derived_from;
use hashbrown::{DefaultHashBuilder, HashTable};

use crate::error::ReplayError;
use crate::limits::TRAIT_SETS_MAX;

/// The traits that can change a score.
#[derive(Debug, Clone)]
pub(crate) struct Relevant(Vec<String>);

/// Distinct sets of traits, numbered.
#[derive(Default, Clone)]
pub(crate) struct TraitSets {
    all: Vec<Traits>,
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Relevant {
    pub(crate) fn new(agreement: &Agreement) -> Self {
        let scored = agreement.scored_fields();
        let sources = scored.iter().flat_map(|field| derived_from(field));
        let mut fields: Vec<String> = scored
            .iter()
            .chain(sources)
            .map(|field| (*field).to_owned())
            .collect();
        fields.sort_unstable();
        fields.dedup();
        Self(fields)
    }

    pub(crate) fn holds(&self, field: &str) -> bool {
        self.0.binary_search_by(|known| known.as_str().cmp(field)).is_ok()
    }
}

impl TraitSets {
    pub(crate) fn intern(&mut self, traits: Traits) -> Result<u32, ReplayError> {
        let hash = self.hasher.hash_one(Some(&traits));
        let all = &self.all;
        if let Some(number) = self.index.find(hash, |at| all.get(*at as usize) == Some(&traits)) {
            return Ok(*number);
        }
        let number = u32::try_from(self.all.len())
            .ok()
            .filter(|number| *number < TRAIT_SETS_MAX);
        let number = number.ok_or(ReplayError::TooMany {
            what: "distinct sets of traits",
            limit: u64::from(TRAIT_SETS_MAX),
        })?;
        self.all.push(traits);
        let (all, hasher) = (&self.all, &self.hasher);
        self.index
            .insert_unique(hash, number, |at| hasher.hash_one(all.get(*at as usize)));
        Ok(number)
    }

    pub(crate) fn get(&self, number: u32) -> Option<&Traits> {
        self.all.get(number as usize)
    }

    /// All sets in the order of their numbers.
    pub(crate) fn all(&self) -> &[Traits] {
        &self.all
    }
}

/// Writes what isn't empty over what was there.
pub(crate) fn overwrite(traits: &mut Traits, with: Traits) {
    traits.extend(
        with.into_iter()
            .filter(|(_, value): &(String, Value)| !value.view().is_empty()),
    );
}
