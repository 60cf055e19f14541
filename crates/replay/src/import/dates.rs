//! Dates as other systems write them. Whether `03/04/2026` is in March or April is never guessed: a whole column is
//! looked at, and a value that can only be read one way decides for all; where there is none, the caller must say.

use bellwether_core::domain::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

/// How the days of a column are written. Dates that begin with the year are read in every form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DateForm {
    /// `2026-01-31`, with or without a time and a zone.
    Iso,
    /// `31/01/2026`, `31.01.2026`, `31-01-2026`.
    DayFirst,
    /// `1/31/2026`.
    MonthFirst,
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMillis,
}

impl DateForm {
    /// All forms.
    pub const ALL: [Self; 5] = [
        Self::Iso,
        Self::DayFirst,
        Self::MonthFirst,
        Self::EpochSeconds,
        Self::EpochMillis,
    ];

    /// The form's name in options.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Iso => "iso",
            Self::DayFirst => "dmy",
            Self::MonthFirst => "mdy",
            Self::EpochSeconds => "epoch-s",
            Self::EpochMillis => "epoch-ms",
        }
    }
}

impl std::str::FromStr for DateForm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|form| form.as_str() == text);
        found.ok_or_else(|| format!("`{text}` is no form of dates; use iso, dmy, mdy, epoch-s or epoch-ms"))
    }
}

/// Why a text is no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateError {
    /// It isn't written as one.
    Unreadable,
    /// It is outside the years 1970 to 2199.
    OutOfRange,
}

/// What a column's values say about their form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DateSurvey {
    /// How many values there were.
    pub values: u64,
    /// How many of them begin with the year.
    pub iso: u64,
    /// How many are ten digits, or thereabouts.
    pub epoch_seconds: u64,
    /// How many are thirteen digits.
    pub epoch_millis: u64,
    /// How many can only have the day first, and one of them.
    pub day_first: (u64, String),
    /// How many can only have the month first, and one of them.
    pub month_first: (u64, String),
    /// How many can be read either way as different days, and one of them.
    pub either: (u64, String),
    /// How many are the same day either way: `05/05/2026`.
    pub same: u64,
}

/// Why a column's form can't be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DateDoubt {
    /// Every value can be read either way, such as this one.
    Either(String),
    /// One value can only have the day first, and another one only the month.
    Both(String, String),
}

impl DateSurvey {
    /// Looks at a value.
    pub fn look(&mut self, text: &str) {
        let text = text.trim();
        self.values += 1;
        match shape(text) {
            Some(Shape::Digits(digits)) if digits <= 11 => self.epoch_seconds += 1,
            Some(Shape::Digits(_)) => self.epoch_millis += 1,
            Some(Shape::YearFirst(_)) => self.iso += 1,
            Some(Shape::YearLast {
                first, second, dots, ..
            }) => {
                let can_be_month = |n: i8| (1..=12).contains(&n);
                let count = |held: &mut (u64, String)| {
                    held.0 += 1;
                    if held.1.is_empty() {
                        text.clone_into(&mut held.1);
                    }
                };
                match (can_be_month(first), can_be_month(second)) {
                    (false, true) => count(&mut self.day_first),
                    (true, false) => count(&mut self.month_first),
                    (true, true) if dots => count(&mut self.day_first),
                    (true, true) if first == second => self.same += 1,
                    (true, true) => count(&mut self.either),
                    (false, false) => {}
                }
            }
            None => {}
        }
    }

    /// How many values were written as a time at all.
    pub fn dated(&self) -> u64 {
        self.iso + self.epoch_seconds + self.epoch_millis + self.slashed()
    }

    fn slashed(&self) -> u64 {
        self.day_first.0 + self.month_first.0 + self.either.0 + self.same
    }

    /// The form of the column.
    pub fn form(&self) -> Result<DateForm, DateDoubt> {
        match (self.day_first.0 > 0, self.month_first.0 > 0) {
            (true, true) => Err(DateDoubt::Both(
                self.day_first.1.clone(),
                self.month_first.1.clone(),
            )),
            (true, false) => Ok(DateForm::DayFirst),
            (false, true) => Ok(DateForm::MonthFirst),
            (false, false) if self.either.0 > 0 => Err(DateDoubt::Either(self.either.1.clone())),
            (false, false) if self.same > 0 => Ok(DateForm::DayFirst),
            (false, false) if self.epoch_millis > self.epoch_seconds && self.iso == 0 => {
                Ok(DateForm::EpochMillis)
            }
            (false, false) if self.epoch_seconds > 0 && self.iso == 0 => Ok(DateForm::EpochSeconds),
            (false, false) => Ok(DateForm::Iso),
        }
    }
}

