//! `POST /api/v1/users/{id}/time-off`: says that somebody is away.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use bellwether_app::UserId;
use bellwether_core::domain::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::{Admin, Body, Number};
use super::time_off::TimeOff;
use crate::edge::Edge;
use crate::problem::Problem;

/// When somebody is away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTimeOff {
    /// From when; now where it isn't given.
    #[schema(example = "2026-08-03T00:00:00Z")]
    from: Option<String>,
    /// Until when; until they are back where it isn't given.
    #[schema(example = "2026-08-17T00:00:00Z")]
    until: Option<String>,
    /// Why.
    #[serde(default)]
    reason: String,
    /// Whether what waits for their answer goes to others at once, where the time off has begun.
    #[serde(default)]
    reassign_open: bool,
}

/// Says that somebody is away
#[utoipa::path(
    post, path = "/api/v1/users/{id}/time-off", tag = "people", request_body = NewTimeOff,
    params(("id" = i64, Path, description = "The user's number")),
    responses(
        (status = 201, body = TimeOff), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(id): Number,
    Body(new): Body<NewTimeOff>,
) -> Result<(StatusCode, Json<TimeOff>), Problem> {
    let from = read_time(new.from)?;
    let until = read_time(new.until)?;
    let off = edge
        .app()
        .add_time_off(UserId(id), from, until, &new.reason, new.reassign_open, actor)
        .await?;
    Ok((StatusCode::CREATED, Json(off.into())))
}

fn read_time(text: Option<String>) -> Result<Option<Timestamp>, Problem> {
    text.map(|text| text.parse::<Timestamp>())
        .transpose()
        .map_err(|error| Problem::unprocessable(error.to_string()))
}
