//! `PUT /api/v1/accounts/{id}/owner`: gives an account to somebody in sales.

use axum::extract::State;
use axum::http::StatusCode;
use bellwether_app::{AccountId, UserId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::{Admin, Body, Number};
use crate::edge::Edge;
use crate::problem::Problem;

/// Whose an account is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountOwner {
    /// Their number; null where it is nobody's in particular.
    owner: Option<i64>,
}

/// Gives an account to somebody
///
/// Its leads that qualify from now on are theirs, unless they left or are away.
#[utoipa::path(
    put, path = "/api/v1/accounts/{id}/owner", tag = "people", request_body = AccountOwner,
    params(("id" = i64, Path, description = "The account's number")),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Number(id): Number,
    Body(wanted): Body<AccountOwner>,
) -> Result<StatusCode, Problem> {
    edge.app()
        .set_account_owner(AccountId(id), wanted.owner.map(UserId))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
