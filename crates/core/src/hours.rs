//! Working hours: which stretches of time count, in a zone, with shifts by weekday and holidays, and arithmetic on them.
//!
//! **The clock on the wall decides.** A team is at work at an instant when the local time of that instant lies in a shift
//! of the local weekday and the local date is no holiday. So a shift over the hour that is skipped in spring is an hour
//! shorter, one over the hour that comes twice in autumn an hour longer, and one that lies in the skipped hour isn't
//! worked that day. Everything is worked out shift by shift, never second by second.

mod quarter;
mod spans;
mod weekly;
mod zone;

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::domain::{MS_PER_DAY, Period, Timestamp};
pub use quarter::{Quarter, QuarterError};
pub use weekly::{HOURS_BYTES_MAX, HoursError, WeeklyHours};
pub use zone::{LocalDate, LocalDateError, Zone, ZoneError};

/// How many days without any open time are looked through before a calendar counts as closed for good.
pub const CLOSED_DAYS_MAX: i64 = 3_660;

/// When a team is at work: its weekly hours, without its holidays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// The shifts of each weekday, and the zone that they are in.
    pub hours: WeeklyHours,
    /// The dates, in that zone, on which nobody works.
    pub holidays: BTreeSet<LocalDate>,
}

impl Calendar {
    /// A calendar of weekly hours and holidays.
    pub fn new(hours: WeeklyHours, holidays: impl IntoIterator<Item = LocalDate>) -> Self {
        Self {
            hours,
            holidays: holidays.into_iter().collect(),
        }
    }

    /// Whether `at` is in a shift. A shift's beginning is in it, its end isn't.
    pub fn is_open(&self, at: Timestamp) -> bool {
        let (date, minute_ms) = self.hours.zone().local(at.ms());
        self.shifts_on(date).any(|shift| shift.holds_ms(minute_ms))
    }

    /// The first instant from `at` on that is in a shift: `at` itself where it is in one. `None` where nothing is open for
    /// [`CLOSED_DAYS_MAX`] days, or until the end of time.
    pub fn next_open(&self, at: Timestamp) -> Option<Timestamp> {
        let mut found = None;
        self.each_span(at.ms(), &mut |open, _| {
            found = Timestamp::from_ms(open);
            ControlFlow::Break(())
        });
        found
    }

    /// When what is open at `at`, or opens next, closes: shifts that follow one another without a gap are one. `None` where
    /// nothing opens, and where it doesn't close within [`CLOSED_DAYS_MAX`] days.
    pub fn next_close(&self, at: Timestamp) -> Option<Timestamp> {
        let longest_ms = CLOSED_DAYS_MAX * MS_PER_DAY;
        let mut run: Option<(i64, i64)> = None;
        self.each_span(at.ms(), &mut |open, close| {
            let (since, until) = run.unwrap_or((open, open));
            if until < open || until - since > longest_ms {
                return ControlFlow::Break(());
            }
            run = Some((since, close));
            ControlFlow::Continue(())
        });
        // What is open when time ends closes after it, which is no timestamp.
        let (_, until) = run.filter(|(since, until)| until - since <= longest_ms)?;
        Timestamp::from_ms(until)
    }

    /// The instant at which `working` of open time has passed since `start`. A start outside the hours counts from the
    /// next opening; a time that is used up as a shift ends is due at that end, not at the next beginning. `None` where
    /// the calendar never has that much time: see [`Calendar::next_open`].
    pub fn due(&self, start: Timestamp, working: Period) -> Option<Timestamp> {
        let mut left_ms = working.ms().max(0);
        let mut due = None;
        self.each_span(start.ms(), &mut |open, close| {
            if close - open < left_ms {
                left_ms -= close - open;
                return ControlFlow::Continue(());
            }
            due = Timestamp::from_ms(open + left_ms);
            ControlFlow::Break(())
        });
        due
    }

    /// How much open time lies between two instants; nothing where `to` isn't after `from`.
    pub fn working_between(&self, from: Timestamp, to: Timestamp) -> Period {
        let mut passed_ms = 0;
        self.each_span(from.ms(), &mut |open, close| {
            if open >= to.ms() {
                return ControlFlow::Break(());
            }
            passed_ms += close.min(to.ms()) - open;
            ControlFlow::Continue(())
        });
        Period::from_ms(passed_ms)
    }
}

#[cfg(test)]
mod tests;
