//! Events that are held apart.

use bellwether_core::domain::Timestamp;

use crate::LeadId;

/// What is kept beside a fact that is held, or was released; borrowed from the database's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuspectMark<'a> {
    /// Whose it is.
    pub lead: LeadId,
    /// The rule that holds it, or held it.
    pub rule: &'a str,
    /// Whether somebody released it.
    pub released: bool,
}

/// An event that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuspectRow {
    /// The fact's row.
    pub event: i64,
    /// Whose it is.
    pub lead: LeadId,
    /// What the lead is called.
    pub lead_name: Option<String>,
    /// The lead's address.
    pub lead_email: Option<String>,
    /// The rule's key in `[suspect]`.
    pub rule: String,
    /// Why it is held, in words.
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

/// Which held events to list.
#[derive(Debug, Clone, Default)]
pub struct SuspectFilter {
    /// Only those of this lead.
    pub lead: Option<LeadId>,
    /// Only those that this rule holds.
    pub rule: Option<String>,
    /// Only those that came before this one.
    pub before: Option<i64>,
    /// How many.
    pub limit: u32,
}

/// How many events one rule holds, and how many that it held were released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuspectCount {
    /// The rule's key in `[suspect]`.
    pub rule: String,
    /// Those held now.
    pub held: u64,
    /// Those released.
    pub released: u64,
}

/// That an event of a lead's timeline is held or was released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuspectNote {
    /// The rule's key in `[suspect]`.
    pub rule: String,
    /// Why it is, or was, held.
    pub reason: String,
    /// When it was released, and by whom; nothing where it is held.
    pub released: Option<(Timestamp, String)>,
}
