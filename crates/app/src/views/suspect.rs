//! Events that are held apart, as they are shown.

use bellwether_core::domain::Timestamp;
use bellwether_core::suspect::Rule;

use crate::LeadId;

/// An event that is held apart as that of a machine, and not scored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldEvent {
    /// The fact's number.
    pub event: i64,
    /// Whose it is.
    pub lead: LeadId,
    /// What the lead is called.
    pub lead_name: Option<String>,
    /// The rule that holds it, by its key in `[suspect]`.
    pub rule: String,
    /// Why, in words.
    pub reason: String,
    /// When it happened.
    pub ts: Timestamp,
    /// When it came.
    pub received_at: Timestamp,
    /// `track`, `page` or `screen`.
    pub kind: String,
    /// The event's or screen's name.
    pub name: Option<String>,
    /// The page's path.
    pub path: Option<String>,
}

/// That an event of a timeline is held, or was released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuspectMark {
    /// The rule, by its key in `[suspect]`.
    pub rule: String,
    /// Why, in words.
    pub reason: String,
    /// When it was released, and by whom; nothing where it is held.
    pub released: Option<(Timestamp, String)>,
}

/// Which held events to list.
#[derive(Debug, Clone, Default)]
pub struct SuspectQuery {
    /// Only those of this lead.
    pub lead: Option<LeadId>,
    /// Only those that this rule holds.
    pub rule: Option<Rule>,
    /// What the page before gave.
    pub cursor: Option<String>,
    /// How many; 0 is the usual number.
    pub limit: u32,
}

/// How many events a rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleCount {
    /// The rule.
    pub rule: Rule,
    /// Those held now.
    pub held: u64,
    /// Those that it held and that somebody released.
    pub released: u64,
}

/// What is to be released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// One event.
    Event(i64),
    /// All held events of a lead, or those that one rule holds.
    Lead {
        /// Whose.
        lead: LeadId,
        /// By which rule; all where nothing is said.
        rule: Option<Rule>,
    },
}

/// What was released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Released {
    /// Whose events.
    pub lead: LeadId,
    /// How many.
    pub events: u64,
}
