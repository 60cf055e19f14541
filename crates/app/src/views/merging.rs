//! What is shown of leads that are one, or may be.

use bellwether_core::domain::Timestamp;
use bellwether_store::LeadId;

use super::{HandoffSummary, Identity, LeadSummary};

/// A lead that was joined into another, and may be parted from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinedLead {
    /// The number that it had.
    pub id: LeadId,
    /// The lead that it was joined into.
    pub into: LeadId,
    /// When.
    pub at: Timestamp,
    /// Who joined them.
    pub actor: String,
    /// Why.
    pub reason: String,
}

/// Two leads that look like one.
#[derive(Debug, Clone)]
pub struct LeadPair {
    /// The one with the lower number.
    pub one: LeadSummary,
    /// The other.
    pub other: LeadSummary,
    /// Why they look like one.
    pub reason: String,
    /// Since when.
    pub at: Timestamp,
}

/// What merging or unmerging leads would come to.
#[derive(Debug, Clone)]
pub struct MergePreview {
    /// The leads as they are.
    pub before: Vec<MergeSide>,
    /// The leads as they would be.
    pub after: Vec<MergeSide>,
}

/// A lead in a preview.
#[derive(Debug, Clone)]
pub struct MergeSide {
    /// The lead with its scores as of its newest fact.
    pub lead: LeadSummary,
    /// By what it is known.
    pub identities: Vec<Identity>,
    /// How many facts it has.
    pub facts: u64,
    /// Its handoffs, latest first.
    pub handoffs: Vec<HandoffSummary>,
}
