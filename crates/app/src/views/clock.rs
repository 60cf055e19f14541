//! The clock of a handoff, and who was in touch with its lead.

use bellwether_core::domain::{Period, Timestamp};

/// How somebody was in touch with a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactKind {
    /// They spoke, or tried to.
    Call,
    /// They wrote.
    Mail,
    /// They met.
    Meeting,
    /// Anything else.
    Note,
}

impl ContactKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Call, Self::Mail, Self::Meeting, Self::Note];

    /// As it is kept and sent: `call`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Mail => "mail",
            Self::Meeting => "meeting",
            Self::Note => "note",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// What an event's name says: `Call Logged` is a call, `Email Sent` a mail, `Meeting Held` a meeting.
    pub(crate) fn of_event(name: &str) -> Self {
        let name = name.to_lowercase();
        let words = [
            ("call", Self::Call),
            ("mail", Self::Mail),
            ("meet", Self::Meeting),
        ];
        let found = words.into_iter().find(|(word, _)| name.contains(word));
        found.map_or(Self::Note, |(_, kind)| kind)
    }
}

/// A contact with a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactView {
    /// When.
    pub at: Timestamp,
    /// How.
    pub kind: String,
    /// Who says so.
    pub actor: String,
    /// What they noted.
    pub note: Option<String>,
    /// By hand, or what told of it.
    pub source: String,
}

/// A handoff's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockView {
    /// The SLA; `None` where none was for this handoff.
    pub policy: Option<String>,
    /// The time to first contact.
    pub allowed: Option<Period>,
    /// Which time counts, in words.
    pub hours: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When the time is over; `None` where none was promised, or while the clock stands still before that.
    pub due_at: Option<Timestamp>,
    /// Since when the present owner has the lead.
    pub owner_since: Option<Timestamp>,
    /// By when the present owner would be in time.
    pub owner_due_at: Option<Timestamp>,
    /// Since when it stands still.
    pub paused_at: Option<Timestamp>,
    /// When it stood still, and why.
    pub pauses: Vec<PauseView>,
    /// For what it may stand still.
    pub pause_reasons: Vec<String>,
    /// The first contact.
    pub contacted_at: Option<Timestamp>,
    /// When it ended, by first contact or with the handoff.
    pub ended_at: Option<Timestamp>,
    /// What passed since the handoff until it ended, or until now, by the clock on the wall.
    pub raw: Period,
    /// The same, of the time that counts.
    pub working: Period,
    /// What passed since the present owner has it, by the clock on the wall.
    pub owner_raw: Option<Period>,
    /// The same, of the time that counts.
    pub owner_working: Option<Period>,
    /// By how much of the time that counts it was, or is, too late.
    pub late: Option<Period>,
    /// What happens as the time runs out, and what of it has happened.
    pub steps: Vec<StepView>,
}

/// A time in which a clock stood still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PauseView {
    /// Since when.
    pub from: Timestamp,
    /// Until when; `None` while it lasts.
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: String,
    /// By whom.
    pub paused_by: String,
    /// Who had it go on.
    pub resumed_by: Option<String>,
}

/// A step of an escalation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepView {
    /// At which percentage of the time allowed.
    pub at_percent: u32,
    /// What it does: `tell manager`, `reassign`.
    pub action: String,
    /// When it is, or was, due.
    pub due_at: Option<Timestamp>,
    /// When it was taken.
    pub taken_at: Option<Timestamp>,
    /// What came of it.
    pub outcome: Option<String>,
}
