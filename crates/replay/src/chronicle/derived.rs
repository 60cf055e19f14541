//! Fields that are derived from others, worked out once for each combination of values that they are derived from.

use std::num::NonZeroUsize;

use bellwether_core::domain::{Traits, Value};
use bellwether_core::profile::Profile;
use hashbrown::HashMap;

use super::traits::TraitColumn;
use crate::distinct::DistinctValues;
use crate::numbered::MISSING;
use crate::threads::gathered;

/// The most traits that a field is derived from, that of its own name with them.
pub(super) const SOURCES_MAX: usize = 3;
/// How many rows are looked at before what is new in them is worked out.
const BATCH_ROWS: u32 = 65_536;

/// The numbers of the values that a field is derived from.
type Key = [u32; SOURCES_MAX];

/// Which number the field's value has for a combination.
enum Known {
    /// By the one source that there is: its values' places, and what is derived from nothing.
    OfOne(Vec<Option<u32>>, Option<u32>),
    OfSeveral(HashMap<Key, u32>),
}

/// One field as it is derived.
pub(super) struct Derivation<'c> {
    field: &'c str,
    /// Columns that anybody has a value in.
    sources: Vec<&'c TraitColumn>,
    known: Known,
}

impl<'c> Derivation<'c> {
    pub(super) fn new(field: &'c str, sources: impl Iterator<Item = &'c TraitColumn>) -> Self {
        let sources: Vec<&TraitColumn> = sources.take(SOURCES_MAX).collect();
        Self {
            field,
            known: match sources.as_slice() {
                [source] => Known::OfOne(vec![None; source.values.len()], None),
                _ => Known::OfSeveral(HashMap::new()),
            },
            sources,
        }
    }

    /// Tells `cell` the number of each of the rows' values, in their order; new values are added to `values`.
    pub(super) fn derive(
        &mut self,
        rows: std::ops::Range<u32>,
        threads: NonZeroUsize,
        values: &mut DistinctValues,
        mut cell: impl FnMut(u32),
    ) {
        let mut new: Vec<Key> = Vec::new();
        let mut from = rows.start;
        while from < rows.end {
            let to = from.saturating_add(BATCH_ROWS).min(rows.end);
            for row in from..to {
                let key = self.key(row);
                if self.known(&key).is_none() {
                    self.know(&key, MISSING);
                    new.push(key);
                }
            }
            for (key, value) in new.iter().zip(self.work_out(&new, threads)) {
                let number = value.map_or(MISSING, |value| values.intern(value.view()));
                self.know(key, number);
            }
            new.clear();
            (from..to).for_each(|row| cell(self.known(&self.key(row)).unwrap_or(MISSING)));
            from = to;
        }
    }

    fn key(&self, row: u32) -> Key {
        let mut key = [MISSING; SOURCES_MAX];
        for (number, source) in key.iter_mut().zip(&self.sources) {
            *number = source.cell(row);
        }
        key
    }

    fn known(&self, key: &Key) -> Option<u32> {
        match (&self.known, self.sources.as_slice()) {
            (Known::OfOne(by_place, of_nothing), [source]) => {
                let [number, ..] = *key;
                if number == MISSING {
                    return *of_nothing;
                }
                *by_place.get(source.values.place(number))?
            }
            (Known::OfSeveral(by_key), _) => by_key.get(key).copied(),
            (Known::OfOne(..), _) => None,
        }
    }

    fn know(&mut self, key: &Key, derived: u32) {
        match (&mut self.known, self.sources.as_slice()) {
            (Known::OfOne(_, of_nothing), _) if key[0] == MISSING => *of_nothing = Some(derived),
            (Known::OfOne(by_place, _), [source]) => {
                if let Some(known) = by_place.get_mut(source.values.place(key[0])) {
                    *known = Some(derived);
                }
            }
            (Known::OfSeveral(by_key), _) => {
                by_key.insert(*key, derived);
            }
            (Known::OfOne(..), _) => {}
        }
    }

    /// The field's value for each combination, in their order.
    fn work_out(&self, keys: &[Key], threads: NonZeroUsize) -> Vec<Option<Value>> {
        let share = keys.len().div_ceil(threads.get()).max(1);
        gathered(keys.chunks(share), |keys| {
            keys.iter().map(|key| self.value(key)).collect()
        })
    }

    fn value(&self, key: &Key) -> Option<Value> {
        let held = self
            .sources
            .iter()
            .zip(key)
            .filter(|(_, number)| **number != MISSING);
        let held = held.filter_map(|(source, number)| {
            let value = source.values.get(*number)?.to_value();
            Some((source.name.clone(), value))
        });
        let traits: Traits = held.collect();
        let value = Profile::new(&traits).field(self.field)?.to_value();
        Some(value)
    }
}
