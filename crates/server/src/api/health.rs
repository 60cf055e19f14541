//! `GET /healthz` and `GET /readyz`: whether the process lives, and whether it takes facts.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER};
use axum::response::{IntoResponse, Response};

use crate::edge::Edge;
use crate::limits::RETRY_AFTER_S;

/// The process lives.
pub(crate) async fn live() -> Response {
    ([(CACHE_CONTROL, "no-store")], "alive\n").into_response()
}

/// Facts are taken.
pub(crate) async fn ready(State(edge): State<Edge>) -> Response {
    if edge.app().is_ready() {
        return ([(CACHE_CONTROL, "no-store")], "ready\n").into_response();
    }
    let headers = [
        (CACHE_CONTROL, "no-store".to_owned()),
        (RETRY_AFTER, RETRY_AFTER_S.to_string()),
    ];
    (StatusCode::SERVICE_UNAVAILABLE, headers, "not ready\n").into_response()
}
