//! `GET /api/v1/keys`: the API keys that there are, without their secrets.

use axum::Json;
use axum::extract::State;
use bellwether_app::{ApiKey, KeyClass};
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::{Admin, time};
use super::wire::Page;
use crate::edge::Edge;
use crate::problem::Problem;

/// An API key.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Key {
    /// Its number.
    id: i64,
    /// `write`, which brings facts, or `admin`, which reads and decides everything.
    class: &'static str,
    /// What somebody called it.
    name: String,
    /// As whom its traits are believed: `stated` (the person), `crm` or `enrichment`.
    speaks_as: &'static str,
    /// When it was made.
    created_at: String,
}

impl From<ApiKey> for Key {
    fn from(key: ApiKey) -> Self {
        let class = match key.class {
            KeyClass::Write => "write",
            KeyClass::Admin => "admin",
        };
        Self {
            id: key.id.0,
            class,
            name: key.name,
            speaks_as: key.speaks_as.as_str(),
            created_at: time(key.created_at),
        }
    }
}

/// Lists keys
#[utoipa::path(
    get, path = "/api/v1/keys", tag = "operation",
    responses((status = 200, body = Page<Key>), (status = 401, body = Problem)),
)]
pub(crate) async fn handler(_: Admin, State(edge): State<Edge>) -> Result<Json<Page<Key>>, Problem> {
    let keys = edge.app().keys().await?;
    Ok(Json(Page {
        items: keys.into_iter().map(Key::from).collect(),
        next: None,
    }))
}
