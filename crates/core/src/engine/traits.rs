//! A lead's traits over time: the last write per trait counts, by the time of the event that brought it.

use std::collections::BTreeMap;

use crate::domain::{Timestamp, Traits, Value};

/// Traits, each with the time that it was written at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraitLog {
    written: BTreeMap<String, (Timestamp, Value)>,
}

impl TraitLog {
    /// Writes traits as of an instant. Of two writes at one instant the greater value stays, so that the order in which
    /// they arrive never shows. An empty value takes the trait away.
    pub fn write(&mut self, ts: Timestamp, traits: &Traits) {
        for (name, value) in traits {
            let newer = self
                .written
                .get(name)
                .is_none_or(|(at, present)| (*at, present) < (ts, value));
            if newer {
                self.written.insert(name.clone(), (ts, value.clone()));
            }
        }
    }

    /// The traits that hold now.
    pub fn current(&self) -> Traits {
        let held = self
            .written
            .iter()
            .filter(|(_, (_, value))| !value.view().is_empty());
        held.map(|(name, (_, value))| (name.clone(), value.clone()))
            .collect()
    }

    /// When a trait was last written, and what.
    pub fn written(&self, name: &str) -> Option<&(Timestamp, Value)> {
        self.written.get(name)
    }
}
