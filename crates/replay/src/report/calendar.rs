//! Months and ISO weeks in the agreement's time zone.

use std::fmt;

use bellwether_core::agreement::Agreement;
use bellwether_core::domain::{Day, Timestamp};
use bellwether_core::hours::{LocalDate, Zone};

/// The dates of an agreement's time zone; those of UTC where it names none that is known, which its check refuses.
#[derive(Debug, Clone)]
pub struct Dates(Option<Zone>);

/// A month of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Month(i32, i32);

/// A week from Monday to Sunday, by its Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Week(Day);

impl Dates {
    /// The dates of an agreement.
    pub fn of(agreement: &Agreement) -> Self {
        Self(Zone::parse(&agreement.timezone).ok())
    }

    /// The name of the zone.
    pub fn zone(&self) -> &str {
        self.0.as_ref().map_or("UTC", Zone::name)
    }

    /// When a date begins there.
    pub fn begins(&self, date: LocalDate) -> Timestamp {
        let zone = self.0.as_ref();
        zone.map_or_else(|| midnight(date), |zone| zone.start_of(date))
    }

    fn day(&self, at: Timestamp) -> Day {
        self.0.as_ref().map_or(at, |zone| midnight(zone.date(at))).day()
    }
}

/// When a date begins in UTC.
fn midnight(date: LocalDate) -> Timestamp {
    date.to_string().parse().unwrap_or(Timestamp::MIN)
}

impl Month {
    pub(crate) fn of(dates: &Dates, at: Timestamp) -> Self {
        let (year, month, _) = dates.day(at).date();
        Self(year, month)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0, self.1)
    }
}

impl Week {
    pub(super) fn of(dates: &Dates, at: Timestamp) -> Self {
        let day = dates.day(at);
        // 1970-01-01 was a Thursday.
        Self(Day(day.0 - (day.0 + 3).rem_euclid(7)))
    }

    /// The week after it.
    pub(super) fn next(self) -> Self {
        Self(Day(self.0.0 + 7))
    }

    /// How many weeks it is from this one to a later one, both counted; 0 where it isn't later.
    pub(super) fn through(self, last: Self) -> u64 {
        u64::try_from(last.0.since(self.0) / 7 + 1).unwrap_or(0)
    }

    /// The Monday, such as `2026-01-26`.
    pub(super) fn begins(self) -> String {
        let (year, month, day) = self.0.date();
        format!("{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Display for Week {
    /// As ISO 8601 writes it: `2026-W05`. A week belongs to the year that its Thursday is in.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let thursday = Day(self.0.0 + 3);
        let (year, ..) = thursday.date();
        let mut before = 0;
        while Day(thursday.0 - 7 * (before + 1)).date().0 == year {
            before += 1;
        }
        write!(f, "{year:04}-W{:02}", before + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(zone: &str) -> Dates {
        Dates(Some(Zone::parse(zone).expect("a zone")))
    }

    #[test]
    fn a_date_begins_at_local_midnight() {
        for (zone, date, expected) in [
            ("UTC", "2026-03-29", "2026-03-29T00:00:00.000Z"),
            ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00.000Z"),
            ("Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00.000Z"),
            ("Pacific/Kiritimati", "2026-03-29", "2026-03-28T10:00:00.000Z"),
            ("Etc/GMT+12", "2026-03-29", "2026-03-29T12:00:00.000Z"),
            // Clocks went from midnight to one.
            ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00.000Z"),
        ] {
            let begins = dates(zone).begins(date.parse().expect("a date"));
            assert_eq!(begins.to_string(), expected, "{date} in {zone}");
        }
    }

    fn week(zone: &str, at: &str) -> (String, String) {
        let week = Week::of(&dates(zone), at.parse().expect("a time"));
        (week.to_string(), week.begins())
    }

    #[test]
    fn weeks_are_iso_weeks_of_the_local_date() {
        for (zone, at, expected, begins) in [
            ("UTC", "2026-01-01", "2026-W01", "2025-12-29"),
            ("UTC", "2025-12-28", "2025-W52", "2025-12-22"),
            ("UTC", "2027-01-03", "2026-W53", "2026-12-28"),
            ("UTC", "2027-01-04", "2027-W01", "2027-01-04"),
            ("UTC", "2026-06-07T23:30:00Z", "2026-W23", "2026-06-01"),
            ("Europe/Berlin", "2026-06-07T23:30:00Z", "2026-W24", "2026-06-08"),
        ] {
            assert_eq!(
                week(zone, at),
                (expected.to_owned(), begins.to_owned()),
                "{at} in {zone}"
            );
        }
        let (first, last) = (Week(Day(4)), Week(Day(4)).next().next());
        assert_eq!(
            (first.through(last), first.through(first), last.through(first)),
            (3, 1, 0)
        );
    }

    #[test]
    fn months_are_those_of_the_local_date() {
        let month = Month::of(
            &dates("America/New_York"),
            "2026-03-01T03:00:00Z".parse().expect("a time"),
        );
        assert_eq!(month.to_string(), "2026-02");
    }
}
