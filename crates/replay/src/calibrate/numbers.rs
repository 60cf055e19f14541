//! Counts as numbers to calculate with, and the few functions that several parts need.

use std::cmp::Ordering;

/// A count as a number; exact up to 2^53, which nothing here counts to.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of leads and events are far below 2^53"
)]
pub(super) fn real(count: usize) -> f64 {
    count as f64
}

/// The nearest whole number, half away from zero; 0 where there is none in 32 bits.
#[expect(clippy::cast_possible_truncation, reason = "the range is looked at first")]
pub(super) fn whole(number: f64) -> i32 {
    let rounded = number.round();
    if rounded.abs() <= f64::from(i32::MAX) {
        rounded as i32
    } else {
        0
    }
}

/// How many of `count` a share is, rounded down.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the share is of 0 to 1, the product within the count"
)]
pub(super) fn share_of(count: usize, share: f64) -> usize {
    ((real(count) * share.clamp(0.0, 1.0)).floor() as usize).min(count)
}

/// The chance that log-odds mean.
pub(super) fn chance(log_odds: f64) -> f64 {
    if log_odds >= 0.0 {
        1.0 / (1.0 + (-log_odds).exp())
    } else {
        let odds = log_odds.exp();
        odds / (1.0 + odds)
    }
}

/// `ln(1 + e^x)` without overflow.
pub(super) fn softplus(x: f64) -> f64 {
    if x > 0.0 {
        x + (-x).exp().ln_1p()
    } else {
        x.exp().ln_1p()
    }
}

/// The log-odds of so many among so many, with half a case on either side so that none is infinite.
pub(super) fn log_odds(won: usize, all: usize) -> f64 {
    ((real(won) + 0.5) / (real(all.saturating_sub(won)) + 0.5)).ln()
}

/// The roundest number above `low` and up to `high`, that is the one with the fewest digits, of several the nearest to `at`;
/// `high` where there is none between them.
pub(super) fn roundest(low: f64, at: f64, high: f64) -> f64 {
    let largest = low.abs().max(high.abs());
    if low.partial_cmp(&high) != Some(Ordering::Less) || !largest.is_finite() || largest == 0.0 {
        return high;
    }
    let top = whole(largest.log10().ceil());
    for exponent in (top - 15..=top).rev() {
        for digit in [5.0, 2.0, 1.0] {
            // Powers of ten are exact as wholes, so that what is divided by one is the nearest float to what is meant.
            let power = 10.0_f64.powi(exponent.abs());
            let multiple = |times: f64| {
                if exponent < 0 {
                    times * digit / power
                } else {
                    times * digit * power
                }
            };
            let step = multiple(1.0);
            let (least, most) = ((low / step).floor() + 1.0, (high / step).floor());
            if least <= most {
                let round = multiple((at / step).round().clamp(least, most));
                if round > low && round <= high {
                    return round;
                }
            }
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roundest_number_has_the_fewest_digits() {
        for (low, at, high, round) in [
            (96.0, 104.0, 108.0, 100.0),
            (96.0, 97.0, 99.0, 98.0),
            (3.0, 4.0, 4.0, 4.0),
            (0.0, 3.0, 7.0, 5.0),
            (-4.0, 1.0, 3.0, 0.0),
            (-4.0, -3.0, -1.0, -2.0),
            (0.31, 0.32, 0.33, 0.32),
            (0.28, 0.3, 0.34, 0.3),
            (1.344_355, 1.344_356, 1.344_357, 1.344_356),
            (5.0, 5.0, 5.0, 5.0),
            (0.0, 0.0, 0.0, 0.0),
            (1e300, 2e300, 3e300, 2e300),
            (1e-300, 2e-300, 3e-300, 2e-300),
        ] {
            let found = roundest(low, at, high);
            assert!(
                (found - round).abs() <= round.abs() * 1e-12,
                "{low} {high}: {found}"
            );
        }
    }
}
