//! Decay: how many millionths of its points a match keeps at each age in whole days.

use crate::agreement::Decay;

/// A whole, in parts per million.
const ONE_PPM: u32 = 1_000_000;

/// Every age in days that two instants can lie apart: from 1970 to the end of 2199.
const AGES_MAX: u32 = 84_008;

/// The factor of each age, tabled until it stays what it is for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factors {
    /// Never empty. The last one is that of every later age too: nothing, or a whole where there is neither decay nor
    /// expiry.
    table: Box<[u32]>,
}

impl Factors {
    /// Tables a decay, cut off at `expires_days`.
    pub fn new(decay: Decay, expires_days: Option<u32>) -> Self {
        let ages = expires_days.unwrap_or(AGES_MAX).min(AGES_MAX);
        let mut table: Vec<u32> = match decay {
            Decay::None if expires_days.is_none() => {
                return Self {
                    table: Box::new([ONE_PPM]),
                };
            }
            Decay::None => vec![ONE_PPM; ages as usize],
            Decay::HalfLife { days } => half_lives(days.max(1), ages),
            Decay::Lose { percent, every_days } => (0..ages)
                .map(|age| ONE_PPM.saturating_sub((percent * 10_000).saturating_mul(age / every_days.max(1))))
                .take_while(|factor| *factor > 0)
                .collect(),
            Decay::Over { days } => (0..ages.min(days)).map(|age| straight_line(age, days)).collect(),
        };
        table.push(0);
        Self { table: table.into() }
    }

    /// The factor of an age in days, in parts per million.
    #[inline]
    pub fn ppm(&self, age: i32) -> u32 {
        // No branch: ages are all over the table, and a branch on them would be guessed wrong half the time.
        let last = self.table.len() - 1;
        let place = usize::try_from(age).unwrap_or(usize::MAX).min(last);
        self.table.get(place).copied().unwrap_or(0)
    }

    /// Whether every age has the same factor, so that the days of matches needn't be told apart.
    pub fn is_constant(&self) -> bool {
        self.horizon().is_none()
    }

    /// The age from which nothing is left; `None` where something always is.
    pub fn horizon(&self) -> Option<i32> {
        let last = self.table.len() - 1;
        let ends = self.table.last().is_some_and(|factor| *factor == 0);
        ends.then(|| i32::try_from(last).unwrap_or(i32::MAX))
    }
}

/// `round((1 - age/days) * 1_000_000)`, half away from zero, for `age < days`.
fn straight_line(age: u32, days: u32) -> u32 {
    let (age, days) = (u64::from(age), u64::from(days));
    let numerator = (days - age) * u64::from(ONE_PPM);
    u32::try_from((2 * numerator + days) / (2 * days)).unwrap_or(ONE_PPM)
}

/// `round(2^(-age/days) * 1_000_000)` for each age until it rounds to nothing.
///
/// The power is worked out in integers, to 63 binary places: `2^(-x)` is the product of `2^(-2^-i)` over the binary
/// digits of `x`, and those are repeated square roots of a half. The error stays under 2^-36 of a millionth.
fn half_lives(days: u32, ages: u32) -> Vec<u32> {
    let roots = roots_of_half();
    (0..ages)
        .map(|age| {
            let fraction = power_of_half(age % days, days, &roots);
            let shift = 63 + (age / days).min(60);
            let scaled = u128::from(fraction) * u128::from(ONE_PPM);
            u32::try_from((scaled + (1_u128 << (shift - 1))) >> shift).unwrap_or(ONE_PPM)
        })
        .take_while(|factor| *factor > 0)
        .collect()
}

/// `2^(-1/2)`, `2^(-1/4)`, `2^(-1/8)` and so on, in units of 2^-63.
fn roots_of_half() -> Vec<u64> {
    let mut root: u64 = 1 << 62;
    (0..63)
        .map(|_| {
            root = u64::try_from((u128::from(root) << 63).isqrt()).unwrap_or(u64::MAX);
            root
        })
        .collect()
}

/// `2^(-part/whole)` for `part < whole`, in units of 2^-63.
fn power_of_half(part: u32, whole: u32, roots: &[u64]) -> u64 {
    let (mut rest, whole) = (u64::from(part), u64::from(whole));
    let mut power: u64 = 1 << 63;
    for root in roots {
        rest *= 2;
        if rest >= whole {
            rest -= whole;
            power = u64::try_from((u128::from(power) * u128::from(*root)) >> 63).unwrap_or(power);
        }
        if rest == 0 {
            break;
        }
    }
    power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_lives_agree_with_the_formula_in_floats() {
        for days in [1, 2, 3, 7, 14, 30, 90, 365, 3_650] {
            let factors = Factors::new(Decay::HalfLife { days }, None);
            for age in 0..i32::try_from(days * 21).unwrap() {
                let exact = (-f64::from(age) / f64::from(days)).exp2() * 1e6;
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "at most a million"
                )]
                let rounded = exact.round() as u32;
                assert_eq!(factors.ppm(age), rounded, "half-life {days}, age {age}: {exact}");
            }
        }
    }

    #[test]
    fn steps_and_lines_end_at_nothing() {
        let steps = Factors::new(
            Decay::Lose {
                percent: 25,
                every_days: 30,
            },
            None,
        );
        let at: Vec<u32> = [0, 29, 30, 60, 119, 120, 10_000]
            .map(|age| steps.ppm(age))
            .to_vec();
        assert_eq!(at, [1_000_000, 1_000_000, 750_000, 500_000, 250_000, 0, 0]);
        let line = Factors::new(Decay::Over { days: 180 }, None);
        let at: Vec<u32> = [0, 1, 90, 179, 180].map(|age| line.ppm(age)).to_vec();
        assert_eq!(at, [1_000_000, 994_444, 500_000, 5_556, 0]);
        let expiring = Factors::new(Decay::None, Some(90));
        assert_eq!(
            (expiring.ppm(89), expiring.ppm(90), expiring.horizon()),
            (1_000_000, 0, Some(90))
        );
        let both = Factors::new(Decay::HalfLife { days: 30 }, Some(31));
        assert_eq!((both.ppm(30), both.ppm(31)), (500_000, 0));
    }

    #[test]
    fn without_decay_everything_stays() {
        let factors = Factors::new(Decay::None, None);
        assert!(factors.is_constant());
        assert_eq!(
            (factors.ppm(0), factors.ppm(84_000), factors.horizon()),
            (1_000_000, 1_000_000, None)
        );
    }
}
