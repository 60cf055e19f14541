//! `PUT /api/v1/destinations`: adds a destination of messages, or changes it.

use std::fmt;

use axum::Json;
use axum::extract::State;
use bellwether_app::NewDestination;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::destinations::Destination;
use super::extract::{Admin, Body};
use crate::edge::Edge;
use crate::problem::Problem;

/// A destination to be added, or changed where there is one of its name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DestinationFile {
    /// Its file, TOML.
    source: String,
    /// What messages are signed with (webhook), what stands for `{{ secret }}` in the address (slack), or the password
    /// (smtp). Without one, the one that it has stays, where it is at the same place; a webhook without any is given a new
    /// one.
    secret: Option<String>,
    /// Slack's signing secret, by which buttons are known to have been pressed there.
    signing_secret: Option<String>,
}

impl fmt::Debug for DestinationFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DestinationFile").finish_non_exhaustive()
    }
}

/// A destination as it is now.
#[derive(Serialize, ToSchema)]
pub(crate) struct DestinationPut {
    /// The destination.
    destination: Destination,
    /// The secret that was made for it, shown this once.
    secret: Option<String>,
}

/// Adds or changes a destination
///
/// What happens from the moment of the answer is told there.
#[utoipa::path(
    put, path = "/api/v1/destinations", tag = "operation", request_body = DestinationFile,
    responses(
        (status = 200, body = DestinationPut), (status = 401, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Body(wanted): Body<DestinationFile>,
) -> Result<Json<DestinationPut>, Problem> {
    let wanted = NewDestination {
        source: wanted.source,
        secret: wanted.secret,
        signing_secret: wanted.signing_secret,
    };
    let (view, secret) = edge.app().put_destination(wanted).await?;
    let destination = view.into();
    Ok(Json(DestinationPut { destination, secret }))
}
