//! `POST /api/v1/handoffs/{id}/reassign`: gives a handoff to somebody else.

use axum::Json;
use axum::extract::State;
use bellwether_app::{HandoffId, UserId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::{Admin, Body, Number};
use super::wire::HandoffDetail;
use crate::edge::Edge;
use crate::problem::Problem;

/// To whom, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reassignment {
    /// The number of whoever it goes to; where it isn't given, whoever of its team is next apart from its owner.
    to: Option<i64>,
    /// Why.
    #[schema(example = "speaks Portuguese")]
    reason: String,
}

/// Gives a handoff to somebody else
///
/// Its clock runs on. Nobody who left or is away gets it; where nobody can take it, its owner keeps it.
#[utoipa::path(
    post, path = "/api/v1/handoffs/{id}/reassign", tag = "handoffs", request_body = Reassignment,
    params(("id" = i64, Path, description = "The handoff's number")),
    responses(
        (status = 200, body = HandoffDetail), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "It is over, or they can't take it", body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(id): Number,
    Body(wanted): Body<Reassignment>,
) -> Result<Json<HandoffDetail>, Problem> {
    let moved = edge
        .app()
        .reassign_handoff(HandoffId(id), wanted.to.map(UserId), &wanted.reason, actor)
        .await?;
    Ok(Json(moved.into()))
}