/// Reads a time; one without a zone is in `zone`.
pub fn read(text: &str, form: DateForm, zone: &TimeZone) -> Result<Timestamp, DateError> {
    let text = text.trim();
    let shape = shape(text).ok_or(DateError::Unreadable)?;
    let (date, rest) = match shape {
        Shape::Digits(digits) => return epoch(text, digits, form),
        Shape::YearFirst(rest) => {
            if let Ok(at) = text.parse::<Timestamp>()
                && has_zone(rest)
            {
                return Ok(at);
            }
            return year_first(text, rest, zone);
        }
        Shape::YearLast {
            first,
            second,
            year,
            rest,
            ..
        } => {
            let (day, month) = match form {
                DateForm::MonthFirst => (second, first),
                DateForm::DayFirst => (first, second),
                DateForm::Iso | DateForm::EpochSeconds | DateForm::EpochMillis => {
                    return Err(DateError::Unreadable);
                }
            };
            (
                Date::new(year, month, day).map_err(|_| DateError::Unreadable)?,
                rest,
            )
        }
    };
    let time = time_of_day(rest).ok_or(DateError::Unreadable)?;
    in_zone(DateTime::from_parts(date, time), zone)
}

fn epoch(text: &str, digits: usize, form: DateForm) -> Result<Timestamp, DateError> {
    let number: i64 = text.parse().map_err(|_| DateError::OutOfRange)?;
    let seconds = match form {
        DateForm::EpochSeconds => true,
        DateForm::EpochMillis => false,
        // Elsewhere only what can be nothing else is an epoch.
        _ => match digits {
            9 | 10 => true,
            12 | 13 => false,
            _ => return Err(DateError::Unreadable),
        },
    };
    let ms = if seconds {
        number.checked_mul(1_000)
    } else {
        Some(number)
    };
    ms.and_then(Timestamp::from_ms).ok_or(DateError::OutOfRange)
}

fn year_first(text: &str, rest: &str, zone: &TimeZone) -> Result<Timestamp, DateError> {
    if has_zone(rest) {
        // `2026-01-31 09:30:00 UTC` and the like, which isn't RFC 3339.
        let bare = rest
            .trim_end_matches(|c: char| c.is_ascii_alphabetic())
            .trim_end();
        let name = rest.get(bare.len()..).unwrap_or_default().trim();
        if !matches!(name, "UTC" | "GMT" | "Z") {
            let tight = text.replacen(' ', "T", 1).replace(' ', "");
            return tight.parse().map_err(|_| DateError::Unreadable);
        }
        let head = text.get(..text.len() - rest.len()).unwrap_or_default();
        return year_first(&format!("{head}{bare}"), bare, &TimeZone::UTC);
    }
    let head = text.get(..text.len() - rest.len()).unwrap_or_default();
    let mut parts = head.split(['-', '/', '.']);
    let mut number = || parts.next()?.trim().parse::<i16>().ok();
    let parts = (number(), number(), number());
    let (Some(year), Some(month), Some(day)) = parts else {
        return Err(DateError::Unreadable);
    };
    let small = |n: i16| i8::try_from(n).map_err(|_| DateError::Unreadable);
    let date = Date::new(year, small(month)?, small(day)?).map_err(|_| DateError::Unreadable)?;
    let time = time_of_day(rest).ok_or(DateError::Unreadable)?;
    in_zone(DateTime::from_parts(date, time), zone)
}

fn in_zone(at: DateTime, zone: &TimeZone) -> Result<Timestamp, DateError> {
    let instant = zone.to_timestamp(at).map_err(|_| DateError::OutOfRange)?;
    Timestamp::from_ms(instant.as_millisecond()).ok_or(DateError::OutOfRange)
}

/// What a date looks like from outside.
enum Shape<'t> {
    /// Digits alone, and how many.
    Digits(usize),
    /// A year, a month and a day, and what comes after them.
    YearFirst(&'t str),
    /// Two numbers and a year, and what comes after them.
    YearLast {
        first: i8,
        second: i8,
        year: i16,
        dots: bool,
        rest: &'t str,
    },
}

