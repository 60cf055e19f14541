//! Versions, proposals, signatures and replays as they are sent.

use bellwether_app as app;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::time;
use super::wire::{Named, points};
use super::wire_figures::ReplayFigures;

/// An agreement that is to become a version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Proposal {
    /// Its number.
    id: i64,
    /// The SHA-256 of its source, in hex.
    hash: String,
    /// The file; lists leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// Why, in its author's words.
    note: Option<String>,
    /// The version that was active then. Once another one is, it is proposed anew.
    based_on: u32,
    /// When.
    proposed_at: String,
    /// By whom.
    proposed_by: String,
    /// `open`, `published` or `withdrawn`.
    state: &'static str,
    /// As which version it was published.
    version: Option<u32>,
    /// What it would have come to; nothing until that is worked out.
    replay: Option<Replay>,
    /// Who signed it.
    signatures: Vec<Signature>,
    /// The departments that still have to: `marketing`, `sales`.
    missing: Vec<&'static str>,
}

/// A signature under an agreement.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Signature {
    /// `marketing` or `sales`.
    department: &'static str,
    /// Who.
    user: Named,
    /// The role that they had then.
    role: String,
    /// When.
    at: String,
    /// The hash of what they signed.
    hash: String,
    /// The replay that they were shown.
    replay: Option<Replay>,
}

/// A version of the agreement, in the list of all of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublishedVersion {
    /// Its number, from 1.
    version: u32,
    /// The SHA-256 of its source, in hex.
    hash: String,
    /// The file; lists leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// Since when it was active.
    activated_at: String,
    /// Who published it.
    by: String,
    /// `forward` or `retroactive`.
    mode: &'static str,
    /// On what it stands: `signed`, `first`, `override`, `rollback` or `unsigned`.
    basis: &'static str,
    /// Why it was published so, where somebody said.
    reason: Option<String>,
    /// The proposal that was signed.
    proposal: Option<i64>,
    /// The version that it is again.
    back_to: Option<u32>,
    /// Who signed it, each with the replay that they were shown.
    signatures: Vec<Signature>,
}

/// Who would have been handed off by an agreement and by the active version, over the same facts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Replay {
    /// By the facts up to when.
    as_of: String,
    /// Beside which version.
    against: u32,
    /// The hash of the agreement.
    hash: String,
    /// How many leads there are whom one could reach.
    leads: u64,
    /// How many of them were judged: all, or a sample.
    judged: u64,
    /// How many of those judged the version would have handed off.
    active: u64,
    /// How many the agreement.
    proposed: u64,
    /// How many the agreement alone.
    newly: u64,
    /// How many the version alone.
    no_longer: u64,
    /// The same by the months in which they qualified, the latest last.
    months: Vec<MonthCount>,
    /// Some whom the agreement alone would have handed off, 20 at most.
    newly_leads: Vec<ChangedLead>,
    /// Some whom the version alone would have, 20 at most.
    no_longer_leads: Vec<ChangedLead>,
    /// What became of them, why they differ, and the load; missing in a replay from before this was worked out.
    figures: Option<ReplayFigures>,
}

/// Who qualified in a month.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MonthCount {
    /// As `2026-05`.
    month: String,
    /// How many by the version.
    active: u64,
    /// How many by the agreement.
    proposed: u64,
}

/// A lead that one of two agreements alone would have handed off.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangedLead {
    /// Which.
    lead: i64,
    /// When it qualified.
    qualified_at: String,
    /// What made it.
    trigger: String,
}

impl Proposal {
    /// The same without the file, as a list shows it.
    pub(crate) fn in_list(view: app::ProposalView) -> Self {
        Self {
            source: None,
            ..view.into()
        }
    }
}

impl PublishedVersion {
    /// The same without the file, as a list shows it.
    pub(crate) fn in_list(view: app::VersionView) -> Self {
        Self {
            source: None,
            ..view.into()
        }
    }
}

impl From<app::ProposalView> for Proposal {
    fn from(view: app::ProposalView) -> Self {
        Self {
            id: view.id.0,
            hash: view.hash,
            source: Some(view.source),
            note: view.note,
            based_on: view.based_on,
            proposed_at: time(view.proposed_at),
            proposed_by: view.proposed_by,
            state: view.state.as_str(),
            version: view.version,
            replay: view.replay.map(Into::into),
            signatures: view.signatures.into_iter().map(Into::into).collect(),
            missing: view.missing.into_iter().map(app::Department::as_str).collect(),
        }
    }
}

impl From<app::SignatureView> for Signature {
    fn from(view: app::SignatureView) -> Self {
        Self {
            department: view.department.as_str(),
            user: view.user.into(),
            role: view.role,
            at: time(view.at),
            hash: view.hash,
            replay: view.replay.map(Into::into),
        }
    }
}

impl From<app::VersionView> for PublishedVersion {
    fn from(view: app::VersionView) -> Self {
        Self {
            version: view.version,
            hash: view.hash,
            source: Some(view.source),
            activated_at: time(view.activated_at),
            by: view.by,
            mode: view.mode.as_str(),
            basis: view.basis.as_str(),
            reason: view.reason,
            proposal: view.proposal.map(|id| id.0),
            back_to: view.back_to,
            signatures: view.signatures.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<app::ReplaySummary> for Replay {
    fn from(summary: app::ReplaySummary) -> Self {
        let months = summary.months.into_iter().map(|month| MonthCount {
            month: month.month,
            active: month.active,
            proposed: month.proposed,
        });
        Self {
            as_of: time(summary.as_of),
            against: summary.against,
            hash: summary.hash,
            leads: summary.leads,
            judged: summary.judged,
            active: summary.active,
            proposed: summary.proposed,
            newly: summary.newly,
            no_longer: summary.no_longer,
            months: months.collect(),
            newly_leads: summary.newly_leads.into_iter().map(Into::into).collect(),
            no_longer_leads: summary.no_longer_leads.into_iter().map(Into::into).collect(),
            figures: summary.figures.map(Into::into),
        }
    }
}

impl From<app::ChangedLead> for ChangedLead {
    fn from(changed: app::ChangedLead) -> Self {
        Self {
            lead: changed.lead.0,
            qualified_at: time(changed.qualified_at),
            trigger: changed.trigger,
        }
    }
}

/// What a lead's points are, from thousandths.
pub(crate) fn points_of_millis(millis: i64) -> String {
    points(bellwether_core::domain::Points::from_millis(millis))
}
