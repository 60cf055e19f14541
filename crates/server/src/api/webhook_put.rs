//! `PUT /api/v1/webhook`: where qualified leads are told of.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Admin, Body};
use crate::edge::Edge;
use crate::problem::Problem;

/// Where to deliver.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Destination {
    /// An `https://` address.
    #[schema(example = "https://crm.acme.example/hooks/bellwether")]
    url: String,
    /// The secret that messages are signed with, `whsec_…`; without one, a new one is made.
    secret: Option<String>,
}

/// Where messages are delivered to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Webhook {
    /// Its number.
    id: i64,
    /// Its address.
    url: String,
    /// The secret, shown this once.
    secret: String,
}

/// Sets the webhook
#[utoipa::path(
    put, path = "/api/v1/webhook", tag = "operation", request_body = Destination,
    responses((status = 200, body = Webhook), (status = 401, body = Problem), (status = 422, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Body(destination): Body<Destination>,
) -> Result<Json<Webhook>, Problem> {
    let (webhook, secret) = edge
        .app()
        .set_webhook(&destination.url, destination.secret)
        .await?;
    Ok(Json(Webhook {
        id: webhook.id.0,
        url: webhook.url,
        secret,
    }))
}
