//! The answers that clients understand. Success is exactly 200, since one client resends forever on any other; what may
//! be sent again is 503 with whole seconds to wait, since on 4xx clients throw their events away.

use std::collections::BTreeSet;

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bellwether_app::AcceptError;
use serde::Serialize;

use super::body::BodyError;
use super::decode::{DecodeError, Decoded};
use crate::limits::{DROPPED_LISTED_MAX, RETRY_AFTER_S};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Taken {
    success: bool,
    ok: bool,
    received_events: usize,
    ok_events: usize,
    errors: Vec<EventError>,
    /// What was left out of events that were kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dropped: Vec<DroppedValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dropped_total: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EventError {
    index: usize,
    message_id: Option<String>,
    reason: String,
}

#[derive(Debug, Serialize)]
struct DroppedValue {
    index: usize,
    path: String,
    reason: &'static str,
}

/// What becomes of a batch's events once its facts are durable; `refused` are those that the store wouldn't take, by
/// their place among the facts.
pub(super) fn taken(decoded: Decoded, message_ids: &[String], refused: Vec<(usize, String)>) -> Response {
    let late = refused.into_iter().filter_map(|(fact, reason)| {
        let index = *decoded.origins.get(fact)?;
        Some(EventError {
            index,
            message_id: message_ids.get(fact).cloned(),
            reason,
        })
    });
    let mut errors: Vec<EventError> = decoded
        .refused
        .into_iter()
        .map(|refused| EventError {
            index: refused.index,
            message_id: refused.message_id,
            reason: refused.reason,
        })
        .chain(late)
        .collect();
    errors.sort_by_key(|error| error.index);
    let bad: BTreeSet<usize> = errors.iter().map(|error| error.index).collect();
    let dropped_total = decoded.dropped.len();
    let dropped = decoded.dropped.into_iter().take(DROPPED_LISTED_MAX);
    Json(Taken {
        success: true,
        ok: errors.is_empty(),
        received_events: decoded.received,
        ok_events: decoded.received.saturating_sub(bad.len()),
        errors,
        dropped: dropped
            .map(|dropped| DroppedValue {
                index: dropped.index,
                path: dropped.path,
                reason: dropped.reason,
            })
            .collect(),
        dropped_total: (dropped_total > DROPPED_LISTED_MAX).then_some(dropped_total),
    })
    .into_response()
}

/// The answer where there is nothing to take and nothing wrong.
pub(super) fn nothing() -> Response {
    Json(serde_json::json!({ "success": true })).into_response()
}

/// Why nothing of a request was taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error("no write key that is known; put it in `writeKey`, or as the user of Basic credentials")]
    UnknownKey,
    #[error("no such call; calls are posted to `/v1/track` and the like, batches to `/v1/batch`")]
    NoSuchCall,
    #[error("calls are posted")]
    NotPosted,
    #[error("not now; send it again in {retry_after_s} s")]
    NotNow { retry_after_s: u32 },
}

impl Refusal {
    /// An outage, a start, a full queue: nothing that the client did wrong.
    pub(super) const fn outage() -> Self {
        Self::NotNow {
            retry_after_s: RETRY_AFTER_S,
        }
    }

    /// What is wrong with the call, for the list of findings: one of a few texts, whatever is sent. Nothing where the
    /// client sends it again.
    pub(super) fn fault(&self) -> Option<String> {
        let text = match self {
            Self::NotNow { .. } | Self::Body(BodyError::Cut) => return None,
            Self::Decode(DecodeError::Malformed { what, .. }) => {
                return Some(format!("the body is not a call: {what}"));
            }
            Self::UnknownKey => "no write key that is known".to_owned(),
            Self::NoSuchCall => "no such call".to_owned(),
            other => other.to_string(),
        };
        Some(super::findings::fault(&text).to_owned())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Body(BodyError::TooLarge) | Self::Decode(DecodeError::EventTooLarge { .. }) => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            // Nobody is there any more to read the answer; if somebody is, it is to send the body again.
            Self::Body(BodyError::Cut) | Self::NotNow { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Body(BodyError::NotGzip | BodyError::UnknownEncoding) | Self::Decode(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::UnknownKey => StatusCode::UNAUTHORIZED,
            Self::NoSuchCall => StatusCode::NOT_FOUND,
            Self::NotPosted => StatusCode::METHOD_NOT_ALLOWED,
        }
    }
}

impl From<AcceptError> for Refusal {
    fn from(error: AcceptError) -> Self {
        match error {
            AcceptError::Busy { retry_after_s } => Self::NotNow {
                retry_after_s: retry_after_s.max(1),
            },
            AcceptError::Unavailable => Self::outage(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.status();
        let retry_after_s = match &self {
            Self::NotNow { retry_after_s } => Some(*retry_after_s),
            Self::Body(BodyError::Cut) => Some(RETRY_AFTER_S),
            _ => None,
        };
        let body = Json(serde_json::json!({ "success": false, "error": self.to_string() }));
        let mut response = (status, body).into_response();
        if let Some(seconds) = retry_after_s {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
