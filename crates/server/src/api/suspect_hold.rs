//! `DELETE /api/v1/suspects/{id}/release`: a released event is held again, where the rules still hold it.

use axum::extract::State;
use axum::http::StatusCode;

use super::extract::{Admin, Number};
use crate::edge::Edge;
use crate::problem::Problem;

/// Takes back that an event was released
#[utoipa::path(
    delete, path = "/api/v1/suspects/{id}/release", tag = "suspects",
    params(("id" = i64, Path, description = "The event's number")),
    responses(
        (status = 204, description = "It is judged by the rules again"), (status = 401, body = Problem),
        (status = 404, body = Problem),
    ),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(event): Number,
) -> Result<StatusCode, Problem> {
    edge.app().hold_again(event, actor).await?;
    Ok(StatusCode::NO_CONTENT)
}
