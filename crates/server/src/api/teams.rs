//! `GET /api/v1/teams`: the teams that get leads, and who is on them.

use axum::Json;
use axum::extract::State;
use bellwether_app as app;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::{Admin, time};
use super::wire::Page;
use crate::edge::Edge;
use crate::problem::Problem;

/// A team.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Team {
    /// Its name.
    name: String,
    /// The active agreement's routes to it; where there are none it gets no leads.
    routes: Vec<String>,
    /// Who is or was on it.
    members: Vec<Member>,
}

/// Somebody on a team.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Member {
    /// Their number.
    user: i64,
    /// Their name.
    name: String,
    /// Their email address.
    email: String,
    /// Their share beside the others', on routes that pick by weight.
    weight: u32,
    /// Whether they take leads now.
    active: bool,
    /// How many handoffs they haven't answered.
    open_handoffs: u64,
    /// When the team last gave them a lead.
    last_assigned_at: Option<String>,
}

impl From<app::TeamView> for Team {
    fn from(team: app::TeamView) -> Self {
        let members = team.members.into_iter().map(|member| Member {
            user: member.user.id.0,
            name: member.user.name,
            email: member.email,
            weight: member.weight,
            active: member.active,
            open_handoffs: member.open_handoffs,
            last_assigned_at: member.last_assigned_at.map(time),
        });
        Self {
            name: team.name,
            routes: team.routes,
            members: members.collect(),
        }
    }
}

/// Lists teams
#[utoipa::path(
    get, path = "/api/v1/teams", tag = "people",
    responses((status = 200, body = Page<Team>), (status = 401, body = Problem)),
)]
pub(crate) async fn handler(_: Admin, State(edge): State<Edge>) -> Result<Json<Page<Team>>, Problem> {
    let teams = edge.app().teams().await?;
    Ok(Json(Page {
        items: teams.into_iter().map(Team::from).collect(),
        next: None,
    }))
}
