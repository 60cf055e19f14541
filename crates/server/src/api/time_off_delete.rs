//! `DELETE /api/v1/users/{id}/time-off/{number}`: forgets a time off.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use bellwether_app::UserId;

use super::extract::Admin;
use crate::edge::Edge;
use crate::problem::Problem;

/// Forgets a time off
///
/// What waits for somebody in their teams' queues is taken up at once.
#[utoipa::path(
    delete, path = "/api/v1/users/{id}/time-off/{number}", tag = "people",
    params(
        ("id" = i64, Path, description = "The user's number"),
        ("number" = i64, Path, description = "The time off's number"),
    ),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Path((user, number)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let user = user.parse().map_err(|_| Problem::not_found("user", &user))?;
    let number = number
        .parse()
        .map_err(|_| Problem::not_found("time off", &number))?;
    edge.app().remove_time_off(UserId(user), number).await?;
    Ok(StatusCode::NO_CONTENT)
}
