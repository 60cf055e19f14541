//! `GET /api/v1/unsubscribes`: who wants no more mail.

use axum::Json;
use axum::extract::State;
use bellwether_app as app;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Admin, Parameters, time};
use super::wire::Page;
use crate::edge::Edge;
use crate::problem::Problem;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Query {
    /// What the page before gave as `next`.
    cursor: Option<String>,
    /// How many, 1 to 200; 50 if nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Somebody who wants no more mail.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Unsubscribed {
    /// The address, in lower case.
    address: String,
    /// Since when.
    at: String,
    /// `one_click` by their mail program, `page` by themselves, or `hand` by somebody else.
    how: String,
    /// Who said so.
    actor: String,
    /// The number of the message whose link it was.
    message: Option<i64>,
}

impl From<app::Unsubscribed> for Unsubscribed {
    fn from(row: app::Unsubscribed) -> Self {
        Self {
            address: row.address,
            at: time(row.at),
            how: row.how,
            actor: row.actor,
            message: row.message,
        }
    }
}

/// Lists who wants no more mail
///
/// By address.
#[utoipa::path(
    get, path = "/api/v1/unsubscribes", tag = "nurture", params(Query),
    responses((status = 200, body = Page<Unsubscribed>), (status = 401, body = Problem), (status = 422, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Parameters(query): Parameters<Query>,
) -> Result<Json<Page<Unsubscribed>>, Problem> {
    let limit = super::limit(query.limit)?;
    let page = edge.app().unsubscribed(query.cursor, limit).await?;
    Ok(Json(Page::from_app(page, Unsubscribed::from)))
}
