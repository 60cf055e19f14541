//! How much more often leads of a score are won than all: the lift by score band.
//!
//! A lead's band is by the highest score that it reached at an instant at which it was judged, before it was decided what
//! became of it. That is found by judging the history by the score alone, at each band's edge: nothing that came later, and
//! nothing that has faded since, plays a part.

use bellwether_core::agreement::{Agreement, Qualify};
use bellwether_core::domain::{Points, Timestamp};
use serde::Serialize;

use super::fates::Fates;
use super::{Case, Trials, Window, wire};
use crate::statistics::{Cell, Lift, Rate, lifts};

/// The most edges between bands.
const EDGES_MAX: i32 = 10;
/// What is taken for the line where the agreement draws none on points.
const LINE_IF_NONE: Points = Points::whole(50);

/// Leads whose highest score lies between two edges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Band {
    /// The score from which on; nothing for the lowest.
    #[serde(serialize_with = "wire::text_opt")]
    pub from: Option<Points>,
    /// The score under which; nothing for the highest.
    #[serde(serialize_with = "wire::text_opt")]
    pub under: Option<Points>,
    /// How many leads.
    pub leads: u64,
    /// Of those decided, the share that was won.
    pub won: Rate,
    /// That share over the share of all.
    pub lift: Option<Lift>,
}

/// The largest of 1, 2, 5, 10, 20, 50 … points that goes into a line that many times, roughly.
pub(super) fn step(line: Points, times: i64) -> Points {
    let wanted = line.millis() / times;
    let mut step = 1_000_i64;
    let mut decade = 1_000_i64;
    for factor in [2, 5, 10].into_iter().cycle() {
        let next = decade * factor;
        if next > wanted {
            break;
        }
        step = next;
        if factor == 10 {
            decade = next;
        }
    }
    Points::from_millis(step)
}

/// The scores between bands, the lowest first.
fn edges(agreement: &Agreement) -> Vec<Points> {
    let qualify = &agreement.qualify;
    let line = qualify.score.or(qualify.intent).filter(|line| line.is_positive());
    let step = step(line.unwrap_or(LINE_IF_NONE), 5);
    (1..=EDGES_MAX)
        .map(|times| Points::from_millis(step.millis() * i64::from(times)))
        .collect()
}

pub(super) fn bands(
    agreement: &Agreement,
    cases: &[Case<'_>],
    window: Window,
    others_lost: bool,
    trials: &impl Trials,
) -> Vec<Band> {
    let edges = edges(agreement);
    let since = |case: &Case<'_>| window.counts_from(window.standing(case, case.qualified_at));
    let mut reached = vec![0_usize; cases.len()];
    for edge in &edges {
        let qualified_at = trials.qualified_at(by_score_alone(agreement, *edge));
        for ((reached, case), at) in reached.iter_mut().zip(cases).zip(qualified_at) {
            let in_time = |since| at.is_some_and(|at| !is_after_its_end(case, since, at));
            *reached += usize::from(since(case).is_some_and(in_time));
        }
    }
    let mut fates = vec![Fates::default(); edges.len() + 1];
    for (case, band) in cases.iter().zip(reached) {
        if let (Some(since), Some(fates)) = (since(case), fates.get_mut(band)) {
            fates.count(case, since);
        }
    }
    let cells: Vec<Cell> = fates.iter().map(|fates| fates.cell(others_lost)).collect();
    let lower = std::iter::once(None).chain(edges.iter().copied().map(Some));
    let upper = edges.iter().copied().map(Some).chain(std::iter::once(None));
    lower
        .zip(upper)
        .zip(fates.iter().zip(lifts(&cells)))
        .map(|((from, under), (fates, lift))| Band {
            from,
            under,
            leads: fates.total(),
            won: fates.won_rate(others_lost),
            lift,
        })
        .collect()
}

fn by_score_alone(agreement: &Agreement, score: Points) -> Agreement {
    Agreement {
        qualify: Qualify {
            score: Some(score),
            ..Qualify::default()
        },
        ..agreement.clone()
    }
}

/// Whether what became of the lead was decided before that instant.
fn is_after_its_end(case: &Case<'_>, since: Timestamp, at: Timestamp) -> bool {
    let end = case.since(since).filter(|end| end.fate.is_decided());
    end.and_then(|end| end.at).is_some_and(|end| at > end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_numbers() {
        for (line, times, expected) in [
            (65, 5, 10),
            (100, 5, 20),
            (65, 10, 5),
            (30, 5, 5),
            (3, 5, 1),
            (1_000, 5, 200),
            (499, 10, 20),
            (500, 10, 50),
        ] {
            assert_eq!(
                step(Points::whole(line), times),
                Points::whole(expected),
                "{line}"
            );
        }
    }
}
