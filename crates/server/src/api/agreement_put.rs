//! `PUT /api/v1/agreement`: publishes another agreement without signatures, if nobody else has meanwhile.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::http::header::IF_MATCH;
use axum::response::Response;
use bellwether_app::AppError;
use serde::Deserialize;
use utoipa::IntoParams;

use super::agreement_get::{Agreement, answer};
use super::agreement_text::agreement_text;
use super::extract::{Admin, Parameters};
use crate::edge::Edge;
use crate::problem::Problem;

/// What is said of it.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Said {
    /// Why it is published though nobody signed it; kept with the version.
    #[serde(rename = "override")]
    #[param(rename = "override")]
    reason: Option<String>,
}

/// Publishes an agreement that nobody signed
///
/// The body is the file's text. A database that holds no leads takes it as it is; later it needs `override`, a reason, which is
/// kept with the version and listed as a warning. What two people are to sign is proposed instead. With `If-Match: "3"` it is
/// published only while version 3 is the active one.
#[utoipa::path(
    put, path = "/api/v1/agreement", tag = "agreement",
    request_body(content = String, content_type = "application/toml"),
    params(Said, ("If-Match" = Option<String>, Header, description = "The version that the change was made on, in quotes")),
    responses(
        (status = 200, body = Agreement), (status = 401, body = Problem),
        (status = 403, description = "There are leads, and no reason is given", body = Problem),
        (status = 412, description = "Another version is active by now", body = Problem),
        (status = 422, description = "It has errors, each with its line and column", body = Problem),
    ),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Parameters(said): Parameters<Said>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let expected = expected_version(&headers)?;
    let source = agreement_text(&headers, body)?;
    match edge
        .app()
        .put_agreement(source, expected, said.reason, actor)
        .await
    {
        Ok(version) => Ok(answer(version)),
        Err(AppError::Conflict { message }) => Err(Problem::changed(message)),
        Err(error) => Err(error.into()),
    }
}

/// The version in `If-Match`; `*` is whatever is active.
fn expected_version(headers: &HeaderMap) -> Result<Option<u32>, Problem> {
    let Some(header) = headers.get(IF_MATCH) else {
        return Ok(None);
    };
    let text = header.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let version = text.trim_start_matches("W/").trim_matches('"').parse().ok();
    version
        .map(Some)
        .ok_or_else(|| Problem::invalid("`If-Match` must be a version's number in quotes, such as `\"3\"`"))
}
