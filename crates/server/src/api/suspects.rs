//! `GET /api/v1/suspects`: events that are held apart as those of machines, those that came last first.

use axum::Json;
use axum::extract::State;
use bellwether_app::{HeldEvent, LeadId, SuspectQuery};
use bellwether_core::suspect::Rule;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Admin, Parameters, time};
use super::wire::Page;
use crate::edge::Edge;
use crate::problem::Problem;

/// Which held events.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Query {
    /// Only those that this rule holds: `agents`, `speed`, `burst` or `click_without_visit`.
    rule: Option<String>,
    /// Only those of this lead, by number.
    lead: Option<i64>,
    /// What the page before gave as `next`.
    cursor: Option<String>,
    /// How many, 1 to 200; 50 if nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// An event that is held apart, and not scored.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Suspect {
    /// The event's number.
    event: i64,
    /// Whose it is.
    lead: i64,
    /// What the lead is called.
    lead_name: Option<String>,
    /// The rule that holds it: `agents`, `speed`, `burst` or `click_without_visit`.
    rule: String,
    /// Why, in words.
    reason: String,
    /// When it happened.
    at: String,
    /// When it came.
    received_at: String,
    /// `track`, `page` or `screen`.
    kind: String,
    /// The event's or screen's name.
    name: Option<String>,
    /// The page's path.
    path: Option<String>,
}

impl From<HeldEvent> for Suspect {
    fn from(held: HeldEvent) -> Self {
        Self {
            event: held.event,
            lead: held.lead.0,
            lead_name: held.lead_name,
            rule: held.rule,
            reason: held.reason,
            at: time(held.ts),
            received_at: time(held.received_at),
            kind: held.kind,
            name: held.name,
            path: held.path,
        }
    }
}

/// Lists events that are held apart
#[utoipa::path(
    get, path = "/api/v1/suspects", tag = "suspects", params(Query),
    responses((status = 200, body = Page<Suspect>), (status = 400, body = Problem), (status = 401, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Parameters(query): Parameters<Query>,
) -> Result<Json<Page<Suspect>>, Problem> {
    let asked = SuspectQuery {
        lead: query.lead.map(LeadId),
        rule: rule(query.rule.as_deref())?,
        cursor: query.cursor,
        limit: super::limit(query.limit)?,
    };
    let page = edge.app().suspects(asked).await?;
    Ok(Json(Page::from_app(page, Suspect::from)))
}

/// The rule of a key.
pub(super) fn rule(key: Option<&str>) -> Result<Option<Rule>, Problem> {
    let Some(key) = key else { return Ok(None) };
    Rule::parse(key).map(Some).ok_or_else(|| {
        let shown: String = key.chars().take(60).collect();
        Problem::invalid(format!(
            "`{shown}` is not a rule; use `agents`, `speed`, `burst` or `click_without_visit`"
        ))
    })
}
