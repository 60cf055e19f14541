//! What a quarterly review counts.

use bellwether_core::domain::{Period, Timestamp};

use crate::{HandoffId, LeadId};

/// A handoff, and how far it came.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a milestone that a handoff reaches or doesn't"
)]
pub struct ReviewedHandoff {
    /// Which.
    pub id: HandoffId,
    /// Whose it is at present.
    pub lead: LeadId,
    /// When it qualified.
    pub qualified_at: Timestamp,
    /// As in [`HandoffRow`](crate::HandoffRow).
    pub state: String,
    /// Whether sales accepted it, whatever became of it afterwards.
    pub accepted: bool,
    /// Why it was rejected.
    pub rejection_reason: Option<String>,
    /// By when somebody was to be in touch.
    pub due_at: Option<Timestamp>,
    /// The first contact.
    pub contacted_at: Option<Timestamp>,
    /// When its clock ended.
    pub ended_at: Option<Timestamp>,
    /// What had passed then, of the time that counts.
    pub working: Option<Period>,
    /// Whether sales qualified it.
    pub was_sql: bool,
    /// Whether a deal came of it.
    pub had_deal: bool,
    /// Whether a deal was won.
    pub won: bool,
}
