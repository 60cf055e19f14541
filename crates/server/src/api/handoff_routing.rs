//! `GET /api/v1/handoffs/{id}/routing`: why a handoff became whose.

use axum::Json;
use axum::extract::State;
use bellwether_app as app;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::{Admin, Number, time};
use super::wire::Page;
use crate::edge::Edge;
use crate::problem::Problem;

/// Why a handoff became whose. It is never rewritten.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RouteDecision {
    /// The handoff.
    handoff: i64,
    /// When.
    at: String,
    /// `qualified`, `taken_up`, `reassigned` or `manual`.
    cause: &'static str,
    /// Who had it decided: `engine`, `user 3`, `key 2`.
    actor: String,
    /// The team.
    team: Option<String>,
    /// The number of whoever it became; null where nobody could take it.
    picked: Option<i64>,
    /// Their name.
    picked_name: Option<String>,
    /// Why, in words.
    reason: String,
    /// The agreement's routes in order, up to the one that takes the lead.
    routes: Vec<Route>,
    /// Those whose lead it was anyhow.
    owners: Vec<Owner>,
    /// How the team's member is picked, in words.
    pick: Option<String>,
    /// Everybody on the team, and where they stood.
    candidates: Vec<Candidate>,
}

/// A route that was looked at.
#[derive(Debug, Serialize, ToSchema)]
#[expect(
    clippy::struct_field_names,
    reason = "it is the field's word, as on a handoff"
)]
pub(crate) struct Route {
    /// The route.
    route: String,
    /// The team that it leads to.
    team: String,
    /// Whether it takes the lead.
    fits: bool,
    /// Why, or why not.
    why: String,
}

/// Somebody whose lead it was anyhow.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Owner {
    /// Their number.
    user: i64,
    /// Their name.
    name: String,
    /// By what it is theirs.
    by: String,
    /// Why they were passed over; null where they got it.
    passed_over: Option<String>,
}

/// Somebody on the team.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Candidate {
    /// Their number.
    user: i64,
    /// Their name.
    name: String,
    /// Their weight.
    weight: u32,
    /// What they had got in the present stretch.
    given: u64,
    /// What they were owed from before, in words.
    credit: String,
    /// How many leads waited for their answer.
    open: u32,
    /// Why they were passed over; null where they could have taken it.
    passed_over: Option<String>,
}

impl From<app::RouteDecision> for RouteDecision {
    fn from(decision: app::RouteDecision) -> Self {
        let seen = decision.looked_at;
        let routes = seen.routes.into_iter().map(|route| Route {
            route: route.route,
            team: route.team,
            fits: route.fits,
            why: route.why,
        });
        let owners = seen.owners.into_iter().map(|owner| Owner {
            user: owner.user,
            name: owner.name,
            by: owner.by,
            passed_over: owner.passed_over,
        });
        let candidates = seen.candidates.into_iter().map(|one| Candidate {
            user: one.user,
            weight: one.weight,
            given: one.given,
            credit: one.credit_in_words(),
            open: one.open,
            passed_over: one.passed_over,
            name: one.name,
        });
        Self {
            handoff: decision.handoff.0,
            at: time(decision.at),
            cause: decision.cause.as_str(),
            actor: decision.actor,
            team: decision.team,
            picked: decision.picked.as_ref().map(|user| user.id.0),
            picked_name: decision.picked.map(|user| user.name),
            reason: decision.reason,
            routes: routes.collect(),
            owners: owners.collect(),
            pick: seen.pick,
            candidates: candidates.collect(),
        }
    }
}

/// Shows why a handoff became whose
#[utoipa::path(
    get, path = "/api/v1/handoffs/{id}/routing", tag = "handoffs",
    params(("id" = i64, Path, description = "The handoff's number")),
    responses((status = 200, body = Page<RouteDecision>), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Number(id): Number,
) -> Result<Json<Page<RouteDecision>>, Problem> {
    let decisions = edge.app().routing(app::HandoffId(id)).await?;
    Ok(Json(Page {
        items: decisions.into_iter().map(RouteDecision::from).collect(),
        next: None,
    }))
}
