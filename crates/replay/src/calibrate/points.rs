//! From weights to whole points: scaled so that the line stays where it is and about as many leads stand above it as
//! before, kept within the operator's limits, and rounded.

use super::examples::Examples;
use super::features::{Features, Sum};
use super::logistic::{Problem, Weights, fit};
use super::matrix::Matrix;
use super::numbers::{real, share_of, whole};

/// The share of leads that is put above the line where at present none, or all, are: the middle of what is usual.
pub(super) const SHARE_USUAL: f64 = 0.2;
/// How far a weight may be cut by the limit to reach the line, as a multiple of it.
const CUT_MAX: f64 = 2.0;

/// What points are made for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Aim {
    /// The line that the score must reach; `None` where there is none to keep.
    pub(super) line: Option<f64>,
    /// The share of leads that is to reach it.
    pub(super) share: f64,
    /// The most points, either way.
    pub(super) points_max: f64,
}

/// What is fitted and scored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Data<'a> {
    pub(super) features: &'a Features,
    /// What leads have of each feature.
    pub(super) matrix: &'a Matrix,
    /// The same with groups cut, for fitting.
    pub(super) cut: &'a Matrix,
    pub(super) won: &'a [bool],
    /// For each feature, the leads that have it.
    pub(super) met: &'a [Met],
    /// For each feature, whether there is enough to go by; the others keep their points.
    pub(super) free: &'a [bool],
    /// What the points must honour.
    pub(super) examples: &'a Examples,
}

/// The leads that have a feature.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Met {
    pub(super) leads: usize,
    pub(super) won: usize,
}

/// Whole points, and how many they are to one of log-odds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WholePoints {
    pub(super) of: Vec<f64>,
    pub(super) per_log_odds: f64,
    /// Whether the share that was aimed at can be put above the line within the limits.
    pub(super) reaches: bool,
}

/// The leads that have each feature.
pub(super) fn met(matrix: &Matrix, won: &[bool]) -> Vec<Met> {
    let mut met = vec![Met::default(); matrix.columns()];
    for (row, won) in (0..matrix.rows()).zip(won) {
        for (column, _) in matrix.row(row) {
            if let Some(met) = met.get_mut(*column) {
                met.leads += 1;
                met.won += usize::from(*won);
            }
        }
    }
    met
}

/// Fits weights on some rows and makes them points.
pub(super) fn learn(data: Data<'_>, rows: &[usize], ridge: f64, aim: Aim) -> WholePoints {
    let weights = weigh(data, rows, ridge, f64::INFINITY, &Weights::default());
    let (scale, reaches) = scale_of(data, rows, &weights, aim);
    let most = weights
        .of
        .iter()
        .fold(0.0_f64, |most, weight| most.max(weight.abs()));
    // Where limits bind, the other weights make up for what these may not be.
    let (weights, scale, reaches) = if most * scale > aim.points_max {
        let bounded = weigh(data, rows, ridge, aim.points_max / scale, &weights);
        let (again, reaches) = scale_of(data, rows, &bounded, aim);
        (bounded, again, reaches)
    } else {
        (weights, scale, reaches)
    };
    let nearest = nearest_to_share(data, rows, &weights, scale, aim);
    let mut points = rounded(data, &weights, nearest, aim.points_max);
    data.examples
        .honour(data.features, data.free, aim.points_max, &mut points);
    WholePoints {
        of: points,
        per_log_odds: nearest,
        reaches,
    }
}

/// The weights of the least loss, none beyond `most`.
pub(super) fn weigh(data: Data<'_>, rows: &[usize], ridge: f64, most: f64, start: &Weights) -> Weights {
    let free = data.features.all.iter().zip(data.free);
    let bounds: Vec<(f64, f64)> = free
        .map(|(feature, free)| {
            if *free {
                feature.sign.within(most)
            } else {
                (0.0, 0.0)
            }
        })
        .collect();
    let problem = Problem {
        matrix: data.cut,
        rows,
        won: data.won,
        offset: &[],
        ridge,
        bounds: &bounds,
    };
    fit(&problem, start)
}

