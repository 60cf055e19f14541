//! `PUT /api/v1/agreement`: publishes another agreement, if nobody else has meanwhile.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, IF_MATCH};
use axum::response::Response;
use bellwether_app::AppError;

use super::agreement_get::{Agreement, answer};
use super::extract::{Admin, text_rejection};
use crate::edge::Edge;
use crate::problem::Problem;

/// Publishes an agreement
///
/// The body is the file's text. With `If-Match: "3"` it is published only while version 3 is the active one.
#[utoipa::path(
    put, path = "/api/v1/agreement", tag = "agreement",
    request_body(content = String, content_type = "application/toml"),
    params(("If-Match" = Option<String>, Header, description = "The version that the change was made on, in quotes")),
    responses(
        (status = 200, body = Agreement), (status = 401, body = Problem),
        (status = 412, description = "Another version is active by now", body = Problem),
        (status = 422, description = "It has errors, each with its line and column", body = Problem),
    ),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let expected = expected_version(&headers)?;
    require_text(&headers)?;
    let bytes = body.map_err(|rejection| text_rejection(&rejection))?;
    let source = std::str::from_utf8(&bytes).map_err(|error| {
        Problem::invalid(format!("the body is not UTF-8 at byte {}", error.valid_up_to()))
    })?;
    match edge.app().put_agreement(source.to_owned(), expected, actor).await {
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

/// Takes TOML under the names that it goes by, and refuses forms, which a foreign page could send.
fn require_text(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or("text/plain");
    let kind = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if matches!(
        kind.as_str(),
        "text/plain" | "application/toml" | "text/x-toml" | "application/octet-stream"
    ) {
        return Ok(());
    }
    Err(Problem::unsupported_media_type(
        "send the file's text with `Content-Type: application/toml`",
    ))
}
