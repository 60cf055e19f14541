//! Working hours as they are kept, read.

use bellwether_core::hours::{Calendar, HoursError, LocalDate, WeeklyHours, Zone};
use bellwether_store::{CalendarRow, HolidayRow};

/// The calendar of a row; `zone` is the one where the row names none.
pub(crate) fn calendar(row: &CalendarRow, zone: &str) -> Result<Calendar, HoursError> {
    let hours = WeeklyHours::parse(row.zone.as_deref().unwrap_or(zone), &row.shifts)?;
    Ok(Calendar::new(hours, dates(&row.holidays)))
}

/// The zone of this name, else the other, else UTC.
pub(crate) fn zone(named: Option<&str>, otherwise: &str) -> Option<Zone> {
    let known = named.and_then(|name| Zone::parse(name).ok());
    known
        .or_else(|| Zone::parse(otherwise).ok())
        .or_else(|| Zone::parse("UTC").ok())
}

/// The days of a kept calendar; they were checked before they were kept.
fn dates(holidays: &[HolidayRow]) -> Vec<LocalDate> {
    holidays.iter().filter_map(|day| day.date.parse().ok()).collect()
}