/// The points of weights at a scale, not rounded.
fn scaled(data: Data<'_>, weights: &Weights, scale: f64, points_max: f64) -> Vec<f64> {
    let features = data.features.all.iter().zip(data.free).zip(&weights.of);
    features
        .map(|((feature, free), weight)| {
            if *free {
                (weight * scale).clamp(-points_max, points_max)
            } else {
                feature.points
            }
        })
        .collect()
}

fn rounded(data: Data<'_>, weights: &Weights, scale: f64, points_max: f64) -> Vec<f64> {
    let points = scaled(data, weights, scale, points_max);
    let points = points.into_iter().zip(data.free);
    points
        .map(|(points, free)| if *free { f64::from(whole(points)) } else { points })
        .collect()
}

/// How many points one of log-odds is, so that the share stands above the line, and whether that can be within the limits.
fn scale_of(data: Data<'_>, rows: &[usize], weights: &Weights, aim: Aim) -> (f64, bool) {
    let most = weights
        .of
        .iter()
        .fold(0.0_f64, |most, weight| most.max(weight.abs()));
    if most <= 0.0 {
        return (1.0, false);
    }
    let widest = aim.points_max / most;
    let Some(line) = aim.line else {
        return (widest, true);
    };
    let reaches = |scale: f64| {
        let points = scaled(data, weights, scale, aim.points_max);
        score_at(data, rows, &points, aim.share) >= line
    };
    let (mut low, mut high) = (0.0, widest * CUT_MAX);
    if !reaches(high) {
        return (widest, false);
    }
    for _ in 0..24 {
        let middle = f64::midpoint(low, high);
        if reaches(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    (high, true)
}

/// Rounding moves a few leads over the line or back: of the scales nearby, the one with which the share is nearest to what
/// is aimed at.
fn nearest_to_share(data: Data<'_>, rows: &[usize], weights: &Weights, scale: f64, aim: Aim) -> f64 {
    let Some(line) = aim.line else { return scale };
    let off = |scale: f64| {
        let points = rounded(data, weights, scale, aim.points_max);
        (share_above(data, rows, &points, line) - aim.share).abs()
    };
    let nearby = [0.0, 0.01, -0.01, 0.02, -0.02, 0.03, -0.03, 0.05, -0.05];
    let nearby = nearby
        .map(|by| scale * (1.0 + by))
        .map(|scale| (off(scale), scale));
    let best = nearby
        .into_iter()
        .reduce(|best, next| if next.0 < best.0 { next } else { best });
    best.map_or(scale, |(_, scale)| scale)
}

/// What a row scores by some points.
pub(super) fn sum_of(data: Data<'_>, row: usize, points: &[f64]) -> Sum {
    data.features.sum(data.matrix.row(row), points)
}

/// The score that this share of the rows reach.
fn score_at(data: Data<'_>, rows: &[usize], points: &[f64], share: f64) -> f64 {
    let mut scores: Vec<f64> = rows
        .iter()
        .map(|row| sum_of(data, *row, points).total())
        .collect();
    let at = share_of(scores.len(), share).saturating_sub(1);
    if at >= scores.len() {
        return 0.0;
    }
    let (_, reached, _) = scores.select_nth_unstable_by(at, |a, b| b.total_cmp(a));
    *reached
}

/// The share of rows whose score reaches the line.
pub(super) fn share_above(data: Data<'_>, rows: &[usize], points: &[f64], line: f64) -> f64 {
    let above = rows
        .iter()
        .filter(|row| sum_of(data, **row, points).total() >= line - 1e-9)
        .count();
    real(above) / real(rows.len().max(1))
}

impl Sum {
    /// Fit and intent together.
    pub(super) fn total(self) -> f64 {
        self.fit + self.intent
    }
}
