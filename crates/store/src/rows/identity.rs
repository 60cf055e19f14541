//! Rows of who is who: keys, what was joined, and pairs that look like one.

use bellwether_core::domain::{Timestamp, TraitSource};

use crate::{AccountId, HandoffId, LeadId, UserId};

/// A key of a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// `anonymous_id`, `user_id`, `email`, or the kind of an external id.
    pub kind: String,
    /// The id.
    pub value: String,
    /// The time of the fact that brought it.
    pub since: Timestamp,
    /// The lead that it was brought to, before any join.
    pub origin: LeadId,
}

/// Who has a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// The lead that it leads to now.
    pub lead: LeadId,
    /// The lead that it was brought to: the same, or one that was joined into it.
    pub origin: LeadId,
}

/// That a lead was joined into another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoiningRow {
    /// The lead that was joined.
    pub lead: LeadId,
    /// The one that stays.
    pub into: LeadId,
    /// When.
    pub at: Timestamp,
    /// Who joined them.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// The open handoff that was closed by it.
    pub closed_handoff: Option<HandoffId>,
    /// Who had the lead that stays, before.
    pub into_owner: Option<UserId>,
    /// The account of the lead that stays, before.
    pub into_account: Option<AccountId>,
}

/// What is thought of two leads that look like one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairState {
    /// They may be one; nobody has looked yet.
    Offered,
    /// Somebody said that they aren't one.
    Dismissed,
    /// They were one and were parted; no fact joins them again.
    Apart,
}

impl PairState {
    /// The state's name in data.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Dismissed => "dismissed",
            Self::Apart => "apart",
        }
    }

    /// The state of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Offered, Self::Dismissed, Self::Apart]
            .into_iter()
            .find(|state| state.as_str() == name)
    }
}

/// Two leads that look like one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairRow {
    /// Its row; anything where it is about to be kept.
    pub id: i64,
    /// One of them; the lower number where it comes from the database.
    pub one: LeadId,
    /// The other.
    pub other: LeadId,
    /// What is thought of them.
    pub state: PairState,
    /// Why they look like one, or why not.
    pub reason: String,
    /// Since when.
    pub at: Timestamp,
    /// Who decided; nothing while it is only offered.
    pub actor: Option<String>,
}

/// What binds a fact to its lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactLink {
    /// Its row.
    pub id: i64,
    /// The lead that it was kept for, before any join.
    pub lead: LeadId,
    /// When it happened.
    pub ts: Timestamp,
    /// Whether it shows somebody whom one could reach.
    pub known: bool,
    /// Who says the traits in it.
    pub said_by: TraitSource,
    /// The account that a group call names.
    pub group_id: Option<String>,
}
