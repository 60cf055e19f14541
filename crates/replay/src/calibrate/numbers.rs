//! Counts as numbers to calculate with, and the few functions that several parts need.

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
