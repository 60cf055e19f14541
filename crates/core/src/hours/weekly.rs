//! The shifts of each weekday, as people write them: `mon-fri 09:00-12:30 13:30-18:00; sat 10:00-14:00`.

use std::fmt;

use super::{Zone, ZoneError};

/// The longest text of weekly hours, in bytes.
pub const HOURS_BYTES_MAX: usize = 1_000;
/// The weekdays, from Monday on.
const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
/// How many letters name a weekday.
const DAY_LETTERS: usize = 3;
/// Minutes in a day.
const DAY_MINUTES: u32 = 1_440;

/// A stretch of work on one day, in local minutes since midnight; the end isn't in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Shift {
    from: u32,
    to: u32,
}

/// The shifts of each weekday, and the zone that they are in. At least one day has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeeklyHours {
    zone: Zone,
    days: [Vec<Shift>; 7],
}

/// Why a text is no [`WeeklyHours`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// The zone isn't one.
    #[error(transparent)]
    Zone(#[from] ZoneError),
    /// Nothing is open.
    #[error("no day has a shift; write them like `mon-fri 09:00-17:00; sat 10:00-14:00`")]
    Empty,
    /// Too much text.
    #[error(
        "the hours are longer than {HOURS_BYTES_MAX} bytes; name days that are alike together: `mon-fri 09:00-17:00`"
    )]
    TooLong,
    /// Not a weekday.
    #[error("`{0}` is no day of the week; write `mon`, `mon-fri`, `mon,wed` or `daily`")]
    Day(String),
    /// Not a shift.
    #[error("`{0}` is no shift; write when it begins and ends on a clock of 24 hours, like `09:00-17:30`")]
    Shift(String),
    /// A shift that doesn't end after it begins.
    #[error(
        "the shift `{0}` doesn't end after it begins; one over midnight is written on both days, like \
         `mon 22:00-24:00; tue 00:00-06:00`"
    )]
    Backwards(String),
    /// A shift before any day.
    #[error("`{0}` stands before any day; write the days first, like `mon-fri {0}`")]
    NoDay(String),
    /// Days without a shift.
    #[error(
        "`{0}` has no shift; write when it begins and ends, like `{0} 09:00-17:00`, or leave the day out"
    )]
    NoShift(String),
    /// Two shifts of a day overlap.
    #[error("on {day} the shifts `{first}` and `{second}` overlap; make one of them")]
    Overlap {
        /// The weekday.
        day: &'static str,
        /// The earlier one.
        first: String,
        /// The later one.
        second: String,
    },
}

impl WeeklyHours {
    /// Reads weekly hours: days, the shifts that they all have, and again, with or without `;` or line ends between. A day
    /// that isn't named is free; shifts that touch become one.
    pub fn parse(zone: &str, text: &str) -> Result<Self, HoursError> {
        let zone = Zone::parse(zone)?;
        if text.len() > HOURS_BYTES_MAX {
            return Err(HoursError::TooLong);
        }
        let mut days: [Vec<Shift>; 7] = Default::default();
        for part in text.split([';', '\n']) {
            read_part(&tidied(part), &mut days)?;
        }
        for (day, shifts) in WEEKDAYS.iter().zip(&mut days) {
            join_touching(day, shifts)?;
        }
        if days.iter().all(Vec::is_empty) {
            return Err(HoursError::Empty);
        }
        Ok(Self { zone, days })
    }

    /// Monday to Friday from 09:00 to 17:00: what counts for a team whose hours nobody has set.
    pub fn office(zone: Zone) -> Self {
        let nine_to_five = || {
            vec![Shift {
                from: 9 * 60,
                to: 17 * 60,
            }]
        };
        let days = std::array::from_fn(|day| if day < 5 { nine_to_five() } else { Vec::new() });
        Self { zone, days }
    }

    /// The zone that the shifts are in.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The shifts of a weekday, from 0 for Monday, in order.
    pub(super) fn shifts_of(&self, weekday: usize) -> &[Shift] {
        self.days.get(weekday).map_or(&[], Vec::as_slice)
    }
}

impl fmt::Display for WeeklyHours {
    /// The canonical form, without the zone: days with the same shifts together, in the order of the week.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut written: Vec<&[Shift]> = Vec::new();
        for shifts in &self.days {
            if shifts.is_empty() || written.contains(&shifts.as_slice()) {
                continue;
            }
            if !written.is_empty() {
                f.write_str("; ")?;
            }
            written.push(shifts);
            let alike = std::array::from_fn(|day| self.days.get(day) == Some(shifts));
            f.write_str(&days_in_words(alike))?;
            for shift in shifts {
                write!(f, " {shift}")?;
            }
        }
        Ok(())
    }
}

/// `mon-wed,sat` of the days that are marked.
fn days_in_words(marked: [bool; 7]) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (day, _) in marked.iter().enumerate().filter(|(_, marked)| **marked) {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == day => *last = day,
            _ => runs.push((day, day)),
        }
    }
    let short = |day: usize| {
        let name = WEEKDAYS.get(day).and_then(|name| name.get(..DAY_LETTERS));
        name.unwrap_or_default()
    };
    let words = runs.iter().map(|(first, last)| {
        if first == last {
            short(*first).to_owned()
        } else {
            format!("{}-{}", short(*first), short(*last))
        }
    });
    words.collect::<Vec<_>>().join(",")
}

