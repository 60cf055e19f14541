//! `GET /api/v1/opportunities/{id}`: one deal, and what was changed of it.

use axum::Json;
use axum::extract::State;
use bellwether_app::OpportunityId;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::{Admin, Number, time};
use super::wire_deals::Opportunity;
use crate::edge::Edge;
use crate::problem::Problem;

/// One deal, whole.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpportunityDetail {
    /// As in lists.
    opportunity: Opportunity,
    /// What was changed of it, the latest first, 100 at most.
    changes: Vec<Change>,
}

/// Something that was changed.
#[derive(Debug, Serialize, ToSchema)]
#[expect(
    clippy::struct_field_names,
    reason = "a change is at a time, by somebody, and what it is"
)]
pub(crate) struct Change {
    /// When.
    at: String,
    /// By whom.
    actor: String,
    /// What, in words.
    #[schema(example = "stage: demo → proposal")]
    change: String,
}

/// Shows a deal
#[utoipa::path(
    get, path = "/api/v1/opportunities/{id}", tag = "deals",
    params(("id" = i64, Path, description = "The deal's number")),
    responses((status = 200, body = OpportunityDetail), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Number(id): Number,
) -> Result<Json<OpportunityDetail>, Problem> {
    let found = edge.app().deal(OpportunityId(id)).await?;
    let (deal, changes) = found.ok_or_else(|| Problem::not_found("opportunity", &id.to_string()))?;
    Ok(Json(OpportunityDetail {
        opportunity: deal.into(),
        changes: changes
            .into_iter()
            .map(|change| Change {
                at: time(change.at),
                actor: change.actor,
                change: change.change,
            })
            .collect(),
    }))
}
