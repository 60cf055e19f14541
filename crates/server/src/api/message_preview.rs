//! `GET /api/v1/messages/{name}/preview`: a message as it would go out.

use axum::Json;
use axum::extract::{Path, State};
use bellwether_app::LeadId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Admin, Parameters};
use crate::edge::Edge;
use crate::problem::Problem;

/// For whom.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Query {
    /// The lead's number; nobody in particular if it isn't given.
    lead: Option<i64>,
}

/// A message as it would go out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessagePreview {
    /// Its subject.
    subject: String,
    /// Its text.
    text: String,
    /// The same as an HTML document.
    html: String,
}

/// Shows a message as it would go out
///
/// Nothing is sent.
#[utoipa::path(
    get, path = "/api/v1/messages/{name}/preview", tag = "nurture",
    params(("name" = String, Path, description = "The message's name in the agreement"), Query),
    responses((status = 200, body = MessagePreview), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Path(name): Path<String>,
    Parameters(query): Parameters<Query>,
) -> Result<Json<MessagePreview>, Problem> {
    let made = edge.app().preview_message(name, query.lead.map(LeadId)).await?;
    Ok(Json(MessagePreview {
        subject: made.subject,
        text: made.text,
        html: made.html,
    }))
}
