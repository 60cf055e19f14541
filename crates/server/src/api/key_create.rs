//! `POST /api/v1/keys`: makes a key.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use bellwether_app::KeyClass;
use bellwether_core::domain::TraitSource;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Admin, Body};
use super::keys::Key;
use crate::edge::Edge;
use crate::problem::Problem;

/// Which key to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewKey {
    /// `write` or `admin`.
    #[schema(example = "write")]
    class: String,
    /// What to call it.
    #[schema(example = "Website")]
    name: String,
    /// As whom a write key's traits are believed: `stated` (the person; the default), `crm` or `enrichment`.
    #[schema(example = "crm")]
    speaks_as: Option<String>,
}

/// A key that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeKey {
    /// As in lists.
    key: Key,
    /// The key itself, shown this once.
    secret: String,
}

/// Makes a key
#[utoipa::path(
    post, path = "/api/v1/keys", tag = "operation", request_body = NewKey,
    responses((status = 201, body = MadeKey), (status = 400, body = Problem), (status = 401, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Body(wanted): Body<NewKey>,
) -> Result<(StatusCode, Json<MadeKey>), Problem> {
    let class = match wanted.class.as_str() {
        "write" => KeyClass::Write,
        "admin" => KeyClass::Admin,
        other => {
            return Err(Problem::invalid(format!(
                "`{other}` is not a class of key; use `write` or `admin`"
            )));
        }
    };
    let speaks_as = match wanted.speaks_as.as_deref() {
        None => TraitSource::default(),
        Some(name) => TraitSource::named(name).ok_or_else(|| {
            Problem::invalid(format!(
                "`{name}` is nobody whose traits are told apart; use `stated`, `crm` or `enrichment`"
            ))
        })?,
    };
    let (key, secret) = edge
        .app()
        .create_key_that_speaks(class, &wanted.name, speaks_as)
        .await?;
    Ok((
        StatusCode::CREATED,
        Json(MadeKey {
            key: key.into(),
            secret,
        }),
    ))
}
