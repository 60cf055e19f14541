//! `POST /api/v1/leads/{id}/merge`: two leads are one; or, asked for a preview, what that would come to.

use axum::Json;
use axum::extract::State;
use bellwether_app::LeadId;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::extract::{Admin, Body, Number, Parameters};
use super::merged::Merged;
use crate::edge::Edge;
use crate::problem::Problem;

/// Which lead it is one with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Other {
    /// The other lead's number.
    with: i64,
}

/// Whether only to look.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Looking {
    /// Shows what would come of it, and changes nothing.
    #[serde(default)]
    pub(super) preview: bool,
}

/// Merges two leads
///
/// The older number stays, and the other one leads to it. Both histories are united and scored as one; of two handoffs the
/// further one holds. Unmerging takes it all back.
#[utoipa::path(
    post, path = "/api/v1/leads/{id}/merge", tag = "leads", request_body = Other,
    params(("id" = i64, Path, description = "The lead's number"), Looking),
    responses(
        (status = 200, body = Merged), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "They are one already", body = Problem),
    ),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(id): Number,
    Parameters(looking): Parameters<Looking>,
    Body(other): Body<Other>,
) -> Result<Json<Merged>, Problem> {
    let (one, other) = (LeadId(id), LeadId(other.with));
    let preview = edge.app().preview_merge(one, other, actor).await?;
    if !looking.preview {
        edge.app().merge_leads(one, other, actor).await?;
    }
    Ok(Json(Merged::new(preview, !looking.preview)))
}
