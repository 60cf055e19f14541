//! The open stretches of a calendar, one after another.

use std::ops::ControlFlow;

use super::weekly::Shift;
use super::{CLOSED_DAYS_MAX, Calendar, LocalDate};
use crate::domain::{MS_PER_DAY, Timestamp};

impl Calendar {
    /// Visits what is open from an instant on, in order, as `[open, close)` in milliseconds since the epoch, until the
    /// visitor breaks off, time ends, or nothing was open for [`CLOSED_DAYS_MAX`] days.
    ///
    /// The zone's steady stretches come one after another, so a local time that comes twice is visited twice, and one that
    /// is skipped isn't visited.
    pub(super) fn each_span(&self, from_ms: i64, visit: &mut dyn FnMut(i64, i64) -> ControlFlow<()>) {
        let mut cursor_ms = from_ms;
        let mut open_last_ms = from_ms;
        while cursor_ms <= Timestamp::MAX.ms() {
            let steady = self.hours.zone().steady(cursor_ms);
            let end_ms = steady.until_ms.min(Timestamp::MAX.ms() + 1);
            let mut date = LocalDate::of_ms(cursor_ms + steady.offset_ms);
            loop {
                let midnight_ms = date.midnight_ms() - steady.offset_ms;
                if midnight_ms >= end_ms {
                    break;
                }
                for shift in self.shifts_on(date) {
                    let open_ms = cursor_ms.max(midnight_ms + shift.begins_ms());
                    let close_ms = end_ms.min(midnight_ms + shift.ends_ms());
                    if open_ms < close_ms {
                        if visit(open_ms, close_ms).is_break() {
                            return;
                        }
                        open_last_ms = close_ms;
                    }
                }
                if midnight_ms - open_last_ms > CLOSED_DAYS_MAX * MS_PER_DAY {
                    return;
                }
                date = date.next();
            }
            cursor_ms = end_ms;
        }
    }

    /// The shifts of a date; none on a holiday.
    pub(super) fn shifts_on(&self, date: LocalDate) -> impl Iterator<Item = &Shift> {
        let shifts = (!self.holidays.contains(&date)).then(|| self.hours.shifts_of(date.weekday()));
        shifts.into_iter().flatten()
    }
}
