//! `GET /api/v1/nurture/counts`: how many leads are on each nurture track.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::Admin;
use super::wire::Page;
use crate::edge::Edge;
use crate::problem::Problem;

/// How many leads are on a track in a state.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NurtureCount {
    /// The agreement's track.
    track: String,
    /// `running`, `done` or `stopped`.
    state: String,
    /// How many.
    leads: u64,
}

/// Counts who is on each nurture track
#[utoipa::path(
    get, path = "/api/v1/nurture/counts", tag = "nurture",
    responses((status = 200, body = Page<NurtureCount>), (status = 401, body = Problem)),
)]
pub(crate) async fn handler(_: Admin, State(edge): State<Edge>) -> Result<Json<Page<NurtureCount>>, Problem> {
    let counts = edge.app().nurture_counts().await?.into_iter();
    let items = counts.map(|count| NurtureCount {
        track: count.track,
        state: count.state,
        leads: count.leads,
    });
    Ok(Json(Page {
        items: items.collect(),
        next: None,
    }))
}
