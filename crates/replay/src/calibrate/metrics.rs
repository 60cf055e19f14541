//! How good a ranking and its chances are: area under the ROC curve, log loss, Brier score, lift and calibration.

use serde::Serialize;

use super::numbers::{real, share_of};
use crate::statistics::Rate;

/// The least chance that is taken for granted in a log loss, either way.
const CHANCE_MIN: f64 = 1e-6;
/// How many bands a lift and a calibration table have.
const BANDS: usize = 10;

/// What one way of scoring comes to on leads whose outcome it hasn't seen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measures {
    /// How it scored.
    pub method: &'static str,
    /// The chance that a won lead stands above a lost one; ties count half.
    pub auc: f64,
    /// The mean negative logarithm of the chance that was given to what happened.
    pub log_loss: f64,
    /// The mean squared distance of that chance from what happened.
    pub brier: f64,
    /// The won rate of the best tenth by the won rate of all.
    pub lift_top_tenth: f64,
    /// The won rate of the best fifth by the won rate of all.
    pub lift_top_fifth: f64,
    /// The leads in ten bands of equal size, the best first.
    pub bands: Vec<Band>,
}

/// Leads whose chances are near one another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Band {
    /// The mean chance that they were given.
    pub expected: f64,
    /// How many of how many were won, with the interval of the share.
    pub rate: Rate,
    /// That share by the won rate of all.
    pub lift: f64,
}

/// A lead's place by some score, the chance that it means, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Judged {
    pub(super) score: f64,
    pub(super) chance: f64,
    pub(super) won: bool,
}

/// The measures of a way of scoring.
pub(super) fn measures(method: &'static str, judged: &[Judged]) -> Measures {
    let n = real(judged.len().max(1));
    let loss = |one: &Judged| {
        let chance = one.chance.clamp(CHANCE_MIN, 1.0 - CHANCE_MIN);
        -(if one.won { chance } else { 1.0 - chance }).ln()
    };
    let square = |one: &Judged| (one.chance - f64::from(u8::from(one.won))).powi(2);
    let mut ordered = judged.to_vec();
    ordered.sort_by(|a, b| b.score.total_cmp(&a.score));
    Measures {
        method,
        auc: auc(judged),
        log_loss: judged.iter().map(loss).sum::<f64>() / n,
        brier: judged.iter().map(square).sum::<f64>() / n,
        lift_top_tenth: lift(&ordered, 0.1),
        lift_top_fifth: lift(&ordered, 0.2),
        bands: bands(&ordered),
    }
}

/// The area under the ROC curve: the share of pairs of a won and a lost lead in which the won one scores higher, ties half.
/// 0.5 where there is no pair.
pub(super) fn auc(judged: &[Judged]) -> f64 {
    let mut ordered: Vec<(f64, bool)> = judged.iter().map(|one| (one.score, one.won)).collect();
    ordered.sort_by(|a, b| a.0.total_cmp(&b.0));
    let weighted = ordered.iter().map(|(score, won)| (*score, *won, 1_u32));
    auc_of_sorted(weighted)
}

/// The same of leads that are in the order of their scores and count several times over.
pub(super) fn auc_of_sorted(ordered: impl Iterator<Item = (f64, bool, u32)>) -> f64 {
    let (mut won_before, mut lost_before, mut above) = (0.0, 0.0, 0.0);
    // Those of the present score, which are ties.
    let (mut won_here, mut lost_here, mut here) = (0.0, 0.0, f64::NAN);
    for (score, won, times) in ordered {
        if score.total_cmp(&here).is_ne() {
            above += won_here * (lost_before + lost_here / 2.0);
            won_before += won_here;
            lost_before += lost_here;
            (won_here, lost_here, here) = (0.0, 0.0, score);
        }
        if won {
            won_here += f64::from(times);
        } else {
            lost_here += f64::from(times);
        }
    }
    above += won_here * (lost_before + lost_here / 2.0);
    let pairs = (won_before + won_here) * (lost_before + lost_here);
    if pairs > 0.0 { above / pairs } else { 0.5 }
}

