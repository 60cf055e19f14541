//! `GET /api/v1/handoffs/{id}/preview`: what a destination would be sent of a handoff.

use axum::Json;
use axum::extract::State;
use bellwether_app::HandoffId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Admin, Number, Parameters};
use crate::edge::Edge;
use crate::problem::Problem;

/// Which destination.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Query {
    /// Its name.
    destination: String,
}

/// What is sent, without secrets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Preview {
    /// Where to.
    to: String,
    /// The headers of the request or the mail.
    headers: Vec<Header>,
    /// The request's body, or the mail's text.
    body: String,
    /// The mail's HTML.
    html: Option<String>,
}

/// A header.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Header {
    /// Its name.
    name: String,
    /// Its value.
    value: String,
}

impl From<bellwether_app::Preview> for Preview {
    fn from(shown: bellwether_app::Preview) -> Self {
        let headers = shown.headers.into_iter();
        Self {
            to: shown.to,
            headers: headers.map(|(name, value)| Header { name, value }).collect(),
            body: shown.body,
            html: shown.html,
        }
    }
}

/// Shows what would be sent of a handoff
///
/// Nothing is sent. Signatures are left out, and one-click links are shown without what makes them work.
#[utoipa::path(
    get, path = "/api/v1/handoffs/{id}/preview", tag = "handoffs",
    params(("id" = i64, Path, description = "The handoff's number"), Query),
    responses(
        (status = 200, body = Preview), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem),
    ),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Number(id): Number,
    Parameters(query): Parameters<Query>,
) -> Result<Json<Preview>, Problem> {
    let shown = edge.app().preview(HandoffId(id), &query.destination).await?;
    Ok(Json(shown.into()))
}
