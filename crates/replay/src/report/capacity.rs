//! The line by capacity: at which score sales gets at most what it can work.
//!
//! Every line that is shown was tried on the whole history, so a hand-raiser who qualifies whatever the line counts at
//! each. The line that is proposed is the lowest tried one from which on every higher one gives at most the capacity a
//! week on average; between two round lines the whole points are searched.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use bellwether_core::agreement::Agreement;
use bellwether_core::domain::Points;
use serde::Serialize;

use super::bands::step;
use super::calendar::Dates;
use super::load::{Span, by_week};
use super::tally::Tally;
use super::{Case, Trials, Window, wire};
use crate::statistics::{Millionths, Rate};

/// The most round lines that are tried: up to twice the present one.
const LINES_MAX: i64 = 25;

/// What a line is drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// Fit and intent together.
    Score,
    /// Intent alone.
    Intent,
}

/// Which line gives sales what it can work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Capacity {
    /// How many leads sales works a week.
    pub per_week: NonZeroU32,
    /// What the line is drawn on.
    pub axis: Axis,
    /// The agreement's own line.
    #[serde(serialize_with = "wire::text")]
    pub present: Points,
    /// The lowest line that gives at most the capacity on average; nothing where even the highest tried gives more.
    #[serde(serialize_with = "wire::text_opt")]
    pub line: Option<Points>,
    /// Every line that was tried, the lowest first.
    pub curve: Vec<LinePoint>,
}

/// What one line would have given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LinePoint {
    /// The line.
    #[serde(serialize_with = "wire::text")]
    pub line: Points,
    /// How many leads are handed off.
    pub handed_off: u64,
    /// How many a week on average.
    pub per_week: Option<Millionths>,
    /// The most of a week.
    pub busiest: u64,
    /// In how many weeks there are more than sales works.
    pub weeks_over: u64,
    /// Of those decided, the share that was won.
    pub precision: Rate,
    /// Of those that were won, the share that was handed off before.
    pub recall: Rate,
}

/// What is needed to try a line.
pub(super) struct Trial<'t, T> {
    pub(super) agreement: &'t Agreement,
    pub(super) cases: &'t [Case<'t>],
    pub(super) window: Window,
    pub(super) others_lost: bool,
    pub(super) dates: &'t Dates,
    pub(super) span: Option<Span>,
    pub(super) trials: &'t T,
}

impl Axis {
    /// What the agreement draws its line on, and where; nothing where only hand-raisers qualify.
    pub(super) fn of(agreement: &Agreement) -> Option<(Self, Points)> {
        let qualify = &agreement.qualify;
        let score = qualify.score.map(|line| (Self::Score, line));
        score.or_else(|| qualify.intent.map(|line| (Self::Intent, line)))
    }

    /// The agreement with another line.
    pub(super) fn drawn(self, agreement: &Agreement, line: Points) -> Agreement {
        let mut agreement = agreement.clone();
        match self {
            Self::Score => agreement.qualify.score = Some(line),
            Self::Intent => agreement.qualify.intent = Some(line),
        }
        agreement
    }
}

impl<T: Trials> Trial<'_, T> {
    /// The line for a capacity; nothing where the agreement draws none.
    pub(super) fn capacity(&self, per_week: NonZeroU32) -> Option<Capacity> {
        let (axis, present) = Axis::of(self.agreement)?;
        let step = step(present, 5).millis();
        let highest = (present.millis() * 2 / step).clamp(1, LINES_MAX);
        let mut tried: BTreeMap<Points, LinePoint> = BTreeMap::new();
        let round = (1..=highest).map(|times| Points::from_millis(step * times));
        for line in round.chain([present]) {
            tried
                .entry(line)
                .or_insert_with(|| self.line(axis, line, per_week));
        }
        let weeks = self.span.map_or(0, Span::weeks);
        let fits = |point: &LinePoint| point.handed_off <= weeks * u64::from(per_week.get());
        let mut found = lowest(&tried, fits);
        while let Some((under, line)) = found {
            let middle = i64::midpoint(under.millis(), line.millis()) / 1_000 * 1_000;
            let middle = Points::from_millis(middle);
            if middle <= under || tried.contains_key(&middle) {
                break;
            }
            let point = self.line(axis, middle, per_week);
            found = Some(if fits(&point) {
                (under, middle)
            } else {
                (middle, line)
            });
            tried.insert(middle, point);
        }
        let line = found.map(|(_, line)| line);
        Some(Capacity {
            per_week,
            axis,
            present,
            line,
            curve: tried.into_values().collect(),
        })
    }

    fn line(&self, axis: Axis, line: Points, capacity: NonZeroU32) -> LinePoint {
        let qualified_at = self.trials.qualified_at(axis.drawn(self.agreement, line));
        let tally = Tally::new(self.cases, self.window, &qualified_at);
        let weeks = by_week(self.dates, tally.instants());
        let over = weeks.values().filter(|count| **count > u64::from(capacity.get()));
        let handed_off = tally.handed_off.len() as u64;
        LinePoint {
            line,
            handed_off,
            per_week: self
                .span
                .and_then(|span| Millionths::ratio(handed_off, span.weeks())),
            busiest: weeks.values().copied().max().unwrap_or(0),
            weeks_over: over.count() as u64,
            precision: tally.precision(self.others_lost),
            recall: tally.recall(),
        }
    }
}

/// The lowest line from which on every higher one fits, and the line under it that doesn't.
fn lowest(
    tried: &BTreeMap<Points, LinePoint>,
    fits: impl Fn(&LinePoint) -> bool,
) -> Option<(Points, Points)> {
    let mut lowest = None;
    for (line, point) in tried.iter().rev() {
        if !fits(point) {
            return lowest.map(|found| (*line, found));
        }
        lowest = Some(*line);
    }
    lowest.map(|line| (Points::ZERO, line))
}
