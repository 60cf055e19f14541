//! `POST /api/v1/destinations/{name}/test`: sends a destination a notice, now.

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Admin, Parameters};
use super::handoff_preview::Preview;
use crate::edge::Edge;
use crate::problem::Problem;

/// Whom to try it with.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Query {
    /// The address that a mail goes to; without it, whom mails come from.
    to: Option<String>,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Tried {
    /// Whether it arrived.
    arrived: bool,
    /// Why it didn't.
    error: Option<String>,
    /// What was sent.
    sent: Preview,
}

/// Tries a destination
///
/// A `notice` is sent at once, this once; the answer says what came of it.
#[utoipa::path(
    post, path = "/api/v1/destinations/{name}/test", tag = "operation",
    params(("name" = String, Path, description = "The destination's name"), Query),
    responses(
        (status = 200, body = Tried), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem),
    ),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Path(name): Path<String>,
    Parameters(query): Parameters<Query>,
) -> Result<Json<Tried>, Problem> {
    let tried = edge.app().try_destination(&name, query.to).await?;
    Ok(Json(Tried {
        arrived: tried.error.is_none(),
        error: tried.error,
        sent: tried.sent.into(),
    }))
}
