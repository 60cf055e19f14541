//! Instants, days and periods, in milliseconds since 1970 in UTC.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// Milliseconds in a UTC day; scoring days have no time zone.
pub const MS_PER_DAY: i64 = 86_400_000;

/// An instant from 1970-01-01 to the end of 2199, in milliseconds since the epoch, UTC.
///
/// The range is part of the type: arithmetic on two instants can't overflow, and a time in the year 9999, which is
/// always somebody's placeholder, is refused where it is parsed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Timestamp(i64);

/// Why a text or number is no [`Timestamp`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    /// The text isn't an RFC 3339 time, or an ISO date with or without a time.
    #[error("`{0}` is not a time; write it like `2026-01-31T09:30:00Z` or `2026-01-31`")]
    Malformed(String),
    /// The instant is before 1970 or after 2199.
    #[error("`{0}` is outside the years 1970 to 2199")]
    OutOfRange(String),
}

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const MIN: Self = Self(0);
    /// 2199-12-31T23:59:59.999Z.
    pub const MAX: Self = Self(7_258_118_399_999);

    /// The instant `ms` milliseconds after the epoch, where it is in range.
    #[inline]
    pub const fn from_ms(ms: i64) -> Option<Self> {
        if ms >= Self::MIN.0 && ms <= Self::MAX.0 {
            Some(Self(ms))
        } else {
            None
        }
    }

    /// The instant `ms` milliseconds after the epoch, moved to the nearest one in range.
    #[inline]
    pub const fn from_ms_clamped(ms: i64) -> Self {
        if ms < Self::MIN.0 {
            Self::MIN
        } else if ms > Self::MAX.0 {
            Self::MAX
        } else {
            Self(ms)
        }
    }

    /// Milliseconds since the epoch.
    #[inline]
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// The UTC day that this instant falls on.
    #[inline]
    pub const fn day(self) -> Day {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the range of Timestamp keeps days from 0 to 84,006"
        )]
        Day((self.0.cast_unsigned() / MS_PER_DAY.cast_unsigned()) as i32)
    }

    /// This instant `period` later, held at the end of the range.
    #[must_use]
    pub const fn plus(self, period: Period) -> Self {
        Self::from_ms_clamped(self.0.saturating_add(period.0))
    }

    /// This instant `period` earlier, held at the start of the range.
    #[must_use]
    pub const fn minus(self, period: Period) -> Self {
        Self::from_ms_clamped(self.0.saturating_sub(period.0))
    }

    /// How long after `earlier` this instant is; negative where it is before.
    #[inline]
    pub const fn since(self, earlier: Self) -> Period {
        Period(self.0 - earlier.0)
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    /// Reads RFC 3339 (`2026-01-31T09:30:00+02:00`), the same with a space or without an offset (UTC), and plain dates.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let ms = parse_ms(text).ok_or_else(|| {
            // The last hours of the year 9999 are past what the time library holds; they are times all the same.
            let error = if text.starts_with("9999-12-3") {
                TimestampError::OutOfRange
            } else {
                TimestampError::Malformed
            };
            error(excerpt(text))
        })?;
        Self::from_ms(ms).ok_or_else(|| TimestampError::OutOfRange(excerpt(text)))
    }
}

/// Bad input is quoted in messages; a megabyte of it is not.
fn excerpt(text: &str) -> String {
    text.chars().take(40).collect()
}

