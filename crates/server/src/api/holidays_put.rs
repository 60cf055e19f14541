//! `PUT /api/v1/holidays/{calendar}`: makes these the days of a calendar.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use bellwether_app as app;
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::{Admin, Body};
use super::holidays_get::Holiday;
use crate::edge::Edge;
use crate::problem::Problem;

/// The days of a calendar.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Holidays {
    /// All of them; those that it had and that aren't here are gone.
    days: Vec<Holiday>,
}

/// Makes these the days of a calendar
#[utoipa::path(
    put, path = "/api/v1/holidays/{calendar}", tag = "people", request_body = Holidays,
    params(("calendar" = String, Path, description = "The calendar's name")),
    responses((status = 204), (status = 401, body = Problem), (status = 422, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Path(calendar): Path<String>,
    Body(holidays): Body<Holidays>,
) -> Result<StatusCode, Problem> {
    let days = holidays.days.into_iter().map(|day| app::Holiday {
        date: day.date,
        name: day.name,
    });
    edge.app().put_holidays(&calendar, days.collect()).await?;
    Ok(StatusCode::NO_CONTENT)
}
