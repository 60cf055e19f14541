//! `POST /api/v1/leads/{id}/sales-qualify`: sales qualifies a lead itself.

use axum::Json;
use axum::extract::State;
use bellwether_app::LeadId;

use super::bant_put::Answers;
use super::extract::{Admin, Body, Number};
use super::lead::LeadDetail;
use crate::edge::Edge;
use crate::problem::Problem;

/// Qualifies a lead by sales: all four questions must be answered, now or before
#[utoipa::path(
    post, path = "/api/v1/leads/{id}/sales-qualify", tag = "deals", request_body = Answers,
    params(("id" = i64, Path, description = "The lead's number")),
    responses(
        (status = 200, body = LeadDetail), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "Its stage doesn't allow it", body = Problem),
        (status = 422, description = "A question has no answer", body = Problem),
    ),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(id): Number,
    Body(answers): Body<Answers>,
) -> Result<Json<LeadDetail>, Problem> {
    edge.app()
        .sales_qualify(LeadId(id), answers.read()?, actor)
        .await?;
    super::lead::shown(&edge, id).await
}
