//! From weights to whole points: scaled so that the lines stay where they are and about as many leads reach them as
//! before, kept within the operator's limits, and rounded. Where no points within the limits do that, the points take the
//! whole of the limits and the lines move.

use std::collections::BTreeSet;

use bellwether_core::agreement::Agreement;

use super::examples::Examples;
use super::features::{Features, Sum, points_of};
use super::levels::Levels;
use super::logistic::Weights;
use super::matrix::Matrix;
use super::numbers::{real, whole};

/// The share of leads that is put above the line where at present hardly any are, or nearly all: the middle of what is usual.
pub(super) const SHARE_USUAL: f64 = 0.2;
/// How far a weight may be cut by the limit to reach the line, as a multiple of it.
const CUT_MAX: f64 = 2.0;
/// The part of the share that is aimed at which is about the same.
const ABOUT: f64 = 0.9;
/// The part of the line that a rule which was found must give somebody: who would need more than twenty of a kind to reach it
/// isn't moved by one.
const TELLING_PART: f64 = 0.05;

/// What a lead must reach, in points. A line that isn't drawn is always reached.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Lines {
    pub(super) score: Option<f64>,
    pub(super) fit: Option<f64>,
    pub(super) intent: Option<f64>,
}

/// What points are made for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Aim {
    /// The lines at present.
    pub(super) lines: Lines,
    /// The share of leads that is to reach them.
    pub(super) share: f64,
    /// Whether that is the share that reach them at present.
    pub(super) as_before: bool,
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
    /// The lines that go with them.
    pub(super) lines: Lines,
    /// What the rules that were found come to.
    pub(super) levels: Levels,
    /// The examples for which points were moved from what the outcomes say.
    pub(super) moved_for: BTreeSet<String>,
}

impl Lines {
    /// The lines of an agreement.
    pub(super) fn of(agreement: &Agreement) -> Self {
        let qualify = &agreement.qualify;
        Self {
            score: qualify.score.map(points_of),
            fit: qualify.fit.map(points_of),
            intent: qualify.intent.map(points_of),
        }
    }

    /// Whether a sum reaches each of them.
    pub(super) fn reached_by(&self, sum: Sum) -> bool {
        let reached = |line: Option<f64>, has: f64| line.is_none_or(|line| has >= line - 1e-9);
        reached(self.score, sum.total()) && reached(self.fit, sum.fit) && reached(self.intent, sum.intent)
    }

    /// The line that says most of what qualifies: the score's, or else the one for intent.
    pub(super) fn main(&self) -> Option<f64> {
        self.score.or(self.intent).filter(|line| *line > 0.0)
    }

