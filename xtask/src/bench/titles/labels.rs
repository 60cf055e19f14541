//! How well found labels agree with given ones: accuracy, and precision, recall and F1 by label, all in thousandths.

use std::collections::BTreeMap;

/// One title, its label, and what was found.
pub(super) struct Outcome {
    pub(super) title: String,
    given: String,
    found: String,
}

impl Outcome {
    pub(super) fn new(title: &str, given: &str, found: &str) -> Self {
        Self {
            title: title.to_owned(),
            given: given.to_owned(),
            found: found.to_owned(),
        }
    }
}

/// The counts of one label.
#[derive(Default)]
struct Counts {
    given: u64,
    found: u64,
    both: u64,
}

impl Counts {
    fn f1(&self) -> u64 {
        ratio(2 * self.both, self.given + self.found)
    }
}

/// The counts of all labels that were given.
pub(super) struct Tally(BTreeMap<String, Counts>);

pub(super) fn tally<'o>(outcomes: impl Iterator<Item = &'o Outcome>) -> Tally {
    let mut counts: BTreeMap<String, Counts> = BTreeMap::new();
    for outcome in outcomes {
        counts.entry(outcome.given.clone()).or_default().given += 1;
        let found = counts.entry(outcome.found.clone()).or_default();
        found.found += 1;
        found.both += u64::from(outcome.given == outcome.found);
    }
    counts.retain(|_, counts| counts.given > 0);
    Tally(counts)
}

impl Tally {
    pub(super) fn titles(&self) -> u64 {
        self.0.values().map(|counts| counts.given).sum()
    }

    /// The share of titles whose label was found.
    pub(super) fn accuracy(&self) -> String {
        let both = self.0.values().map(|counts| counts.both).sum();
        thousandths(ratio(both, self.titles()))
    }

    /// The mean of the labels' F1, in which a rare label weighs as much as a frequent one.
    pub(super) fn macro_f1(&self) -> String {
        let labels = u64::try_from(self.0.len()).unwrap_or(u64::MAX).max(1);
        let sum: u64 = self.0.values().map(Counts::f1).sum();
        thousandths((sum + labels / 2) / labels)
    }

    /// One row a label.
    pub(super) fn rows(&self) -> Vec<Vec<String>> {
        let rows = self.0.iter().map(|(label, counts)| {
            vec![
                label.clone(),
                counts.given.to_string(),
                thousandths(ratio(counts.both, counts.found)),
                thousandths(ratio(counts.both, counts.given)),
                thousandths(counts.f1()),
            ]
        });
        rows.collect()
    }
}

/// A ratio in thousandths, rounded; of nothing, nothing.
fn ratio(part: u64, whole: u64) -> u64 {
    (2_000 * part + whole).checked_div(2 * whole).unwrap_or(0)
}

/// `652` is `0.652`.
pub(super) fn thousandths(ratio: u64) -> String {
    format!("{}.{:03}", ratio / 1_000, ratio % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_follow_from_the_counts() {
        let outcomes = [("a", "a"), ("a", "a"), ("a", "b"), ("b", "b"), ("b", "c")];
        let outcomes: Vec<Outcome> = outcomes
            .iter()
            .map(|(given, found)| Outcome::new("", given, found))
            .collect();
        let tally = tally(outcomes.iter());
        assert_eq!(tally.titles(), 5);
        assert_eq!(tally.accuracy(), "0.600");
        let row = |label: &str, figures: [&str; 4]| {
            let figures = figures.map(str::to_owned);
            [vec![label.to_owned()], figures.to_vec()].concat()
        };
        assert_eq!(
            tally.rows(),
            [
                row("a", ["3", "1.000", "0.667", "0.800"]),
                row("b", ["2", "0.500", "0.500", "0.500"])
            ],
            "a label that was never given has no row"
        );
        assert_eq!(tally.macro_f1(), "0.650");
    }
}
