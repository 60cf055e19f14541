//! `POST /hooks/{tool}/{source}`: what scheduling tools send. Known kinds and unknown ones are answered with 200, so that a
//! tool doesn't send again what will never be used; what can't be kept just now is 503, so that it does.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bellwether_app::{HookError, HookOrigin, MeetingTool};
use serde::Deserialize;

use crate::edge::Edge;
use crate::limits::{HOOK_BYTES_MAX, REQUEST_TIMEOUT};
use crate::problem::Problem;

/// The routes of scheduling tools.
pub(crate) fn routes() -> Router<Edge> {
    Router::new().route("/hooks/{tool}/{source}", post(handler))
}

/// What the address may carry.
#[derive(Deserialize)]
struct Asked {
    token: Option<String>,
}

async fn handler(
    State(edge): State<Edge>,
    Path((tool, source)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(tool) = MeetingTool::named(&tool) else {
        return Problem::no_such_path("/hooks").into_response();
    };
    let header = |name: &str| Some(headers.get(name)?.to_str().ok()?.to_owned());
    let origin = HookOrigin {
        signature: header("calendly-webhook-signature").or_else(|| header("x-chili-signature")),
        signed_at: header("x-chili-timestamp"),
        token: asked.token,
    };
    let work = async {
        let Ok(bytes) = to_bytes(body, HOOK_BYTES_MAX).await else {
            return Err(Problem::too_large(HOOK_BYTES_MAX));
        };
        let taken = edge.app().take_hook(tool, &source, origin, bytes.to_vec()).await;
        taken.map_err(|error| refusal(&edge, tool, &source, error))
    };
    match tokio::time::timeout(REQUEST_TIMEOUT, work).await {
        Ok(Ok(())) => StatusCode::OK.into_response(),
        Ok(Err(problem)) => problem.into_response(),
        // What was handed to the app may still be kept; sent again, it changes nothing.
        Err(_) => Problem::unavailable().into_response(),
    }
}

/// Why nothing was taken, listed where it is nothing that passes by itself.
fn refusal(edge: &Edge, tool: MeetingTool, source: &str, error: HookError) -> Problem {
    let subject = format!("/hooks/{}", tool.as_str());
    match error {
        HookError::NoSource => {
            edge.app().note_refused(&subject, "no such source");
            Problem::not_found("source", source)
        }
        HookError::Unsigned(why) => {
            edge.app().note_refused(&subject, &why.to_string());
            Problem::unsigned(why.to_string())
        }
        HookError::App(error) => error.into(),
    }
}
