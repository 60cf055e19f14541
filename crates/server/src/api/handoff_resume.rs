//! `POST /api/v1/handoffs/{id}/resume`: the handoff's clock goes on.

use axum::Json;
use axum::extract::State;
use bellwether_app::HandoffId;

use super::extract::{Admin, Number};
use super::wire::HandoffDetail;
use crate::edge::Edge;
use crate::problem::Problem;

/// Has a handoff's clock go on
#[utoipa::path(
    post, path = "/api/v1/handoffs/{id}/resume", tag = "handoffs",
    params(("id" = i64, Path, description = "The handoff's number")),
    responses(
        (status = 200, body = HandoffDetail), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "It doesn't stand still", body = Problem),
    ),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(id): Number,
) -> Result<Json<HandoffDetail>, Problem> {
    let shown = edge.app().resume_handoff(HandoffId(id), actor).await?;
    Ok(Json(shown.into()))
}
