//! What became of several leads, counted.

use std::collections::BTreeMap;
use std::fmt;

use bellwether_core::domain::{Points, Timestamp};
use serde::ser::SerializeSeq as _;
use serde::{Serialize, Serializer};

use super::Case;
use crate::outcomes::Fate;
use crate::statistics::{Cell, Rate};

/// How many came how far, each counted once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Fates {
    /// A deal was won.
    pub won: u64,
    /// An opportunity was lost.
    pub lost: u64,
    /// They are sales qualified.
    pub sql: u64,
    /// Sales took them.
    pub accepted: u64,
    /// Sales sent them back.
    pub rejected: u64,
    /// Nothing is said of them.
    pub unknown: u64,
    /// What the deals that were won are worth.
    pub amounts: Amounts,
}

/// Sums of money by currency; the name of one that isn't named is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Amounts(pub BTreeMap<String, i64>);

impl Fates {
    /// Counts a lead by what became of it at or after an instant.
    pub fn count(&mut self, case: &Case<'_>, since: Timestamp) {
        let place = match case.fate_since(since) {
            Some(Fate::Won) => &mut self.won,
            Some(Fate::Lost) => &mut self.lost,
            Some(Fate::Sql) => &mut self.sql,
            Some(Fate::Accepted) => &mut self.accepted,
            Some(Fate::Rejected) => &mut self.rejected,
            None => &mut self.unknown,
        };
        *place += 1;
        self.amounts.add(case, since);
    }

    /// How many there are.
    pub fn total(&self) -> u64 {
        self.won + self.lost + self.sql + self.accepted + self.rejected + self.unknown
    }

    /// Of how many it is decided what became of them. With `others_lost` what isn't decided is lost.
    pub fn decided(&self, others_lost: bool) -> u64 {
        if others_lost {
            self.total()
        } else {
            self.won + self.lost + self.rejected
        }
    }

    /// The share of those decided that were won.
    pub fn won_rate(&self, others_lost: bool) -> Rate {
        Rate::new(self.won, self.decided(others_lost))
    }

    pub(super) fn cell(&self, others_lost: bool) -> Cell {
        Cell {
            hits: self.won,
            of: self.decided(others_lost),
        }
    }
}

impl Amounts {
    /// Adds what a lead's deals are worth that were won at or after an instant.
    pub fn add(&mut self, case: &Case<'_>, since: Timestamp) {
        let amounts = case
            .outcome
            .map(|said| said.amounts_since(since))
            .unwrap_or_default();
        for (currency, amount) in amounts {
            let sum = self.0.entry(currency.to_owned()).or_default();
            *sum = sum.saturating_add(amount);
        }
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Amounts {
    /// `12500 EUR, 99.5 USD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (currency, amount)) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{}", Points::from_millis(*amount).short())?;
            if !currency.is_empty() {
                write!(f, " {currency}")?;
            }
        }
        Ok(())
    }
}

impl Serialize for Amounts {
    /// `[{"currency": "EUR", "amount": "12500"}]`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Sum<'s> {
            currency: Option<&'s str>,
            amount: String,
        }
        let mut sums = serializer.serialize_seq(Some(self.0.len()))?;
        for (currency, amount) in &self.0 {
            sums.serialize_element(&Sum {
                currency: Some(currency.as_str()).filter(|currency| !currency.is_empty()),
                amount: Points::from_millis(*amount).short(),
            })?;
        }
        sums.end()
    }
}
