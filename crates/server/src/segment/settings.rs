//! What the browser and mobile clients fetch before they send anything. The host is in it, so that a page needs to name
//! this server only once; without it, the client would send to its vendor.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::auth::write_key;
use super::reply::Refusal;
use crate::edge::Edge;

/// `GET /v1/projects/{key}/settings`.
pub(super) async fn settings(
    State(edge): State<Edge>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    match write_key(&edge, std::slice::from_ref(&key)).await {
        Ok(Some(_)) => {}
        Ok(None) => return Err(Refusal::UnknownKey),
        Err(error) => {
            tracing::warn!(error = %error, "a write key couldn't be looked up");
            return Err(Refusal::outage());
        }
    }
    let mut response = Json(document(&key, edge.reached_by(&headers))).into_response();
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=60"));
    Ok(response)
}

/// One integration, which is this server: a second one would make the browser client load its predecessor.
fn document(key: &str, reached_by: Option<(&str, String)>) -> Value {
    let mut segment = json!({
        "apiKey": key,
        "addBundledMetadata": false,
        "unbundledIntegrations": [],
        "maybeBundledConfigIds": {},
        "versionSettings": { "componentTypes": ["browser", "ios", "android"] },
    });
    if let (Some((protocol, host)), Some(members)) = (reached_by, segment.as_object_mut()) {
        members.insert("apiHost".to_owned(), Value::String(format!("{host}/v1")));
        members.insert("protocol".to_owned(), Value::String(protocol.to_owned()));
    }
    let enabled = json!({ "__default": { "enabled": true, "integrations": {} } });
    json!({
        "integrations": { "Segment.io": segment },
        "plan": { "track": enabled, "identify": enabled, "group": enabled },
        "edgeFunction": {},
        "analyticsNextEnabled": true,
        "middlewareSettings": {},
        "enabledMiddleware": {},
        "metrics": { "sampleRate": 0 },
        "legacyVideoPluginsEnabled": false,
        "remotePlugins": [],
    })
}
