//! `POST /api/v1/leads/{id}/override`: a manager puts a lead where it belongs.

use axum::Json;
use axum::extract::State;
use bellwether_app::{LeadId, UserId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::{Admin, Body, Number};
use super::lead::LeadDetail;
use crate::edge::Edge;
use crate::problem::Problem;

/// Where a lead is put, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Placement {
    /// The stage.
    #[schema(example = "sal")]
    to: String,
    /// Why.
    reason: String,
    /// Who gets it, by number, where it has no handoff and goes to sales.
    owner: Option<i64>,
}

/// Overrides a lead's stage
#[utoipa::path(
    post, path = "/api/v1/leads/{id}/override", tag = "deals", request_body = Placement,
    params(("id" = i64, Path, description = "The lead's number")),
    responses(
        (status = 200, body = LeadDetail), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "It stands there, or a deal is open", body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(id): Number,
    Body(body): Body<Placement>,
) -> Result<Json<LeadDetail>, Problem> {
    let to = super::leads::stage_named(&body.to)?;
    edge.app()
        .override_stage(LeadId(id), to, body.owner.map(UserId), body.reason, actor)
        .await?;
    super::lead::shown(&edge, id).await
}
