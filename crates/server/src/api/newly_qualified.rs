//! `/api/v1/agreement/versions/{id}/newly-qualified`: whom a retroactive version would newly hand off, to be confirmed or
//! left out.

use axum::Json;
use axum::extract::State;
use bellwether_app as app;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Admin, Body, Number, Parameters, time};
use super::versions::numbered;
use super::wire::{Named, Page, points};
use crate::edge::Edge;
use crate::problem::Problem;

/// Which ones.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Query {
    /// `waiting`, `confirmed`, `handed_off`, `left_out`, `lapsed` or `superseded`; all if nothing is said.
    state: Option<String>,
    /// What the page before gave as `next`.
    cursor: Option<String>,
    /// How many, 1 to 200; 50 if nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A lead that a retroactive version would newly hand off.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewlyQualified {
    /// Which lead.
    lead: i64,
    /// What it is called.
    name: Option<String>,
    /// Its company.
    company: Option<String>,
    /// When it qualified, by that version.
    qualified_at: String,
    /// What made it.
    trigger: String,
    /// Its fit then.
    fit: String,
    /// Its intent then.
    intent: String,
    /// Whether it still reached the line when it was listed.
    reaches: bool,
    /// The team that would get it.
    team: Option<String>,
    /// Who has it, or its account, already.
    owner: Option<Named>,
    /// `waiting`, `confirmed`, `handed_off`, `left_out`, `lapsed` or `superseded`.
    state: String,
    /// Who decided that.
    decided_by: Option<String>,
    /// The handoff that it came to.
    handoff: Option<i64>,
    /// Why it lapsed.
    outcome: Option<String>,
}

/// How far the active version's list is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConfirmCounts {
    /// The version.
    version: u32,
    /// Whether it judges all leads anew at all.
    retroactive: bool,
    /// Leads that are still to be judged anew; the list is whole at 0.
    left: u64,
    /// Leads that wait to be confirmed or left out.
    waiting: u64,
    /// Leads that were confirmed and aren't handed off yet.
    confirmed: u64,
    /// Leads that were handed off.
    handed_off: u64,
    /// Leads that were left out.
    left_out: u64,
    /// Leads that were confirmed, and couldn't be handed off.
    lapsed: u64,
}

/// Which leads are meant: either of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// These.
    leads: Option<Vec<i64>>,
    /// All that wait, if they are this many.
    all: Option<u64>,
}

/// What became of a decision.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Decided {
    /// How many leads it was made for.
    decided: u64,
    /// Those that didn't wait.
    not_waiting: Vec<i64>,
}

impl Which {
    fn read(self) -> Result<app::Listed, Problem> {
        match (self.leads, self.all) {
            (Some(leads), None) => Ok(app::Listed::Leads(leads.into_iter().map(app::LeadId).collect())),
            (None, Some(all)) => Ok(app::Listed::All(all)),
            _ => Err(Problem::invalid(
                "name either `leads`, or with `all` how many wait",
            )),
        }
    }
}

impl From<app::Decided> for Decided {
    fn from(decided: app::Decided) -> Self {
        Self {
            decided: decided.decided,
            not_waiting: decided.not_waiting.into_iter().map(|lead| lead.0).collect(),
        }
    }
}

impl From<app::NewlyQualified> for NewlyQualified {
    fn from(one: app::NewlyQualified) -> Self {
        Self {
            lead: one.lead.0,
            name: one.name,
            company: one.company,
            qualified_at: time(one.qualified_at),
            trigger: one.trigger,
            fit: points(one.fit),
            intent: points(one.intent),
            reaches: one.reaches,
            team: one.team,
            owner: one.owner.map(Into::into),
            state: one.state,
            decided_by: one.decided_by,
            handoff: one.handoff.map(|id| id.0),
            outcome: one.outcome,
        }
    }
}

/// Lists whom a retroactive version would newly hand off
#[utoipa::path(
    get, path = "/api/v1/agreement/versions/{id}/newly-qualified", tag = "agreement",
    params(("id" = u32, Path, description = "The version's number"), Query),
    responses((status = 200, body = Page<NewlyQualified>), (status = 401, body = Problem)),
)]
pub(crate) async fn list(
    _: Admin,
    State(edge): State<Edge>,
    Number(version): Number,
    Parameters(query): Parameters<Query>,
) -> Result<Json<Page<NewlyQualified>>, Problem> {
    let limit = super::limit(query.limit)?;
    let version = numbered(version)?;
    let page = edge
        .app()
        .newly_qualified(version, query.state, query.cursor, limit)
        .await?;
    Ok(Json(Page::from_app(page, NewlyQualified::from)))
}

/// Shows how far the active version's list is
#[utoipa::path(
    get, path = "/api/v1/agreement/newly-qualified/counts", tag = "agreement",
    responses((status = 200, body = ConfirmCounts), (status = 401, body = Problem)),
)]
pub(crate) async fn counts(_: Admin, State(edge): State<Edge>) -> Result<Json<ConfirmCounts>, Problem> {
    let counts = edge.app().confirm_counts().await?;
    Ok(Json(ConfirmCounts {
        version: counts.version,
        retroactive: counts.retroactive,
        left: counts.left,
        waiting: counts.waiting,
        confirmed: counts.confirmed,
        handed_off: counts.handed_off,
        left_out: counts.left_out,
        lapsed: counts.lapsed,
    }))
}

/// Has listed leads handed off
///
/// They are handed off in the background, each as it stands then.
#[utoipa::path(
    post, path = "/api/v1/agreement/versions/{id}/confirm", tag = "agreement", request_body = Which,
    params(("id" = u32, Path, description = "The active version's number")),
    responses(
        (status = 200, body = Decided), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 409, description = "The list isn't whole, changed, or isn't the active version's", body = Problem),
    ),
)]
pub(crate) async fn confirm(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(version): Number,
    Body(which): Body<Which>,
) -> Result<Json<Decided>, Problem> {
    let decided = edge.app().confirm(numbered(version)?, which.read()?, actor);
    Ok(Json(decided.await?.into()))
}

/// Leaves listed leads out
///
/// They are judged by what they do next, as under a version that holds forward.
#[utoipa::path(
    post, path = "/api/v1/agreement/versions/{id}/leave-out", tag = "agreement", request_body = Which,
    params(("id" = u32, Path, description = "The active version's number")),
    responses(
        (status = 200, body = Decided), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 409, description = "The list isn't whole, changed, or isn't the active version's", body = Problem),
    ),
)]
pub(crate) async fn leave_out(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(version): Number,
    Body(which): Body<Which>,
) -> Result<Json<Decided>, Problem> {
    let decided = edge.app().leave_out(numbered(version)?, which.read()?, actor);
    Ok(Json(decided.await?.into()))
}
