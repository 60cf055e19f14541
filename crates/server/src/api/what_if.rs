//! `POST /api/v1/agreement/what-if`: what an edited agreement would have come to, a line of JSON as soon as there is
//! something to say.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bellwether_app::{WhatIf, WhatIfStep};
use futures_util::stream::unfold;
use serde::Serialize;
use utoipa::ToSchema;

use super::agreement_text::agreement_text;
use super::extract::Admin;
use super::wire_agreement::Replay;
use crate::edge::Edge;
use crate::problem::Problem;

/// A line of the answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Line {
    /// `coarse` (from a sample: `judged` of `leads`), `exact`, `abandoned` (the same key asked something newer) or `failed`.
    step: &'static str,
    /// What it would have come to.
    #[serde(skip_serializing_if = "Option::is_none")]
    replay: Option<Replay>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// Tells what an edited agreement would have come to
///
/// The body is the file's text; nothing is kept of it. The answer is a line of JSON for each step: where there are many leads first a
/// coarse one, from a sample, then the exact one. Whoever asks again with the same key abandons what they had asked before.
#[utoipa::path(
    post, path = "/api/v1/agreement/what-if", tag = "agreement",
    request_body(content = String, content_type = "application/toml"),
    responses(
        (status = 200, content_type = "application/x-ndjson", body = Line), (status = 401, body = Problem),
        (status = 413, body = Problem),
        (status = 422, description = "It has errors, each with its line and column", body = Problem),
        (status = 503, description = "As many are worked out as may be at once", body = Problem),
    ),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let source = agreement_text(&headers, body)?;
    let Some(run) = edge.app().what_if(source, actor).await? else {
        return Err(Problem::crowded(
            "as many what-ifs are worked out as may be at once; ask again when one is done",
        ));
    };
    let lines = unfold(run, async |mut run: WhatIf| {
        let step = run.next().await?;
        Some((Ok::<_, std::io::Error>(line(step)), run))
    });
    let headers = [(CONTENT_TYPE, "application/x-ndjson")];
    Ok((headers, Body::from_stream(lines)).into_response())
}

fn line(step: WhatIfStep) -> Bytes {
    let (step, replay, detail) = match step {
        WhatIfStep::Coarse(summary) => ("coarse", Some(summary), None),
        WhatIfStep::Exact(summary) => ("exact", Some(summary), None),
        WhatIfStep::Abandoned => ("abandoned", None, None),
        WhatIfStep::Failed(error) => {
            tracing::warn!(%error, "a what-if failed");
            ("failed", None, Some(error.to_string()))
        }
    };
    let line = Line {
        step,
        replay: replay.map(Into::into),
        detail,
    };
    let mut text = serde_json::to_vec(&line).unwrap_or_default();
    text.push(b'\n');
    text.into()
}
