//! `GET /api/v1/enrichers`: the services that are asked about leads, without their secrets.

use axum::Json;
use axum::extract::State;
use bellwether_app::EnricherView;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::Admin;
use super::wire::Page;
use crate::edge::Edge;
use crate::problem::Problem;

/// A service that is asked what it knows of leads.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Enricher {
    /// Its name.
    #[schema(example = "companies")]
    name: String,
    /// Where it is asked, without what is asked.
    #[schema(example = "https://api.example/v2/find")]
    address: String,
    /// The fields of a lead that it is told.
    asks_with: Vec<String>,
    /// The traits that its answers set.
    sets: Vec<String>,
    /// Whether its request names a secret that there isn't, so that it isn't asked.
    lacks_secret: bool,
    /// How many requests were made today, by UTC.
    requests_today: u32,
    /// How many may be made in a day.
    requests_per_day: u32,
    /// How much waits to be asked.
    waiting: u64,
    /// How often something was known.
    answered: u64,
    /// How often nothing was known.
    unknown: u64,
    /// How often the answer wasn't wanted any more when its turn came.
    skipped: u64,
    /// How often it was given up.
    given_up: u64,
}

impl From<EnricherView> for Enricher {
    fn from(view: EnricherView) -> Self {
        Self {
            name: view.name,
            address: view.address,
            asks_with: view.asks_with,
            sets: view.sets,
            lacks_secret: view.lacks_secret,
            requests_today: view.requests_today,
            requests_per_day: view.requests_per_day,
            waiting: view.counts.waiting,
            answered: view.counts.answered,
            unknown: view.counts.unknown,
            skipped: view.counts.skipped,
            given_up: view.counts.dead,
        }
    }
}

/// Lists enrichers
#[utoipa::path(
    get, path = "/api/v1/enrichers", tag = "operation",
    responses((status = 200, body = Page<Enricher>), (status = 401, body = Problem)),
)]
pub(crate) async fn handler(_: Admin, State(edge): State<Edge>) -> Result<Json<Page<Enricher>>, Problem> {
    let enrichers = edge.app().enrichers().await?;
    Ok(Json(Page {
        items: enrichers.into_iter().map(Enricher::from).collect(),
        next: None,
    }))
}