/// The won rate of the best share by that of all. Where ties reach over the end, they count by their part in it, so that
/// their order never shows.
fn lift(ordered: &[Judged], share: f64) -> f64 {
    let take = share_of(ordered.len(), share).max(1).min(ordered.len());
    let all = real(ordered.iter().filter(|one| one.won).count());
    let Some(last) = take.checked_sub(1).and_then(|at| ordered.get(at)) else {
        return 1.0;
    };
    let rate_all = all / real(ordered.len());
    let above = ordered.iter().take_while(|one| one.score > last.score);
    let (above, above_won) = above.fold((0, 0), |(n, won), one| (n + 1, won + usize::from(one.won)));
    let tied = ordered
        .iter()
        .filter(|one| one.score.total_cmp(&last.score).is_eq());
    let (tied, tied_won) = tied.fold((0, 0), |(n, won), one| (n + 1, won + usize::from(one.won)));
    let part = real(take - above) / real(tied.max(1));
    let won = real(above_won) + part * real(tied_won);
    if rate_all > 0.0 {
        won / real(take) / rate_all
    } else {
        1.0
    }
}

/// Ten bands of about the same size; leads of one score are never parted.
fn bands(ordered: &[Judged]) -> Vec<Band> {
    let all = ordered.iter().filter(|one| one.won).count();
    let rate_all = real(all) / real(ordered.len().max(1));
    let size = ordered.len().div_ceil(BANDS).max(1);
    let mut bands: Vec<Vec<Judged>> = vec![Vec::new()];
    for one in ordered {
        let full = bands.last().is_some_and(|band| {
            band.len() >= size
                && band
                    .last()
                    .is_some_and(|last| last.score.total_cmp(&one.score).is_ne())
        });
        if full {
            bands.push(Vec::new());
        }
        if let Some(band) = bands.last_mut() {
            band.push(*one);
        }
    }
    let band = |leads: &Vec<Judged>| {
        let won = leads.iter().filter(|one| one.won).count();
        let rate = Rate::new(won as u64, leads.len() as u64);
        Band {
            expected: leads.iter().map(|one| one.chance).sum::<f64>() / real(leads.len().max(1)),
            rate,
            lift: if rate_all > 0.0 {
                rate.share() / rate_all
            } else {
                1.0
            },
        }
    };
    bands.iter().filter(|leads| !leads.is_empty()).map(band).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(scores: &[(i32, bool)]) -> Vec<Judged> {
        scores
            .iter()
            .map(|(score, won)| Judged {
                score: f64::from(*score),
                chance: 0.5,
                won: *won,
            })
            .collect()
    }

    #[test]
    fn the_area_counts_pairs_and_ties_by_half() {
        for (scores, area) in [
            (&[(1, false), (2, true)][..], 1.0),
            (&[(2, false), (1, true)], 0.0),
            (&[(1, false), (1, true)], 0.5),
            (&[(1, false), (2, false), (2, true), (3, true)], 0.875),
            (&[(1, true)], 0.5),
            (&[], 0.5),
        ] {
            assert!((auc(&judged(scores)) - area).abs() < 1e-12, "{scores:?}");
        }
    }

    #[test]
    fn a_lead_that_counts_twice_counts_as_two() {
        let once = judged(&[(1, false), (2, true), (2, true), (2, false), (3, false)]);
        let twice = [(1.0, false, 1), (2.0, true, 2), (2.0, false, 1), (3.0, false, 1)];
        assert!((auc(&once) - auc_of_sorted(twice.into_iter())).abs() < 1e-12);
    }

    #[test]
    fn lift_of_a_tie_is_that_of_all_who_tie() {
        // Everybody has one score: whoever is taken first, the best tenth is as all are.
        let tied = judged(&[(1, true), (1, false), (1, false), (1, false), (1, true)]);
        assert!((lift(&tied, 0.2) - 1.0).abs() < 1e-12);
        assert_eq!(bands(&tied).len(), 1);
        let best = judged(&[(9, true), (1, false), (1, false), (1, false), (1, false)]);
        assert!((lift(&best, 0.2) - 5.0).abs() < 1e-12);
    }
}
