//! `GET /api/v1/teams/{team}`: a team as it stands now.

use axum::Json;
use axum::extract::{Path, State};
use bellwether_app as app;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::{Admin, time};
use crate::edge::Edge;
use crate::problem::Problem;

/// A team as it stands now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TeamStanding {
    /// Its name.
    name: String,
    /// The active agreement's routes to it.
    routes: Vec<String>,
    /// Its IANA time zone; the agreement's where it is null.
    zone: Option<String>,
    /// When it works; at any time where it is null.
    #[schema(example = "mon-fri 09:00-17:00")]
    shifts: Option<String>,
    /// The calendar whose days are off.
    holidays: Option<String>,
    /// The number of whoever is told of what nobody could take.
    manager: Option<i64>,
    /// Where leads book a time with it.
    booking_url: Option<String>,
    /// How many leads wait in its queue.
    waiting: u64,
    /// The number of whoever is next.
    next: Option<i64>,
    /// Why they are next, or why nobody is.
    reason: String,
    /// Those on it.
    members: Vec<MemberStanding>,
}

/// Somebody on a team as they stand now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MemberStanding {
    /// Their number.
    user: i64,
    /// Their name.
    name: String,
    /// Their weight in its turns.
    weight: u32,
    /// How many leads it gives them on one day.
    day_max: Option<u32>,
    /// How many leads may wait for their answer.
    open_max: Option<u32>,
    /// How many leads it gave them today.
    today: u32,
    /// How many leads wait for their answer.
    open: u32,
    /// Their own hours, where they have some.
    shifts: Option<String>,
    /// Why they can't be given a lead now; null where they can.
    absent: Option<String>,
    /// What they are owed from before, in words.
    #[schema(example = "owed 0.4 leads")]
    credit: String,
    /// When the team last gave them a lead.
    last_assigned_at: Option<String>,
}

impl From<app::TeamStanding> for TeamStanding {
    fn from(team: app::TeamStanding) -> Self {
        let members = team.members.into_iter().map(|member| MemberStanding {
            user: member.user.id.0,
            name: member.user.name,
            weight: member.weight,
            day_max: member.day_max,
            open_max: member.open_max,
            today: member.today,
            open: member.open,
            shifts: member.shifts,
            absent: member.absent,
            credit: member.credit,
            last_assigned_at: member.last_assigned_at.map(time),
        });
        Self {
            name: team.name,
            routes: team.routes,
            zone: team.settings.zone,
            shifts: team.settings.shifts,
            holidays: team.settings.holidays,
            manager: team.settings.manager.map(|id| id.0),
            booking_url: team.settings.booking_url,
            waiting: team.waiting,
            next: team.next.map(|user| user.id.0),
            reason: team.reason,
            members: members.collect(),
        }
    }
}

/// Shows a team
#[utoipa::path(
    get, path = "/api/v1/teams/{team}", tag = "people",
    params(("team" = String, Path, description = "The team's name")),
    responses((status = 200, body = TeamStanding), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Path(team): Path<String>,
) -> Result<Json<TeamStanding>, Problem> {
    let standing = edge.app().team_standing(&team).await?;
    standing
        .map(|standing| Json(standing.into()))
        .ok_or_else(|| Problem::not_found("team", &team))
}
