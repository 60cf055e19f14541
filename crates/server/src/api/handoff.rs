//! `GET /api/v1/handoffs/{id}`: one handoff with its packet.

use axum::Json;
use axum::extract::State;
use bellwether_app::HandoffId;

use super::extract::{Admin, Number};
use super::wire::HandoffDetail;
use crate::edge::Edge;
use crate::problem::Problem;

/// Shows a handoff
#[utoipa::path(
    get, path = "/api/v1/handoffs/{id}", tag = "handoffs",
    params(("id" = i64, Path, description = "The handoff's number")),
    responses((status = 200, body = HandoffDetail), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Number(id): Number,
) -> Result<Json<HandoffDetail>, Problem> {
    let found = edge.app().handoff(HandoffId(id)).await?;
    found
        .map(|detail| Json(detail.into()))
        .ok_or_else(|| Problem::not_found("handoff", &id.to_string()))
}
