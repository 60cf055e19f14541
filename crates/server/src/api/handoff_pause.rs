//! `POST /api/v1/handoffs/{id}/pause`: the handoff's clock stands still, for one of its SLA's reasons.

use axum::Json;
use axum::extract::State;
use bellwether_app::HandoffId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::{Admin, Body, Number};
use super::wire::HandoffDetail;
use crate::edge::Edge;
use crate::problem::Problem;

/// Why the clock stands still.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPause {
    /// One of the reasons that the SLA lists under `pause`.
    #[schema(example = "Waiting for the lead's reply")]
    reason: String,
}

/// Has a handoff's clock stand still
#[utoipa::path(
    post, path = "/api/v1/handoffs/{id}/pause", tag = "handoffs", request_body = NewPause,
    params(("id" = i64, Path, description = "The handoff's number")),
    responses(
        (status = 200, body = HandoffDetail), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "It stands still already, has ended, or may not stand still", body = Problem),
        (status = 422, description = "The reason isn't the SLA's", body = Problem),
    ),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(id): Number,
    Body(pause): Body<NewPause>,
) -> Result<Json<HandoffDetail>, Problem> {
    let shown = edge
        .app()
        .pause_handoff(HandoffId(id), pause.reason, actor)
        .await?;
    Ok(Json(shown.into()))
}
