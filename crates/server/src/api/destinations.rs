//! `GET /api/v1/destinations`: where messages go, without secrets.

use axum::Json;
use axum::extract::State;
use bellwether_app::DestinationView;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::Admin;
use super::wire::Page;
use crate::edge::Edge;
use crate::problem::Problem;

/// Where messages go, and how it does.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessageDestination)]
pub(crate) struct Destination {
    /// Its name.
    #[schema(example = "crm")]
    name: String,
    /// `webhook`, `slack` or `smtp`.
    kind: &'static str,
    /// Where it is, without what nobody else may know.
    #[schema(example = "https://crm.acme.example/hooks/bellwether")]
    address: String,
    /// Patterns of the events that it is told.
    events: Vec<String>,
    /// How many messages it is sent in a minute.
    rate_per_minute: u32,
    /// Whether it is sent anything, by its file.
    active: bool,
    /// Why it isn't sent anything though its file says so.
    off_reason: Option<String>,
    /// Whether a secret is missing, so that nothing can be sent.
    lacks_secret: bool,
    /// Whether calls are held off after failures: `closed` (they aren't), `open` (they are), `half_open` (one is tried).
    breaker: &'static str,
    /// How many messages wait for it.
    waiting: u64,
    /// How many messages to it were given up.
    dead: u64,
    /// Why the newest message that hasn't arrived didn't.
    last_error: Option<String>,
}

impl From<DestinationView> for Destination {
    fn from(view: DestinationView) -> Self {
        Self {
            name: view.name,
            kind: view.kind,
            address: view.address,
            events: view.events,
            rate_per_minute: view.rate_per_minute,
            active: view.active,
            off_reason: view.off_reason,
            lacks_secret: view.lacks_secret,
            breaker: view.breaker,
            waiting: view.waiting,
            dead: view.dead,
            last_error: view.last_error,
        }
    }
}

/// Lists destinations
#[utoipa::path(
    get, path = "/api/v1/destinations", tag = "operation",
    responses((status = 200, body = Page<Destination>), (status = 401, body = Problem)),
)]
pub(crate) async fn handler(_: Admin, State(edge): State<Edge>) -> Result<Json<Page<Destination>>, Problem> {
    let destinations = edge.app().destinations().await?;
    Ok(Json(Page {
        items: destinations.into_iter().map(Destination::from).collect(),
        next: None,
    }))
}
