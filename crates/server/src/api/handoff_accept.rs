//! `POST /api/v1/handoffs/{id}/accept`: sales takes the lead.

use axum::Json;
use axum::extract::State;
use bellwether_app::HandoffId;

use super::extract::{Admin, Number};
use super::wire::HandoffDetail;
use crate::edge::Edge;
use crate::problem::Problem;

/// Accepts a handoff
#[utoipa::path(
    post, path = "/api/v1/handoffs/{id}/accept", tag = "handoffs",
    params(("id" = i64, Path, description = "The handoff's number")),
    responses(
        (status = 200, body = HandoffDetail), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "It was answered already", body = Problem),
    ),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(id): Number,
) -> Result<Json<HandoffDetail>, Problem> {
    let decided = edge.app().accept_handoff(HandoffId(id), actor).await?;
    Ok(Json(decided.into()))
}
