//! Rows of clocks and contacts.

use bellwether_core::domain::Timestamp;

use crate::{HandoffId, LeadId};

/// The clock of a handoff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockRow {
    /// Whose clock.
    pub handoff: HandoffId,
    /// What was agreed when it began, as JSON.
    pub terms: String,
    /// When it began.
    pub started_at: Timestamp,
    /// Since when the present owner has it; nothing while it waits in a queue.
    pub owner_since: Option<Timestamp>,
    /// By when the present owner would be in time.
    pub owner_due_at: Option<Timestamp>,
    /// How many escalation steps were taken.
    pub steps_done: u32,
    /// Since when it stands still.
    pub paused_at: Option<Timestamp>,
    /// The first contact.
    pub contacted_at: Option<Timestamp>,
    /// When it ended, by first contact or with the handoff.
    pub ended_at: Option<Timestamp>,
    /// What it showed as it ended.
    pub measured: Option<Measured>,
}

/// What a clock showed as it ended, in milliseconds: by the clock on the wall, and of the time that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// Since the handoff.
    pub raw_ms: i64,
    /// Since the handoff, of the time that counts.
    pub working_ms: i64,
    /// Since the present owner got it; nothing where nobody had it.
    pub owner_raw_ms: Option<i64>,
    /// Of that, the time that counts.
    pub owner_working_ms: Option<i64>,
}

/// A time in which a clock stood still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PauseRow {
    /// Since when.
    pub from: Timestamp,
    /// Until when; nothing while it lasts.
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: String,
    /// By whom.
    pub paused_by: String,
    /// Who had it go on.
    pub resumed_by: Option<String>,
}

/// An escalation step that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRow {
    /// Which, from 0, in the order of their times.
    pub step: u32,
    /// At which percentage of the time allowed.
    pub at_percent: u32,
    /// When it was due.
    pub due_at: Timestamp,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// Who was told, or who got the lead.
    pub outcome: String,
}

/// A call, mail, meeting or note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactRow {
    /// The lead that it was kept for, before any join.
    pub origin: LeadId,
    /// In which handoff.
    pub handoff: Option<HandoffId>,
    /// When.
    pub at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// `call`, `mail`, `meeting` or `note`.
    pub kind: String,
    /// Who recorded it.
    pub actor: String,
    /// What they noted.
    pub note: Option<String>,
    /// By hand, or what told of it.
    pub source: String,
}
