//! `GET /api/v1/counts`: how much there is of everything.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::Admin;
use crate::edge::Edge;
use crate::problem::Problem;

/// How much there is of everything.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Counts {
    /// Leads by stage.
    stages: BTreeMap<&'static str, u64>,
    /// Facts that were taken.
    facts_accepted: u64,
    /// Facts that had been taken before.
    facts_duplicate: u64,
    /// Facts that couldn't be taken.
    facts_refused: u64,
    /// Handoffs that nobody answered yet.
    handoffs_open: u64,
    /// Messages that wait to be delivered.
    outbox_waiting: u64,
    /// Messages that were given up.
    outbox_dead: u64,
    /// Leads that the present agreement hasn't rescored yet.
    rescore_left: u64,
    /// Events that are held apart as those of machines.
    suspects_held: u64,
    /// Events that were held and that somebody released.
    suspects_released: u64,
}

/// Counts everything
#[utoipa::path(
    get, path = "/api/v1/counts", tag = "operation",
    responses((status = 200, body = Counts), (status = 401, body = Problem)),
)]
pub(crate) async fn handler(_: Admin, State(edge): State<Edge>) -> Result<Json<Counts>, Problem> {
    let counts = edge.app().counts().await?;
    Ok(Json(Counts {
        stages: counts
            .stages
            .into_iter()
            .map(|(stage, count)| (stage.as_str(), count))
            .collect(),
        facts_accepted: counts.facts_accepted,
        facts_duplicate: counts.facts_duplicate,
        facts_refused: counts.facts_refused,
        handoffs_open: counts.handoffs_open,
        outbox_waiting: counts.outbox_waiting,
        outbox_dead: counts.outbox_dead,
        rescore_left: counts.rescore_left,
        suspects_held: counts.suspects_held,
        suspects_released: counts.suspects_released,
    }))
}
