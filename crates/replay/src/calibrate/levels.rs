//! The levels of the rules that were found: bands, values and events that have a weight of their own, and those that can't be
//! told apart and share one, or that are worth nothing and have none.
//!
//! What becomes of them hangs on outcomes, so that it is worked out anew from whatever leads points are made from, and never
//! from those that they are tried on. Rules that somebody wrote are never touched.

mod elimination;

use std::collections::BTreeMap;

use super::LEADS_MIN;
use super::features::Of;
use super::logistic::{Problem, Weights, fit};
use super::matrix::Matrix;
use super::numbers::real;
use super::points::Data;

/// Why something that was looked at gives no points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// Too few leads have it to tell.
    TooFewLeads,
    /// Beside the rules that are proposed it tells nothing that couldn't be luck.
    NothingMore,
    /// It would give so few points that hardly anybody would be moved by them.
    TooSmall,
}

/// The levels of every rule that was found, and what each feature is fitted as.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Levels {
    rules: Vec<FoundRule>,
    /// For each feature, the column that it is fitted as, which those of one level share; `None` where it gives nothing.
    column: Vec<Option<usize>>,
    /// For each feature that gives nothing, why; `None` where it is what the others of its rule are held against.
    why: Vec<Option<Why>>,
    /// How many of the leads have each feature.
    leads: Vec<usize>,
    /// What leads have of each column.
    pub(super) matrix: Matrix,
}

/// A rule that was found.
#[derive(Debug, Clone, PartialEq)]
struct FoundRule {
    /// The features of each level, bands in their order.
    levels: Vec<Vec<usize>>,
    /// How many of the levels, the first ones, are bands.
    bands: usize,
    /// Whether nearly every lead is at one of the levels, so that one of them must give nothing.
    covers: bool,
}

/// The levels of a rule by their weights, the least first, with their columns, and which of them is to give nothing.
#[derive(Debug, Clone)]
struct Reference {
    rule: usize,
    /// The mean weight over all leads.
    mean: f64,
    levels: Vec<(f64, Option<usize>)>,
    at: usize,
}

impl Reference {
    fn weight(&self) -> f64 {
        self.levels.get(self.at).map_or(0.0, |(weight, _)| *weight)
    }

    /// By how much it is above the mean; zero where there is no lower one.
    fn above(&self) -> f64 {
        if self.at > 0 {
            self.weight() - self.mean
        } else {
            0.0
        }
    }
}

impl Levels {
    /// The levels that the outcomes of some leads tell apart.
    pub(super) fn told_apart(data: Data<'_>, rows: &[usize]) -> Self {
        let mut levels = Self::all(data, rows);
        if !levels.rules.is_empty() {
            let weights = elimination::eliminate(&mut levels, data, rows);
            levels.center(data, rows, &weights);
        }
        levels
    }

    /// Every level by itself; of a rule that covers nearly every lead, the one that most have gives nothing.
    fn all(data: Data<'_>, rows: &[usize]) -> Self {
        let features = &data.features.all;
        let mut leads = vec![0; features.len()];
        for (column, _) in rows.iter().flat_map(|row| data.matrix.row(*row)) {
            if let Some(leads) = leads.get_mut(*column) {
                *leads += 1;
            }
        }
        let mut rules: BTreeMap<usize, FoundRule> = BTreeMap::new();
        let mut levels = Self {
            rules: Vec::new(),
            column: (0..features.len()).map(Some).collect(),
            why: vec![None; features.len()],
            leads,
            matrix: Matrix::new(0),
        };
        for (at, (feature, is_free)) in features.iter().zip(data.free).enumerate() {
            let Some(found) = feature.found else { continue };
            if !is_free {
                levels.leave(&[at], Why::TooFewLeads);
                continue;
            }
            let rule = rules.entry(found.draft).or_insert(FoundRule {
                levels: Vec::new(),
                bands: 0,
                covers: matches!(feature.of, Of::Case { .. }),
            });
            if found.follows && rule.levels.len() == rule.bands.max(1) {
                rule.bands = rule.levels.len() + 1;
            }
            rule.levels.push(vec![at]);
        }
        levels.rules = rules.into_values().collect();
        for rule in 0..levels.rules.len() {
            levels.hold_against_most(rule, rows.len());
        }
        levels.number(data);
        levels
    }

