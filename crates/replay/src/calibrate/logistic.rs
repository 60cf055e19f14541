//! Logistic regression with a ridge and bounds on every weight, solved to its one optimum.
//!
//! Projected Newton: around the present weights the objective is taken as a quadratic, which is solved as if only those
//! bounds held at which weights stand, and from there minimised within all by coordinate descent; a step of halves keeps each round from going up. The objective is strictly convex in the weights, so
//! where it ends doesn't depend on where it starts, and [`Problem::violation`] says how far from the optimum it still is.

use super::matrix::Matrix;
use super::numbers::{chance, real, softplus};

/// Rounds after which it is left as it is; ten are usual.
const ROUNDS_MAX: usize = 60;
/// Passes over the weights in one round.
const SWEEPS_MAX: usize = 100;
/// The violation of the optimum's conditions at which it is reached, for each lead.
const TOLERANCE: f64 = 1e-8;
/// The part of a loss that may be the floats' last digits.
const NOISE: f64 = 1e-14;
/// What stands for a second derivative that is none.
const CURVATURE_MIN: f64 = 1e-9;

/// What is to be fitted: which rows, what came of them, and within what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Problem<'a> {
    pub(super) matrix: &'a Matrix,
    /// The rows that count.
    pub(super) rows: &'a [usize],
    /// For each row of the matrix, whether it was won.
    pub(super) won: &'a [bool],
    /// What is added to the log-odds of each row of the matrix, not to be fitted; may be empty.
    pub(super) offset: &'a [f64],
    /// Half of it times the squared weights is added to the loss; above zero.
    pub(super) ridge: f64,
    /// The least and the most that each weight may be.
    pub(super) bounds: &'a [(f64, f64)],
}

/// Weights and what is added to all.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Weights {
    pub(super) intercept: f64,
    pub(super) of: Vec<f64>,
}

/// The first and second derivatives of the objective, the intercept last.
struct Local {
    gradient: Vec<f64>,
    /// By rows, symmetric.
    curvature: Vec<f64>,
}

/// The weights of the least loss, looked for from some weights on; those only say how soon it is found.
pub(super) fn fit(problem: &Problem<'_>, start: &Weights) -> Weights {
    let starts = start.of.iter().copied().chain(std::iter::repeat(0.0));
    let starts = (0..problem.matrix.columns()).zip(starts);
    let mut weights = Weights {
        intercept: start.intercept,
        of: starts
            .map(|(column, weight)| {
                let (low, high) = problem.bounds_of(column);
                weight.clamp(low, high)
            })
            .collect(),
    };
    let mut loss = problem.loss(&weights);

    for _ in 0..ROUNDS_MAX {
        let local = problem.local(&weights);
        if problem.violation_of(&local.gradient, &weights) <= TOLERANCE * real(problem.rows.len().max(1)) {
            break;
        }
        let step = newton_step(problem, &local, &weights);
        let Some((next, lower)) = descend(problem, &weights, loss, &step) else {
            break;
        };
        (weights, loss) = (next, lower);
    }
    weights
}

/// The longest of the halved steps that goes down; `None` where none does, which is the optimum as far as floats tell.
fn descend(problem: &Problem<'_>, from: &Weights, loss: f64, step: &[f64]) -> Option<(Weights, f64)> {
    let mut length = 1.0;
    for _ in 0..40 {
        let next = Weights {
            intercept: from.intercept + length * step.last().copied().unwrap_or(0.0),
            of: from
                .of
                .iter()
                .zip(step)
                .map(|(weight, step)| weight + length * step)
                .collect(),
        };
        let lower = problem.loss(&next);
        if lower < loss - NOISE * loss {
            return Some((next, lower));
        }
        length /= 2.0;
    }
    None
}

