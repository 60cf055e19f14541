//! `GET /api/v1/accounts/{id}`: a company, its people, its open deals and its score.

use axum::Json;
use axum::extract::State;
use bellwether_app::{self as app, AccountId};
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::{Admin, Number};
use super::lead::Account;
use super::wire::{Lead, Named};
use super::wire_deals::Opportunity;
use crate::edge::Edge;
use crate::problem::Problem;

/// A company.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountDetail {
    /// Its number.
    id: i64,
    /// Its name, or else its domain or group id.
    name: String,
    /// By what it is known: `domain` or `group`.
    kind: String,
    /// The domain or the group's id.
    value: String,
    /// Who in sales has it.
    owner: Option<Named>,
    /// Its people, highest score first, 50 at most.
    people: Vec<Lead>,
    /// Whether it has more.
    more_people: bool,
    /// Its open deals, those that close first first, 50 at most.
    opportunities: Vec<Opportunity>,
    /// Its score, where the agreement says what qualifies an account.
    score: Option<Account>,
}

impl From<app::AccountView> for AccountDetail {
    fn from(view: app::AccountView) -> Self {
        Self {
            id: view.account.id.0,
            name: view.account.name,
            kind: view.kind,
            value: view.value,
            owner: view.owner.map(Into::into),
            people: view.people.into_iter().map(Into::into).collect(),
            more_people: view.more_people,
            opportunities: view.deals.into_iter().map(Into::into).collect(),
            score: view.score.map(Into::into),
        }
    }
}

/// Shows an account
#[utoipa::path(
    get, path = "/api/v1/accounts/{id}", tag = "deals",
    params(("id" = i64, Path, description = "The account's number")),
    responses((status = 200, body = AccountDetail), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Number(id): Number,
) -> Result<Json<AccountDetail>, Problem> {
    let found = edge.app().account(AccountId(id)).await?;
    found
        .map(|view| Json(view.into()))
        .ok_or_else(|| Problem::not_found("account", &id.to_string()))
}
