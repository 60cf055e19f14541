//! `DELETE /api/v1/teams/{team}/members/{user}`: takes somebody off a team.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use bellwether_app::UserId;

use super::extract::Admin;
use crate::edge::Edge;
use crate::problem::Problem;

/// Takes a member off a team
///
/// They get no more of its leads, and keep those that they have. Putting them on it again takes this back.
#[utoipa::path(
    delete, path = "/api/v1/teams/{team}/members/{user}", tag = "people",
    params(
        ("team" = String, Path, description = "The team's name"),
        ("user" = i64, Path, description = "The user's number"),
    ),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Path((team, user)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let user = user.parse().map_err(|_| Problem::not_found("user", &user))?;
    edge.app().remove_member(&team, UserId(user)).await?;
    Ok(StatusCode::NO_CONTENT)
}
