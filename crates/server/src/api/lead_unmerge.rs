//! `POST /api/v1/leads/{id}/unmerge`: a lead isn't the one that it was joined into; or, asked for a preview, what parting
//! them would come to.

use axum::Json;
use axum::extract::State;
use bellwether_app::LeadId;

use super::extract::{Admin, Number, Parameters};
use super::lead_merge::Looking;
use super::merged::Merged;
use crate::edge::Edge;
use crate::problem::Problem;

/// Parts a lead from the one that it was joined into
///
/// Each gets back the facts, ids and decisions that were kept for it, whoever or whatever had joined them. No fact joins
/// the two again; merging them does.
#[utoipa::path(
    post, path = "/api/v1/leads/{id}/unmerge", tag = "leads",
    params(("id" = i64, Path, description = "The number of the lead that was joined"), Looking),
    responses(
        (status = 200, body = Merged), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "It isn't joined into another one", body = Problem),
    ),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(id): Number,
    Parameters(looking): Parameters<Looking>,
) -> Result<Json<Merged>, Problem> {
    let preview = edge.app().preview_unmerge(LeadId(id), actor).await?;
    if !looking.preview {
        edge.app().unmerge_lead(LeadId(id), actor).await?;
    }
    Ok(Json(Merged::new(preview, !looking.preview)))
}
