//! `GET /api/v1/holidays/{calendar}`: the days of a calendar.

use axum::Json;
use axum::extract::{Path, State};
use bellwether_app as app;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::Admin;
use super::wire::Page;
use crate::edge::Edge;
use crate::problem::Problem;

/// A day that is off.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Holiday {
    /// The date.
    #[schema(example = "2026-12-25")]
    pub(crate) date: String,
    /// What it is called.
    #[serde(default)]
    #[schema(example = "Christmas Day")]
    pub(crate) name: String,
}

impl From<app::Holiday> for Holiday {
    fn from(day: app::Holiday) -> Self {
        Self {
            date: day.date,
            name: day.name,
        }
    }
}

/// Lists the days of a calendar
#[utoipa::path(
    get, path = "/api/v1/holidays/{calendar}", tag = "people",
    params(("calendar" = String, Path, description = "The calendar's name")),
    responses((status = 200, body = Page<Holiday>), (status = 401, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Path(calendar): Path<String>,
) -> Result<Json<Page<Holiday>>, Problem> {
    let days = edge.app().holidays(&calendar).await?;
    Ok(Json(Page {
        items: days.into_iter().map(Holiday::from).collect(),
        next: None,
    }))
}
