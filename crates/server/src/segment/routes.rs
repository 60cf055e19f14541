//! Which path takes which call, and the way of a request from its bytes to the answer.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, RawQuery, Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bellwether_app::{SourceId, Submission};

use super::agent::mark_beacons;
use super::auth::{presented, write_key};
use super::body::read;
use super::cors::cors;
use super::decode::{Arrival, Expected, decode};
use super::findings::findings;
use super::reply::{Refusal, nothing, taken};
use super::settings::settings;
use super::visitor::{Peer, look_up};
use super::wire::Call;
use crate::edge::Edge;
use crate::limits::{BATCH_BYTES_MAX, REQUEST_TIMEOUT};

/// The paths of single calls: the specification's, and the browser's one letter.
const CALLS: [(&str, &str, Call); 6] = [
    ("track", "t", Call::Track),
    ("identify", "i", Call::Identify),
    ("page", "p", Call::Page),
    ("screen", "s", Call::Screen),
    ("group", "g", Call::Group),
    ("alias", "a", Call::Alias),
];

/// The paths of batches: the specification's, older clients' imports, and the browser's and the mobile clients' one
/// letter, which some build onto a host that already ends in `batch`.
const BATCHES: [&str; 4] = ["/v1/batch", "/v1/import", "/v1/b", "/v1/batch/b"];

/// The paths of settings: clients put them after the host, after `/v1`, or after an address that ends in `/projects`.
const SETTINGS: [&str; 3] = [
    "/v1/projects/{key}/settings",
    "/projects/{key}/settings",
    "/v1/projects/projects/{key}/settings",
];

/// Every route that Segment's clients call.
pub(crate) fn routes() -> Router<Edge> {
    let mut router = Router::new();
    for (long, short, call) in CALLS {
        for name in [long, short] {
            let handler =
                move |state, query, headers, body| take(state, query, headers, body, Expected::One(call));
            router = router.route(&format!("/v1/{name}"), post(handler).fallback(not_posted));
        }
    }
    for path in BATCHES {
        let handler = |state, query, headers, body| take(state, query, headers, body, Expected::Batch);
        router = router.route(path, post(handler).fallback(not_posted));
    }
    for path in SETTINGS {
        router = router.route(path, get(settings));
    }
    router
        .route("/v1/m", post(async || nothing()))
        .route("/v1/{*unknown}", axum::routing::any(no_such_call))
        .layer(axum::middleware::from_fn(cors))
}

async fn not_posted() -> Refusal {
    Refusal::NotPosted
}

async fn no_such_call(State(edge): State<Edge>) -> Refusal {
    note_refused(&edge, None, &Refusal::NoSuchCall);
    Refusal::NoSuchCall
}

/// Takes calls, within the time that a request may take.
async fn take(
    State(edge): State<Edge>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    request: Request,
    expected: Expected,
) -> Response {
    let path = request.extensions().get::<MatchedPath>().cloned();
    let peer = request.extensions().get::<Peer>().copied();
    let from = From {
        query: query.as_deref(),
        headers: &headers,
        peer,
    };
    let work = accept(&edge, from, request.into_body(), expected);
    let done: Result<_, _> = tokio::time::timeout(within(), work).await;
    match done {
        Ok(Ok(response)) => response,
        Ok(Err(refusal)) => {
            note_refused(&edge, path.as_ref(), &refusal);
            refusal.into_response()
        }
        // What was handed to the app may still be kept; sent again, it is a duplicate and counts once.
        Err(_) => Refusal::outage().into_response(),
    }
}

/// Lists a call that its client won't send again.
fn note_refused(edge: &Edge, path: Option<&MatchedPath>, refusal: &Refusal) {
    tracing::debug!(reason = %refusal, "a call was refused");
    if let Some(fault) = refusal.fault() {
        edge.app()
            .note_refused(path.map_or("/v1", MatchedPath::as_str), &fault);
    }
}

const fn within() -> Duration {
    REQUEST_TIMEOUT
}

/// What a request says beside its body.
struct From<'a> {
    query: Option<&'a str>,
    headers: &'a HeaderMap,
    peer: Option<Peer>,
}

async fn accept(edge: &Edge, from: From<'_>, body: Body, expected: Expected) -> Result<Response, Refusal> {
    let mut keys = presented(from.headers, from.query);
    let bytes = read(from.headers, body, BATCH_BYTES_MAX).await?;
    let received_at = edge.now();
    let nonce = edge.nonce().ok_or_else(Refusal::outage)?;
    let mut decoded = decode(
        &bytes,
        expected,
        Arrival {
            received_at,
            nonce: &nonce,
        },
    )?;
    keys.extend(decoded.write_key.take());
    let key = match write_key(edge, &keys).await {
        Ok(Some(key)) => key,
        Ok(None) => return Err(Refusal::UnknownKey),
        Err(error) => {
            tracing::warn!(error = %error, "a write key couldn't be looked up");
            return Err(Refusal::outage());
        }
    };
    let source = SourceId(key.id.0);
    note(&decoded);
    let mut facts = std::mem::take(&mut decoded.facts);
    mark_beacons(from.headers, &mut facts);
    look_up(edge, &mut facts, &decoded.addresses, from.headers, from.peer);
    let findings = findings(&decoded, source);
    if facts.is_empty() && findings.is_empty() {
        return Ok(taken(decoded, &[], Vec::new()));
    }
    let message_ids: Vec<String> = facts.iter().map(|fact| fact.message_id.clone()).collect();
    let receipt = edge
        .app()
        .accept(Submission {
            source,
            speaker: key.speaks_as,
            received_at,
            facts,
            findings,
        })
        .await?;
    Ok(taken(decoded, &message_ids, receipt.refused))
}

fn note(decoded: &super::Decoded) {
    if let Some(first) = decoded.refused.first() {
        tracing::info!(
            batch.events = decoded.received,
            batch.refused = decoded.refused.len(),
            first.reason = %first.reason,
            "events were refused"
        );
    }
    if let Some(first) = decoded.dropped.first() {
        tracing::info!(
            batch.events = decoded.received,
            batch.dropped_values = decoded.dropped.len(),
            first.path = %first.path,
            first.reason,
            "values were left out of events"
        );
    }
}
