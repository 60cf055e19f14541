//! How far leads came.

use std::collections::BTreeMap;
use std::fmt;

use bellwether_core::domain::Timestamp;
use serde::Serialize;

/// How far a lead came with sales, the furthest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Sales sent it back.
    Rejected,
    /// Sales took it.
    Accepted,
    /// Sales found it worth an opportunity.
    Sql,
    /// There was an opportunity, and it was lost.
    Lost,
    /// A deal was won.
    Won,
}

/// One row on a lead.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outcome {
    /// How far it came.
    pub fate: Fate,
    /// When.
    pub at: Option<Timestamp>,
    /// What the deal is worth, in thousandths of its currency's unit.
    pub amount_thousandths: Option<i64>,
    /// The currency, where it is named: `EUR`.
    pub currency: Option<String>,
    /// Why it was rejected or lost.
    pub reason: Option<String>,
}

/// All that is said of one lead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeadOutcome {
    /// Sorted, the furthest last and of those the latest; what has no time goes before what has one.
    rows: Vec<Outcome>,
}

impl Fate {
    /// Every fate, the furthest last.
    pub const ALL: [Self; 5] = [Self::Rejected, Self::Accepted, Self::Sql, Self::Lost, Self::Won];

    /// The fate's name in data.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Accepted => "accepted",
            Self::Sql => "sql",
            Self::Lost => "lost",
            Self::Won => "won",
        }
    }

    /// Whether nothing more is to be expected: it was won, lost, or sent back.
    pub const fn is_decided(self) -> bool {
        matches!(self, Self::Won | Self::Lost | Self::Rejected)
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl LeadOutcome {
    /// Takes a row; `false` where it is there already.
    pub fn add(&mut self, row: Outcome) -> bool {
        match self.rows.binary_search(&row) {
            Ok(_) => false,
            Err(place) => {
                self.rows.insert(place, row);
                true
            }
        }
    }

    /// Every row, the furthest fate last.
    pub fn rows(&self) -> &[Outcome] {
        &self.rows
    }

    /// How far the lead came: the first row of its furthest fate.
    pub fn furthest(&self) -> Option<&Outcome> {
        furthest(self.rows.iter())
    }

    /// How far it came at or after an instant. A row without a time is taken to be later.
    pub fn since(&self, at: Timestamp) -> Option<&Outcome> {
        furthest(self.rows.iter().filter(|row| is_since(row, at)))
    }

    /// How far it had come at an instant. A row without a time is taken to be later.
    pub fn until(&self, at: Timestamp) -> Option<&Outcome> {
        furthest(self.rows.iter().filter(|row| row.at.is_some_and(|row| row <= at)))
    }

    /// Whether a deal was won before an instant. One without a time is taken to be later.
    pub fn is_won_before(&self, at: Timestamp) -> bool {
        let won = |row: &Outcome| row.fate == Fate::Won && !is_since(row, at);
        self.rows.iter().any(won)
    }

    /// What the deals that were won at or after an instant are worth, by currency; empty where none has an amount. The
    /// name of a currency that isn't named is empty.
    pub fn amounts_since(&self, at: Timestamp) -> BTreeMap<&str, i64> {
        let mut amounts = BTreeMap::new();
        for row in self.rows.iter().filter(|row| is_since(row, at)) {
            if let Some(amount) = row.amount_thousandths.filter(|_| row.fate == Fate::Won) {
                let sum: &mut i64 = amounts
                    .entry(row.currency.as_deref().unwrap_or_default())
                    .or_default();
                *sum = sum.saturating_add(amount);
            }
        }
        amounts
    }
}

fn is_since(row: &Outcome, at: Timestamp) -> bool {
    row.at.is_none_or(|row| row >= at)
}

/// Of sorted rows the first with the furthest fate that has a time, or else the first.
fn furthest<'r>(rows: impl DoubleEndedIterator<Item = &'r Outcome> + Clone) -> Option<&'r Outcome> {
    let fate = rows.clone().next_back()?.fate;
    let mut of_fate = rows.filter(|row| row.fate == fate);
    let first = of_fate.next()?;
    if first.at.is_some() {
        return Some(first);
    }
    Some(of_fate.find(|row| row.at.is_some()).unwrap_or(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(fate: Fate, day: Option<i64>) -> Outcome {
        Outcome {
            fate,
            at: day.and_then(|day| Timestamp::from_ms(day * 86_400_000)),
            amount_thousandths: None,
            currency: None,
            reason: None,
        }
    }

    fn said(rows: &[Outcome]) -> LeadOutcome {
        let mut said = LeadOutcome::default();
        for row in rows {
            said.add(row.clone());
        }
        said
    }

    fn day(day: i64) -> Timestamp {
        Timestamp::from_ms_clamped(day * 86_400_000)
    }

    #[test]
    fn of_several_rows_the_furthest_fate_holds_by_its_first_time_in_any_order() {
        let rows = [
            row(Fate::Rejected, Some(9)),
            row(Fate::Won, Some(7)),
            row(Fate::Won, Some(5)),
            row(Fate::Won, None),
            row(Fate::Sql, Some(3)),
        ];
        let mut reversed = rows.clone();
        reversed.reverse();
        assert_eq!(said(&rows), said(&reversed));
        assert_eq!(said(&rows).furthest(), Some(&rows[2]));
        assert_eq!(said(&rows).since(day(6)), Some(&rows[1]));
        assert_eq!(said(&rows[..1]).since(day(10)), None);
        assert_eq!(said(&rows).until(day(4)), Some(&rows[4]));
        assert_eq!(said(&rows).until(day(5)), Some(&rows[2]));
        assert_eq!(said(&rows).until(day(2)), None);
        assert!(said(&rows).is_won_before(day(6)) && !said(&rows).is_won_before(day(5)));
    }

    #[test]
    fn a_row_without_a_time_is_later_than_any_instant() {
        let said = said(&[row(Fate::Won, None)]);
        assert_eq!(said.since(Timestamp::MAX).map(|row| row.fate), Some(Fate::Won));
        assert!(!said.is_won_before(Timestamp::MAX));
    }

    #[test]
    fn the_same_row_counts_once_and_amounts_are_summed_by_currency() {
        let worth = |day, amount, currency: &str| Outcome {
            amount_thousandths: Some(amount),
            currency: Some(currency.to_owned()).filter(|currency| !currency.is_empty()),
            ..row(Fate::Won, Some(day))
        };
        let mut said = said(&[
            worth(1, 5_000, "EUR"),
            worth(2, 7_000, "EUR"),
            worth(3, 1_000, ""),
            row(Fate::Won, Some(4)),
        ]);
        assert!(!said.add(worth(2, 7_000, "EUR")));
        let sums: Vec<(&str, i64)> = said.amounts_since(day(2)).into_iter().collect();
        assert_eq!(sums, [("", 1_000), ("EUR", 7_000)]);
    }
}
