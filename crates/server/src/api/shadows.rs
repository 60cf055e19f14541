//! `/api/v1/agreement/shadows`: proposals that run beside the active version, hand nobody off, and tell whom they would
//! have.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use bellwether_app as app;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Admin, Body, Number, time};
use super::wire_agreement::points_of_millis;
use crate::edge::Edge;
use crate::problem::Problem;

/// For how long.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Starting {
    /// Days, 1 to 90.
    #[schema(minimum = 1, maximum = 90)]
    days: u16,
}

/// A run of a proposal beside the active version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Shadow {
    /// Its number.
    id: i64,
    /// The proposal's number.
    proposal: i64,
    /// When it began.
    started_at: String,
    /// Who began it.
    started_by: String,
    /// When it ends, or ended.
    ends_at: String,
    /// Who ended it before its time.
    stopped_by: Option<String>,
}

/// Whom a proposal would have handed off while it ran, beside the active version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShadowReport {
    /// From when.
    from: String,
    /// Until when: the run's end, or the present.
    until: String,
    /// Beside which version.
    against: u32,
    /// How many leads were judged; those who were with sales when it began aren't.
    judged: u64,
    /// How many both would have handed off.
    both: u64,
    /// How many the proposal alone.
    only_proposed: u64,
    /// How many the active version alone.
    only_active: u64,
    /// The same by day.
    days: Vec<ShadowDay>,
    /// Some of those whom the proposal alone would have handed off, 200 at most.
    only_proposed_leads: Vec<ShadowLead>,
    /// Some of those whom the active version alone would have, 200 at most.
    only_active_leads: Vec<ShadowLead>,
}

/// Who would have been handed off on a day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShadowDay {
    /// As `2026-05-31`, in UTC.
    day: String,
    /// How many by the active version.
    active: u64,
    /// How many by the proposal.
    proposed: u64,
}

/// A lead of a report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShadowLead {
    /// Which.
    lead: i64,
    /// When.
    at: String,
    /// What made it.
    trigger: String,
    /// Its score then.
    score: String,
}

impl From<app::ShadowView> for Shadow {
    fn from(view: app::ShadowView) -> Self {
        Self {
            id: view.id.0,
            proposal: view.proposal.0,
            started_at: time(view.started_at),
            started_by: view.started_by,
            ends_at: time(view.ends_at),
            stopped_by: view.stopped_by,
        }
    }
}

impl From<app::ShadowReport> for ShadowReport {
    fn from(report: app::ShadowReport) -> Self {
        let days = report.days.into_iter();
        let days = days.map(|(day, active, proposed)| ShadowDay {
            day,
            active,
            proposed,
        });
        Self {
            from: time(report.from),
            until: time(report.until),
            against: report.against,
            judged: report.judged,
            both: report.both,
            only_proposed: report.only_proposed,
            only_active: report.only_active,
            days: days.collect(),
            only_proposed_leads: report.only_proposed_leads.into_iter().map(Into::into).collect(),
            only_active_leads: report.only_active_leads.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<app::ShadowLead> for ShadowLead {
    fn from(one: app::ShadowLead) -> Self {
        Self {
            lead: one.lead.0,
            at: time(one.at),
            trigger: one.trigger,
            score: points_of_millis(one.score_millis),
        }
    }
}

/// Runs a proposal beside the active version
///
/// It needs no signatures: it changes nothing.
#[utoipa::path(
    post, path = "/api/v1/agreement/proposals/{id}/shadow", tag = "agreement", request_body = Starting,
    params(("id" = i64, Path, description = "The proposal's number")),
    responses(
        (status = 201, body = Shadow), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "The proposal isn't open, or too many run", body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(crate) async fn start(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(proposal): Number,
    Body(starting): Body<Starting>,
) -> Result<(StatusCode, Json<Shadow>), Problem> {
    let run = edge
        .app()
        .start_shadow(app::ProposalId(proposal), starting.days, actor);
    Ok((StatusCode::CREATED, Json(run.await?.into())))
}

/// Lists the 50 newest runs, the newest first
#[utoipa::path(
    get, path = "/api/v1/agreement/shadows", tag = "agreement",
    responses((status = 200, body = Vec<Shadow>), (status = 401, body = Problem)),
)]
pub(crate) async fn list(_: Admin, State(edge): State<Edge>) -> Result<Json<Vec<Shadow>>, Problem> {
    let runs = edge.app().shadows(None).await?;
    Ok(Json(runs.into_iter().map(Shadow::from).collect()))
}

/// Shows whom a run's proposal would have handed off, so far or in all
#[utoipa::path(
    get, path = "/api/v1/agreement/shadows/{id}", tag = "agreement",
    params(("id" = i64, Path, description = "The run's number")),
    responses(
        (status = 200, body = ShadowReport), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 507, description = "The history is more than can be held", body = Problem),
    ),
)]
pub(crate) async fn report(
    _: Admin,
    State(edge): State<Edge>,
    Number(id): Number,
) -> Result<Json<ShadowReport>, Problem> {
    Ok(Json(edge.app().shadow_report(app::ShadowId(id)).await?.into()))
}

/// Ends a run before its time
#[utoipa::path(
    delete, path = "/api/v1/agreement/shadows/{id}", tag = "agreement",
    params(("id" = i64, Path, description = "The run's number")),
    responses(
        (status = 200, body = Shadow), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "It has ended already", body = Problem),
    ),
)]
pub(crate) async fn stop(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(id): Number,
) -> Result<Json<Shadow>, Problem> {
    Ok(Json(
        edge.app().stop_shadow(app::ShadowId(id), actor).await?.into(),
    ))
}
