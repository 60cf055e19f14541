//! A handoff's clock and contacts, as they are sent. Lengths of time are whole milliseconds.

use bellwether_app as app;
use bellwether_core::domain::{Period, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// A handoff's clock.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Clock {
    /// The SLA; nothing where none was for this handoff.
    policy: Option<String>,
    /// The time to first contact, in milliseconds.
    allowed_ms: Option<i64>,
    /// Which time counts, in words.
    #[schema(example = "mon-fri 09:00-17:00 (Europe/Berlin)")]
    hours: String,
    /// When it began.
    started_at: String,
    /// When the time is over; nothing where none was promised, or while the clock stands still before that.
    due_at: Option<String>,
    /// Since when the present owner has the lead.
    owner_since: Option<String>,
    /// By when the present owner would be in time.
    owner_due_at: Option<String>,
    /// Since when it stands still.
    paused_at: Option<String>,
    /// When it stood still, and why.
    pauses: Vec<Pause>,
    /// For what it may stand still.
    pause_reasons: Vec<String>,
    /// The first contact.
    contacted_at: Option<String>,
    /// When it ended, by first contact or with the handoff.
    ended_at: Option<String>,
    /// What passed since the handoff, by the clock on the wall.
    raw_ms: i64,
    /// The same, of the time that counts.
    working_ms: i64,
    /// What passed since the present owner has it, by the clock on the wall.
    owner_raw_ms: Option<i64>,
    /// The same, of the time that counts.
    owner_working_ms: Option<i64>,
    /// By how much of the time that counts it was, or is, too late.
    late_ms: Option<i64>,
    /// What happens as the time runs out, and what of it has happened.
    steps: Vec<Step>,
}

/// A time in which a clock stood still.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Pause {
    /// Since when.
    from: String,
    /// Until when; nothing while it lasts.
    until: Option<String>,
    /// Why.
    reason: String,
    /// By whom.
    paused_by: String,
    /// Who had it go on.
    resumed_by: Option<String>,
}

/// A step of an escalation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Step {
    /// At which percentage of the time allowed.
    at_percent: u32,
    /// What it does.
    #[schema(example = "tell manager")]
    action: String,
    /// When it is, or was, due.
    due_at: Option<String>,
    /// When it was taken.
    taken_at: Option<String>,
    /// What came of it.
    outcome: Option<String>,
}

/// A contact with a lead.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Contact {
    /// When.
    at: String,
    /// `call`, `mail`, `meeting` or `note`.
    kind: String,
    /// Who says so.
    actor: String,
    /// What they noted.
    note: Option<String>,
    /// By hand, or what told of it.
    source: String,
}

impl From<app::ClockView> for Clock {
    fn from(clock: app::ClockView) -> Self {
        let time = |at: Timestamp| at.to_string();
        Self {
            policy: clock.policy,
            allowed_ms: clock.allowed.map(Period::ms),
            hours: clock.hours,
            started_at: time(clock.started_at),
            due_at: clock.due_at.map(time),
            owner_since: clock.owner_since.map(time),
            owner_due_at: clock.owner_due_at.map(time),
            paused_at: clock.paused_at.map(time),
            pauses: clock.pauses.into_iter().map(Into::into).collect(),
            pause_reasons: clock.pause_reasons,
            contacted_at: clock.contacted_at.map(time),
            ended_at: clock.ended_at.map(time),
            raw_ms: clock.raw.ms(),
            working_ms: clock.working.ms(),
            owner_raw_ms: clock.owner_raw.map(Period::ms),
            owner_working_ms: clock.owner_working.map(Period::ms),
            late_ms: clock.late.map(Period::ms),
            steps: clock.steps.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<app::PauseView> for Pause {
    fn from(pause: app::PauseView) -> Self {
        Self {
            from: pause.from.to_string(),
            until: pause.until.map(|until| until.to_string()),
            reason: pause.reason,
            paused_by: pause.paused_by,
            resumed_by: pause.resumed_by,
        }
    }
}

impl From<app::StepView> for Step {
    fn from(step: app::StepView) -> Self {
        Self {
            at_percent: step.at_percent,
            action: step.action,
            due_at: step.due_at.map(|at| at.to_string()),
            taken_at: step.taken_at.map(|at| at.to_string()),
            outcome: step.outcome,
        }
    }
}

impl From<app::ContactView> for Contact {
    fn from(contact: app::ContactView) -> Self {
        Self {
            at: contact.at.to_string(),
            kind: contact.kind,
            actor: contact.actor,
            note: contact.note,
            source: contact.source,
        }
    }
}
