//! `PUT /api/v1/teams/{team}`: says when a team works, who manages it, and where leads book a time with it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use bellwether_app as app;
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::{Admin, Body};
use crate::edge::Edge;
use crate::problem::Problem;

/// What is said of a team. What isn't given is taken away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TeamSettings {
    /// Its IANA time zone; the agreement's where it isn't given.
    #[schema(example = "Europe/Berlin")]
    zone: Option<String>,
    /// When it works; at any time where it isn't given.
    #[schema(example = "mon-fri 09:00-12:30 13:30-18:00; sat 10:00-14:00")]
    shifts: Option<String>,
    /// The calendar whose days are off.
    holidays: Option<String>,
    /// The number of whoever is told of what nobody could take.
    manager: Option<i64>,
    /// Where leads book a time with it.
    booking_url: Option<String>,
}

/// Says when a team works and who manages it
#[utoipa::path(
    put, path = "/api/v1/teams/{team}", tag = "people", request_body = TeamSettings,
    params(("team" = String, Path, description = "The team's name in the agreement")),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Path(team): Path<String>,
    Body(said): Body<TeamSettings>,
) -> Result<StatusCode, Problem> {
    let settings = app::TeamSettings {
        zone: said.zone,
        shifts: said.shifts,
        holidays: said.holidays,
        manager: said.manager.map(app::UserId),
        booking_url: said.booking_url,
    };
    edge.app().put_team(&team, settings).await?;
    Ok(StatusCode::NO_CONTENT)
}
