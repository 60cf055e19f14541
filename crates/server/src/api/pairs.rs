//! `GET /api/v1/pairs`: pairs of leads that look like one person.

use axum::Json;
use axum::extract::State;
use bellwether_app as app;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Admin, Parameters, time};
use super::limit;
use super::wire::{Lead, Page};
use crate::edge::Edge;
use crate::problem::Problem;

/// Which pairs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Query {
    /// Where to go on: `next` of the page before.
    cursor: Option<String>,
    /// How many at most, 1 to 200.
    limit: Option<u32>,
}

/// Two leads that look like one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Pair {
    /// The one with the lower number.
    one: Lead,
    /// The other.
    other: Lead,
    /// Why they look like one.
    #[schema(example = "the same name, both at acme.example")]
    reason: String,
    /// Since when.
    at: String,
}

/// Lists pairs of leads that look like one
///
/// The same name at the same company, the same mailbox written otherwise, or an id that both were sent with; latest first.
/// Nothing is joined for it: merge them, or dismiss the pair.
#[utoipa::path(
    get, path = "/api/v1/pairs", tag = "leads", params(Query),
    responses((status = 200, body = Page<Pair>), (status = 401, body = Problem), (status = 422, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Parameters(query): Parameters<Query>,
) -> Result<Json<Page<Pair>>, Problem> {
    let pairs = edge.app().lead_pairs(query.cursor, limit(query.limit)?).await?;
    Ok(Json(Page::from_app(pairs, |pair: app::LeadPair| Pair {
        one: pair.one.into(),
        other: pair.other.into(),
        reason: pair.reason,
        at: time(pair.at),
    })))
}
