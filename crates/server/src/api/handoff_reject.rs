//! `POST /api/v1/handoffs/{id}/reject`: sales sends the lead back, with one of the agreement's reasons.

use axum::Json;
use axum::extract::State;
use bellwether_app::HandoffId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::{Admin, Body, Number};
use super::wire::HandoffDetail;
use crate::edge::Edge;
use crate::problem::Problem;

/// Why the lead goes back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rejection {
    /// One of the agreement's rejection reasons.
    #[schema(example = "No budget")]
    reason: String,
    /// What else to say; some reasons ask for it.
    note: Option<String>,
}

/// Rejects a handoff
#[utoipa::path(
    post, path = "/api/v1/handoffs/{id}/reject", tag = "handoffs", request_body = Rejection,
    params(("id" = i64, Path, description = "The handoff's number")),
    responses(
        (status = 200, body = HandoffDetail), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "It was answered already", body = Problem),
        (status = 422, description = "The reason isn't the agreement's", body = Problem),
    ),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(id): Number,
    Body(rejection): Body<Rejection>,
) -> Result<Json<HandoffDetail>, Problem> {
    let note = rejection.note.filter(|note| !note.trim().is_empty());
    let decided = edge
        .app()
        .reject_handoff(HandoffId(id), rejection.reason, note, actor)
        .await?;
    Ok(Json(decided.into()))
}
