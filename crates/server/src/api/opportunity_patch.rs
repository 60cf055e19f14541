//! `PATCH /api/v1/opportunities/{id}`: what is known of a deal changes.

use axum::Json;
use axum::extract::State;
use bellwether_app::{DealPatch, OpportunityId, UserId};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::extract::{Admin, Body, Number};
use super::opportunity_create::money;
use super::wire_deals::Opportunity;
use crate::edge::Edge;
use crate::problem::Problem;

/// What changes; what is left out stays, and `null` takes away.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Changes {
    /// What it is called.
    name: Option<String>,
    /// What it is worth; comes with the currency.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    amount: Option<Option<String>>,
    /// The currency's three letters.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    currency: Option<Option<String>>,
    /// The day on which it is expected to close.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    close_date: Option<Option<String>>,
    /// How far it is.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    stage: Option<Option<String>>,
    /// Who works on it, by number.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    owner: Option<Option<i64>>,
}

/// Tells `null` from what isn't there.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// Changes a deal that is open
#[utoipa::path(
    patch, path = "/api/v1/opportunities/{id}", tag = "deals", request_body = Changes,
    params(("id" = i64, Path, description = "The deal's number")),
    responses(
        (status = 200, body = Opportunity), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "It is won or lost already", body = Problem), (status = 422, body = Problem),
    ),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(id): Number,
    Body(changes): Body<Changes>,
) -> Result<Json<Opportunity>, Problem> {
    let worth = match (changes.amount, changes.currency) {
        (None, None) => None,
        (amount, currency) => Some(money(amount.flatten().as_deref(), currency.flatten().as_deref())?),
    };
    let close_on = changes
        .close_date
        .map(|day| day.map(|day| day.parse()).transpose())
        .transpose()
        .map_err(|error: String| Problem::unprocessable(error))?;
    let patch = DealPatch {
        name: changes.name,
        money: worth,
        close_on,
        sales_stage: changes.stage,
        owner: changes.owner.map(|owner| owner.map(UserId)),
    };
    let deal = edge.app().change_deal(OpportunityId(id), patch, actor).await?;
    Ok(Json(deal.into()))
}
