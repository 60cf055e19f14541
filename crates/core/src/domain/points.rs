//! Points, counted in thousandths so that every sum is exact.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Neg, Sub};

use serde::Serialize;

/// Points in millipoints: `2.5` points are `Points(2_500)`. Sums saturate, which no agreement within its limits reaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Points(i64);

impl Points {
    /// No points.
    pub const ZERO: Self = Self(0);
    /// More than any sum comes to.
    pub const MOST: Self = Self(i64::MAX);
    /// The most points, either way, that one rule or line may name: a million.
    pub const LIMIT: Self = Self(1_000_000_000);

    /// That many thousandths of a point.
    #[inline]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Whole points.
    pub const fn whole(points: i32) -> Self {
        Self(points as i64 * 1_000)
    }

    /// Thousandths of a point.
    #[inline]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// `round_half_away(points * factor_ppm / 1_000_000)`, the one place where points are multiplied.
    #[inline]
    #[must_use]
    pub const fn scaled(self, factor_ppm: u32) -> Self {
        // What an agreement may name fits 64 bits when multiplied, and 64 bits divide several times faster than 128.
        if -Self::LIMIT.0 <= self.0 && self.0 <= Self::LIMIT.0 {
            let product = self.0 * factor_ppm as i64;
            let half = if product < 0 { -500_000 } else { 500_000 };
            return Self((product + half) / 1_000_000);
        }
        let product = self.0 as i128 * factor_ppm as i128;
        let half = if product < 0 { -500_000 } else { 500_000 };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a factor of at most 4,295 on Points never saturated"
        )]
        Self(((product + half) / 1_000_000) as i64)
    }

    /// The same points `count` times over.
    #[inline]
    #[must_use]
    pub const fn times(self, count: u32) -> Self {
        Self(self.0.saturating_mul(count as i64))
    }

    /// Whether there are more than none.
    #[inline]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// These points where they are positive, else none.
    #[inline]
    #[must_use]
    pub fn positive(self) -> Self {
        self.max(Self::ZERO)
    }

    /// These points where they are negative, else none.
    #[inline]
    #[must_use]
    pub fn negative(self) -> Self {
        self.min(Self::ZERO)
    }

    /// Reads a decimal of at most three places, such as `15`, `-2.5` or `1_000.125`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, text.get(1..)?),
            b'+' => (false, text.get(1..)?),
            _ => (false, text),
        };
        let digits: String = digits.chars().filter(|c| *c != '_').collect();
        let (whole, places) = digits.split_once('.').unwrap_or((&digits, ""));
        let places = places.trim_end_matches('0');
        let plain = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !plain(whole) || !plain(places) || places.len() > 3 {
            return None;
        }
        let whole: i64 = whole.parse().ok()?;
        let millis: i64 = format!("{places:0<3}").parse().ok()?;
        let total = whole.checked_mul(1_000)?.checked_add(millis)?;
        Some(Self(if negative { -total } else { total }))
    }

    /// The shortest form, for people: `15`, `-2.5`.
    pub fn short(self) -> String {
        let full = self.to_string();
        full.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

impl fmt::Display for Points {
    /// With three decimals: `15.000`, `-2.500`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let millis = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:03}", millis / 1_000, millis % 1_000)
    }
}

impl Add for Points {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Points {
    type Output = Self;
    #[inline]
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Points {
    type Output = Self;
    #[inline]
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl Sum for Points {
    #[inline]
    fn sum<I: Iterator<Item = Self>>(points: I) -> Self {
        points.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_decimals_of_at_most_three_places() {
        for (text, millis) in [
            ("15", 15_000),
            ("-2.5", -2_500),
            ("+0.125", 125),
            ("1_000.10", 1_000_100),
            ("2.5000", 2_500),
        ] {
            assert_eq!(Points::parse(text), Some(Points(millis)), "{text}");
        }
        for text in [
            "",
            "-",
            ".5",
            "1.2345",
            "1e3",
            "nan",
            "inf",
            "0x10",
            "1.-5",
            "99999999999999999999",
        ] {
            assert_eq!(Points::parse(text), None, "{text}");
        }
        assert_eq!(Points(-2_500).to_string(), "-2.500");
        assert_eq!(Points(-500).to_string(), "-0.500");
        assert_eq!(Points(-2_500).short(), "-2.5");
        assert_eq!(Points(100_000).short(), "100");
    }

    #[test]
    fn scaling_rounds_half_away_from_zero() {
        assert_eq!(Points(1).scaled(500_000), Points(1));
        assert_eq!(Points(-1).scaled(500_000), Points(-1));
        assert_eq!(Points(3).scaled(499_999), Points(1));
        assert_eq!(Points::whole(15).scaled(1_000_000), Points::whole(15));
        assert_eq!(Points::whole(15).scaled(0), Points::ZERO);
        let (within, beyond) = (Points(Points::LIMIT.0), Points(Points::LIMIT.0 + 1_000_000));
        assert_eq!(within.scaled(333_333), Points(333_333_000));
        assert_eq!(beyond.scaled(333_333), Points(333_666_333));
        assert_eq!((-beyond).scaled(u32::MAX), -beyond.scaled(u32::MAX));
    }
}
