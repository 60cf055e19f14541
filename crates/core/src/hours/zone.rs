//! Zones of the IANA database and dates in them. The database is the one that is built in, so that hours mean the same on
//! every machine.

use std::fmt;
use std::str::FromStr;

use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::domain::{Day, MS_PER_DAY, Timestamp};

/// The longest name of a zone, in bytes.
const NAME_BYTES_MAX: usize = 64;

/// A time zone by its IANA name.
#[derive(Debug, Clone)]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

/// Why a text is no [`Zone`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ZoneError {
    /// No zone has this name.
    #[error("there is no time zone `{0}`; write an IANA name, such as `Europe/Berlin` or `America/New_York`")]
    Unknown(String),
    /// No zone has this name, but one has one like it.
    #[error("there is no time zone `{name}`; did you mean `{like}`?")]
    Misspelt {
        /// What was given.
        name: String,
        /// What was probably meant.
        like: String,
    },
}

/// A stretch of time in which a zone's offset stays the same.
#[derive(Debug, Clone, Copy)]
pub(super) struct Steady {
    /// What is added to UTC, in milliseconds.
    pub(super) offset_ms: i64,
    /// When the offset changes next, in milliseconds since the epoch.
    pub(super) until_ms: i64,
}

impl Zone {
    /// The zone of this name, written in any case.
    pub fn parse(name: &str) -> Result<Self, ZoneError> {
        let name = name.trim();
        let zones = TimeZoneDatabase::bundled();
        let rules = zones.get(name).ok().filter(|_| name.len() <= NAME_BYTES_MAX);
        if let Some(rules) = rules.filter(|rules| !rules.is_unknown()) {
            let name = rules.iana_name().unwrap_or("UTC").to_owned();
            return Ok(Self { name, rules });
        }
        let known: Vec<String> = zones.available().map(|zone| zone.as_str().to_owned()).collect();
        let given = name.chars().take(NAME_BYTES_MAX).collect::<String>();
        Err(
            match crate::agreement::nearest(name, known.iter().map(String::as_str)) {
                Some(like) => ZoneError::Misspelt {
                    name: given,
                    like: like.to_owned(),
                },
                None => ZoneError::Unknown(given),
            },
        )
    }

    /// Its name, as the database writes it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The date that calendars there show at this instant.
    pub fn date(&self, at: Timestamp) -> LocalDate {
        self.local(at.ms()).0
    }

    /// When the local day of an instant begins, and when the next one does.
    pub fn day(&self, at: Timestamp) -> (Timestamp, Timestamp) {
        let date = self.date(at);
        (
            self.begins(date).unwrap_or(at),
            self.begins(date.next()).unwrap_or(Timestamp::MAX),
        )
    }

    /// When a date begins there.
    pub fn start_of(&self, date: LocalDate) -> Timestamp {
        self.begins(date).unwrap_or(Timestamp::MAX)
    }

    fn begins(&self, date: LocalDate) -> Option<Timestamp> {
        let midnight = jiff::Timestamp::from_millisecond(date.midnight_ms()).ok()?;
        let midnight = midnight.to_zoned(TimeZone::UTC).datetime();
        // Where clocks skip midnight, the day begins when they go on.
        let begins = self.rules.to_ambiguous_zoned(midnight).compatible().ok()?;
        Some(Timestamp::from_ms_clamped(begins.timestamp().as_millisecond()))
    }

    /// The local date and the milliseconds that clocks there show since midnight.
    pub(super) fn local(&self, at_ms: i64) -> (LocalDate, i64) {
        let local_ms = at_ms + self.offset_ms(at_ms);
        (LocalDate::of_ms(local_ms), local_ms.rem_euclid(MS_PER_DAY))
    }

    fn offset_ms(&self, at_ms: i64) -> i64 {
        let offset = |at| i64::from(self.rules.to_offset(at).seconds()) * 1_000;
        jiff::Timestamp::from_millisecond(at_ms).map_or(0, offset)
    }

    /// The offset at an instant and until when it stays.
    pub(super) fn steady(&self, at_ms: i64) -> Steady {
        let next = jiff::Timestamp::from_millisecond(at_ms)
            .ok()
            .and_then(|at| self.rules.following(at).next())
            .map(|transition| transition.timestamp().as_millisecond());
        Steady {
            offset_ms: self.offset_ms(at_ms),
            until_ms: next.filter(|next| *next > at_ms).unwrap_or(i64::MAX),
        }
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// A date of the calendar, in whichever zone it is meant; from 1970 to 2199.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalDate(i32);

/// Why a text is no [`LocalDate`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date; write it like `2026-12-25`")]
pub struct LocalDateError(String);

impl LocalDate {
    /// The date on which local milliseconds since 1970 fall.
    pub(super) fn of_ms(local_ms: i64) -> Self {
        // The days of the years that a timestamp may have are few thousand.
        Self(i32::try_from(local_ms.div_euclid(MS_PER_DAY)).unwrap_or(i32::MAX))
    }

    /// When this date begins, in local milliseconds since 1970.
    pub(super) fn midnight_ms(self) -> i64 {
        i64::from(self.0) * MS_PER_DAY
    }

    /// The day after it.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The day of the week, from 0 for Monday to 6 for Sunday.
    pub fn weekday(self) -> usize {
        // 1970-01-01 was a Thursday.
        usize::try_from((i64::from(self.0) + 3).rem_euclid(7)).unwrap_or(0)
    }
}

impl FromStr for LocalDate {
    type Err = LocalDateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let malformed = || LocalDateError(text.chars().take(40).collect());
        let shaped = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let at: Timestamp = text.parse().map_err(|_| malformed())?;
        shaped.then(|| Self::of_ms(at.ms())).ok_or_else(malformed)
    }
}

impl fmt::Display for LocalDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = Day(self.0).date();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}
