//! `DELETE /api/v1/destinations/{name}`: nothing goes there any more.

use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::extract::Admin;
use crate::edge::Edge;
use crate::problem::Problem;

/// Removes a destination
///
/// Its secrets go with it; what waits for it is given up, and stays listed.
#[utoipa::path(
    delete, path = "/api/v1/destinations/{name}", tag = "operation",
    params(("name" = String, Path, description = "The destination's name")),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    edge.app().remove_destination(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}
