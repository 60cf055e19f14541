//! `GET /api/v1/findings`: what was dropped, refused or held, counted and with its reason.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Admin, Parameters, time};
use super::wire::Page;
use crate::edge::Edge;
use crate::problem::Problem;

/// How many.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Query {
    /// How many, 1 to 200; 50 if nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A warning.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Finding {
    /// What kind it is, such as `junk_id`.
    kind: String,
    /// What it is about.
    subject: String,
    /// Why it was dropped, refused or held.
    reason: String,
    /// How many times.
    count: u64,
    /// The first time.
    first_at: String,
    /// The last time.
    last_at: String,
}

/// Lists warnings
#[utoipa::path(
    get, path = "/api/v1/findings", tag = "operation", params(Query),
    responses((status = 200, body = Page<Finding>), (status = 401, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Parameters(query): Parameters<Query>,
) -> Result<Json<Page<Finding>>, Problem> {
    let limit = match super::limit(query.limit)? {
        0 => 50,
        limit => limit,
    };
    let findings = edge.app().findings(limit).await?;
    let items = findings.into_iter().map(|finding| Finding {
        kind: finding.kind,
        subject: finding.subject,
        reason: finding.reason,
        count: finding.count,
        first_at: time(finding.first_at),
        last_at: time(finding.last_at),
    });
    Ok(Json(Page {
        items: items.collect(),
        next: None,
    }))
}
