//! `GET` and `POST /api/v1/agreement/proposals`: agreements that are to become versions.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use bellwether_app::{App, ProposalId};
use serde::Deserialize;
use utoipa::IntoParams;

use super::agreement_text::agreement_text;
use super::extract::{Admin, Parameters};
use super::wire::Page;
use super::wire_agreement::Proposal;
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

/// What is said of a proposal.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Said {
    /// Why, for those who sign it.
    note: Option<String>,
}

/// Lists proposals, the newest first
#[utoipa::path(
    get, path = "/api/v1/agreement/proposals", tag = "agreement", params(Query),
    responses((status = 200, body = Page<Proposal>), (status = 401, body = Problem)),
)]
pub(crate) async fn list(
    _: Admin,
    State(edge): State<Edge>,
    Parameters(query): Parameters<Query>,
) -> Result<Json<Page<Proposal>>, Problem> {
    let limit = super::limit(query.limit)?;
    let page = edge.app().proposals(query.cursor, limit).await?;
    Ok(Json(Page::from_app(page, Proposal::in_list)))
}

/// Proposes an agreement
///
/// The body is the file's text. It is checked with its examples and changes nothing. What it would have come to is worked
/// out at once, and shown with the proposal when that is done.
#[utoipa::path(
    post, path = "/api/v1/agreement/proposals", tag = "agreement", params(Said),
    request_body(content = String, content_type = "application/toml"),
    responses(
        (status = 201, body = Proposal), (status = 401, body = Problem),
        (status = 409, description = "It is what is active, or too many are open", body = Problem),
        (status = 422, description = "It has errors, each with its line and column", body = Problem),
    ),
)]
pub(crate) async fn create(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Parameters(said): Parameters<Said>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Proposal>), Problem> {
    let source = agreement_text(&headers, body)?;
    let proposal = edge.app().propose(source, said.note, actor).await?;
    replay_beside(edge.app(), proposal.id);
    Ok((StatusCode::CREATED, Json(proposal.into())))
}

/// Has a proposal's replay worked out while its author reads the answer.
pub(crate) fn replay_beside(app: &App, id: ProposalId) {
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(error) = app.replay_proposal(id).await {
            tracing::warn!(%error, proposal = id.0, "a proposal's replay wasn't worked out");
        }
    });
}
