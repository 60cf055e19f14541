//! `GET /api/v1/opportunities`: deals, those that close first first.

use axum::Json;
use axum::extract::State;
use bellwether_app::{AccountId, DealOrder, DealQuery, DealState, LeadId, UserId};
use serde::Deserialize;
use utoipa::IntoParams;

use super::extract::{Admin, Parameters};
use super::wire::Page;
use super::wire_deals::Opportunity;
use crate::edge::Edge;
use crate::problem::Problem;

/// Which deals.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Query {
    /// Only those of this lead, by number.
    lead: Option<i64>,
    /// Only those of leads of this account, by number.
    account: Option<i64>,
    /// Only those of this owner, by number.
    owner: Option<i64>,
    /// Only those in this state: `open`, `won` or `lost`.
    state: Option<String>,
    /// What the page before gave as `next`.
    cursor: Option<String>,
    /// How many, 1 to 200; 50 if nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Lists deals, by the day on which they are expected to close
#[utoipa::path(
    get, path = "/api/v1/opportunities", tag = "deals", params(Query),
    responses((status = 200, body = Page<Opportunity>), (status = 400, body = Problem), (status = 401, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Parameters(query): Parameters<Query>,
) -> Result<Json<Page<Opportunity>>, Problem> {
    let state = query.state.as_deref().map(|name| {
        DealState::named(name)
            .ok_or_else(|| Problem::invalid(format!("`{name}` is not a state; use `open`, `won` or `lost`")))
    });
    let page = edge
        .app()
        .deals(DealQuery {
            lead: query.lead.map(LeadId),
            account: query.account.map(AccountId),
            owner: query.owner.map(UserId),
            state: state.transpose()?,
            order: DealOrder::CloseDay,
            cursor: query.cursor,
            limit: super::limit(query.limit)?,
        })
        .await?;
    Ok(Json(Page::from_app(page, Opportunity::from)))
}
