//! `POST /api/v1/leads/{id}/opportunities`: a deal is opened.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use bellwether_app::{LeadId, NewDeal, UserId};
use bellwether_core::deal::Money;
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::{Admin, Body, Number};
use super::wire_deals::Opportunity;
use crate::edge::Edge;
use crate::problem::Problem;

/// A deal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOpportunity {
    /// What it is called.
    #[schema(example = "Acme: 40 seats")]
    name: String,
    /// What it is worth, as a decimal text of at most three places.
    #[schema(example = "12500")]
    amount: Option<String>,
    /// The currency's three letters; asked for with an amount.
    #[schema(example = "EUR")]
    currency: Option<String>,
    /// The day on which it is expected to close.
    #[schema(example = "2026-09-30")]
    close_date: Option<String>,
    /// How far it is, in sales' own words.
    #[schema(example = "proposal")]
    stage: Option<String>,
    /// Who works on it, by number; the lead's owner where nobody is named.
    owner: Option<i64>,
}

/// Opens a deal with a lead
#[utoipa::path(
    post, path = "/api/v1/leads/{id}/opportunities", tag = "deals", request_body = NewOpportunity,
    params(("id" = i64, Path, description = "The lead's number")),
    responses(
        (status = 201, body = Opportunity), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "The lead's stage doesn't allow it", body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(id): Number,
    Body(body): Body<NewOpportunity>,
) -> Result<(StatusCode, Json<Opportunity>), Problem> {
    let new = NewDeal {
        name: body.name,
        money: money(body.amount.as_deref(), body.currency.as_deref())?,
        close_on: body
            .close_date
            .map(|day| day.parse())
            .transpose()
            .map_err(|error: String| Problem::unprocessable(error))?,
        sales_stage: body.stage,
        owner: body.owner.map(UserId),
    };
    let deal = edge.app().open_deal(LeadId(id), new, actor).await?;
    Ok((StatusCode::CREATED, Json(deal.into())))
}

/// An amount with its currency; each asks for the other.
pub(crate) fn money(amount: Option<&str>, currency: Option<&str>) -> Result<Option<Money>, Problem> {
    match (amount, currency) {
        (None, None) => Ok(None),
        (Some(amount), Some(currency)) => Money::parse(amount, currency)
            .map(Some)
            .map_err(Problem::unprocessable),
        _ => Err(Problem::unprocessable(
            "give `amount` and `currency` together, or neither",
        )),
    }
}
