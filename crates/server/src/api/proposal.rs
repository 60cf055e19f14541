//! `/api/v1/agreement/proposals/{id}`: one proposal, its replay, its signatures, and what becomes of it.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use bellwether_app::{Department, ProposalId, PublishMode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::agreement_get::{Agreement, answer};
use super::extract::{Admin, Body, Number};
use super::wire_agreement::Proposal;
use crate::edge::Edge;
use crate::problem::Problem;

/// Who signs. A key is nobody, so that whoever signs says who they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signing {
    /// The address that they sign in by.
    email: String,
    /// Their password.
    password: String,
    /// `marketing` or `sales`; needed where they may sign for either.
    department: Option<String>,
}

/// From when on leads are judged by it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Publishing {
    /// `forward` (from now on; what was decided stays) or `retroactive` (all leads are judged anew, and whom it would newly
    /// hand off is listed to be confirmed). `forward` if nothing is said.
    mode: Option<String>,
    /// Why it is published though not both departments signed it; kept with the version.
    #[serde(rename = "override")]
    reason: Option<String>,
}

impl Publishing {
    pub(super) fn read(self) -> Result<(PublishMode, Option<String>), Problem> {
        let mode = match self.mode.as_deref() {
            None => PublishMode::Forward,
            Some(name) => PublishMode::named(name).ok_or_else(|| {
                Problem::invalid(format!("`{name}` is not a mode; use `forward` or `retroactive`"))
            })?,
        };
        Ok((mode, self.reason))
    }
}

/// Shows a proposal
#[utoipa::path(
    get, path = "/api/v1/agreement/proposals/{id}", tag = "agreement",
    params(("id" = i64, Path, description = "The proposal's number")),
    responses((status = 200, body = Proposal), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(crate) async fn get(
    _: Admin,
    State(edge): State<Edge>,
    Number(id): Number,
) -> Result<Json<Proposal>, Problem> {
    Ok(Json(edge.app().proposal(ProposalId(id)).await?.into()))
}

/// Withdraws a proposal
#[utoipa::path(
    delete, path = "/api/v1/agreement/proposals/{id}", tag = "agreement",
    params(("id" = i64, Path, description = "The proposal's number")),
    responses(
        (status = 200, body = Proposal), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "It was published or withdrawn already", body = Problem),
    ),
)]
pub(crate) async fn withdraw(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(id): Number,
) -> Result<Json<Proposal>, Problem> {
    Ok(Json(
        edge.app().withdraw_proposal(ProposalId(id), actor).await?.into(),
    ))
}

/// Works out anew what a proposal would have come to
///
/// Where that takes longer than an answer may, it goes on, and is shown with the proposal.
#[utoipa::path(
    post, path = "/api/v1/agreement/proposals/{id}/replay", tag = "agreement",
    params(("id" = i64, Path, description = "The proposal's number")),
    responses(
        (status = 200, body = Proposal), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "It was published or withdrawn already", body = Problem),
        (status = 507, description = "The history is more than can be held", body = Problem),
    ),
)]
pub(crate) async fn replay(
    _: Admin,
    State(edge): State<Edge>,
    Number(id): Number,
) -> Result<Json<Proposal>, Problem> {
    Ok(Json(edge.app().replay_proposal(ProposalId(id)).await?.into()))
}

/// Signs a proposal for a department
///
/// Marketing signs for marketing; the managers of sales teams, or anybody of sales where no team has a manager, sign for
/// sales; an admin signs for either. Nobody signs for both.
#[utoipa::path(
    post, path = "/api/v1/agreement/proposals/{id}/sign", tag = "agreement", request_body = Signing,
    params(("id" = i64, Path, description = "The proposal's number")),
    responses(
        (status = 200, body = Proposal), (status = 401, body = Problem),
        (status = 403, description = "The password isn't theirs, or they don't sign for that department", body = Problem),
        (status = 404, body = Problem),
        (status = 409, description = "The department or the person signed already, or another version is active by now", body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(crate) async fn sign(
    _: Admin,
    State(edge): State<Edge>,
    Number(id): Number,
    Body(signing): Body<Signing>,
) -> Result<Json<Proposal>, Problem> {
    let department = match signing.department.as_deref() {
        None => None,
        Some(name) => Some(Department::named(name).ok_or_else(|| {
            Problem::invalid(format!(
                "`{name}` is not a department; use `marketing` or `sales`"
            ))
        })?),
    };
    let signed = edge
        .app()
        .sign_proposal_as(ProposalId(id), department, &signing.email, &signing.password);
    Ok(Json(signed.await?.into()))
}

/// Publishes a proposal that both departments signed
#[utoipa::path(
    post, path = "/api/v1/agreement/proposals/{id}/publish", tag = "agreement", request_body = Publishing,
    params(("id" = i64, Path, description = "The proposal's number")),
    responses(
        (status = 200, body = Agreement), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "A signature is missing, or another version is active by now", body = Problem),
    ),
)]
pub(crate) async fn publish(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(id): Number,
    Body(publishing): Body<Publishing>,
) -> Result<Response, Problem> {
    let (mode, reason) = publishing.read()?;
    let version = edge
        .app()
        .publish_proposal(ProposalId(id), mode, reason, actor)
        .await?;
    Ok(answer(version))
}