/// Minimises the quadratic around the weights within the bounds: where to go from there, the intercept last.
fn newton_step(problem: &Problem<'_>, local: &Local, weights: &Weights) -> Vec<f64> {
    let size = local.gradient.len();
    let mut step = first_step(problem, local, weights);
    // The quadratic's gradient at the present step.
    let rows = local.curvature.chunks(size.max(1)).zip(&local.gradient);
    let mut slope: Vec<f64> = rows.map(|(row, slope)| slope + dot(row, &step)).collect();
    let scale: f64 = local
        .gradient
        .iter()
        .fold(0.0_f64, |most, slope| most.max(slope.abs()));
    for _ in 0..SWEEPS_MAX {
        let mut moved: f64 = 0.0;
        for column in (0..size).rev() {
            let Some(row) = local.curvature.get(column * size..(column + 1) * size) else {
                continue;
            };
            let (Some(own), Some(at), Some(taken)) =
                (row.get(column), slope.get(column), step.get_mut(column))
            else {
                continue;
            };
            let own = own.max(CURVATURE_MIN);
            let weight = weights.of.get(column).copied().unwrap_or(weights.intercept);
            let (low, high) = problem.bounds_of(column);
            let wanted = (weight + *taken - at / own).clamp(low, high);
            let change = wanted - weight - *taken;
            if change == 0.0 {
                continue;
            }
            *taken += change;
            moved = moved.max(change.abs() * own);
            for (slope, curvature) in slope.iter_mut().zip(row) {
                *slope += change * curvature;
            }
        }
        // Far from the optimum the quadratic is too rough to be worth solving further.
        if moved <= scale * 1e-3 {
            break;
        }
    }
    step
}

/// The step to the quadratic's least where each weight that a bound holds stays and the others know no bound, cut at the
/// bounds. Columns that say nearly the same make coordinate descent slow; this is where they are told apart.
fn first_step(problem: &Problem<'_>, local: &Local, weights: &Weights) -> Vec<f64> {
    let size = local.gradient.len();
    let weight = |column: usize| weights.of.get(column).copied().unwrap_or(weights.intercept);
    let is_held = |column: usize, slope: f64| {
        let (low, high) = problem.bounds_of(column);
        if slope > 0.0 {
            weight(column) <= low
        } else {
            weight(column) >= high
        }
    };
    let slopes = local.gradient.iter().enumerate();
    let free: Vec<(usize, f64)> = slopes
        .filter(|(column, slope)| !is_held(*column, **slope))
        .map(|(column, slope)| (column, -slope))
        .collect();
    let mut step = vec![0.0; size];
    let rows = free.iter().enumerate().map(|(at, (column, slope))| {
        let row = local.curvature.get(column * size..(column + 1) * size);
        let row = row.unwrap_or_default();
        let cells = free.iter().take(at + 1);
        let cells = cells.map(|(other, _)| row.get(*other).copied().unwrap_or(0.0));
        (cells.collect(), *slope)
    });
    for ((column, _), found) in free.iter().zip(solve(rows).unwrap_or_default()) {
        let (low, high) = problem.bounds_of(*column);
        if let Some(taken) = step.get_mut(*column) {
            *taken = (weight(*column) + found).clamp(low, high) - weight(*column);
        }
    }
    step
}

/// Solves a symmetric system, of each row what stands up to its diagonal, with the right side; `None` where it isn't positive
/// definite.
pub(super) fn solve(rows: impl Iterator<Item = (Vec<f64>, f64)>) -> Option<Vec<f64>> {
    let (rows, right): (Vec<Vec<f64>>, Vec<f64>) = rows.unzip();
    let lower = cholesky(rows)?;
    let mut solution: Vec<f64> = Vec::with_capacity(right.len());
    for (row, right) in lower.iter().zip(right) {
        solution.push((right - dot(row, &solution)) / row.last()?);
    }
    for (at, row) in lower.iter().enumerate().rev() {
        let (before, from) = solution.split_at_mut(at);
        let own = from.first_mut()?;
        *own /= row.last()?;
        for (before, cell) in before.iter_mut().zip(row) {
            *before -= cell * *own;
        }
    }
    Some(solution)
}

