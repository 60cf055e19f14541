//! `GET /api/v1/leads`: leads by score, or the one that is known by an id.

use axum::Json;
use axum::extract::State;
use bellwether_app::{AccountId, LeadQuery, LeadSort, UserId};
use bellwether_core::domain::Stage;
use serde::Deserialize;
use utoipa::IntoParams;

use super::extract::{Admin, Parameters};
use super::wire::{Lead, Page};
use crate::edge::Edge;
use crate::problem::Problem;

/// Which leads, in which order.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Query {
    /// `score` (the highest first), `last_seen` or `created` (the latest first).
    sort: Option<String>,
    /// Only those at this stage. Visitors, whom nobody could reach, are listed with `visitor` alone.
    stage: Option<String>,
    /// Only those of this owner, by number.
    owner: Option<i64>,
    /// Only those of this account, by number.
    account: Option<i64>,
    /// Only those whose name, email or company contains this.
    search: Option<String>,
    /// Only the lead with this user id.
    user_id: Option<String>,
    /// Only the lead with this email address.
    email: Option<String>,
    /// Only the lead with this anonymous id.
    anonymous_id: Option<String>,
    /// What the page before gave as `next`.
    cursor: Option<String>,
    /// How many, 1 to 200; 50 if nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Lists leads
#[utoipa::path(
    get, path = "/api/v1/leads", tag = "leads", params(Query),
    responses((status = 200, body = Page<Lead>), (status = 400, body = Problem), (status = 401, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Parameters(query): Parameters<Query>,
) -> Result<Json<Page<Lead>>, Problem> {
    if let Some((kind, id)) = key(&query) {
        return by_key(&edge, kind, id).await.map(Json);
    }
    let page = edge.app().leads(app_query(query)?).await?;
    Ok(Json(Page::from_app(page, Lead::from)))
}

fn key(query: &Query) -> Option<(&'static str, &str)> {
    let keys = [
        ("user_id", &query.user_id),
        ("email", &query.email),
        ("anonymous_id", &query.anonymous_id),
    ];
    keys.into_iter()
        .find_map(|(kind, id)| Some((kind, id.as_deref()?)))
}

async fn by_key(edge: &Edge, kind: &str, id: &str) -> Result<Page<Lead>, Problem> {
    let lower;
    let id = if kind == "email" {
        lower = id.trim().to_lowercase();
        &lower
    } else {
        id
    };
    let mut items = Vec::new();
    if let Some(lead) = edge.app().lead_by_key(kind, id).await?
        && let Some(detail) = edge.app().lead(lead, edge.now()).await?
    {
        items.push(Lead::from(detail.summary));
    }
    Ok(Page { items, next: None })
}

fn app_query(query: Query) -> Result<LeadQuery, Problem> {
    let sort = match query.sort.as_deref() {
        None | Some("score") => LeadSort::Score,
        Some("last_seen") => LeadSort::LastSeen,
        Some("created") => LeadSort::Created,
        Some(other) => {
            return Err(Problem::invalid(format!(
                "`{other}` is not an order; use `score`, `last_seen` or `created`"
            )));
        }
    };
    let stage = query.stage.as_deref().map(stage_named).transpose()?;
    Ok(LeadQuery {
        sort,
        stage,
        owner: query.owner.map(UserId),
        account: query.account.map(AccountId),
        search: query.search.filter(|search| !search.trim().is_empty()),
        cursor: query.cursor,
        limit: super::limit(query.limit)?,
    })
}

/// The stage of that name.
pub(crate) fn stage_named(name: &str) -> Result<Stage, Problem> {
    name.parse().map_err(|()| unknown_stage(name))
}

fn unknown_stage(name: &str) -> Problem {
    let known: Vec<&str> = Stage::ALL.iter().map(|stage| stage.as_str()).collect();
    Problem::invalid(format!(
        "`{name}` is not a stage; use one of {}",
        known.join(", ")
    ))
}
