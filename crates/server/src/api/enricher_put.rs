//! `PUT /api/v1/enrichers`: adds a service that is asked about leads, or changes it.

use std::fmt;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::enrichers::Enricher;
use super::extract::{Admin, Body};
use crate::edge::Edge;
use crate::problem::Problem;

/// An enricher to be added, or changed where there is one of its name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewEnricher {
    /// Its file, TOML.
    source: String,
    /// The secret that stands for `{{ secret }}`; without one, the one that it has stays, where scheme, host and port of the
    /// address do. It is never shown again.
    secret: Option<String>,
}

impl fmt::Debug for NewEnricher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewEnricher").finish_non_exhaustive()
    }
}

/// Adds or changes an enricher
///
/// It is asked from the moment of the answer about leads of which something is learned.
#[utoipa::path(
    put, path = "/api/v1/enrichers", tag = "operation", request_body = NewEnricher,
    responses(
        (status = 200, body = Enricher), (status = 401, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Body(wanted): Body<NewEnricher>,
) -> Result<Json<Enricher>, Problem> {
    let put = edge.app().put_enricher(wanted.source, wanted.secret).await?;
    Ok(Json(put.into()))
}
