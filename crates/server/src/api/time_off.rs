//! `GET /api/v1/users/{id}/time-off`: when somebody is away.

use axum::Json;
use axum::extract::State;
use bellwether_app as app;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::{Admin, Number, time};
use super::wire::Page;
use crate::edge::Edge;
use crate::problem::Problem;

/// A time that somebody is away.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TimeOff {
    /// Its number.
    id: i64,
    /// The user's number.
    user: i64,
    /// From when.
    from: String,
    /// Until when; null until somebody says that they are back.
    until: Option<String>,
    /// Why.
    reason: String,
}

impl From<app::TimeOff> for TimeOff {
    fn from(off: app::TimeOff) -> Self {
        Self {
            id: off.id,
            user: off.user.0,
            from: time(off.from),
            until: off.until.map(time),
            reason: off.reason,
        }
    }
}

/// Lists when somebody is away, from now on
#[utoipa::path(
    get, path = "/api/v1/users/{id}/time-off", tag = "people",
    params(("id" = i64, Path, description = "The user's number")),
    responses((status = 200, body = Page<TimeOff>), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Number(id): Number,
) -> Result<Json<Page<TimeOff>>, Problem> {
    let off = edge.app().time_off(app::UserId(id)).await?;
    Ok(Json(Page {
        items: off.into_iter().map(TimeOff::from).collect(),
        next: None,
    }))
}
