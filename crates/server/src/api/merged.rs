//! What merging or unmerging came to, or would come to.

use bellwether_app as app;
use serde::Serialize;
use utoipa::ToSchema;

use super::lead::Identity;
use super::wire::{Handoff, Lead};

/// Leads before and after they were merged or parted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Merged {
    /// Whether it was done; else this is a preview.
    done: bool,
    /// The leads as they were.
    before: Vec<Side>,
    /// The leads as they are after it.
    after: Vec<Side>,
}

/// A lead before or after.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Side {
    /// As in lists, scored as of its newest fact.
    lead: Lead,
    /// By what it is known.
    identities: Vec<Identity>,
    /// How many facts it has.
    facts: u64,
    /// Its handoffs, latest first.
    handoffs: Vec<Handoff>,
}

impl Merged {
    pub(crate) fn new(preview: app::MergePreview, done: bool) -> Self {
        let sides = |sides: Vec<app::MergeSide>| sides.into_iter().map(Side::from).collect();
        Self {
            done,
            before: sides(preview.before),
            after: sides(preview.after),
        }
    }
}

impl From<app::MergeSide> for Side {
    fn from(side: app::MergeSide) -> Self {
        Self {
            lead: side.lead.into(),
            identities: side.identities.into_iter().map(Into::into).collect(),
            facts: side.facts,
            handoffs: side.handoffs.into_iter().map(Into::into).collect(),
        }
    }
}