/// Cholesky's decomposition of a symmetric matrix, of each row what stands up to its diagonal; `None` where it isn't positive
/// definite.
fn cholesky(rows: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let mut lower: Vec<Vec<f64>> = Vec::with_capacity(rows.len());
    for row in rows {
        let mut new = Vec::with_capacity(row.len());
        for (before, cell) in lower.iter().zip(&row) {
            new.push((cell - dot(&new, before)) / before.last()?);
        }
        let rest = row.last()? - dot(&new, &new);
        // What is no number at all is refused with it.
        if rest.is_nan() || rest <= 0.0 {
            return None;
        }
        new.push(rest.sqrt());
        lower.push(new);
    }
    Some(lower)
}

/// The inverse of a symmetric matrix, of both of each row what stands up to its diagonal; `None` where it isn't positive
/// definite.
fn inverse(rows: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let mut lower = cholesky(rows)?;
    // The decomposition's own inverse, row by row in its place.
    for at in 0..lower.len() {
        let (before, from) = lower.split_at_mut(at);
        let row = from.first_mut()?;
        let own = row.pop()?;
        let mut new = vec![0.0; at];
        for (cell, inverted) in row.iter().zip(before) {
            for (new, other) in new.iter_mut().zip(inverted.iter()) {
                *new -= cell * other;
            }
        }
        new.push(1.0);
        for cell in &mut new {
            *cell /= own;
        }
        *row = new;
    }
    let mut inverse: Vec<Vec<f64>> = lower.iter().map(|row| vec![0.0; row.len()]).collect();
    for row in &lower {
        for (line, cell) in inverse.iter_mut().zip(row) {
            for (sum, other) in line.iter_mut().zip(row) {
                *sum += cell * other;
            }
        }
    }
    Some(inverse)
}

/// The sum of products, as far as both go.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