    /// Lets the level of a rule that most leads have give nothing, where nearly all have one.
    fn hold_against_most(&mut self, at: usize, all: usize) {
        let Some(rule) = self.rules.get(at) else { return };
        let known: usize = rule.levels.iter().map(|level| self.leads_of(level)).sum();
        let covers = rule.covers && rule.levels.len() > 1 && all < known + LEADS_MIN;
        let most = rule
            .levels
            .iter()
            .max_by_key(|level| self.leads_of(level))
            .cloned();
        for feature in most.filter(|_| covers).unwrap_or_default() {
            if let Some(column) = self.column.get_mut(feature) {
                *column = None;
            }
        }
        if let Some(rule) = self.rules.get_mut(at) {
            rule.covers = covers;
        }
    }

    /// Numbers the columns anew, by the first feature of each, and puts the leads into them.
    fn number(&mut self, data: Data<'_>) {
        let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
        for column in self.column.iter_mut().flatten() {
            let next = numbers.len();
            *column = *numbers.entry(*column).or_insert(next);
        }
        let mut matrix = Matrix::new(numbers.len());
        for row in 0..data.cut.rows() {
            // A lead is at one level of a rule at most, so that columns go up.
            let entries = data.cut.row(row).iter();
            matrix.push(entries.filter_map(|(at, value)| Some((self.column_of(*at)?, *value))));
        }
        self.matrix = matrix;
    }

    fn column_of(&self, feature: usize) -> Option<usize> {
        self.column.get(feature).copied().flatten()
    }

    /// The column of a level.
    fn place(&self, level: &[usize]) -> Option<usize> {
        level.first().and_then(|at| self.column_of(*at))
    }

    /// Gives features nothing any more.
    fn leave(&mut self, features: &[usize], why: Why) {
        for at in features {
            if let (Some(column), Some(said)) = (self.column.get_mut(*at), self.why.get_mut(*at)) {
                (*column, *said) = (None, Some(why));
            }
        }
    }

    /// Makes two levels of a rule one, in the place of the first.
    fn join(&mut self, rule: usize, first: usize, second: usize) {
        let Some(rule) = self.rules.get_mut(rule) else {
            return;
        };
        if first >= second || second >= rule.levels.len() {
            return;
        }
        let joined = rule.levels.remove(second);
        rule.bands -= usize::from(second < rule.bands);
        let Some(level) = rule.levels.get_mut(first) else {
            return;
        };
        level.extend(joined);
        // Where one of them gives nothing, both do.
        let columns = level.iter().map(|at| self.column.get(*at).copied().flatten());
        let column = columns.min().flatten();
        for at in level {
            if let Some(own) = self.column.get_mut(*at) {
                *own = column;
            }
        }
    }

    /// Weights by column, none beyond `most`, for the leads of some rows.
    pub(super) fn weigh(
        &self,
        data: Data<'_>,
        rows: &[usize],
        ridge: f64,
        most: f64,
        start: &Weights,
    ) -> Weights {
        let bounds = self.bounds(data, most);
        fit(&self.problem(data, rows, ridge, &bounds), start)
    }

