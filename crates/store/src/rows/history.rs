//! The whole history, for whoever keeps it in another form.

use bellwether_core::domain::Timestamp;

use crate::LeadId;

/// How far somebody has read the history: the last fact and the last change of who is who, each with what tells it from
/// one of the same number in another database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryPosition {
    /// The number of the last fact, when that one was received, and its message id; nothing before the first.
    pub fact: Option<(i64, Timestamp, String)>,
    /// The number of the last change, and what tells it and all before it from others; nothing before the first.
    pub change: Option<(i64, i64)>,
}

/// A lead, as far as it matters to the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryLead {
    /// Which.
    pub lead: LeadId,
    /// The lead that it was joined into.
    pub merged_into: Option<LeadId>,
    /// Whether one could reach it.
    pub known: bool,
}

/// How far a lead came with sales, once for each step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FateRow {
    /// Whose it is at present.
    pub lead: LeadId,
    /// `accepted`, `rejected`, `sql`, `won` or `lost`.
    pub fate: String,
    /// When.
    pub at: Option<Timestamp>,
    /// What the deal is worth, in thousandths of its currency's unit.
    pub amount_thousandths: Option<i64>,
    /// The currency: `EUR`.
    pub currency: Option<String>,
    /// Why it was rejected, won or lost.
    pub reason: Option<String>,
}
