//! `DELETE /api/v1/enrichers/{name}`: a service isn't asked any more.

use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::extract::Admin;
use crate::edge::Edge;
use crate::problem::Problem;

/// Removes an enricher
///
/// Its secret, its answers and what waits for it go with it; the traits that it set stay with the leads.
#[utoipa::path(
    delete, path = "/api/v1/enrichers/{name}", tag = "operation",
    params(("name" = String, Path, description = "The enricher's name")),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    edge.app().remove_enricher(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}