    /// The main line put somewhere else, and the others in proportion, in whole points. One that isn't above zero stays.
    pub(super) fn moved_to(&self, main: i32) -> Self {
        let part = f64::from(main) / self.main().unwrap_or(1.0);
        let moved = |line: Option<f64>| {
            line.map(|line| {
                if line > 0.0 {
                    f64::from(whole(line * part))
                } else {
                    line
                }
            })
        };
        Self {
            score: moved(self.score),
            fit: moved(self.fit),
            intent: moved(self.intent),
        }
    }
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

/// Fits weights on some rows and makes them points. Of the rules that were found only what these rows tell apart is
/// weighed, and what comes to next to nothing is left and the others weighed again.
pub(super) fn learn(data: Data<'_>, rows: &[usize], ridge: f64, aim: Aim) -> WholePoints {
    let mut levels = Levels::told_apart(data, rows);
    loop {
        let learned = learn_at(data, levels, rows, ridge, aim);
        let least = TELLING_PART * learned.lines.main().unwrap_or(aim.points_max);
        match learned.levels.without_small(data, rows, &learned.of, least) {
            Some(fewer) => levels = fewer,
            None => return honoured(data, learned, aim),
        }
    }
}

/// The points of rules whose levels are settled.
fn learn_at(data: Data<'_>, levels: Levels, rows: &[usize], ridge: f64, aim: Aim) -> WholePoints {
    let mut by_column = levels.weigh(data, rows, ridge, f64::INFINITY, &Weights::default());
    let mut weights = levels.spread(&by_column);
    let mut scale = scale_of(data, rows, &weights, aim);
    let widest = widest(&weights, aim);
    if scale.is_none_or(|scale| scale > widest) {
        // Where limits bind, the other weights make up for what these may not be.
        let most = aim.points_max / scale.unwrap_or(widest);
        by_column = levels.weigh(data, rows, ridge, most, &by_column);
        weights = levels.spread(&by_column);
        scale = scale_of(data, rows, &weights, aim);
    }
    let per_log_odds = match scale {
        Some(scale) => nearest_to_share(data, rows, &weights, scale, aim),
        None => self::widest(&weights, aim),
    };
    let points = rounded(data, &weights, per_log_odds, aim.points_max);
    let lines = match scale {
        Some(_) => aim.lines,
        None => lines_for(data, rows, &points, aim),
    };
    WholePoints {
        of: points,
        per_log_odds,
        lines,
        levels,
        moved_for: BTreeSet::new(),
    }
}

/// The points moved to where every example comes out as it says.
fn honoured(data: Data<'_>, mut learned: WholePoints, aim: Aim) -> WholePoints {
    let WholePoints {
        of, levels, lines, ..
    } = &mut learned;
    let moved_for = data.examples.honour(data, levels, aim.points_max, *lines, of);
    WholePoints { moved_for, ..learned }
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

/// How many points one of log-odds is where the largest weight takes the whole of the limit.
fn widest(weights: &Weights, aim: Aim) -> f64 {
    let largest = weights
        .of
        .iter()
        .fold(0.0_f64, |largest, weight| largest.max(weight.abs()));
    if largest > 0.0 {
        aim.points_max / largest
    } else {
        1.0
    }
}

/// How many points one of log-odds is, so that the share reaches the lines; `None` where that can't be within the limits.
fn scale_of(data: Data<'_>, rows: &[usize], weights: &Weights, aim: Aim) -> Option<f64> {
    let widest = widest(weights, aim);
    if aim.lines.main().is_none() {
        return Some(widest);
    }
    let share = |scale: f64| {
        let points = scaled(data, weights, scale, aim.points_max);
        share_above(data, rows, &points, aim.lines)
    };
    let (mut low, mut high) = (0.0, widest * CUT_MAX);
    let enough = share(high).min(aim.share);
    if enough < aim.share * ABOUT {
        return None;
    }
    for _ in 0..24 {
        let middle = f64::midpoint(low, high);
        if share(middle) >= enough {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}

/// Lines for points that can't reach the present ones: with which the share is nearest to what is aimed at, the highest of
/// those that are as near. Where nobody has a point the present ones.
fn lines_for(data: Data<'_>, rows: &[usize], points: &[f64], aim: Aim) -> Lines {
    let sums: Vec<Sum> = rows.iter().map(|row| sum_of(data, *row, points)).collect();
    let share = |main: i32| share_of_sums(&sums, aim.lines.moved_to(main));
    let present = aim.lines.main().map_or(1, |main| whole(main.ceil())).max(1);
    // Who reaches the lines is fewer the higher they are.
    let highest_with = |least: f64| {
        let (mut low, mut high) = (1, present);
        while low < high {
            let middle = low + (high - low + 1) / 2;
            if share(middle) >= least {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        low
    };
    let off = |main: i32| (share(main) - aim.share).abs();
    let enough = highest_with(aim.share);
    let fewer = (enough + 1).min(present);
    let best = if share(fewer) > 0.0 && off(fewer) <= off(enough) {
        highest_with(share(fewer))
    } else {
        enough
    };
    if best == present || share(best) <= 0.0 {
        aim.lines
    } else {
        aim.lines.moved_to(best)
    }
}

/// Rounding moves a few leads over the line or back: of the scales nearby, the one with which the share is nearest to what
/// is aimed at.
fn nearest_to_share(data: Data<'_>, rows: &[usize], weights: &Weights, scale: f64, aim: Aim) -> f64 {
    if aim.lines.main().is_none() {
        return scale;
    }
    let off = |scale: f64| {
        let points = rounded(data, weights, scale, aim.points_max);
        (share_above(data, rows, &points, aim.lines) - aim.share).abs()
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

/// The share of rows that reach the lines by some points.
pub(super) fn share_above(data: Data<'_>, rows: &[usize], points: &[f64], lines: Lines) -> f64 {
    let sums: Vec<Sum> = rows.iter().map(|row| sum_of(data, *row, points)).collect();
    share_of_sums(&sums, lines)
}

fn share_of_sums(sums: &[Sum], lines: Lines) -> f64 {
    let above = sums.iter().filter(|sum| lines.reached_by(**sum)).count();
    real(above) / real(sums.len().max(1))
}

impl Sum {
    /// Fit and intent together.
    pub(super) fn total(self) -> f64 {
        self.fit + self.intent
    }
}
