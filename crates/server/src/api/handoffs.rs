//! `GET /api/v1/handoffs`: handoffs, those due first before the others.

use axum::Json;
use axum::extract::State;
use bellwether_app::{HandoffQuery, UserId};
use serde::Deserialize;
use utoipa::IntoParams;

use super::extract::{Admin, Parameters};
use super::wire::{Handoff, Page, state_named};
use crate::edge::Edge;
use crate::problem::Problem;

/// Which handoffs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Query {
    /// Only those of this owner, by number.
    owner: Option<i64>,
    /// Only those of this team.
    team: Option<String>,
    /// Only those in this state: `open`, `accepted`, `rejected`, `expired`, `merged` or `closed`.
    state: Option<String>,
    /// What the page before gave as `next`.
    cursor: Option<String>,
    /// How many, 1 to 200; 50 if nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Lists handoffs
#[utoipa::path(
    get, path = "/api/v1/handoffs", tag = "handoffs", params(Query),
    responses((status = 200, body = Page<Handoff>), (status = 400, body = Problem), (status = 401, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Parameters(query): Parameters<Query>,
) -> Result<Json<Page<Handoff>>, Problem> {
    let unknown = |name: &str| {
        Problem::invalid(format!(
            "`{name}` is not a state; use `open`, `accepted`, `rejected`, `expired`, `merged` or `closed`"
        ))
    };
    let state = query
        .state
        .map(|name| state_named(&name).ok_or_else(|| unknown(&name)))
        .transpose()?;
    let asked = HandoffQuery {
        owner: query.owner.map(UserId),
        team: query.team,
        state,
        cursor: query.cursor,
        limit: super::limit(query.limit)?,
    };
    let page = edge.app().handoffs(asked).await?;
    Ok(Json(Page::from_app(page, Handoff::from)))
}
