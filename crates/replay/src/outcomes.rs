//! What became of leads in the end: a file that says which were won, lost, accepted, found to be sales' own opinion of
//! qualified (SQL), or rejected and why; with times and amounts where they are known.

mod fate;
mod reading;

use std::collections::BTreeMap;

pub use fate::{Fate, LeadOutcome, Outcome};

/// What a file says of each lead, by the lead's id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcomes {
    by_lead: BTreeMap<String, LeadOutcome>,
    rows: u64,
}

impl Outcomes {
    /// What is said of a lead.
    pub fn get(&self, lead: &str) -> Option<&LeadOutcome> {
        self.by_lead.get(lead)
    }

    /// Every lead that something is said of, sorted by id, bytewise.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &LeadOutcome)> {
        self.by_lead.iter().map(|(lead, said)| (lead.as_str(), said))
    }

    /// How many leads something is said of.
    pub fn len(&self) -> usize {
        self.by_lead.len()
    }

    /// Whether nothing is said of anybody.
    pub fn is_empty(&self) -> bool {
        self.by_lead.is_empty()
    }

    /// How many rows were taken.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Takes what is said of a lead; `false` where the same was said before, which counts once.
    pub fn add(&mut self, lead: &str, outcome: Outcome) -> bool {
        let taken = match self.by_lead.get_mut(lead) {
            Some(said) => said.add(outcome),
            None => self.by_lead.entry(lead.to_owned()).or_default().add(outcome),
        };
        self.rows += u64::from(taken);
        taken
    }
}
