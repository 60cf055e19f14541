//! `DELETE /api/v1/unsubscribes/{address}`: somebody wants mail after all.

use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::extract::Admin;
use crate::edge::Edge;
use crate::problem::Problem;

/// Takes back that an address is unsubscribed
///
/// A track that stopped by it doesn't go on.
#[utoipa::path(
    delete, path = "/api/v1/unsubscribes/{address}", tag = "nurture",
    params(("address" = String, Path, description = "The address")),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Path(address): Path<String>,
) -> Result<StatusCode, Problem> {
    if edge.app().resubscribe(&address).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("unsubscribed address", &address))
    }
}
