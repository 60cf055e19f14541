//! `GET /review`: the quarterly review, as a page that can be saved and printed.

use axum::extract::{Query, State};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{Html, IntoResponse as _, Response};
use bellwether_core::hours::{Quarter, QuarterError};
use serde::Deserialize;

use super::page::Failure;
use super::session::SignedIn;
use super::setup::may_set_up;
use crate::edge::Edge;
use crate::review::review_page;

/// The page has its styles in itself, so that it can be saved, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    quarter: String,
}

/// `GET /review`.
pub(super) async fn handler(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    if !may_set_up(&signed_in.user) {
        return Err(Failure::forbidden(
            "Marketing and admins review the agreement. Ask one of them.",
        ));
    }
    let quarter = Some(asked.quarter.trim()).filter(|quarter| !quarter.is_empty());
    let quarter: Result<Option<Quarter>, QuarterError> = quarter.map(str::parse).transpose();
    let quarter = quarter.map_err(|error| Failure::unusable(&error.to_string()))?;
    let review = edge.app().review(quarter).await?;
    let made = review_page(&review, Some("/agreement/changes"))
        .map_err(|_| Failure::from(crate::problem::Problem::unavailable()))?;
    let mut response = Html(made).into_response();
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}
