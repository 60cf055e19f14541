//! `POST /api/v1/deliveries/replay`: everything that was given up is sent again.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::Admin;
use crate::edge::Edge;
use crate::problem::Problem;

/// How much is sent again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Replayed {
    /// How many messages.
    messages: u64,
}

/// Sends everything again that was given up
///
/// As far as its destination is still there, each under its old id.
#[utoipa::path(
    post, path = "/api/v1/deliveries/replay", tag = "operation",
    responses((status = 200, body = Replayed), (status = 401, body = Problem)),
)]
pub(crate) async fn handler(_: Admin, State(edge): State<Edge>) -> Result<Json<Replayed>, Problem> {
    let messages = edge.app().replay_deliveries().await?;
    Ok(Json(Replayed { messages }))
}
