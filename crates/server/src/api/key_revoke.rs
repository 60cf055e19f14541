//! `DELETE /api/v1/keys/{id}`: makes a key useless.

use axum::extract::State;
use axum::http::StatusCode;
use bellwether_app::KeyId;

use super::extract::{Admin, Number};
use crate::edge::Edge;
use crate::problem::Problem;

/// Revokes a key
///
/// From the moment of the answer nobody gets in by it. What it brought stays, and the key stays in the list.
#[utoipa::path(
    delete, path = "/api/v1/keys/{id}", tag = "operation", params(("id" = i64, Path, description = "The key's number")),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Number(id): Number,
) -> Result<StatusCode, Problem> {
    edge.app().revoke_key(KeyId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
