//! Backward elimination: levels that the outcomes don't tell apart become one, and rules that they tell nothing by are left,
//! the least loss first, as long as Schwarz's criterion falls.
//!
//! What a step loses is the likelihood ratio, by the quadratic around the weights that fit best (A. Wald, 1943), all other
//! weights following. It is taken where the ratio is less than the price of what it saves. After the last of them all weights
//! are fitted anew, and it goes on from there until nothing is saved any more.

use super::{Levels, Why};
use crate::calibrate::logistic::{Weights, fit, solve};
use crate::calibrate::numbers::real;
use crate::calibrate::points::Data;

/// The ridge of the weights that are compared: just enough that what was always won has a weight at all.
const RIDGE: f64 = 2.0;
/// A variance, and a difference, that is none.
const NONE: f64 = 1e-9;

/// What weights cost, in likelihood ratios (twice the log-likelihood).
#[derive(Debug, Clone, Copy)]
struct Prices {
    /// A level, and a turn of a rule's bands from up to down or back: the logarithm of the leads (G. Schwarz, 1978).
    level: f64,
    /// That a rule is there at all: the logarithm of how many levels were looked at, of which some look like something where all
    /// are nothing (J. Chen and Z. Chen, 2008, with their gamma of a half).
    rule: f64,
}

/// The quadratic around the best weights, with what was already said of them held.
#[derive(Debug, Clone)]
struct Around {
    weights: Vec<f64>,
    /// By rows, the intercept last.
    covariance: Vec<f64>,
    size: usize,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    /// Two levels become one.
    Join(usize, usize),
    /// A level gives what leads without any level of the rule give: nothing.
    Nothing(usize),
    /// No level gives anything.
    Leave,
}

/// What a step would save less what it would lose.
#[derive(Debug, Clone, Copy)]
struct Offer {
    saves: f64,
    rule: usize,
    step: Step,
}

/// Joins and leaves levels until that saves nothing any more; gives the weights by column as they then are.
pub(super) fn eliminate(levels: &mut Levels, data: Data<'_>, rows: &[usize]) -> Weights {
    let looked_at = levels.rules.iter().map(|rule| rule.levels.len()).sum::<usize>();
    let prices = Prices {
        level: real(rows.len().max(1)).ln(),
        rule: real(looked_at.max(1)).ln(),
    };
    let bounds = |levels: &Levels| levels.bounds(data, f64::INFINITY);
    loop {
        let bounds = bounds(levels);
        let problem = levels.problem(data, rows, RIDGE, &bounds);
        let weights = fit(&problem, &Weights::default());
        let Some(covariance) = problem.covariance(&weights) else {
            return weights;
        };
        let mut around = Around {
            weights: weights.of.clone(),
            covariance,
            size: levels.matrix.columns() + 1,
        };
        let mut steps = 0;
        while let Some(offer) = best(levels, &around, prices) {
            take(levels, &mut around, offer);
            steps += 1;
        }
        if steps == 0 {
            return weights;
        }
        levels.number(data);
    }
}

/// The step that saves most; `None` where none saves anything.
fn best(levels: &Levels, around: &Around, prices: Prices) -> Option<Offer> {
    let offers = (0..levels.rules.len()).filter_map(|rule| best_of(levels, around, prices, rule));
    most(offers)
}

/// The first of the offers that save most.
fn most(offers: impl Iterator<Item = Offer>) -> Option<Offer> {
    offers.reduce(|best, next| if next.saves > best.saves { next } else { best })
}

/// The step that saves most of a rule: first whether neighbouring bands are one, or else whether values are anything; then
/// what missing numbers are, or whether the values that are something are one; and last whether the rule is anything.
fn best_of(levels: &Levels, around: &Around, prices: Prices, rule: usize) -> Option<Offer> {
    let found = levels.rules.get(rule)?;
    let value = |level: usize| around.value(levels.place_of(found, level));
    let (bands, all) = (found.bands, found.levels.len());
    let joins = |from: usize, to: usize| {
        let pairs = found.pairs(&value).into_iter();
        pairs
            .filter(move |(a, b)| *a >= from && *b < to)
            .map(|(a, b)| Step::Join(a, b))
    };
    let nothing = (bands..all).filter(|level| levels.place_of(found, *level).is_some());
    let nothing: Vec<Step> = nothing.map(Step::Nothing).collect();
    let gives =
        |(a, b): (usize, usize)| levels.place_of(found, a).is_some() && levels.place_of(found, b).is_some();
    let stages: [Vec<Step>; 3] = if bands > 0 {
        [joins(0, bands).collect(), nothing, vec![Step::Leave]]
    } else {
        let values = joins(0, all).filter(|step| matches!(step, Step::Join(a, b) if gives((*a, *b))));
        [nothing, values.collect(), vec![Step::Leave]]
    };
    stages.into_iter().find_map(|steps| {
        let offers = steps
            .into_iter()
            .filter_map(|step| offer(levels, around, prices, rule, step));
        most(offers).filter(|best| best.saves > 0.0)
    })
}

