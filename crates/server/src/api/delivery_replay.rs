//! `POST /api/v1/deliveries/{id}/replay`: a message that was given up is sent again.

use axum::Json;
use axum::extract::State;

use super::deliveries::Delivery;
use super::extract::{Admin, Number};
use crate::edge::Edge;
use crate::problem::Problem;

/// Sends a message again
///
/// Only one that was given up, under its old id.
#[utoipa::path(
    post, path = "/api/v1/deliveries/{id}/replay", tag = "operation",
    params(("id" = i64, Path, description = "The message's number")),
    responses(
        (status = 200, body = Delivery), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem),
    ),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Number(id): Number,
) -> Result<Json<Delivery>, Problem> {
    Ok(Json(edge.app().replay_delivery(id).await?.into()))
}
