//! The agreement's examples as something that points must honour: an example that says who qualifies is the definition
//! itself, which no deal overrules. Points that miss one are moved by as little as will do, and tried as they then are.

use std::collections::BTreeSet;

use bellwether_core::agreement::{Agreement, EXAMPLES_JUDGED_AT, Example};
use bellwether_core::domain::{Event, Timestamp, normalized_name};
use bellwether_core::engine::Engine;
use bellwether_core::explain::{History, HistoryFact, contributions};

use super::features::{Features, Of};
use super::levels::Levels;
use super::points::{Data, Lines};

/// How often points are moved before an example is taken to contradict them.
const MOVES_MAX: usize = 50;

/// A lead that must qualify, or must not.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wanted {
    name: String,
    row: Vec<(usize, f64)>,
    qualifies: bool,
    /// Whether it raised its hand, so that it needs no score.
    fast: bool,
}

/// What examples want.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Examples {
    wanted: Vec<Wanted>,
}

/// Which features a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Axis {
    Fit,
    Intent,
    Both,
}

impl Examples {
    /// The examples of an agreement that say whether their lead qualifies.
    pub(super) fn new(agreement: &Agreement, probing: &Engine, features: &Features) -> Self {
        let of = |example: &Example| {
            let qualifies = example.expect.qualified?;
            let history = history(example);
            let excluded = probing.fit(&example.traits).disqualified_by.is_some();
            let is_fast = |name: &str| agreement.qualify.fast.contains(&normalized_name(name));
            (!excluded).then(|| Wanted {
                name: example.name.clone(),
                row: features.row(&contributions(probing, &history, EXAMPLES_JUDGED_AT)),
                qualifies,
                fast: example.events.iter().any(|event| is_fast(&event.name)),
            })
        };
        Self {
            wanted: agreement.examples.iter().filter_map(of).collect(),
        }
    }

    /// Moves whole points until every example comes out as it says, or no move helps any more; gives the examples for which
    /// some were moved. Points of one level move together, and what was left stays so.
    pub(super) fn honour(
        &self,
        data: Data<'_>,
        levels: &Levels,
        most: f64,
        lines: Lines,
        points: &mut [f64],
    ) -> BTreeSet<String> {
        let mut moved_for = BTreeSet::new();
        for _ in 0..MOVES_MAX {
            let mut moved = false;
            for wanted in &self.wanted {
                if let Some((axis, by)) = wanted.lacks(data.features, lines, points)
                    && shift(data, levels, most, points, &wanted.row, axis, by)
                {
                    moved = true;
                    moved_for.insert(wanted.name.clone());
                }
            }
            if !moved {
                break;
            }
        }
        moved_for
    }
}

impl Wanted {
    /// By how much an example is missed, up or down, and what must change for it.
    fn lacks(&self, features: &Features, lines: Lines, points: &[f64]) -> Option<(Axis, f64)> {
        let sum = features.sum(&self.row, points);
        let drawn = [
            (Axis::Fit, lines.fit, sum.fit),
            (Axis::Intent, lines.intent.filter(|_| !self.fast), sum.intent),
            (Axis::Both, lines.score.filter(|_| !self.fast), sum.total()),
        ];
        let mut gaps = drawn
            .into_iter()
            .filter_map(|(axis, line, has)| Some((axis, line? - has)));
        if self.qualifies {
            return gaps.find(|(_, gap)| *gap > 1e-9);
        }
        let gaps: Vec<(Axis, f64)> = gaps.collect();
        if gaps.iter().any(|(_, gap)| *gap > 1e-9) {
            return None;
        }
        // It stands above every line: the one that it is least above is the nearest way out.
        let nearest = gaps.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
        nearest.map(|(axis, gap)| (axis, gap - 1.0))
    }
}

/// Spreads whole points over the features that an example has; whether any could move.
fn shift(
    data: Data<'_>,
    levels: &Levels,
    most: f64,
    points: &mut [f64],
    row: &[(usize, f64)],
    axis: Axis,
    by: f64,
) -> bool {
    let may_move = |column: usize, points: &[f64]| {
        let feature = data.features.all.get(column)?;
        if data.free.get(column) != Some(&true) || levels.together_with(column).is_empty() {
            return None;
        }
        let on_axis = match feature.of {
            Of::Case { .. } => axis != Axis::Intent,
            Of::Intent { .. } => axis != Axis::Fit,
        };
        let (low, high) = feature.sign.within(most);
        let at = *points.get(column)?;
        (on_axis && if by > 0.0 { at < high } else { at > low }).then_some((low, high))
    };
    let moving: Vec<(usize, f64, (f64, f64))> = row
        .iter()
        .filter(|(_, value)| *value > 0.0)
        .filter_map(|(column, value)| Some((*column, *value, may_move(*column, points)?)))
        .collect();
    let weight: f64 = moving.iter().map(|(_, value, _)| value).sum();
    if weight <= 0.0 {
        return false;
    }
    let step = (by.abs() / weight).ceil().copysign(by);
    for (column, _, (low, high)) in moving {
        for together in levels.together_with(column) {
            if let Some(at) = points.get_mut(together) {
                *at = (*at + step).clamp(low, high);
            }
        }
    }
    true
}

/// What an example's lead did, as facts that end at the instant at which examples are judged.
fn history(example: &Example) -> History {
    let mut facts = Vec::new();
    for event in &example.events {
        for time in 0..event.times {
            let before = event
                .ago
                .ms()
                .saturating_add(event.every.ms().saturating_mul(i64::from(time)));
            facts.push(HistoryFact::Event(Event {
                ts: Timestamp::from_ms_clamped(EXAMPLES_JUDGED_AT.ms().saturating_sub(before)),
                kind: event.kind,
                name: event.name.clone(),
                path: event.path.clone(),
                properties: event.properties.clone(),
            }));
        }
    }
    History {
        base: example.traits.clone(),
        always_known: true,
        facts,
    }
}
