//! `PUT /api/v1/teams/{team}/members/{user}`: puts somebody on a team that the agreement's routes name, or changes their
//! weight.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use bellwether_app::UserId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::{Admin, Body};
use crate::edge::Edge;
use crate::problem::Problem;

/// What share of the team's leads they get, on routes that pick by weight, and how many at most.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Membership {
    /// Their weight beside the others'; 1 if nothing is said.
    weight: Option<u32>,
    /// How many leads the team gives them on one day of theirs; as many as come if nothing is said.
    day_max: Option<u32>,
    /// How many leads may wait for their answer; as many as come if nothing is said.
    open_max: Option<u32>,
}

/// Adds a member to a team, or changes their weight
#[utoipa::path(
    put, path = "/api/v1/teams/{team}/members/{user}", tag = "people", request_body = Membership,
    params(
        ("team" = String, Path, description = "The team's name in the agreement"),
        ("user" = i64, Path, description = "The user's number"),
    ),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Path((team, user)): Path<(String, String)>,
    Body(membership): Body<Membership>,
) -> Result<StatusCode, Problem> {
    let user = user.parse().map_err(|_| Problem::not_found("user", &user))?;
    let (app, user) = (edge.app(), UserId(user));
    app.add_limited_member(
        &team,
        user,
        membership.weight.unwrap_or(1),
        Some((membership.day_max, membership.open_max)),
    )
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