    /// The regression that weighs the columns.
    pub(super) fn problem<'a>(
        &'a self,
        data: Data<'a>,
        rows: &'a [usize],
        ridge: f64,
        bounds: &'a [(f64, f64)],
    ) -> Problem<'a> {
        Problem {
            matrix: &self.matrix,
            rows,
            won: data.won,
            offset: &[],
            ridge,
            bounds,
        }
    }

    fn bounds(&self, data: Data<'_>, most: f64) -> Vec<(f64, f64)> {
        let mut bounds = vec![(0.0, 0.0); self.matrix.columns()];
        let features = data.features.all.iter().zip(data.free).zip(&self.column);
        for ((feature, free), column) in features {
            let bound = column.and_then(|column| bounds.get_mut(column));
            if let Some(bound) = bound.filter(|_| *free) {
                *bound = feature.sign.within(most);
            }
        }
        bounds
    }

    /// The weight of each feature by those of the columns.
    pub(super) fn spread(&self, weights: &Weights) -> Weights {
        let weight = |column: &Option<usize>| column.and_then(|column| weights.of.get(column).copied());
        Weights {
            intercept: weights.intercept,
            of: self
                .column
                .iter()
                .map(|column| weight(column).unwrap_or(0.0))
                .collect(),
        }
    }

    /// The features whose points are the same as those of one, itself among them; none where it gives nothing.
    pub(super) fn together_with(&self, feature: usize) -> Vec<usize> {
        let Some(own) = self.column_of(feature) else {
            return Vec::new();
        };
        let all = self.column.iter().enumerate();
        all.filter(|(_, column)| **column == Some(own))
            .map(|(at, _)| at)
            .collect()
    }

    /// Why a feature that was found gives nothing; `None` where it gives something, or is what the others of its rule are
    /// held against.
    pub(super) fn why(&self, feature: usize) -> Option<Why> {
        self.why
            .get(feature)
            .copied()
            .flatten()
            .filter(|_| self.column_of(feature).is_none())
    }

    /// Lets that level of each covering rule give nothing that is nearest to the mean of the rule, so that what is ordinary
    /// gives nothing, what is better something and what is worse takes some. Where the average lead would stand below
    /// zero by that, so that nobody might reach the line, the next lower level of the rules that are furthest off.
    fn center(&mut self, data: Data<'_>, rows: &[usize], weights: &Weights) {
        let sums = rows.iter().map(|row| self.matrix.weighted(*row, &weights.of));
        let mut average = sums.sum::<f64>() / real(rows.len().max(1));
        let rules = self.rules.iter().enumerate().filter(|(_, rule)| rule.covers);
        let mut references: Vec<Reference> = rules
            .map(|(at, rule)| self.reference(at, rule, rows.len(), weights))
            .collect();
        average -= references.iter().map(Reference::weight).sum::<f64>();
        while average < 0.0 {
            let above = references.iter_mut().filter(|one| one.above() > 0.0);
            let Some(furthest) = above.max_by(|a, b| a.above().total_cmp(&b.above())) else {
                break;
            };
            average += furthest.weight();
            furthest.at -= 1;
            average -= furthest.weight();
        }
        for reference in references {
            if let Some((_, Some(place))) = reference.levels.get(reference.at) {
                self.swap(reference.rule, *place);
            }
        }
        self.number(data);
    }

    fn reference(&self, at: usize, rule: &FoundRule, all: usize, weights: &Weights) -> Reference {
        let weight = |level: &[usize]| {
            let place = self.place(level);
            place
                .and_then(|place| weights.of.get(place).copied())
                .unwrap_or(0.0)
        };
        let levels = rule.levels.iter().map(|level| (weight(level), self.place(level)));
        let mut levels: Vec<(f64, Option<usize>)> = levels.collect();
        let parts = rule
            .levels
            .iter()
            .map(|level| weight(level) * real(self.leads_of(level)));
        let mean = parts.sum::<f64>() / real(all.max(1));
        levels.sort_by(|a, b| a.0.total_cmp(&b.0));
        let off = levels.iter().map(|(weight, _)| (weight - mean).abs()).enumerate();
        let nearest = off.min_by(|a, b| a.1.total_cmp(&b.1));
        Reference {
            rule: at,
            mean,
            levels,
            at: nearest.map_or(0, |(at, _)| at),
        }
    }

    fn leads_of(&self, level: &[usize]) -> usize {
        level.iter().filter_map(|at| self.leads.get(*at)).sum()
    }

    /// Lets a column of a rule give nothing, and what gave nothing be that column.
    fn swap(&mut self, rule: usize, place: usize) {
        let members = self.rules.get(rule).map(|rule| rule.levels.concat());
        for at in members.unwrap_or_default() {
            if let Some(column) = self.column.get_mut(at) {
                *column = match *column {
                    None => Some(place),
                    Some(own) if own == place => None,
                    other => other,
                };
            }
        }
    }

    /// The levels without those whose points, as they came out, are less than `least` for whoever has the most of them, and
    /// with those as one that are less than that apart; `None` where there are none of either.
    pub(super) fn without_small(
        &self,
        data: Data<'_>,
        rows: &[usize],
        points: &[f64],
        least: f64,
    ) -> Option<Self> {
        let mut most = vec![0.0_f64; points.len()];
        for (column, value) in rows.iter().flat_map(|row| data.matrix.row(*row)) {
            if let Some(most) = most.get_mut(*column) {
                *most = most.max(value.abs());
            }
        }
        let given = |at: usize| points.get(at).copied().unwrap_or(0.0);
        let reach = |at: usize| (given(at) * most.get(at).copied().unwrap_or(0.0)).abs();
        let mut fewer = self.clone();
        for (at, rule) in self.rules.iter().enumerate() {
            let gives = |level: &&Vec<usize>| self.place(level).is_some();
            let is_small = |level: &&Vec<usize>| level.iter().all(|at| reach(*at) < least);
            let small: Vec<&Vec<usize>> = rule.levels.iter().filter(gives).filter(is_small).collect();
            if small.is_empty() {
                let near = self.nearest(rule, &given, least);
                near.inspect(|(first, second)| fewer.join(at, *first, *second));
            }
            for level in small {
                fewer.leave(level, Why::TooSmall);
            }
        }
        if fewer.column == self.column {
            return None;
        }
        fewer.number(data);
        Some(fewer)
    }

    /// The two levels of a rule that give points and are less than `least` apart, of bands neighbours only; the nearest.
    fn nearest(&self, rule: &FoundRule, given: &dyn Fn(usize) -> f64, least: f64) -> Option<(usize, usize)> {
        let points = |level: usize| rule.levels.get(level)?.first().map(|at| given(*at));
        let gives = |level: &usize| {
            rule.levels
                .get(*level)
                .is_some_and(|level| self.place(level).is_some())
        };
        let pairs = rule.pairs(&|level| points(level).unwrap_or(0.0));
        let pairs = pairs.into_iter().filter(|(a, b)| gives(a) && gives(b));
        let apart = pairs.filter_map(|(a, b)| Some(((points(a)? - points(b)?).abs(), (a, b))));
        let near = apart
            .filter(|(apart, (a, b))| *apart < least && self.place_of(rule, *a) != self.place_of(rule, *b));
        near.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, pair)| pair)
    }

    fn place_of(&self, rule: &FoundRule, level: usize) -> Option<usize> {
        rule.levels.get(level).and_then(|level| self.place(level))
    }
}

impl FoundRule {
    /// The levels that may become one: neighbouring bands, and of the others neighbours by some value.
    fn pairs(&self, by: &dyn Fn(usize) -> f64) -> Vec<(usize, usize)> {
        let mut others: Vec<usize> = (self.bands..self.levels.len()).collect();
        others.sort_by(|a, b| by(*a).total_cmp(&by(*b)).then(a.cmp(b)));
        let bands: Vec<usize> = (0..self.bands).collect();
        let pairs = [bands, others].into_iter().flat_map(|levels| {
            let pairs = levels.iter().zip(levels.iter().skip(1));
            pairs.map(|(a, b)| (*a.min(b), *a.max(b))).collect::<Vec<_>>()
        });
        pairs.collect()
    }
}
