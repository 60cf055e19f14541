//! `GET /api/v1/suspects/counts`: how many events each rule holds.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::Admin;
use super::wire::Page;
use crate::edge::Edge;
use crate::problem::Problem;

/// How many events a rule holds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuspectCount {
    /// The rule's key in `[suspect]`.
    rule: &'static str,
    /// Those held now.
    held: u64,
    /// Those that it held and that somebody released.
    released: u64,
}

/// Counts events that are held apart, by rule
#[utoipa::path(
    get, path = "/api/v1/suspects/counts", tag = "suspects",
    responses((status = 200, body = Page<SuspectCount>), (status = 401, body = Problem)),
)]
pub(crate) async fn handler(_: Admin, State(edge): State<Edge>) -> Result<Json<Page<SuspectCount>>, Problem> {
    let counts = edge.app().suspect_counts().await?.into_iter();
    let items = counts.map(|count| SuspectCount {
        rule: count.rule.as_str(),
        held: count.held,
        released: count.released,
    });
    Ok(Json(Page {
        items: items.collect(),
        next: None,
    }))
}
