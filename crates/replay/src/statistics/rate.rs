//! Shares of a whole, with Wilson's score interval.

use std::fmt;

use serde::{Serialize, Serializer};

const MILLION: f64 = 1_000_000.0;
/// The standard normal deviate that 95 % lie within, either way.
const Z: f64 = 1.959_963_984_540_054;

/// A number of zero or more in millionths: `0.25` is `Millionths(250_000)`. It is written with four decimals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Millionths(pub u64);

/// A share of a whole, and the interval in which the share that stands behind it lies with 95 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// How many of them.
    pub hits: u64,
    /// Of how many.
    pub of: u64,
    /// The share; nothing where there is none to take it of.
    pub rate: Option<Millionths>,
    /// The interval's lower end.
    pub low: Option<Millionths>,
    /// The interval's upper end.
    pub high: Option<Millionths>,
}

impl Millionths {
    /// `part / whole`, rounded half up; nothing where the whole is nothing.
    pub fn ratio(part: u64, whole: u64) -> Option<Self> {
        let (part, whole) = (u128::from(part), u128::from(whole));
        let scaled = (part * 1_000_000 + whole / 2).checked_div(whole)?;
        u64::try_from(scaled).ok().map(Self)
    }

    /// The number as a float, for showing it.
    pub fn get(self) -> f64 {
        real(self.0) / MILLION
    }

    fn of(number: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share is held between 0 and 1 before it is scaled"
        )]
        Self((number.clamp(0.0, 1.0) * MILLION).round() as u64)
    }
}

impl Serialize for Millionths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Whole ten-thousandths, so that the number is written with four decimals and no more.
        let rounded = (self.0 + 50) / 100;
        serializer.serialize_f64(real(rounded) / 10_000.0)
    }
}

impl Rate {
    /// The share that `hits` are of `of`, with its interval by Wilson's formula (E. B. Wilson, Probable inference, the law
    /// of succession, and statistical inference, 1927).
    pub fn new(hits: u64, of: u64) -> Self {
        let Some(rate) = Millionths::ratio(hits, of) else {
            return Self {
                hits,
                of,
                rate: None,
                low: None,
                high: None,
            };
        };
        let n = real(of);
        let p = real(hits) / n;
        let shrink = 1.0 + Z * Z / n;
        let middle = (p + Z * Z / (2.0 * n)) / shrink;
        let half = Z / shrink * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).max(0.0).sqrt();
        Self {
            hits,
            of,
            rate: Some(rate),
            // Where none or all are hits the formula's end is the rate itself, but for the float's last digit.
            low: Some(if hits == 0 {
                rate
            } else {
                Millionths::of(middle - half)
            }),
            high: Some(if hits == of {
                rate
            } else {
                Millionths::of(middle + half)
            }),
        }
    }

    /// The share as a float; 0 where there is none.
    pub fn share(&self) -> f64 {
        self.rate.map_or(0.0, Millionths::get)
    }

    /// The interval's ends as floats; 0 and 1 where there is none.
    pub fn ends(&self) -> (f64, f64) {
        let [low, high] = [self.low, self.high].map(|end| end.map(Millionths::get));
        (low.unwrap_or(0.0), high.unwrap_or(1.0))
    }

    /// Whether the intervals of two rates have nothing in common.
    pub fn is_apart_from(&self, other: &Self) -> bool {
        let apart = |low: Option<Millionths>, high: Option<Millionths>| {
            low.zip(high).is_some_and(|(low, high)| low > high)
        };
        apart(self.low, other.high) || apart(other.low, self.high)
    }
}

/// `45.3 % (41.0 to 49.6)`.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(rate) = self.rate else {
            return f.write_str("-");
        };
        let percent = |share: f64| share * 100.0;
        let (low, high) = self.ends();
        write!(
            f,
            "{:.1} % ({:.1} to {:.1})",
            percent(rate.get()),
            percent(low),
            percent(high)
        )
    }
}

/// A count as a float.
fn real(count: u64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of leads and millionths of them stay under 2^53"
    )]
    let real = count as f64;
    real
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(hits: u64, of: u64) -> Option<(u64, u64, u64)> {
        let rate = Rate::new(hits, of);
        Some((rate.low?.0, rate.rate?.0, rate.high?.0))
    }

    #[test]
    fn wilsons_interval_is_as_it_is_printed_elsewhere() {
        // By hand, and as `statsmodels.stats.proportion.proportion_confint(.., method="wilson")` gives them.
        for (hits, of, expected) in [
            (5, 10, (236_593, 500_000, 763_407)),
            (0, 10, (0, 0, 277_533)),
            (10, 10, (722_467, 1_000_000, 1_000_000)),
            (1, 1, (206_549, 1_000_000, 1_000_000)),
            (81, 263, (255_289, 307_985, 366_210)),
        ] {
            assert_eq!(ends(hits, of), Some(expected), "{hits} of {of}");
        }
        assert_eq!(ends(0, 0), None);
    }

    #[test]
    fn an_interval_holds_its_rate_and_narrows_with_more_of_the_same() {
        for of in 1..=200_u64 {
            for hits in 0..=of {
                let (low, rate, high) = ends(hits, of).expect("of something");
                assert!(low <= rate && rate <= high, "{hits} of {of}");
                let (narrow_low, _, narrow_high) = ends(hits * 4, of * 4).expect("of something");
                assert!(narrow_high - narrow_low <= high - low, "{hits} of {of}");
                let (mirrored_low, _, mirrored_high) = ends(of - hits, of).expect("of something");
                // The float's last digit may round either way.
                assert!((1_000_000 - high).abs_diff(mirrored_low) <= 1, "{hits} of {of}");
                assert!((1_000_000 - low).abs_diff(mirrored_high) <= 1, "{hits} of {of}");
            }
        }
    }

    #[test]
    fn rates_are_written_with_four_decimals() {
        let json = |rate: Rate| serde_json::to_string(&rate).expect("JSON");
        assert_eq!(
            json(Rate::new(1, 3)),
            r#"{"hits":1,"of":3,"rate":0.3333,"low":0.0615,"high":0.7923}"#
        );
        assert_eq!(
            json(Rate::new(0, 0)),
            r#"{"hits":0,"of":0,"rate":null,"low":null,"high":null}"#
        );
    }

    #[test]
    fn rates_are_shown_in_percent_with_their_interval() {
        assert_eq!(Rate::new(81, 263).to_string(), "30.8 % (25.5 to 36.6)");
        assert_eq!(Rate::new(0, 0).to_string(), "-");
        assert_eq!(
            (Rate::new(0, 0).share(), Rate::new(0, 0).ends()),
            (0.0, (0.0, 1.0))
        );
    }

    #[test]
    fn rates_are_apart_where_their_intervals_are() {
        assert!(Rate::new(10, 100).is_apart_from(&Rate::new(40, 100)));
        assert!(Rate::new(40, 100).is_apart_from(&Rate::new(10, 100)));
        assert!(!Rate::new(2, 10).is_apart_from(&Rate::new(4, 10)));
        assert!(!Rate::new(2, 10).is_apart_from(&Rate::new(0, 0)));
    }
}
