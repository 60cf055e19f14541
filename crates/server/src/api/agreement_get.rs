//! `GET /api/v1/agreement`: the agreement that is active, as text and in brief.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use bellwether_app::AgreementVersion;
use bellwether_core::domain::Points;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::{Admin, time};
use crate::edge::Edge;
use crate::problem::Problem;

/// A version of the agreement.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Agreement {
    /// Its number, from 1; also the `ETag`.
    version: u32,
    /// The SHA-256 of its source, in hex.
    hash: String,
    /// The file as it was given.
    source: String,
    /// Since when it is active.
    activated_at: String,
    /// Who published it.
    by: String,
    /// From when on leads are judged by it: `forward` or `retroactive`.
    mode: &'static str,
    /// On what it stands: `signed`, `first`, `override`, `rollback` or `unsigned`.
    basis: &'static str,
    /// What it says, in brief.
    summary: Summary,
}

/// What an agreement says, in brief.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Summary {
    /// Its name.
    name: String,
    /// The zone of business hours.
    timezone: String,
    /// The names of the fit rules.
    fit_rules: Vec<String>,
    /// The names of the intent rules.
    intent_rules: Vec<String>,
    /// What the score must reach.
    score_line: Option<String>,
    /// What fit must reach.
    fit_line: Option<String>,
    /// What intent must reach.
    intent_line: Option<String>,
    /// The events by which a hand-raiser qualifies at once.
    fast: Vec<String>,
    /// The names of the exclusions.
    exclusions: Vec<String>,
    /// The names of the routes, each with its team.
    routes: Vec<Route>,
    /// The names of the SLAs, each with its time to first contact.
    slas: Vec<Sla>,
    /// The reasons for which sales may send a lead back.
    rejection_reasons: Vec<String>,
}

/// Who gets a lead.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Route {
    /// The route's name.
    name: String,
    /// The team that gets it.
    team: String,
}

/// How fast sales must act.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sla {
    /// The SLA's name.
    name: String,
    /// The time to first contact, such as `5m`.
    first_contact: String,
}

/// Shows the active agreement
#[utoipa::path(
    get, path = "/api/v1/agreement", tag = "agreement",
    responses((status = 200, body = Agreement), (status = 401, body = Problem)),
)]
pub(crate) async fn handler(_: Admin, State(edge): State<Edge>) -> Result<Response, Problem> {
    Ok(answer(edge.app().active_agreement().await?))
}

/// A version of the agreement, with its number as the entity tag.
pub(super) fn answer(version: AgreementVersion) -> Response {
    let tag = HeaderValue::from_str(&format!("\"{}\"", version.version));
    let mut response = Json(Agreement::from(version)).into_response();
    if let Ok(tag) = tag {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

impl From<AgreementVersion> for Agreement {
    fn from(version: AgreementVersion) -> Self {
        let agreement = version.engine.agreement();
        let line = |points: Option<Points>| points.map(super::wire::points);
        let summary = Summary {
            name: agreement.name.clone(),
            timezone: agreement.timezone.clone(),
            fit_rules: agreement.fit.iter().map(|rule| rule.name.clone()).collect(),
            intent_rules: agreement.intent.iter().map(|rule| rule.name.clone()).collect(),
            score_line: line(agreement.qualify.score),
            fit_line: line(agreement.qualify.fit),
            intent_line: line(agreement.qualify.intent),
            fast: agreement.qualify.fast.clone(),
            exclusions: agreement
                .disqualify
                .iter()
                .map(|exclusion| exclusion.name.clone())
                .collect(),
            routes: agreement
                .routes
                .iter()
                .map(|route| Route {
                    name: route.name.clone(),
                    team: route.team.clone(),
                })
                .collect(),
            slas: agreement
                .slas
                .iter()
                .map(|sla| Sla {
                    name: sla.name.clone(),
                    first_contact: sla.first_contact.to_string(),
                })
                .collect(),
            rejection_reasons: agreement
                .rejections
                .iter()
                .map(|rejection| rejection.reason.clone())
                .collect(),
        };
        Self {
            version: version.version,
            hash: version.hash,
            source: version.source,
            activated_at: time(version.activated_at),
            by: version.by,
            mode: version.mode.as_str(),
            basis: version.basis.as_str(),
            summary,
        }
    }
}
