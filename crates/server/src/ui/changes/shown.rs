//! What the page shows of proposals, versions and listed leads: pure.

use bellwether_app::{
    AgreementVersion, Basis, Department, NewlyQualified, ProposalView, ReplayRow, ReplaySummary, ShadowView,
    UserId, VersionView,
};
use bellwether_core::agreement::{Problem, Severity};

use super::ProblemRow;
use crate::ui::inbox::name;
use crate::ui::times::{Moment, Viewpoint};

/// How much of a hash is shown.
const HASH_CHARS: usize = 12;

/// An open proposal.
pub(super) struct ProposalCard {
    pub(super) id: i64,
    pub(super) by: String,
    pub(super) at: Moment,
    pub(super) note: Option<String>,
    pub(super) hash: String,
    pub(super) source: String,
    pub(super) based_on: u32,
    /// Whether it was made on the version that is active.
    pub(super) current: bool,
    pub(super) signatures: Vec<String>,
    pub(super) missing: String,
    /// The departments that whoever looks may sign it for.
    pub(super) may_sign: Vec<&'static str>,
    pub(super) may_publish: bool,
    pub(super) replay: Option<ReplayShown>,
    pub(super) runs: Vec<Run>,
}

/// What a proposal would have come to.
pub(super) struct ReplayShown {
    pub(super) headline: String,
    pub(super) against: u32,
    pub(super) rows: Vec<ReplayRow>,
    pub(super) causes: Vec<String>,
    pub(super) months: Vec<(String, u64, u64)>,
}

/// A run of a proposal beside the active version.
pub(super) struct Run {
    pub(super) id: i64,
    pub(super) ends: Moment,
    pub(super) runs: bool,
}

/// A version that was active.
pub(super) struct VersionRow {
    pub(super) version: u32,
    pub(super) since: Moment,
    pub(super) mode: &'static str,
    pub(super) basis: String,
    pub(super) signed: String,
    pub(super) by: String,
    pub(super) hash: String,
    /// Whether it may be published again without new signatures.
    pub(super) may_return: bool,
}

/// A lead that waits to be confirmed.
pub(super) struct WaitingRow {
    pub(super) lead: i64,
    pub(super) name: String,
    pub(super) why: String,
    pub(super) at: Moment,
    pub(super) score: String,
    pub(super) reaches: bool,
    pub(super) goes_to: String,
}

pub(super) fn proposal_card(
    proposal: ProposalView,
    runs: Vec<ShadowView>,
    me: UserId,
    mine: &[Department],
    current: bool,
    view: &Viewpoint,
) -> ProposalCard {
    let signed = proposal.signatures.iter().any(|one| one.user.id == me);
    let missing: Vec<&str> = proposal.missing.iter().map(|one| one.as_str()).collect();
    let open = mine
        .iter()
        .filter(|department| current && !signed && proposal.missing.contains(department));
    let signatures = proposal.signatures.iter();
    ProposalCard {
        id: proposal.id.0,
        by: proposal.proposed_by,
        at: view.moment(proposal.proposed_at),
        note: proposal.note,
        hash: short(&proposal.hash),
        source: proposal.source,
        based_on: proposal.based_on,
        current,
        may_sign: open.map(|department| department.as_str()).collect(),
        may_publish: current && missing.is_empty() && !mine.is_empty(),
        signatures: signatures
            .map(|one| format!("{} for {}", one.user.name, one.department.as_str()))
            .collect(),
        missing: missing.join(" and "),
        replay: proposal.replay.as_ref().map(replay_shown),
        runs: runs
            .into_iter()
            .map(|run| Run {
                id: run.id.0,
                ends: view.moment(run.ends_at),
                runs: run.ends_at > view.now,
            })
            .collect(),
    }
}

fn replay_shown(replay: &ReplaySummary) -> ReplayShown {
    let months = replay.months.iter();
    ReplayShown {
        headline: replay.headline(),
        against: replay.against,
        rows: replay.rows(),
        causes: replay.causes(),
        months: months
            .map(|month| (month.month.clone(), month.active, month.proposed))
            .collect(),
    }
}

pub(super) fn version_row(version: VersionView, active: &AgreementVersion, view: &Viewpoint) -> VersionRow {
    let signatures = version.signatures.iter();
    let signed: Vec<String> = signatures
        .map(|one| format!("{} ({})", one.user.name, one.department.as_str()))
        .collect();
    let back = version
        .back_to
        .map(|to| format!("; version {to} again"))
        .unwrap_or_default();
    let why = version
        .reason
        .as_ref()
        .map(|why| format!(": {why}"))
        .unwrap_or_default();
    VersionRow {
        since: view.moment(version.activated_at),
        mode: version.mode.as_str(),
        basis: format!("{}{back}{why}", version.basis.in_words()),
        signed: signed.join(", "),
        may_return: version.hash != active.hash && matches!(version.basis, Basis::Signed | Basis::Rollback),
        version: version.version,
        by: version.by,
        hash: short(&version.hash),
    }
}

pub(super) fn waiting_row(one: NewlyQualified, view: &Viewpoint) -> WaitingRow {
    let goes_to = match (&one.owner, &one.team) {
        (Some(owner), _) => owner.name.clone(),
        (None, Some(team)) => format!("team {team}"),
        (None, None) => "nobody: no route takes it".to_owned(),
    };
    WaitingRow {
        lead: one.lead.0,
        name: name(one.name.as_deref(), None, one.lead.0),
        why: one.trigger,
        at: view.moment(one.qualified_at),
        score: (one.fit + one.intent).short(),
        reaches: one.reaches,
        goes_to,
    }
}

pub(super) fn problem_row(problem: Problem) -> ProblemRow {
    ProblemRow {
        line: problem.line,
        severity: match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: problem.message,
        help: problem.help.unwrap_or_default(),
    }
}

fn short(hash: &str) -> String {
    hash.chars().take(HASH_CHARS).collect()
}
