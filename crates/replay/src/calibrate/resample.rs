//! Whether what was found could be luck: intervals by the bootstrap and the rank test by shuffling, both by a seed.

use serde::Serialize;

use super::metrics::{Judged, auc, auc_of_sorted};
use super::numbers::{real, share_of};
use super::seeded::Seeded;

/// How often leads are drawn anew.
const BOOTSTRAPS: usize = 1_000;
/// How often outcomes are shuffled.
pub(super) const SHUFFLES: usize = 1_999;

/// A figure with its 95 % interval by the bootstrap.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Interval {
    /// The figure.
    pub value: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
}

/// By how much the area under the curve of one score is above that of another on the same leads. Won and lost leads are
/// drawn apart, so that no drawing lacks either.
pub(super) fn gain(new: &[Judged], old: &[Judged], seed: u64) -> Interval {
    let drawn = drawn(new, seed, &[new, old]);
    let gains = drawn.map(|areas| match areas.as_slice() {
        [new, old] => new - old,
        _ => 0.0,
    });
    interval(auc(new) - auc(old), gains)
}

/// The area under the curve with its interval.
pub(super) fn area(judged: &[Judged], seed: u64) -> Interval {
    let drawn = drawn(judged, seed, &[judged]);
    interval(
        auc(judged),
        drawn.map(|areas| areas.first().copied().unwrap_or(0.5)),
    )
}

fn interval(value: f64, drawn: impl Iterator<Item = f64>) -> Interval {
    let mut drawn: Vec<f64> = drawn.collect();
    drawn.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let index = share_of(drawn.len(), share).min(drawn.len().saturating_sub(1));
        drawn.get(index).copied().unwrap_or(value)
    };
    Interval {
        value,
        low: at(0.025),
        high: at(0.975),
    }
}

/// For each drawing, the areas of several scores of the same leads.
fn drawn<'a>(leads: &'a [Judged], seed: u64, scores: &[&'a [Judged]]) -> impl Iterator<Item = Vec<f64>> + 'a {
    let orders: Vec<Vec<(usize, Judged)>> = scores
        .iter()
        .map(|scores| {
            let mut order: Vec<(usize, Judged)> = scores.iter().copied().enumerate().collect();
            order.sort_by(|a, b| a.1.score.total_cmp(&b.1.score));
            order
        })
        .collect();
    let places = |won: bool| -> Vec<usize> {
        let places = leads.iter().enumerate().filter(|(_, one)| one.won == won);
        places.map(|(at, _)| at).collect()
    };
    let kinds = [places(true), places(false)];
    let mut draw = Seeded::new(seed, 2);
    (0..BOOTSTRAPS).map(move |_| {
        let mut times = vec![0_u32; leads.len()];
        for places in &kinds {
            for _ in 0..places.len() {
                let picked = places.get(draw.below(places.len()));
                if let Some(count) = picked.and_then(|at| times.get_mut(*at)) {
                    *count += 1;
                }
            }
        }
        let counted = |order: &Vec<(usize, Judged)>| {
            let rows = order.iter();
            auc_of_sorted(rows.map(|(at, one)| (one.score, one.won, times.get(*at).copied().unwrap_or(0))))
        };
        orders.iter().map(counted).collect()
    })
}

/// How likely a ranking at least as good is where outcomes have nothing to do with it: the share of shuffles that reach it,
/// itself counted as one.
pub(super) fn by_chance(judged: &[Judged], seed: u64) -> f64 {
    let mut order: Vec<&Judged> = judged.iter().collect();
    order.sort_by(|a, b| a.score.total_cmp(&b.score));
    let mut ranks = Vec::with_capacity(order.len());
    for tied in order.chunk_by(|a, b| a.score.total_cmp(&b.score).is_eq()) {
        let middle = real(ranks.len()) + f64::midpoint(real(tied.len()), 1.0);
        ranks.extend(std::iter::repeat_n(middle, tied.len()));
    }
    let found: f64 = order
        .iter()
        .zip(&ranks)
        .filter(|(one, _)| one.won)
        .map(|(_, rank)| rank)
        .sum();
    let won = judged.iter().filter(|one| one.won).count();
    let mut draw = Seeded::new(seed, 3);
    let mut reached = 1;
    for _ in 0..SHUFFLES {
        // The first so many of a shuffle that stops there are a draw without returning.
        let mut sum = 0.0;
        for place in 0..won {
            let other = place + draw.below(ranks.len() - place);
            ranks.swap(place, other);
            sum += ranks.get(place).copied().unwrap_or(0.0);
        }
        reached += usize::from(sum >= found - 1e-9);
    }
    real(reached) / real(SHUFFLES + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Leads in the order of their scores, of which those win that `won` says.
    fn ranked(count: usize, won: impl Fn(usize, &mut Seeded) -> bool) -> Vec<Judged> {
        let mut draw = Seeded::new(5, 9);
        (0..count)
            .map(|at| Judged {
                score: real(at),
                chance: 0.5,
                won: won(at, &mut draw),
            })
            .collect()
    }

    #[test]
    fn a_good_ranking_is_no_luck_and_a_drawn_one_may_be() {
        let good = ranked(300, |at, draw| draw.below(300) < at);
        assert!(by_chance(&good, 1) < 0.001);
        assert!(area(&good, 1).low > 0.7);
        let luck = ranked(300, |_, draw| draw.below(2) == 0);
        assert!(by_chance(&luck, 1) > 0.02);
        let interval = area(&luck, 1);
        assert!(interval.low < 0.5 && interval.high > 0.5, "{interval:?}");
    }

    #[test]
    fn a_score_gains_nothing_on_itself_and_the_seed_repeats_the_interval() {
        let good = ranked(200, |at, draw| draw.below(200) < at);
        let same = gain(&good, &good, 4);
        assert!(same.value == 0.0 && same.low == 0.0 && same.high == 0.0);
        let flat: Vec<Judged> = good.iter().map(|one| Judged { score: 1.0, ..*one }).collect();
        let better = gain(&good, &flat, 4);
        assert!(better.low > 0.0 && better.low < better.value && better.value < better.high);
        assert_eq!(better, gain(&good, &flat, 4));
    }
}
