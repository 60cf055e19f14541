//! `POST /api/v1/leads/{id}/disqualify`: the lead is not to be sold to.

use axum::Json;
use axum::extract::State;
use bellwether_app::LeadId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::{Admin, Body, Number};
use super::lead::LeadDetail;
use crate::edge::Edge;
use crate::problem::Problem;

/// Why nobody is to sell to the lead.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Disqualification {
    /// The reason.
    #[schema(example = "a student")]
    reason: String,
}

/// Disqualifies a lead
#[utoipa::path(
    post, path = "/api/v1/leads/{id}/disqualify", tag = "deals", request_body = Disqualification,
    params(("id" = i64, Path, description = "The lead's number")),
    responses(
        (status = 200, body = LeadDetail), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "Its stage doesn't allow it", body = Problem), (status = 422, body = Problem),
    ),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(id): Number,
    Body(body): Body<Disqualification>,
) -> Result<Json<LeadDetail>, Problem> {
    edge.app().disqualify(LeadId(id), body.reason, actor).await?;
    super::lead::shown(&edge, id).await
}
