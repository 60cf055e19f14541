//! `POST /api/v1/agreement/replay`: what an agreement would have done with the whole history, as `bellwether replay` says it.

use std::num::NonZeroU32;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use bellwether_app::ReplayAsked;
use bellwether_core::hours::{LocalDate, LocalDateError};
use bellwether_replay::report::ReplayReport;
use serde::Deserialize;
use utoipa::IntoParams;

use super::agreement_text::agreement_text;
use super::extract::{Admin, Parameters};
use crate::edge::Edge;
use crate::problem::Problem;

/// What is asked.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// The first day that is looked at, such as `2026-01-01`, in the agreement's time zone; who had qualified before is left out.
    from: Option<String>,
    /// The last day that is looked at; what leads did later isn't known.
    to: Option<String>,
    /// Count a lead whose fate isn't known as lost, instead of leaving it out of precision and lift.
    #[serde(default)]
    others_lost: bool,
    /// How many leads sales can work a week; the line that gives at most that is looked for.
    #[param(value_type = Option<u32>, minimum = 1)]
    capacity: Option<NonZeroU32>,
    /// How many salespeople there are; everybody who takes leads where nothing is said.
    #[param(value_type = Option<u32>, minimum = 1)]
    people: Option<NonZeroU32>,
}

/// Replays an agreement over the whole history
///
/// The body is the file's text; an empty one is the active version. Nothing is kept of it. The answer is what `bellwether replay --format
/// json` prints: who would have been handed off by month, channel and score band, what became of them, the load, the line by capacity.
#[utoipa::path(
    post, path = "/api/v1/agreement/replay", tag = "agreement", params(Asked),
    request_body(content = String, content_type = "application/toml"),
    responses(
        (status = 200, body = Object), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 413, body = Problem),
        (status = 422, description = "It has errors, each with its line and column; or `to` is before `from`", body = Problem),
        (status = 503, description = "As many are worked out as may be at once", body = Problem),
        (status = 507, description = "The history is more than can be held", body = Problem),
    ),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Parameters(asked): Parameters<Asked>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<ReplayReport>, Problem> {
    let text = agreement_text(&headers, body)?;
    let asked = ReplayAsked {
        from: date(asked.from)?,
        to: date(asked.to)?,
        others_lost: asked.others_lost,
        capacity: asked.capacity,
        people: asked.people,
    };
    let source = Some(text).filter(|text| !text.trim().is_empty());
    let report = edge.app().replay(source, asked).await?;
    let crowded =
        || Problem::crowded("as many replays are worked out as may be at once; ask again when one is done");
    report.map(Json).ok_or_else(crowded)
}

fn date(text: Option<String>) -> Result<Option<LocalDate>, Problem> {
    let date = text.map(|text| text.parse()).transpose();
    date.map_err(|error: LocalDateError| Problem::invalid(error.to_string()))
}
