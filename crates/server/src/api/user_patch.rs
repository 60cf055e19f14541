//! `PATCH /api/v1/users/{id}`: changes somebody's hours, booking link or Slack id, or says that they left.

use axum::extract::State;
use axum::http::StatusCode;
use bellwether_app as app;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::extract::{Admin, Body, Number};
use crate::edge::Edge;
use crate::problem::Problem;

/// What is to change. What isn't given stays; null takes it away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserChange {
    /// Whether they are still there: who left can't sign in, and gets no leads.
    active: Option<bool>,
    /// Their own hours' IANA time zone.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "Australia/Sydney")]
    zone: Option<Option<String>>,
    /// Their own hours, instead of their team's.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "mon-thu 10:00-16:00")]
    shifts: Option<Option<String>>,
    /// Their own calendar of holidays, instead of their team's.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    holidays: Option<Option<String>>,
    /// Where leads book a time with them.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    booking_url: Option<Option<String>>,
    /// By which Slack knows them.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    slack_id: Option<Option<String>>,
    /// Whether what waits for the answer of somebody who left goes to others at once.
    #[serde(default)]
    reassign_open: bool,
}

/// Tells a null from nothing.
#[expect(clippy::option_option, reason = "null takes away, nothing leaves as it is")]
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

/// Changes a user
#[utoipa::path(
    patch, path = "/api/v1/users/{id}", tag = "people", request_body = UserChange,
    params(("id" = i64, Path, description = "The user's number")),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(id): Number,
    Body(change): Body<UserChange>,
) -> Result<StatusCode, Problem> {
    let reassign_open = change.reassign_open;
    let change = app::UserChange {
        active: change.active,
        zone: change.zone,
        shifts: change.shifts,
        holidays: change.holidays,
        booking_url: change.booking_url,
        slack_id: change.slack_id,
    };
    edge.app()
        .change_user(app::UserId(id), change, reassign_open, actor)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
