//! An agreement in the body of a request: its text, under the media types that TOML goes by.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;

use super::extract::text_rejection;
use crate::problem::Problem;

/// The text of an agreement.
pub(super) fn agreement_text(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<String, Problem> {
    require_text(headers)?;
    let bytes = body.map_err(|rejection| text_rejection(&rejection))?;
    let text = String::from_utf8(bytes.into());
    text.map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        Problem::invalid(format!("the body is not UTF-8 at byte {valid}"))
    })
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
