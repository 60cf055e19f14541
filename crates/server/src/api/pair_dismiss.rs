//! `POST /api/v1/pairs/dismiss`: two leads that look like one aren't.

use axum::extract::State;
use axum::http::StatusCode;
use bellwether_app::LeadId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::{Admin, Body};
use crate::edge::Edge;
use crate::problem::Problem;

/// The two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dismissal {
    /// One lead's number.
    one: i64,
    /// The other's.
    other: i64,
}

/// Dismisses a pair
///
/// The two aren't offered again.
#[utoipa::path(
    post, path = "/api/v1/pairs/dismiss", tag = "leads", request_body = Dismissal,
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Body(pair): Body<Dismissal>,
) -> Result<StatusCode, Problem> {
    edge.app()
        .dismiss_pair(LeadId(pair.one), LeadId(pair.other), actor)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
