//! `GET /api/v1/deliveries`: messages, and what became of each.

use axum::Json;
use axum::extract::State;
use bellwether_app::{DeliveryState, DeliveryView};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Admin, Parameters};
use super::wire::Page;
use crate::edge::Edge;
use crate::problem::Problem;

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Query {
    /// Those in this state: `waiting`, `dead`, `delivered` or `dry_run`; `waiting` if nothing is said.
    state: Option<String>,
    /// What the page before gave as `next`.
    cursor: Option<String>,
    /// How many, 1 to 200; 50 if nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A message and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Delivery {
    /// Its number.
    id: i64,
    /// By which its receiver knows it if it comes twice.
    message_id: String,
    /// What it tells.
    #[schema(example = "lead.qualified")]
    event_type: String,
    /// Where it goes.
    destination: Option<String>,
    /// The address that it is mailed to.
    recipient: Option<String>,
    /// `waiting`, `dead`, `delivered` or `dry_run`.
    state: &'static str,
    /// When it was promised.
    created_at: String,
    /// How many times it was tried.
    attempts: u32,
    /// When it is tried next, where it waits.
    next_at: Option<String>,
    /// When it arrived or was given up.
    ended_at: Option<String>,
    /// Why it didn't arrive when it was last tried.
    last_error: Option<String>,
}

impl From<DeliveryView> for Delivery {
    fn from(view: DeliveryView) -> Self {
        Self {
            id: view.id,
            message_id: view.message_id,
            event_type: view.event_type,
            destination: view.destination,
            recipient: view.recipient,
            state: view.state.as_str(),
            created_at: view.created_at.to_string(),
            attempts: view.attempts,
            next_at: view.next_at.map(|at| at.to_string()),
            ended_at: view.ended_at.map(|at| at.to_string()),
            last_error: view.last_error,
        }
    }
}

/// Lists messages
///
/// The newest first. What they say is left out; `GET /handoffs/{id}/preview` shows it.
#[utoipa::path(
    get, path = "/api/v1/deliveries", tag = "operation", params(Query),
    responses((status = 200, body = Page<Delivery>), (status = 400, body = Problem), (status = 401, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Parameters(query): Parameters<Query>,
) -> Result<Json<Page<Delivery>>, Problem> {
    let name = query.state.as_deref().unwrap_or("waiting");
    let unknown = || {
        Problem::invalid(format!(
            "`{name}` is not a state; use `waiting`, `dead`, `delivered` or `dry_run`"
        ))
    };
    let state = DeliveryState::named(name).ok_or_else(unknown)?;
    let limit = super::limit(query.limit)?;
    let page = edge.app().deliveries(state, query.cursor, limit).await?;
    Ok(Json(Page::from_app(page, Delivery::from)))
}