fn parse_ms(text: &str) -> Option<i64> {
    if text.len() > 64 || !text.is_ascii() {
        return None;
    }
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(instant.as_nanosecond().div_euclid(1_000_000)).and_then(|ms| i64::try_from(ms).ok());
    }
    let civil = text.parse::<jiff::civil::DateTime>().ok()?;
    let instant = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    i64::try_from(instant.as_nanosecond().div_euclid(1_000_000)).ok()
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with milliseconds: `2026-01-31T09:30:00.000Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.day().date();
        let ms = self.0.rem_euclid(MS_PER_DAY);
        let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z",
            ms % 1_000
        )
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A UTC day, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// Whole days from `earlier` to this day; negative where it is before.
    #[inline]
    pub const fn since(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }

    /// Year, month and day of the proleptic Gregorian calendar, by the days-from-civil algorithm of Howard Hinnant
    /// (`chrono-Compatible Low-Level Date Algorithms`).
    pub const fn date(self) -> (i32, i32, i32) {
        let z = self.0 + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        let year = year_of_era + era * 400 + (month <= 2) as i32;
        (year, month, day)
    }
}

/// A length of time in milliseconds; at most a hundred years, so that sums of a few can't overflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Period(i64);

impl Period {
    /// The longest period that an agreement may name.
    pub const MAX: Self = Self(100 * 366 * MS_PER_DAY);

    /// A period of `ms` milliseconds.
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// A period of whole days.
    pub const fn from_days(days: i32) -> Self {
        Self(days as i64 * MS_PER_DAY)
    }

    /// Its length in milliseconds.
    #[inline]
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// Its length in days, where it is a whole number of them.
    pub fn whole_days(self) -> Option<i32> {
        (self.0 % MS_PER_DAY == 0)
            .then(|| i32::try_from(self.0 / MS_PER_DAY).ok())
            .flatten()
    }

    /// Reads `90d`, `5m`, `2h`, `30s` or `2w`; `None` for anything else, zero or less, or over [`Period::MAX`].
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let unit = text.chars().last()?;
        let count: i64 = text.strip_suffix(unit)?.trim_end().parse().ok()?;
        let unit_ms = match unit {
            's' => 1_000,
            'm' => 60_000,
            'h' => 3_600_000,
            'd' => MS_PER_DAY,
            'w' => 7 * MS_PER_DAY,
            _ => return None,
        };
        let period = Self(count.checked_mul(unit_ms)?);
        (period.0 > 0 && period <= Self::MAX).then_some(period)
    }
}

impl Period {
    /// To the minute, as people say it: `3 h 5 min`.
    pub fn in_words(self) -> String {
        let minutes = self.0 / 60_000;
        match (minutes / 60, minutes % 60) {
            (0, 0) => "less than a minute".to_owned(),
            (0, minutes) => format!("{minutes} min"),
            (hours, 0) => format!("{hours} h"),
            (hours, minutes) => format!("{hours} h {minutes} min"),
        }
    }
}

impl fmt::Display for Period {
    /// In the largest unit that divides it: `90d`, `36h`, `5m`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit_ms, unit) in [(MS_PER_DAY, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")] {
            if self.0 % unit_ms == 0 {
                return write!(f, "{}{unit}", self.0 / unit_ms);
            }
        }
        write!(f, "{}ms", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_the_forms_that_people_write() {
        for (text, ms) in [
            ("1970-01-01", 0),
            ("1970-01-01T00:00:01Z", 1_000),
            ("1970-01-01 00:00:01.5", 1_500),
            ("1970-01-02T02:00:00+02:00", MS_PER_DAY),
            (" 2026-02-28T23:59:59.999Z ", 1_772_323_199_999),
        ] {
            assert_eq!(text.parse::<Timestamp>().map(Timestamp::ms), Ok(ms), "{text}");
        }
        for text in ["", "yesterday", "2026-02-30", "31/01/2026", "20260131x", "NaN"] {
            assert!(
                matches!(text.parse::<Timestamp>(), Err(TimestampError::Malformed(_))),
                "{text}"
            );
        }
        for text in ["9999-12-31T00:00:00Z", "1969-12-31T23:59:59Z", "2200-01-01"] {
            assert!(
                matches!(text.parse::<Timestamp>(), Err(TimestampError::OutOfRange(_))),
                "{text}"
            );
        }
    }

    #[test]
    fn printing_a_time_and_reading_it_gives_it_back() {
        for day in (0..84_000).step_by(13) {
            let at = Timestamp::from_ms_clamped(i64::from(day) * MS_PER_DAY + 12_345_678);
            assert_eq!(at.to_string().parse(), Ok(at));
        }
        assert_eq!(Timestamp::MAX.to_string(), "2199-12-31T23:59:59.999Z");
    }

    #[test]
    fn periods_are_whole_numbers_with_a_unit() {
        for (text, ms) in [
            ("90d", 90 * MS_PER_DAY),
            ("5m", 300_000),
            ("2h", 7_200_000),
            ("2w", 14 * MS_PER_DAY),
        ] {
            assert_eq!(Period::parse(text), Some(Period::from_ms(ms)), "{text}");
        }
        for text in [
            "",
            "d",
            "-1d",
            "0d",
            "1.5d",
            "1y",
            "99999999999999d",
            "10",
            "1000000d",
            "é",
        ] {
            assert_eq!(Period::parse(text), None, "{text}");
        }
        assert_eq!(Period::from_days(2).to_string(), "2d");
        assert_eq!(Period::from_ms(5_400_000).to_string(), "90m");
    }
}