impl Problem<'_> {
    /// The objective: the summed log loss and the ridge.
    pub(super) fn loss(&self, weights: &Weights) -> f64 {
        let fit: f64 = self
            .rows
            .iter()
            .map(|row| {
                let log_odds = self.log_odds(*row, weights);
                let won = self.won.get(*row).copied().unwrap_or(false);
                softplus(if won { -log_odds } else { log_odds })
            })
            .sum();
        let squares: f64 = weights.of.iter().map(|weight| weight * weight).sum();
        fit + self.ridge / 2.0 * squares
    }

    /// How the weights at the optimum vary together, the intercept last: the inverse of the curvature, by rows. What a bound
    /// holds doesn't vary. `None` where the curvature can't be inverted.
    pub(super) fn covariance(&self, weights: &Weights) -> Option<Vec<f64>> {
        let local = self.local(weights);
        let size = local.gradient.len();
        let is_free = |column: &usize| {
            let weight = weights.of.get(*column).copied().unwrap_or(weights.intercept);
            let (low, high) = self.bounds_of(*column);
            weight > low && weight < high
        };
        let free: Vec<usize> = (0..size).filter(is_free).collect();
        let cell = |row: usize, column: usize| local.curvature.get(row * size + column).copied();
        let rows = free.iter().enumerate().map(|(at, row)| {
            let columns = free.iter().take(at + 1);
            columns.map(|column| cell(*row, *column).unwrap_or(0.0)).collect()
        });
        let mut covariance = vec![0.0; size * size];
        for (row, line) in free.iter().zip(inverse(rows.collect())?) {
            for (column, value) in free.iter().zip(line) {
                for at in [row * size + column, column * size + row] {
                    if let Some(cell) = covariance.get_mut(at) {
                        *cell = value;
                    }
                }
            }
        }
        Some(covariance)
    }

    /// By how much the conditions of the optimum are missed at most: no slope where a weight is free, and none that
    /// leads inwards where it stands at a bound.
    #[cfg(test)]
    pub(super) fn violation(&self, weights: &Weights) -> f64 {
        self.violation_of(&self.local(weights).gradient, weights)
    }

    fn violation_of(&self, gradient: &[f64], weights: &Weights) -> f64 {
        let each = gradient.iter().enumerate().map(|(column, slope)| {
            let weight = weights.of.get(column).copied().unwrap_or(weights.intercept);
            let (low, high) = self.bounds_of(column);
            // Going down means going against the slope.
            let may_move = if *slope > 0.0 { weight > low } else { weight < high };
            if may_move { slope.abs() } else { 0.0 }
        });
        each.fold(0.0, f64::max)
    }

    fn bounds_of(&self, column: usize) -> (f64, f64) {
        if column >= self.matrix.columns() {
            return (f64::NEG_INFINITY, f64::INFINITY);
        }
        self.bounds
            .get(column)
            .copied()
            .unwrap_or((f64::NEG_INFINITY, f64::INFINITY))
    }

    fn log_odds(&self, row: usize, weights: &Weights) -> f64 {
        let offset = self.offset.get(row).copied().unwrap_or(0.0);
        offset + weights.intercept + self.matrix.weighted(row, &weights.of)
    }

    fn local(&self, weights: &Weights) -> Local {
        let intercept = self.matrix.columns();
        let size = intercept + 1;
        let mut gradient = vec![0.0; size];
        let mut curvature = vec![0.0; size * size];
        let mut entries: Vec<(usize, f64)> = Vec::new();
        for row in self.rows {
            let expected = chance(self.log_odds(*row, weights));
            let won = self.won.get(*row).copied().unwrap_or(false);
            let residual = expected - f64::from(u8::from(won));
            let spread = expected * (1.0 - expected);
            entries.clear();
            entries.extend_from_slice(self.matrix.row(*row));
            entries.push((intercept, 1.0));
            for (column, value) in &entries {
                if let Some(slope) = gradient.get_mut(*column) {
                    *slope += residual * value;
                }
                let part = spread * value;
                if let Some(line) = curvature.get_mut(column * size..(column + 1) * size) {
                    for (other, also) in entries.iter().take_while(|(other, _)| other <= column) {
                        if let Some(cell) = line.get_mut(*other) {
                            *cell += part * also;
                        }
                    }
                }
            }
        }
        for (column, weight) in weights.of.iter().enumerate() {
            if let Some(slope) = gradient.get_mut(column) {
                *slope += self.ridge * weight;
            }
            if let Some(cell) = curvature.get_mut(column * size + column) {
                *cell += self.ridge;
            }
        }
        mirror(&mut curvature, size);
        Local { gradient, curvature }
    }
}

