//! `GET /api/v1/leads/{id}/events`: a lead's facts, latest first.

use axum::Json;
use axum::extract::State;
use bellwether_app::LeadId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::extract::{Admin, Number, Parameters};
use super::wire::{Page, TimelineEvent};
use crate::edge::Edge;
use crate::problem::Problem;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Query {
    /// What the page before gave as `next`.
    cursor: Option<String>,
    /// How many, 1 to 200; 50 if nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Lists a lead's facts
#[utoipa::path(
    get, path = "/api/v1/leads/{id}/events", tag = "leads",
    params(("id" = i64, Path, description = "The lead's number"), Query),
    responses((status = 200, body = Page<TimelineEvent>), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Number(id): Number,
    Parameters(query): Parameters<Query>,
) -> Result<Json<Page<TimelineEvent>>, Problem> {
    let page = edge
        .app()
        .lead_events(LeadId(id), query.cursor, super::limit(query.limit)?)
        .await?;
    Ok(Json(Page::from_app(page, TimelineEvent::from)))
}