/// The longest text that is looked at as a date, in bytes.
const DATE_BYTES_MAX: usize = 64;

fn shape(text: &str) -> Option<Shape<'_>> {
    if text.is_empty() || text.len() > DATE_BYTES_MAX || !text.is_ascii() {
        return None;
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return (9..=14)
            .contains(&text.len())
            .then_some(Shape::Digits(text.len()));
    }
    let (first, rest) = number(text)?;
    let separator = rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.'))?;
    let (second, rest) = number(rest.get(1..)?)?;
    let rest = rest.strip_prefix(separator)?;
    let (third, rest) = number(rest.trim_start())?;
    if !(rest.is_empty() || rest.starts_with([' ', 'T', ',', 't'])) {
        return None;
    }
    if first.len() == 4 && second.len() <= 2 && third.len() <= 2 {
        return Some(Shape::YearFirst(rest));
    }
    let year: i16 = match (third.len(), third.parse::<i16>().ok()?) {
        (4, year) => year,
        // As POSIX has it.
        (2, short) if short >= 69 => 1_900 + short,
        (2, short) => 2_000 + short,
        _ => return None,
    };
    (first.len() <= 2 && second.len() <= 2).then_some(())?;
    Some(Shape::YearLast {
        first: first.parse().ok()?,
        second: second.parse().ok()?,
        year,
        dots: separator == '.',
        rest,
    })
}

/// The digits that a text begins with, and the rest.
fn number(text: &str) -> Option<(&str, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (digits > 0).then(|| text.split_at(digits))
}

/// Whether a time of day ends with an offset or a zone's name.
fn has_zone(rest: &str) -> bool {
    let rest = rest.trim();
    let time = rest.get(1..).unwrap_or_default();
    let meridiem = rest.to_ascii_lowercase();
    if meridiem.ends_with("am") || meridiem.ends_with("pm") {
        return false;
    }
    time.contains(['+', '-']) || rest.ends_with(|c: char| c.is_ascii_alphabetic())
}

/// A time of day: `9:30`, `09:30:15.250`, `9:30 PM`; nothing is midnight.
fn time_of_day(rest: &str) -> Option<Time> {
    let rest = rest.trim_start_matches(['T', 't', ',']).trim();
    if rest.is_empty() {
        return Some(Time::midnight());
    }
    let lower = rest.to_ascii_lowercase();
    let (clock, half) = match (lower.strip_suffix("pm"), lower.strip_suffix("am")) {
        (Some(clock), _) => (clock.trim_end(), Some(12_i8)),
        (_, Some(clock)) => (clock.trim_end(), Some(0)),
        (None, None) => (lower.as_str(), None),
    };
    let (whole, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, ""));
    let mut parts = whole.split(':');
    let mut part = || {
        let part = parts.next()?;
        let plain = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| part.parse::<i8>().ok())?
    };
    let (hour, minute, second) = (part()?, part()?, part());
    if parts.next().is_some() || whole.ends_with(':') || (whole.matches(':').count() == 2) != second.is_some()
    {
        return None;
    }
    let hour = match half {
        Some(add) if (1..=12).contains(&hour) => hour % 12 + add,
        Some(_) => return None,
        None => hour,
    };
    Time::new(hour, minute, second.unwrap_or(0), nanoseconds(fraction)?).ok()
}