/// Copies what stands below the diagonal to above it.
fn mirror(square: &mut [f64], size: usize) {
    for row in 0..size {
        for column in 0..row {
            let below = square.get(row * size + column).copied();
            if let (Some(below), Some(above)) = (below, square.get_mut(column * size + row)) {
                *above = below;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::seeded::Seeded;

    const FREE: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

    type Row = &'static [(usize, f64)];

    /// Leads by count: so many of a row, so many of them won.
    fn counted(rows: &[(Row, usize, usize)], columns: usize) -> (Matrix, Vec<bool>) {
        let (mut matrix, mut won) = (Matrix::new(columns), Vec::new());
        for (row, all, of_them) in rows {
            for at in 0..*all {
                matrix.push(row.iter().copied());
                won.push(at < *of_them);
            }
        }
        (matrix, won)
    }

    fn solved(matrix: &Matrix, won: &[bool], ridge: f64, bounds: &[(f64, f64)]) -> (Weights, f64) {
        let rows: Vec<usize> = (0..matrix.rows()).collect();
        let problem = Problem {
            matrix,
            rows: &rows,
            won,
            offset: &[],
            ridge,
            bounds,
        };
        let weights = fit(&problem, &Weights::default());
        let violation = problem.violation(&weights);
        (weights, violation)
    }

    #[test]
    fn one_feature_comes_to_the_log_odds_ratio_that_one_works_out_by_hand() {
        // 20 of 80 won without, 60 of 80 with: log-odds -ln 3 and ln 3, so the weight is 2 ln 3.
        let (matrix, won) = counted(&[(&[], 80, 20), (&[(0, 1.0)], 80, 60)], 1);
        let (weights, _) = solved(&matrix, &won, 1e-9, &[FREE]);
        assert!((weights.intercept + 3.0_f64.ln()).abs() < 1e-6, "{weights:?}");
        assert!((weights.of[0] - 2.0 * 3.0_f64.ln()).abs() < 1e-6, "{weights:?}");
    }

    #[test]
    fn a_bound_holds_its_weight_and_the_intercept_makes_up_for_it() {
        let (matrix, won) = counted(&[(&[], 80, 20), (&[(0, 1.0)], 80, 60)], 1);
        // With the weight at zero the intercept is the log-odds of all: 80 of 160.
        let (weights, violation) = solved(&matrix, &won, 1e-9, &[(f64::NEG_INFINITY, 0.0)]);
        assert!(
            weights.of[0] == 0.0 && weights.intercept.abs() < 1e-6,
            "{weights:?}"
        );
        assert!(violation < 1e-4, "{violation}");
    }

    #[test]
    fn perfect_separation_ends_at_a_finite_weight() {
        let (matrix, won) = counted(&[(&[], 50, 0), (&[(0, 1.0)], 50, 50)], 1);
        let (weights, violation) = solved(&matrix, &won, 1.0, &[FREE]);
        assert!(weights.of[0] > 2.0 && weights.of[0] < 20.0, "{weights:?}");
        assert!(violation < 1e-4, "{violation}");
    }

    #[test]
    fn the_conditions_of_the_optimum_hold_on_drawn_problems() {
        for seed in 0..40 {
            let mut draw = Seeded::new(seed, 1);
            let columns = 1 + draw.below(8);
            let (mut matrix, mut won) = (Matrix::new(columns), Vec::new());
            for _ in 0..(30 + draw.below(200)) {
                let row: Vec<(usize, f64)> = (0..columns)
                    .map(|column| (column, real(draw.below(4)) - 1.0))
                    .collect();
                matrix.push(row);
                won.push(draw.below(3) == 0);
            }
            let bounds: Vec<(f64, f64)> = (0..columns)
                .map(|_| [FREE, (0.0, f64::INFINITY), (f64::NEG_INFINITY, 0.0), (-0.1, 0.1)][draw.below(4)])
                .collect();
            let (weights, violation) = solved(&matrix, &won, 0.5, &bounds);
            assert!(violation < 1e-4, "seed {seed}: {violation}");
            for (weight, (low, high)) in weights.of.iter().zip(&bounds) {
                assert!(weight >= low && weight <= high, "seed {seed}");
            }
        }
    }

    #[test]
    fn a_weight_varies_as_one_works_out_by_hand_and_one_at_its_bound_not_at_all() {
        // The log-odds ratio of 20 of 80 and 60 of 80: 1/20 + 1/60 + 1/60 + 1/20.
        let (matrix, won) = counted(&[(&[], 80, 20), (&[(0, 1.0), (1, 1.0)], 80, 60)], 2);
        let rows: Vec<usize> = (0..matrix.rows()).collect();
        let problem = Problem {
            matrix: &matrix,
            rows: &rows,
            won: &won,
            offset: &[],
            ridge: 1e-9,
            bounds: &[FREE, (0.0, 0.0)],
        };
        let covariance = problem.covariance(&fit(&problem, &Weights::default()));
        let covariance = covariance.expect("it can be inverted");
        let expected = [
            8.0 / 60.0,
            0.0,
            -4.0 / 60.0,
            0.0,
            0.0,
            0.0,
            -4.0 / 60.0,
            0.0,
            4.0 / 60.0,
        ];
        for (found, expected) in covariance.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{covariance:?}");
        }
    }
}
