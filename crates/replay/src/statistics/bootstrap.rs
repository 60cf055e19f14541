//! A seeded bootstrap: the sample is drawn again from itself, with replacement, and what is asked of it worked out each
//! time. Draws and results are whole numbers, so that they are the same everywhere.

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::Rng as _;
use serde::Serialize;

use super::quantiles::quantile;
use super::rate::Millionths;

/// How often a sample is drawn again, where it is small enough.
const SAMPLES_MAX: usize = 1_000;
/// How often a sample is drawn again at least.
const SAMPLES_MIN: usize = 100;
/// How many draws are made in all, about.
const DRAWS_MAX: usize = 20_000_000;
/// What the draws begin from. Any number does; that it is always this one makes reports repeatable.
const SEED: u128 = 0x0B5E_11ED_5EED_0015;

/// A part of a whole: how many there are, and how many of those are hits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cell {
    /// How many of the part are hits.
    pub hits: u64,
    /// How many the part has.
    pub of: u64,
}

/// How many times the whole's rate a part's is, with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Lift {
    /// The part's rate over the whole's.
    pub lift: Millionths,
    /// The interval's lower end.
    pub low: Millionths,
    /// The interval's upper end.
    pub high: Millionths,
}

/// The lift of each part over all parts together; nothing for a part without anybody, and where nobody is a hit.
pub fn lifts(cells: &[Cell]) -> Vec<Option<Lift>> {
    let whole = sum(cells);
    let mut drawn: Vec<Vec<i64>> = vec![Vec::new(); cells.len()];
    let population = population(cells);
    let mut dice = Pcg64Mcg::new(SEED);
    let mut sample = vec![Cell::default(); cells.len()];
    for _ in 0..samples(population.len()) {
        sample.fill(Cell::default());
        for _ in 0..population.len() {
            let (cell, hit) = population
                .get(below(&mut dice, population.len()))
                .copied()
                .unwrap_or_default();
            if let Some(cell) = sample.get_mut(cell) {
                cell.of += 1;
                cell.hits += u64::from(hit);
            }
        }
        let whole = sum(&sample);
        for (cell, drawn) in sample.iter().zip(&mut drawn) {
            let lift = lift(*cell, whole).and_then(|lift| i64::try_from(lift.0).ok());
            drawn.extend(lift);
        }
    }
    let lifts = cells.iter().zip(&mut drawn).map(|(cell, drawn)| {
        drawn.sort_unstable();
        let end = |part| quantile(drawn, part, 1_000).and_then(|end| u64::try_from(end).ok());
        Some(Lift {
            lift: lift(*cell, whole)?,
            low: Millionths(end(25)?),
            high: Millionths(end(975)?),
        })
    });
    lifts.collect()
}

/// The interval of the median of sorted numbers; nothing where there are none.
pub fn median_interval(sorted: &[i64]) -> Option<(i64, i64)> {
    let mut dice = Pcg64Mcg::new(SEED);
    let mut medians = Vec::new();
    let mut sample = Vec::with_capacity(sorted.len());
    for _ in 0..samples(sorted.len()) {
        // Sorted places are sorted numbers, and small ones sort faster.
        sample.clear();
        sample.extend((0..sorted.len()).map(|_| below(&mut dice, sorted.len())));
        sample.sort_unstable();
        let drawn = [sample.len().checked_sub(1)? / 2, sample.len() / 2];
        let [low, high] = drawn.map(|at| sample.get(at).and_then(|place| sorted.get(*place)).copied());
        medians.push(i64::midpoint(low?, high?));
    }
    medians.sort_unstable();
    Some((quantile(&medians, 25, 1_000)?, quantile(&medians, 975, 1_000)?))
}

fn samples(size: usize) -> usize {
    DRAWS_MAX
        .checked_div(size)
        .map_or(0, |fit| fit.clamp(SAMPLES_MIN, SAMPLES_MAX))
}

/// Everybody, by the place of their part and whether they are a hit.
fn population(cells: &[Cell]) -> Vec<(usize, bool)> {
    let mut population = Vec::new();
    for (place, cell) in cells.iter().enumerate() {
        population.extend((0..cell.of).map(|number| (place, number < cell.hits)));
    }
    population
}

fn sum(cells: &[Cell]) -> Cell {
    cells.iter().fold(Cell::default(), |sum, cell| Cell {
        hits: sum.hits + cell.hits,
        of: sum.of + cell.of,
    })
}

/// `(hits / of) / (whole.hits / whole.of)`.
fn lift(part: Cell, whole: Cell) -> Option<Millionths> {
    let above = u128::from(part.hits) * u128::from(whole.of) * 1_000_000;
    let below = u128::from(part.of) * u128::from(whole.hits);
    let lift = (above + below / 2).checked_div(below)?;
    u64::try_from(lift).ok().map(Millionths)
}

fn below(dice: &mut Pcg64Mcg, bound: usize) -> usize {
    let wide = u128::from(dice.next_u64()) * bound as u128;
    usize::try_from(wide >> 64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(hits: u64, of: u64) -> Cell {
        Cell { hits, of }
    }

    #[test]
    fn a_lift_is_its_parts_rate_over_the_wholes_and_lies_in_its_interval() {
        // 30 of 100 against 40 of 400: three times; 10 of 300 against the same: a third.
        let found = lifts(&[cell(30, 100), cell(10, 300), cell(0, 0)]);
        let [Some(high), Some(low), None] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(
            (high.lift, low.lift),
            (Millionths(3_000_000), Millionths(333_333))
        );
        for found in [high, low] {
            assert!(found.low < found.lift && found.lift < found.high, "{found:?}");
        }
        assert!(
            high.low > Millionths(2_000_000) && high.high < Millionths(3_800_000),
            "{high:?}"
        );
        assert_eq!(lifts(&[cell(30, 100), cell(10, 300), cell(0, 0)]), found);
    }

    #[test]
    fn the_whole_has_a_lift_of_exactly_one() {
        let one = Millionths(1_000_000);
        let expected = Lift {
            lift: one,
            low: one,
            high: one,
        };
        assert_eq!(lifts(&[cell(7, 50)]), [Some(expected)]);
        assert_eq!(lifts(&[cell(0, 50)]), [None]);
        assert_eq!(lifts(&[]), []);
    }

    #[test]
    fn a_medians_interval_holds_it_and_narrows_with_more_of_the_same() {
        let few: Vec<i64> = (1..=20).map(|number| number * number).collect();
        let mut many: Vec<i64> = few.iter().flat_map(|number| [*number; 30]).collect();
        many.sort_unstable();
        let median = quantile(&few, 1, 2).expect("numbers");
        let (low, high) = median_interval(&few).expect("numbers");
        assert!(low < median && median < high, "{low} {median} {high}");
        let (narrow_low, narrow_high) = median_interval(&many).expect("numbers");
        assert!(narrow_high - narrow_low < high - low);
        assert_eq!(median_interval(&[5]), Some((5, 5)));
        assert_eq!(median_interval(&[]), None);
    }
}
