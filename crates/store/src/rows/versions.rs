//! Versions of the agreement, and how they came to be.

use bellwether_core::domain::{Points, Timestamp};

use crate::{HandoffId, LeadId, ProposalId, ShadowId, UserId};

/// A version of the agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgreementRow {
    /// From 1.
    pub version: u32,
    /// The SHA-256 of the source, in hex.
    pub hash: String,
    /// The file.
    pub source: String,
    /// Since when it is active.
    pub activated_at: Timestamp,
    /// Who published it.
    pub published_by: String,
    /// `forward` or `retroactive`.
    pub mode: String,
    /// On what it stands: `signed`, `first`, `override`, `rollback` or `unsigned`.
    pub basis: String,
    /// Why it was published so.
    pub reason: Option<String>,
    /// What was signed.
    pub proposal: Option<ProposalId>,
    /// The version that it is again.
    pub back_to: Option<u32>,
    /// The last lead that was judged anew by it.
    pub rescored_to: Option<LeadId>,
    /// When all of them were.
    pub rescored_at: Option<Timestamp>,
}

/// An agreement that is to become a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalRow {
    /// Its number; 0 before it is kept.
    pub id: ProposalId,
    /// The SHA-256 of the source, in hex.
    pub hash: String,
    /// The file.
    pub source: String,
    /// Why, in its author's words.
    pub note: Option<String>,
    /// The version that was active then.
    pub based_on: u32,
    /// When.
    pub proposed_at: Timestamp,
    /// By whom.
    pub proposed_by: String,
    /// `open`, `published` or `withdrawn`.
    pub state: String,
    /// As which version it was published.
    pub version: Option<u32>,
    /// JSON: what it would have come to.
    pub replay: Option<String>,
    /// When that was worked out.
    pub replayed_at: Option<Timestamp>,
}

/// A signature under a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureRow {
    /// Of what.
    pub proposal: ProposalId,
    /// `marketing` or `sales`.
    pub department: String,
    /// Who.
    pub user: UserId,
    /// What they were called then.
    pub name: String,
    /// The role that they had then.
    pub role: String,
    /// When.
    pub at: Timestamp,
    /// The hash of what they signed.
    pub hash: String,
    /// JSON: the replay that they were shown.
    pub replay: String,
}

/// A lead whom one could reach, as it is looked at to judge it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownLeadRow {
    /// Which.
    pub lead: LeadId,
    /// Its newest fact.
    pub last_fact: Option<i64>,
}

/// A lead that a retroactive version would newly hand off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewlyQualifiedRow {
    /// By which version.
    pub version: u32,
    /// Which lead, as it was then.
    pub lead: LeadId,
    /// When it was listed.
    pub listed_at: Timestamp,
    /// When it qualified, by that version.
    pub qualified_at: Timestamp,
    /// What made it.
    pub trigger: String,
    /// Its fit then.
    pub fit: Points,
    /// Its intent then.
    pub intent: Points,
    /// Whether it reached the line still when it was listed.
    pub reaches: bool,
    /// The team that would get it.
    pub team: Option<String>,
    /// Who has it, or its account, already.
    pub owner: Option<UserId>,
    /// `waiting`, `confirmed`, `handed_off`, `left_out`, `lapsed` or `superseded`.
    pub state: String,
    /// When that was decided.
    pub decided_at: Option<Timestamp>,
    /// By whom.
    pub decided_by: Option<String>,
    /// The handoff that it came to.
    pub handoff: Option<HandoffId>,
    /// Why it lapsed.
    pub outcome: Option<String>,
}

/// A run of a proposal beside the active version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShadowRow {
    /// Its number; 0 before it is kept.
    pub id: ShadowId,
    /// Of what.
    pub proposal: ProposalId,
    /// When it began.
    pub started_at: Timestamp,
    /// Who began it.
    pub started_by: String,
    /// When it ends, or ended.
    pub ends_at: Timestamp,
    /// Who ended it before its time.
    pub stopped_by: Option<String>,
    /// JSON: what it came to in the end.
    pub report: Option<String>,
    /// When that was worked out.
    pub reported_at: Option<Timestamp>,
}
