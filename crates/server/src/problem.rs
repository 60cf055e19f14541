//! Errors of the REST interface, as `application/problem+json` (RFC 9457): what went wrong, and what would be right.

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bellwether_app::AppError;
use bellwether_core::agreement::{Problem as AgreementProblem, Severity};
use serde::Serialize;
use utoipa::ToSchema;

use crate::limits::RETRY_AFTER_S;

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// The kind of problem, stable: `urn:bellwether:problem:not-found`.
    #[serde(rename = "type")]
    kind: String,
    /// The kind in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What went wrong this time.
    detail: String,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    /// What is wrong with an agreement, place by place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<Place>,
}

/// Something that is wrong with an agreement.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Place {
    /// `error` or `warning`.
    severity: &'static str,
    /// What kind of problem it is.
    code: String,
    /// What is wrong.
    message: String,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    /// The line, from 1.
    line: usize,
    /// The column in characters, from 1.
    column: usize,
}

impl Problem {
    fn new(status: StatusCode, code: &str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:bellwether:problem:{code}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            help: None,
            problems: Vec::new(),
        }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn not_found(what: &str, id: &str) -> Self {
        let detail = format!("there is no {what} `{}`", excerpt(id));
        Self::new(StatusCode::NOT_FOUND, "not-found", "not found", detail)
    }

    pub(crate) fn no_such_path(path: &str) -> Self {
        Self::not_found("path", path).help("`/api/v1/openapi.json` lists every path")
    }

    pub(crate) fn no_such_method() -> Self {
        let detail = "the path is there, but not with this method";
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "method not allowed",
            detail,
        )
        .help("`/api/v1/openapi.json` lists every path with its methods")
    }

    pub(crate) fn unauthorized() -> Self {
        let detail = "no admin key that is known";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "not signed in", detail)
            .help("send `Authorization: Bearer bw_admin_…`; `bellwether key create` makes a key")
    }

    /// A message that isn't known to come from whom it says.
    pub(crate) fn unsigned(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "not signed", detail)
    }

    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid", "not a valid request", detail)
    }

    pub(crate) fn too_large(bytes_max: usize) -> Self {
        let detail = format!("the body has more than {bytes_max} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "too large", detail)
    }

    pub(crate) fn unsupported_media_type(help: &str) -> Self {
        let detail = "the body is of a type that isn't taken here";
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "unsupported media type",
            detail,
        )
        .help(help)
    }

    pub(crate) fn changed(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "changed-meanwhile",
            "changed meanwhile",
            detail,
        )
        .help("get it again, and put your change on top of that")
    }

    pub(crate) fn unprocessable(detail: impl Into<String>) -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::new(status, "invalid", "not a valid request", detail)
    }

    pub(crate) fn busy(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "busy", "busy with another one", detail)
    }

    /// All places are taken just now; there will be one in a while.
    pub(crate) fn crowded(detail: impl Into<String>) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::new(status, "busy", "busy with others", detail)
    }

    pub(crate) fn unavailable() -> Self {
        let detail = "the store can't serve just now; what was asked can be asked again";
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "not available",
            detail,
        )
    }

    fn agreement(found: &[AgreementProblem]) -> Self {
        let problems: Vec<Place> = found
            .iter()
            .map(|problem| Place {
                severity: match problem.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                },
                code: problem.code.to_owned(),
                message: problem.message.clone(),
                help: problem.help.clone(),
                line: problem.line,
                column: problem.column,
            })
            .collect();
        let detail = match found.first() {
            Some(first) => format!("line {}: {}", first.line, first.message),
            None => "the agreement can't be used".to_owned(),
        };
        let unusable = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "agreement",
            "the agreement has errors",
            detail,
        );
        Self { problems, ..unusable }
    }

    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let text = error.to_string();
        match error {
            AppError::NotFound { what, id } => Self::not_found(what, &id),
            AppError::Conflict { .. } => {
                Self::new(StatusCode::CONFLICT, "conflict", "changed meanwhile", text)
            }
            AppError::Refused { .. } => {
                Self::new(StatusCode::CONFLICT, "refused", "not allowed at this stage", text)
            }
            AppError::Forbidden { .. } => Self::new(StatusCode::FORBIDDEN, "forbidden", "not allowed", text),
            AppError::Invalid { field, .. } => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid",
                "not a valid request",
                text,
            )
            .help(format!("look at `{field}`")),
            AppError::Agreement(found) => Self::agreement(&found),
            AppError::TooMuch { message, help } => {
                tracing::warn!(error = %message, "a request can't be served");
                let status = StatusCode::INSUFFICIENT_STORAGE;
                Self::new(status, "too-much", "more than can be held", message).help(help)
            }
            AppError::Unavailable(_) => {
                tracing::warn!(error = %text, "a request couldn't be served");
                Self::unavailable()
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
        }
        response
    }
}

fn excerpt(text: &str) -> String {
    text.chars()
        .take(60)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_be_asked_again_says_when() {
        let too_much = AppError::TooMuch {
            message: "too many events".to_owned(),
            help: "send fewer".to_owned(),
        };
        let problem = Problem::from(too_much.clone());
        assert_eq!(
            (problem.detail(), problem.help.as_deref()),
            ("too many events", Some("send fewer"))
        );
        for (error, status, again) in [
            (too_much, StatusCode::INSUFFICIENT_STORAGE, false),
            (
                AppError::Unavailable("a moment".to_owned()),
                StatusCode::SERVICE_UNAVAILABLE,
                true,
            ),
        ] {
            let response = Problem::from(error).into_response();
            assert_eq!(response.status(), status);
            assert_eq!(response.headers().contains_key(RETRY_AFTER), again);
        }
    }
}