/// What a step saves; `None` where there is nothing to take.
fn offer(levels: &Levels, around: &Around, prices: Prices, rule: usize, step: Step) -> Option<Offer> {
    let found = levels.rules.get(rule)?;
    let places: Vec<Option<usize>> = found.levels.iter().map(|level| levels.place(level)).collect();
    let place = |level: usize| places.get(level).copied().flatten();
    let values: Vec<f64> = places.iter().map(|place| around.value(*place)).collect();
    let before = prices.of(&places, &values, found.bands);
    let (loses, after) = match step {
        Step::Leave => (around.ratio_of_all(&places)?, 0.0),
        Step::Join(a, b) => {
            let (first, second) = (place(a), place(b));
            let loses = around.ratio(first, second);
            if first.is_none() && second.is_none() {
                // It saves next to nothing, but there is one less to look at.
                return Some(Offer {
                    saves: NONE,
                    rule,
                    step,
                });
            }
            let (mut left, mut then) = (places.clone(), around.values_if(&places, first, second));
            then.remove(b);
            left.remove(b);
            if second.is_none()
                && let Some(left) = left.get_mut(a)
            {
                *left = None;
            }
            (
                loses,
                prices.of(&left, &then, found.bands - usize::from(b < found.bands)),
            )
        }
        Step::Nothing(level) => {
            let mut left = places.clone();
            if let Some(left) = left.get_mut(level) {
                *left = None;
            }
            let then = around.values_if(&places, place(level), None);
            (
                around.ratio(place(level), None),
                prices.of(&left, &then, found.bands),
            )
        }
    };
    Some(Offer {
        saves: before - after - loses,
        rule,
        step,
    })
}

fn take(levels: &mut Levels, around: &mut Around, offer: Offer) {
    let Some(found) = levels.rules.get(offer.rule) else {
        return;
    };
    let place = |level: usize| levels.place_of(found, level);
    match offer.step {
        Step::Join(a, b) => {
            around.hold(place(a), place(b));
            levels.join(offer.rule, a, b);
        }
        Step::Nothing(level) => {
            around.hold(place(level), None);
            let members = found.levels.get(level).cloned().unwrap_or_default();
            levels.leave(&members, Why::NothingMore);
        }
        Step::Leave => {
            for place in (0..found.levels.len()).filter_map(place) {
                around.hold(Some(place), None);
            }
            let members = found.levels.concat();
            levels.leave(&members, Why::NothingMore);
        }
    }
}

impl Prices {
    /// What the levels of a rule cost, whose bands come first.
    fn of(self, places: &[Option<usize>], values: &[f64], bands: usize) -> f64 {
        let given = places.iter().filter(|place| place.is_some()).count();
        if given == 0 {
            return 0.0;
        }
        let turns = turns(values.get(..bands).unwrap_or_default());
        self.rule + self.level * real(given + turns)
    }
}

/// How often what goes up goes down or the other way round.
fn turns(values: &[f64]) -> usize {
    let steps = values.iter().zip(values.iter().skip(1)).map(|(a, b)| b - a);
    let steps: Vec<f64> = steps.filter(|step| step.abs() > NONE).collect();
    let pairs = steps.iter().zip(steps.iter().skip(1));
    pairs.filter(|(a, b)| **a * **b < 0.0).count()
}

impl Around {
    fn value(&self, place: Option<usize>) -> f64 {
        place
            .and_then(|place| self.weights.get(place).copied())
            .unwrap_or(0.0)
    }

    fn covariance(&self, a: Option<usize>, b: Option<usize>) -> f64 {
        let cell = a.zip(b).and_then(|(a, b)| self.covariance.get(a * self.size + b));
        cell.copied().unwrap_or(0.0)
    }

    /// How far two weights are apart, and how much that varies.
    fn apart(&self, a: Option<usize>, b: Option<usize>) -> (f64, f64) {
        let varies = self.covariance(a, a) + self.covariance(b, b) - 2.0 * self.covariance(a, b);
        (self.value(a) - self.value(b), varies)
    }

    /// What is lost where two weights are one.
    fn ratio(&self, a: Option<usize>, b: Option<usize>) -> f64 {
        let (apart, varies) = self.apart(a, b);
        if varies > NONE {
            apart * apart / varies
        } else {
            0.0
        }
    }

