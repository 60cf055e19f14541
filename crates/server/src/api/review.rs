//! `GET /api/v1/review`: the quarterly review as JSON.

use axum::Json;
use axum::extract::State;
use bellwether_core::hours::QuarterError;
use serde::Deserialize;
use serde_json::Value;
use utoipa::IntoParams;

use super::extract::{Admin, Parameters};
use crate::edge::Edge;
use crate::problem::Problem;
use crate::review::review_json;

/// Which quarter.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// Such as `2026-Q3`; the present one where nothing is said.
    quarter: Option<String>,
}

/// Reviews a quarter: the funnel, promises of first contact, rejections and the worth of each rule, beside the quarter before
#[utoipa::path(
    get, path = "/api/v1/review", tag = "agreement", params(Asked),
    responses((status = 200, body = Object), (status = 400, body = Problem), (status = 401, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Parameters(asked): Parameters<Asked>,
) -> Result<Json<Value>, Problem> {
    let quarter = asked.quarter.map(|quarter| quarter.parse()).transpose();
    let quarter = quarter.map_err(|error: QuarterError| Problem::invalid(error.to_string()))?;
    let review = edge.app().review(quarter).await?;
    Ok(Json(review_json(&review)))
}
