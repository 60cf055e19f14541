//! How the agreement changes: what is proposed, what it would have come to, who signed, whom a retroactive version would
//! newly hand off, and every version that there was. Everything works by plain forms.

mod act;
mod shown;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use bellwether_app::{ProposalState, ShadowId, ShadowReport};
use bellwether_core::agreement::Problem;
use serde::Deserialize;

pub(super) use self::act::{confirm, propose, publish, roll_back, shadow, sign, stop_shadow, withdraw};
use self::shown::{ProposalCard, VersionRow, WaitingRow};
use super::page::{Failure, Frame, page};
use super::session::SignedIn;
use super::times::{Moment, Viewpoint};
use crate::edge::Edge;

/// How many versions, proposals and leads the page shows.
const SHOWN_MAX: u32 = 50;

/// What a page's address asks for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "changes.html")]
struct ChangesPage {
    frame: Frame,
    /// Whether whoever looks may change anything.
    may: bool,
    flash: Option<&'static str>,
    active: u32,
    basis: &'static str,
    reason: Option<String>,
    list: Option<List>,
    proposals: Vec<ProposalCard>,
    source: String,
    note: String,
    problems: Vec<ProblemRow>,
    versions: Vec<VersionRow>,
}

/// Whom the active version would newly hand off.
struct List {
    version: u32,
    left: u64,
    waiting: u64,
    summary: String,
    rows: Vec<WaitingRow>,
    /// Whether more wait than are shown.
    more: bool,
}

struct ProblemRow {
    line: usize,
    severity: &'static str,
    message: String,
    help: String,
}

#[derive(Template)]
#[template(path = "shadow.html")]
struct ShadowPage {
    frame: Frame,
    id: i64,
    proposal: i64,
    may: bool,
    runs: bool,
    from: Moment,
    until: Moment,
    report: ShadowReport,
    both_shown: [(&'static str, Vec<ShadowRow>, u64); 2],
}

struct ShadowRow {
    lead: i64,
    at: Moment,
    trigger: String,
}

/// What the form of a proposal holds when the page is shown.
#[derive(Default)]
struct Draft {
    source: Option<String>,
    note: String,
    problems: Vec<Problem>,
}

/// `GET /agreement/changes`.
pub(super) async fn handler(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let flash = asked.done.as_deref().and_then(done_in_words);
    let shown = changes_page(&edge, &signed_in, flash, Draft::default()).await?;
    Ok(page(StatusCode::OK, &shown))
}

/// `GET /agreement/shadows/{id}`.
pub(super) async fn report(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Response, Failure> {
    let run = edge.app().shadow(ShadowId(id)).await?;
    let report = edge.app().shadow_report(ShadowId(id)).await?;
    let agreement = edge.app().active_agreement().await?;
    let view = Viewpoint::new(edge.now(), &agreement.engine.agreement().timezone);
    let rows = |leads: &[bellwether_app::ShadowLead]| -> Vec<ShadowRow> {
        let leads = leads.iter();
        leads
            .map(|one| ShadowRow {
                lead: one.lead.0,
                at: view.moment(one.at),
                trigger: one.trigger.clone(),
            })
            .collect()
    };
    let shown = ShadowPage {
        id,
        proposal: run.proposal.0,
        may: !edge.app().departments_of(signed_in.user.id).await?.is_empty(),
        runs: run.ends_at > edge.now(),
        from: view.moment(report.from),
        until: view.moment(report.until),
        both_shown: [
            (
                "Handed off by the proposal alone",
                rows(&report.only_proposed_leads),
                report.only_proposed,
            ),
            (
                "Handed off by the active version alone",
                rows(&report.only_active_leads),
                report.only_active,
            ),
        ],
        report,
        frame: Frame::of(&signed_in, "agreement"),
    };
    Ok(page(StatusCode::OK, &shown))
}

async fn changes_page(
    edge: &Edge,
    signed_in: &SignedIn,
    flash: Option<&'static str>,
    draft: Draft,
) -> Result<ChangesPage, Failure> {
    let app = edge.app();
    let active = app.active_agreement().await?;
    let view = Viewpoint::new(edge.now(), &active.engine.agreement().timezone);
    let mine = app.departments_of(signed_in.user.id).await?;
    let mut proposals = Vec::new();
    for proposal in app.proposals(None, SHOWN_MAX).await?.items {
        if proposal.state == ProposalState::Open {
            let runs = app.shadows(Some(proposal.id)).await?;
            let current = proposal.based_on == active.version;
            proposals.push(shown::proposal_card(
                proposal,
                runs,
                signed_in.user.id,
                &mine,
                current,
                &view,
            ));
        }
    }
    let versions = app.versions(None, SHOWN_MAX).await?.items.into_iter();
    let versions = versions.map(|version| shown::version_row(version, &active, &view));
    Ok(ChangesPage {
        may: !mine.is_empty(),
        flash,
        active: active.version,
        basis: active.basis.in_words(),
        reason: active.reason.clone(),
        list: list(edge, &view).await?,
        proposals,
        versions: versions.collect(),
        source: draft.source.unwrap_or_else(|| active.source.clone()),
        note: draft.note,
        problems: draft.problems.into_iter().map(shown::problem_row).collect(),
        frame: Frame::of(signed_in, "agreement"),
    })
}

async fn list(edge: &Edge, view: &Viewpoint) -> Result<Option<List>, Failure> {
    let counts = edge.app().confirm_counts().await?;
    if !counts.retroactive {
        return Ok(None);
    }
    let waiting = Some("waiting".to_owned());
    let rows = edge
        .app()
        .newly_qualified(counts.version, waiting, None, SHOWN_MAX)
        .await?;
    let more = rows.next.is_some();
    let rows = rows.items.into_iter().map(|one| shown::waiting_row(one, view));
    Ok(Some(List {
        version: counts.version,
        left: counts.left,
        waiting: counts.waiting,
        summary: format!(
            "{} wait, {} confirmed, {} handed off, {} left out, {} lapsed",
            counts.waiting, counts.confirmed, counts.handed_off, counts.left_out, counts.lapsed
        ),
        rows: rows.collect(),
        more,
    }))
}

/// What was done, as the page says it.
fn done_in_words(done: &str) -> Option<&'static str> {
    Some(match done {
        "proposed" => "Proposed. What it would have come to shows here as soon as it is worked out.",
        "withdrawn" => "Withdrawn.",
        "signed" => "Signed.",
        "published" => "Published. Scores follow it from now on, in the background.",
        "confirmed" => "Confirmed. They are handed off one after the other.",
        "left-out" => "Left out. They are judged by what they do next.",
        "shadow" => "It runs beside. Its report is always up to date.",
        "stopped" => "Ended.",
        _ => return None,
    })
}
