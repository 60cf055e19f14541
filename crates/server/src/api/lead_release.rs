//! `POST /api/v1/leads/{id}/release`: all held events of a lead are real, or all that one rule holds.

use axum::Json;
use axum::extract::State;
use bellwether_app::{LeadId, Release};
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::{Admin, Body, Number};
use super::suspect_release::Released;
use super::suspects::rule;
use crate::edge::Edge;
use crate::problem::Problem;

/// Which of a lead's held events.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// Only those that this rule holds: `agents`, `speed`, `burst` or `click_without_visit`.
    rule: Option<String>,
}

/// Releases a lead's held events
#[utoipa::path(
    post, path = "/api/v1/leads/{id}/release", tag = "suspects",
    params(("id" = i64, Path, description = "The lead's number")), request_body = Request,
    responses(
        (status = 200, body = Released), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 404, body = Problem),
    ),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(id): Number,
    Body(request): Body<Request>,
) -> Result<Json<Released>, Problem> {
    let what = Release::Lead {
        lead: LeadId(id),
        rule: rule(request.rule.as_deref())?,
    };
    let released = edge.app().release(what, actor).await?;
    Ok(Json(released.into()))
}
