//! `PUT /api/v1/unsubscribes/{address}`: somebody wants no more mail.

use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::extract::Admin;
use crate::edge::Edge;
use crate::problem::Problem;

/// Unsubscribes an address
///
/// It holds for whichever lead has the address, now or later.
#[utoipa::path(
    put, path = "/api/v1/unsubscribes/{address}", tag = "nurture",
    params(("address" = String, Path, description = "The address")),
    responses((status = 204), (status = 401, body = Problem), (status = 422, body = Problem)),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Path(address): Path<String>,
) -> Result<StatusCode, Problem> {
    edge.app().unsubscribe(&address, actor).await?;
    Ok(StatusCode::NO_CONTENT)
}
