//! `POST /api/v1/suspects/{id}/release`: a held event is real, and counts as if it had never been held.

use axum::Json;
use axum::extract::State;
use bellwether_app::{Release, Released as Done};
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::{Admin, Number};
use crate::edge::Edge;
use crate::problem::Problem;

/// What was released.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Released {
    /// Whose events.
    lead: i64,
    /// How many.
    events: u64,
}

impl From<Done> for Released {
    fn from(done: Done) -> Self {
        Self {
            lead: done.lead.0,
            events: done.events,
        }
    }
}

/// Releases a held event
#[utoipa::path(
    post, path = "/api/v1/suspects/{id}/release", tag = "suspects",
    params(("id" = i64, Path, description = "The event's number")),
    responses(
        (status = 200, body = Released), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "It was released already", body = Problem),
    ),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(event): Number,
) -> Result<Json<Released>, Problem> {
    let released = edge.app().release(Release::Event(event), actor).await?;
    Ok(Json(released.into()))
}
