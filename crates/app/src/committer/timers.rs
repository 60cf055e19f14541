//! What is to happen at its time: kept with the decision that asks for it, and fired once, in the transaction that takes
//! it away. One that comes late, since nobody was there, knows how late it is.

use bellwether_core::domain::Timestamp;
use bellwether_store::{HandoffId, StoreError, TimerRow};

use super::Committer;

/// How many timers are fired in one transaction.
pub(crate) const TIMERS_MAX: u32 = 200;

/// What happens at a time. Each kind has one timer at most for each subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimerKind {
    /// A handoff that nobody answered goes back to marketing.
    Expire,
    /// The next step of a lead's nurture track.
    Nurture,
    /// The next step of a handoff's clock is due.
    Escalate,
    /// Somebody of a team may be able to take what waits in its queue.
    TakeUp,
}

impl TimerKind {
    const ALL: [Self; 4] = [Self::Expire, Self::Nurture, Self::Escalate, Self::TakeUp];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Expire => "expire",
            Self::Nurture => "nurture",
            Self::Escalate => "escalate",
            Self::TakeUp => "take_up",
        }
    }
}

/// Something that is to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timer {
    /// What.
    pub(crate) kind: TimerKind,
    /// To what: the number of a handoff, or of whatever the kind is about.
    pub(crate) subject: i64,
    /// When.
    pub(crate) at: Timestamp,
}

impl Committer {
    /// Has something happen at its time, instead of what was to happen of the same kind to the same subject.
    pub(super) fn set_timer(&mut self, timer: Timer) -> Result<(), StoreError> {
        self.db.put_timer(timer.kind.as_str(), timer.subject, timer.at)?;
        self.group.timers = true;
        Ok(())
    }

    /// Takes a timer away, if there is one.
    pub(super) fn clear_timer(&self, kind: TimerKind, subject: i64) -> Result<(), StoreError> {
        self.db.delete_timer(kind.as_str(), subject)
    }

    /// Fires what is due; gives how many timers that was.
    pub(crate) fn fire_due(&mut self, now: Timestamp) -> Result<u32, StoreError> {
        let due = self.db.timers_due(now, TIMERS_MAX)?;
        let mut fired = 0;
        for row in due {
            // One that fired just before may have taken it away, or put it off.
            if self.db.take_timer(&row)? {
                self.fire(&row, now)?;
            }
            fired += 1;
        }
        Ok(fired)
    }

    fn fire(&mut self, row: &TimerRow, now: Timestamp) -> Result<(), StoreError> {
        let Some(kind) = TimerKind::ALL.into_iter().find(|kind| kind.as_str() == row.kind) else {
            let reason = "this version of the product knows no such timer; it was dropped";
            self.find("unknown_timer", &row.kind, reason, now);
            return Ok(());
        };
        match kind {
            TimerKind::Expire => self.expire_handoff(HandoffId(row.subject), row.at, now),
            TimerKind::Nurture => self.step_nurture(row.subject, now),
            TimerKind::Escalate => self.escalate(HandoffId(row.subject), now),
            TimerKind::TakeUp => self.take_up_numbered(row.subject, now),
        }
    }
}

/// What to say of a timer that fired much later than it was due, since nobody was there: `, 3 h 5 min late`.
pub(super) fn late_in_words(due: Timestamp, fired: Timestamp) -> String {
    const LATE_MS_MIN: i64 = 60_000;
    let minutes = fired.since(due).ms() / LATE_MS_MIN;
    match (minutes / 60, minutes % 60) {
        (0, 0) => String::new(),
        (0, minutes) => format!(", {minutes} min late"),
        (hours, minutes) => format!(", {hours} h {minutes} min late"),
    }
}
