//! `POST /api/v1/opportunities/{id}/win` and `…/lose`: how a deal ends.

use axum::Json;
use axum::extract::State;
use bellwether_app::OpportunityId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::{Admin, Body, Number};
use super::wire_deals::Opportunity;
use crate::edge::Edge;
use crate::problem::Problem;

/// Why a deal was won.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Won {
    /// The reason, where there is one to tell.
    reason: Option<String>,
    /// What else to say.
    note: Option<String>,
}

/// Why a deal was lost.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lost {
    /// The reason. Where it is one of the agreement's rejection reasons, the lead may come again as that one says.
    #[schema(example = "No budget")]
    reason: String,
    /// What else to say.
    note: Option<String>,
}

/// Wins a deal: its lead is a customer from now on
#[utoipa::path(
    post, path = "/api/v1/opportunities/{id}/win", tag = "deals", request_body = Won,
    params(("id" = i64, Path, description = "The deal's number")),
    responses(
        (status = 200, body = Opportunity), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "It is won or lost already", body = Problem), (status = 422, body = Problem),
    ),
)]
pub(crate) async fn win(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(id): Number,
    Body(won): Body<Won>,
) -> Result<Json<Opportunity>, Problem> {
    let deal = edge
        .app()
        .win_deal(OpportunityId(id), won.reason, won.note, actor)
        .await?;
    Ok(Json(deal.into()))
}

/// Loses a deal: with its last open one the lead goes back to marketing
#[utoipa::path(
    post, path = "/api/v1/opportunities/{id}/lose", tag = "deals", request_body = Lost,
    params(("id" = i64, Path, description = "The deal's number")),
    responses(
        (status = 200, body = Opportunity), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "It is won or lost already", body = Problem),
        (status = 422, description = "It says no reason", body = Problem),
    ),
)]
pub(crate) async fn lose(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(id): Number,
    Body(lost): Body<Lost>,
) -> Result<Json<Opportunity>, Problem> {
    let deal = edge
        .app()
        .lose_deal(OpportunityId(id), lost.reason, lost.note, actor)
        .await?;
    Ok(Json(deal.into()))
}
