//! `GET /api/v1/unsubscribes/{address}`: whether somebody wants no more mail.

use axum::Json;
use axum::extract::{Path, State};

use super::extract::Admin;
use super::unsubscribes::Unsubscribed;
use crate::edge::Edge;
use crate::problem::Problem;

/// Shows whether an address wants no more mail
#[utoipa::path(
    get, path = "/api/v1/unsubscribes/{address}", tag = "nurture",
    params(("address" = String, Path, description = "The address")),
    responses(
        (status = 200, body = Unsubscribed), (status = 401, body = Problem),
        (status = 404, description = "It may be written to", body = Problem), (status = 422, body = Problem),
    ),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Path(address): Path<String>,
) -> Result<Json<Unsubscribed>, Problem> {
    let found = edge.app().unsubscribed_address(&address).await?;
    let found = found.ok_or_else(|| Problem::not_found("unsubscribed address", &address))?;
    Ok(Json(found.into()))
}