/// In lower case, with plain dashes, and without spaces around dashes and commas.
fn tidied(part: &str) -> String {
    let mut tidy = String::with_capacity(part.len());
    let mut space = false;
    for c in part.chars().flat_map(char::to_lowercase) {
        let c = if matches!(c, '–' | '—' | '‑') {
            '-'
        } else {
            c
        };
        if c.is_whitespace() {
            space = true;
            continue;
        }
        let joins = matches!(c, '-' | ',') || tidy.ends_with(['-', ',']);
        if space && !joins && !tidy.is_empty() {
            tidy.push(' ');
        }
        space = false;
        tidy.push(c);
    }
    tidy
}

/// Adds what a part says to the days that it names.
fn read_part(part: &str, days: &mut [Vec<Shift>; 7]) -> Result<(), HoursError> {
    let mut named = [false; 7];
    let mut words: Vec<&str> = Vec::new();
    let mut shifts_seen = false;
    for word in part.split(' ').flat_map(|word| word.split(',')) {
        if word.is_empty() {
            continue;
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            if words.is_empty() {
                return Err(HoursError::NoDay(excerpt(word)));
            }
            let shift = read_shift(word)?;
            for (day, shifts) in days.iter_mut().enumerate() {
                if named.get(day) == Some(&true) {
                    shifts.push(shift);
                }
            }
            shifts_seen = true;
        } else {
            if std::mem::take(&mut shifts_seen) {
                named = [false; 7];
                words.clear();
            }
            mark_days(word, &mut named)?;
            words.push(word);
        }
    }
    if shifts_seen || words.is_empty() {
        return Ok(());
    }
    Err(HoursError::NoShift(excerpt(&words.join(","))))
}

/// Marks the days of `mon`, `monday`, `fri-mon` or `daily`.
fn mark_days(word: &str, named: &mut [bool; 7]) -> Result<(), HoursError> {
    let unknown = || HoursError::Day(excerpt(word));
    if word == "daily" {
        *named = [true; 7];
        return Ok(());
    }
    let (first, last) = word.split_once('-').unwrap_or((word, word));
    let first = weekday(first).ok_or_else(unknown)?;
    let last = weekday(last).ok_or_else(unknown)?;
    let days = (last + 7 - first) % 7;
    for day in first..=first + days {
        if let Some(named) = named.get_mut(day % 7) {
            *named = true;
        }
    }
    Ok(())
}

fn weekday(word: &str) -> Option<usize> {
    let named = |name: &&str| word.len() >= DAY_LETTERS && name.starts_with(word);
    WEEKDAYS.iter().position(named)
}

fn read_shift(word: &str) -> Result<Shift, HoursError> {
    let malformed = || HoursError::Shift(excerpt(word));
    let (from, to) = word.split_once('-').ok_or_else(malformed)?;
    let from = minute(from).ok_or_else(malformed)?;
    let to = minute(to).ok_or_else(malformed)?;
    (from < to)
        .then_some(Shift { from, to })
        .ok_or_else(|| HoursError::Backwards(excerpt(word)))
}

/// The minute of the day that `9`, `9:05` or `24:00` says.
fn minute(text: &str) -> Option<u32> {
    let (hour, minute) = text.split_once(':').unwrap_or((text, "00"));
    let number = |digits: &str, shortest: usize| {
        let plain =
            (shortest..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse::<u32>().ok()).flatten()
    };
    let (hour, minute) = (number(hour, 1)?, number(minute, 2)?);
    let minutes = hour * 60 + minute;
    (minute < 60 && minutes <= DAY_MINUTES).then_some(minutes)
}

/// Sorts a day's shifts and makes those that touch one; they may not overlap.
fn join_touching(day: &'static str, shifts: &mut Vec<Shift>) -> Result<(), HoursError> {
    shifts.sort_unstable();
    let mut joined: Vec<Shift> = Vec::with_capacity(shifts.len());
    for shift in shifts.drain(..) {
        match joined.last_mut() {
            Some(before) if before.to > shift.from => {
                return Err(HoursError::Overlap {
                    day,
                    first: before.to_string(),
                    second: shift.to_string(),
                });
            }
            Some(before) if before.to == shift.from => before.to = shift.to,
            _ => joined.push(shift),
        }
    }
    *shifts = joined;
    Ok(())
}

fn excerpt(text: &str) -> String {
    text.chars().take(40).collect()
}

impl Shift {
    pub(super) fn begins_ms(self) -> i64 {
        i64::from(self.from) * 60_000
    }

    pub(super) fn ends_ms(self) -> i64 {
        i64::from(self.to) * 60_000
    }

    /// Whether the shift holds the local time of so many milliseconds since midnight.
    pub(super) fn holds_ms(self, local_ms: i64) -> bool {
        self.begins_ms() <= local_ms && local_ms < self.ends_ms()
    }
}

impl fmt::Display for Shift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.from, self.to);
        write!(
            f,
            "{:02}:{:02}-{:02}:{:02}",
            from / 60,
            from % 60,
            to / 60,
            to % 60
        )
    }
}
