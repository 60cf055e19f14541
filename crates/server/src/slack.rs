//! `POST /slack/actions/{destination}`: a button of a channel's message was pressed. Slack waits three seconds for an
//! answer and shows nothing of it; what was done takes the message's place later, from the outbox.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bellwether_app::slack_action::{ActionError, read, verify};

use crate::edge::Edge;
use crate::limits::FORM_BYTES_MAX;
use crate::problem::Problem;

/// The routes that a channel's buttons call.
pub(crate) fn routes() -> Router<Edge> {
    Router::new()
        .route("/slack/actions/{destination}", post(handler))
        .layer(DefaultBodyLimit::max(4 * FORM_BYTES_MAX))
}

async fn handler(
    State(edge): State<Edge>,
    Path(destination): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    // Whoever can't sign isn't told which destinations there are.
    let secret = edge.app().signing_secret(&destination).unwrap_or_default();
    let header = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let (time, signature) = (header("x-slack-request-timestamp"), header("x-slack-signature"));
    let verified = verify(&secret, time, signature, &body, edge.now());
    if secret.is_empty() || verified.is_err() {
        let reason = verified.err().unwrap_or(ActionError::Signature).to_string();
        edge.app().note_refused("/slack/actions", &reason);
        return Err((StatusCode::UNAUTHORIZED, format!("{reason}\n")).into_response());
    }
    let payload = form_urlencoded::parse(&body)
        .find(|(name, _)| name == "payload")
        .map(|(_, payload)| payload.into_owned());
    let action = payload.as_deref().map_or(Err(ActionError::Payload), read);
    match action {
        Ok(Some(action)) => {
            let answered = edge.app().answer_from_slack(&destination, action).await;
            answered.map_err(|error| Problem::from(error).into_response())?;
            Ok(StatusCode::OK.into_response())
        }
        Ok(None) => Ok(StatusCode::OK.into_response()),
        Err(error) => {
            edge.app().note_refused("/slack/actions", &error.to_string());
            Err((StatusCode::BAD_REQUEST, format!("{error}\n")).into_response())
        }
    }
}