fn nanoseconds(fraction: &str) -> Option<i32> {
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nine: String = fraction.chars().chain(std::iter::repeat('0')).take(9).collect();
    nine.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, form: DateForm) -> Result<String, DateError> {
        read(text, form, &TimeZone::UTC).map(|at| at.to_string())
    }

    #[test]
    fn times_are_read_in_every_form() {
        let cases = [
            ("2026-01-31", DateForm::Iso, "2026-01-31T00:00:00.000Z"),
            (
                "2026-01-31T09:30:00+02:00",
                DateForm::Iso,
                "2026-01-31T07:30:00.000Z",
            ),
            (
                "2026-01-31 09:30:00 +0200",
                DateForm::Iso,
                "2026-01-31T07:30:00.000Z",
            ),
            ("2026-01-31 09:30", DateForm::DayFirst, "2026-01-31T09:30:00.000Z"),
            (
                "2026-01-31 09:30:15.25",
                DateForm::Iso,
                "2026-01-31T09:30:15.250Z",
            ),
            (
                "2026-01-31 09:30:00 UTC",
                DateForm::Iso,
                "2026-01-31T09:30:00.000Z",
            ),
            ("2026/1/5", DateForm::Iso, "2026-01-05T00:00:00.000Z"),
            ("31-01-2026", DateForm::DayFirst, "2026-01-31T00:00:00.000Z"),
            ("31/01/2026 18:05", DateForm::DayFirst, "2026-01-31T18:05:00.000Z"),
            (
                "31.01.2026, 18:05:09",
                DateForm::DayFirst,
                "2026-01-31T18:05:09.000Z",
            ),
            ("3/4/2026", DateForm::DayFirst, "2026-04-03T00:00:00.000Z"),
            ("3/4/2026", DateForm::MonthFirst, "2026-03-04T00:00:00.000Z"),
            ("3/4/26 9:30 PM", DateForm::MonthFirst, "2026-03-04T21:30:00.000Z"),
            (
                "3/4/2026 12:00 AM",
                DateForm::MonthFirst,
                "2026-03-04T00:00:00.000Z",
            ),
            ("1769852000", DateForm::EpochSeconds, "2026-01-31T09:33:20.000Z"),
            ("1769852000123", DateForm::EpochMillis, "2026-01-31T09:33:20.123Z"),
            ("1769852000", DateForm::Iso, "2026-01-31T09:33:20.000Z"),
        ];
        for (text, form, expected) in cases {
            assert_eq!(
                at(text, form),
                Ok(expected.to_owned()),
                "{text} as {}",
                form.as_str()
            );
        }
        for text in [
            "",
            "soon",
            "31/31/2026",
            "2026-02-30",
            "1/2",
            "1/2/3/2026",
            "3/4/2026 25:00",
            "2026-01-31x",
            "12",
        ] {
            for form in DateForm::ALL {
                assert!(at(text, form).is_err(), "{text} as {}", form.as_str());
            }
        }
        assert_eq!(at("31.12.1969", DateForm::DayFirst), Err(DateError::OutOfRange));
        assert_eq!(at("3/4/2026", DateForm::Iso), Err(DateError::Unreadable));
    }

    #[test]
    fn times_without_a_zone_are_in_the_callers() {
        let berlin = TimeZone::get("Europe/Berlin").expect("a zone");
        let at = |text: &str| read(text, DateForm::DayFirst, &berlin).map(|at| at.to_string());
        assert_eq!(at("01.07.2026 12:00"), Ok("2026-07-01T10:00:00.000Z".to_owned()));
        assert_eq!(at("2026-01-01"), Ok("2025-12-31T23:00:00.000Z".to_owned()));
        assert_eq!(
            at("2026-01-01T00:00:00Z"),
            Ok("2026-01-01T00:00:00.000Z".to_owned())
        );
    }

    fn decided(values: &[&str]) -> Result<DateForm, DateDoubt> {
        let mut survey = DateSurvey::default();
        for value in values {
            survey.look(value);
        }
        survey.form()
    }

    #[test]
    fn one_value_that_can_only_be_read_one_way_decides_for_its_column() {
        assert_eq!(decided(&["03/04/2026", "25/04/2026"]), Ok(DateForm::DayFirst));
        assert_eq!(decided(&["03/04/2026", "04/25/2026"]), Ok(DateForm::MonthFirst));
        assert_eq!(decided(&["03.04.2026"]), Ok(DateForm::DayFirst));
        assert_eq!(decided(&["05/05/2026"]), Ok(DateForm::DayFirst));
        assert_eq!(
            decided(&["2026-04-03", "2026-04-03T10:00:00Z"]),
            Ok(DateForm::Iso)
        );
        assert_eq!(decided(&["1769852000"]), Ok(DateForm::EpochSeconds));
        assert_eq!(decided(&["1769852000123"]), Ok(DateForm::EpochMillis));
        assert_eq!(
            decided(&["03/04/2026", "2026-04-03"]),
            Err(DateDoubt::Either("03/04/2026".to_owned()))
        );
        assert_eq!(
            decided(&["13/04/2026", "04/13/2026"]),
            Err(DateDoubt::Both("13/04/2026".to_owned(), "04/13/2026".to_owned()))
        );
    }
}
