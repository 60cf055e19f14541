//! `/api/v1/agreement/versions`: every version that ever was active, and how to make one active again.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

use super::agreement_get::{Agreement, answer};
use super::extract::{Admin, Body, Number, Parameters};
use super::proposal::Publishing;
use super::wire::Page;
use super::wire_agreement::PublishedVersion;
use crate::edge::Edge;
use crate::problem::Problem;

/// Which ones.
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

/// Lists versions, the newest first, each with who signed it
#[utoipa::path(
    get, path = "/api/v1/agreement/versions", tag = "agreement", params(Query),
    responses((status = 200, body = Page<PublishedVersion>), (status = 401, body = Problem)),
)]
pub(crate) async fn list(
    _: Admin,
    State(edge): State<Edge>,
    Parameters(query): Parameters<Query>,
) -> Result<Json<Page<PublishedVersion>>, Problem> {
    let limit = super::limit(query.limit)?;
    let page = edge.app().versions(query.cursor, limit).await?;
    Ok(Json(Page::from_app(page, PublishedVersion::in_list)))
}

/// Shows a version
#[utoipa::path(
    get, path = "/api/v1/agreement/versions/{id}", tag = "agreement",
    params(("id" = u32, Path, description = "The version's number")),
    responses((status = 200, body = PublishedVersion), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(crate) async fn get(
    _: Admin,
    State(edge): State<Edge>,
    Number(version): Number,
) -> Result<Json<PublishedVersion>, Problem> {
    Ok(Json(edge.app().version(numbered(version)?).await?.into()))
}

/// Publishes an older version again, as a new one
///
/// One that was signed needs no new signatures.
#[utoipa::path(
    post, path = "/api/v1/agreement/versions/{id}/publish", tag = "agreement", request_body = Publishing,
    params(("id" = u32, Path, description = "The version's number")),
    responses(
        (status = 200, body = Agreement), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "It is active, or it wasn't signed", body = Problem),
    ),
)]
pub(crate) async fn publish(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(version): Number,
    Body(publishing): Body<Publishing>,
) -> Result<Response, Problem> {
    let (mode, reason) = publishing.read()?;
    let version = edge
        .app()
        .roll_back(numbered(version)?, mode, reason, actor)
        .await?;
    Ok(answer(version))
}

/// A version's number.
pub(super) fn numbered(number: i64) -> Result<u32, Problem> {
    u32::try_from(number).map_err(|_| Problem::not_found("version", &number.to_string()))
}