    /// What is lost where weights are all zero; `None` where they don't vary by themselves.
    fn ratio_of_all(&self, places: &[Option<usize>]) -> Option<f64> {
        let places: Vec<usize> = places.iter().filter_map(|place| *place).collect();
        if places.is_empty() {
            return None;
        }
        let rows = places.iter().enumerate().map(|(at, row)| {
            let columns = places.iter().take(at + 1);
            let cells = columns.map(|column| self.covariance(Some(*row), Some(*column)));
            (cells.collect(), self.value(Some(*row)))
        });
        let solved = solve(rows)?;
        let weights = places.iter().map(|place| self.value(Some(*place)));
        Some(weights.zip(solved).map(|(weight, solved)| weight * solved).sum())
    }

    /// What some weights would be if two were one.
    fn values_if(&self, places: &[Option<usize>], a: Option<usize>, b: Option<usize>) -> Vec<f64> {
        let (apart, varies) = self.apart(a, b);
        let by = if varies > NONE { apart / varies } else { 0.0 };
        let follows = |place: &Option<usize>| {
            self.value(*place) - (self.covariance(*place, a) - self.covariance(*place, b)) * by
        };
        places.iter().map(follows).collect()
    }

    /// Makes two weights one; all others follow.
    fn hold(&mut self, a: Option<usize>, b: Option<usize>) {
        let (apart, varies) = self.apart(a, b);
        if varies <= NONE {
            return;
        }
        let along: Vec<f64> = (0..self.size)
            .map(|at| self.covariance(Some(at), a) - self.covariance(Some(at), b))
            .collect();
        for (weight, along) in self.weights.iter_mut().zip(&along) {
            *weight -= along * apart / varies;
        }
        for (row, part) in self.covariance.chunks_mut(self.size.max(1)).zip(&along) {
            for (cell, along) in row.iter_mut().zip(&along) {
                *cell -= part * along / varies;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::seeded::Seeded;

    #[test]
    fn a_turn_is_where_up_becomes_down() {
        for (values, expected) in [
            (&[][..], 0),
            (&[1.0], 0),
            (&[1.0, 2.0, 3.0], 0),
            (&[3.0, 3.0, 1.0], 0),
            (&[1.0, 3.0, 2.0], 1),
            (&[1.0, 2.0, 2.0, 1.0, 1.0, 4.0], 2),
        ] {
            assert_eq!(turns(values), expected, "{values:?}");
        }
    }

    #[test]
    fn what_gives_nothing_is_free_and_a_hump_costs_a_level_and_a_turn_more() {
        let prices = Prices {
            level: 7.0,
            rule: 3.0,
        };
        let price = |values: &[f64]| {
            let places = values.iter().map(|value| (*value != 0.0).then_some(0));
            prices.of(&places.collect::<Vec<_>>(), values, values.len())
        };
        let prices = [
            price(&[0.0, 0.0]),
            price(&[1.0, 0.0]),
            price(&[2.0, 1.0, 0.0]),
            price(&[1.0, 2.0, 0.0]),
        ];
        for (found, expected) in prices.iter().zip([0.0, 10.0, 17.0, 24.0]) {
            assert!((found - expected).abs() < 1e-9, "{prices:?}");
        }
    }

    /// Weights with a covariance, drawn.
    fn drawn(seed: u64, size: usize) -> Around {
        let mut draw = Seeded::new(seed, 6);
        let mut number = || real(draw.below(2_001)) / 1_000.0 - 1.0;
        let roots: Vec<Vec<f64>> = (0..size)
            .map(|_| (0..size + 3).map(|_| number()).collect())
            .collect();
        let weights = (0..size - 1).map(|_| number()).collect();
        let cell = |a: &Vec<f64>, b: &Vec<f64>| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let rows = roots.iter().flat_map(|a| roots.iter().map(move |b| cell(a, b)));
        Around {
            weights,
            covariance: rows.collect(),
            size,
        }
    }

    #[test]
    fn weights_that_are_held_stay_one_and_losses_add_up_in_any_order() {
        for seed in 0..50 {
            let mut around = drawn(seed, 7);
            let (all, wanted) = (
                [Some(0), Some(2), Some(5)],
                around.ratio_of_all(&[Some(0), Some(2), Some(5)]),
            );
            let then = around.values_if(&all, Some(0), Some(2));
            let mut loses = around.ratio(Some(0), Some(2));
            around.hold(Some(0), Some(2));
            for (place, then) in all.iter().zip(then) {
                assert!((around.value(*place) - then).abs() < 1e-9, "seed {seed}");
            }
            for place in [Some(5), Some(2)] {
                loses += around.ratio(place, None);
                around.hold(place, None);
            }
            assert!(
                (loses - wanted.expect("it varies")).abs() < 1e-6 * (1.0 + loses),
                "seed {seed}"
            );
            for place in all {
                assert!(
                    around.value(place).abs() < 1e-9 && around.covariance(place, place).abs() < 1e-9,
                    "seed {seed}"
                );
            }
        }
    }
}
