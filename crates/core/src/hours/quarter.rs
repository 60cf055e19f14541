//! Quarters of the calendar, in which managers review.

use std::fmt;
use std::str::FromStr;

use super::{LocalDate, Zone};
use crate::domain::Timestamp;

/// Three months that begin in January, April, July or October, in whichever zone they are meant; from 1970 to 2199.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter {
    year: u16,
    /// From 1 to 4.
    number: u8,
}

/// Why a text is no [`Quarter`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a quarter; write it like `2026-Q3`")]
pub struct QuarterError(String);

const YEAR_MIN: u16 = 1970;
const YEAR_MAX: u16 = 2199;

impl Quarter {
    /// The quarter of an instant, by the calendars there.
    pub fn of(zone: &Zone, at: Timestamp) -> Self {
        let shown = zone.date(at).to_string();
        let mut parts = shown.split('-').map(|part| part.parse::<u16>().unwrap_or(1));
        let (year, month) = (parts.next().unwrap_or(YEAR_MIN), parts.next().unwrap_or(1));
        Self {
            year: year.clamp(YEAR_MIN, YEAR_MAX),
            number: u8::try_from((month.clamp(1, 12) - 1) / 3 + 1).unwrap_or(1),
        }
    }

    /// The one before it; the first of all is its own.
    #[must_use]
    pub const fn previous(self) -> Self {
        match (self.year, self.number) {
            (YEAR_MIN, 1) => self,
            (year, 1) => Self {
                year: year - 1,
                number: 4,
            },
            (year, number) => Self {
                year,
                number: number - 1,
            },
        }
    }

    /// The one after it.
    #[must_use]
    pub const fn next(self) -> Self {
        match (self.year, self.number) {
            (year, 4) => Self {
                year: year + 1,
                number: 1,
            },
            (year, number) => Self {
                year,
                number: number + 1,
            },
        }
    }

    /// When it begins there, and when the next one does.
    pub fn span(self, zone: &Zone) -> (Timestamp, Timestamp) {
        (self.begins(zone), self.next().begins(zone))
    }

    fn begins(self, zone: &Zone) -> Timestamp {
        let first = format!("{:04}-{:02}-01", self.year, (self.number - 1) * 3 + 1);
        let first: Result<LocalDate, _> = first.parse();
        first.map_or(Timestamp::MAX, |first| zone.start_of(first))
    }
}

impl FromStr for Quarter {
    type Err = QuarterError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let refused = || QuarterError(text.chars().take(40).collect());
        let (year, number) = text.split_once(['-', ' ']).ok_or_else(refused)?;
        let number = number.strip_prefix(['Q', 'q']).ok_or_else(refused)?;
        let year: u16 = year.parse().map_err(|_| refused())?;
        let number: u8 = number.parse().map_err(|_| refused())?;
        let holds = (YEAR_MIN..=YEAR_MAX).contains(&year) && (1..=4).contains(&number);
        holds.then_some(Self { year, number }).ok_or_else(refused)
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-Q{}", self.year, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_begin_by_the_clock_on_the_wall() {
        let table = [
            ("UTC", "2026-Q1", "2026-01-01T00:00Z", "2026-04-01T00:00Z"),
            (
                "America/New_York",
                "2026-Q4",
                "2026-10-01T04:00Z",
                "2027-01-01T05:00Z",
            ),
            (
                "Europe/Berlin",
                "2026-Q2",
                "2026-03-31T22:00Z",
                "2026-06-30T22:00Z",
            ),
        ];
        for (zone, quarter, from, until) in table {
            let zone = Zone::parse(zone).expect("a zone");
            let quarter: Quarter = quarter.parse().expect("a quarter");
            let (from, until): (Timestamp, Timestamp) =
                (from.parse().expect("a time"), until.parse().expect("a time"));
            assert_eq!(quarter.span(&zone), (from, until), "{quarter} in {zone}");
            assert_eq!(Quarter::of(&zone, from), quarter);
            let before = Timestamp::from_ms_clamped(from.ms() - 1);
            assert_eq!(Quarter::of(&zone, before), quarter.previous());
            assert_eq!(quarter.previous().next(), quarter);
        }
    }

    #[test]
    fn what_is_no_quarter_is_refused() {
        for text in [
            "", "2026", "2026-Q5", "2026-Q0", "26-Q1", "Q1-2026", "2026-3", "9999-Q1",
        ] {
            assert!(text.parse::<Quarter>().is_err(), "{text}");
        }
        assert_eq!(
            "2026 q3".parse::<Quarter>().expect("a quarter").to_string(),
            "2026-Q3"
        );
    }
}
