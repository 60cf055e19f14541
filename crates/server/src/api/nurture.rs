//! `GET /api/v1/nurture`: who is or was on a nurture track.

use axum::Json;
use axum::extract::State;
use bellwether_app as app;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Admin, Parameters, time};
use super::wire::Page;
use crate::edge::Edge;
use crate::problem::Problem;

/// Which ones.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Query {
    /// Those on a track of the agreement's.
    track: Option<String>,
    /// `running`, `done` or `stopped`.
    state: Option<String>,
    /// What the page before gave as `next`.
    cursor: Option<String>,
    /// How many, 1 to 200; 50 if nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A lead on a nurture track.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Nurture {
    /// Its number.
    id: i64,
    /// The lead's number.
    lead: i64,
    /// The agreement's track.
    track: String,
    /// Why it was begun.
    #[schema(example = "rejected: No budget")]
    cause: String,
    /// When.
    started_at: String,
    /// How many steps were taken.
    step: u32,
    /// How many the track has; `null` where the agreement has it no more.
    steps: Option<u32>,
    /// When the next one is due, while it runs.
    next_at: Option<String>,
    /// `running`, `done` or `stopped`.
    state: String,
    /// Why it stopped, or waits longer than its step says.
    why: Option<String>,
    /// When it ended.
    ended_at: Option<String>,
}

impl From<app::NurtureView> for Nurture {
    fn from(view: app::NurtureView) -> Self {
        Self {
            id: view.id,
            lead: view.lead.0,
            track: view.track,
            cause: view.cause,
            started_at: time(view.started_at),
            step: view.step,
            steps: view.steps,
            next_at: view.next_at.map(time),
            state: view.state,
            why: view.why,
            ended_at: view.ended_at.map(time),
        }
    }
}

/// Lists who is on a nurture track
///
/// Those who were put on one last come first.
#[utoipa::path(
    get, path = "/api/v1/nurture", tag = "nurture", params(Query),
    responses((status = 200, body = Page<Nurture>), (status = 401, body = Problem), (status = 422, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Parameters(query): Parameters<Query>,
) -> Result<Json<Page<Nurture>>, Problem> {
    let asked = app::NurtureQuery {
        track: query.track,
        state: query.state,
        cursor: query.cursor,
        limit: super::limit(query.limit)?,
    };
    let page = edge.app().nurture(asked).await?;
    Ok(Json(Page::from_app(page, Nurture::from)))
}
