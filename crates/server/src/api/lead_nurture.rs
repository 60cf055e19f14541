//! `GET /api/v1/leads/{id}/nurture`: what is done for a lead that marketing has.

use axum::Json;
use axum::extract::State;
use bellwether_app::LeadId;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::{Admin, Number, time};
use super::nurture::Nurture;
use crate::edge::Edge;
use crate::problem::Problem;

/// A lead's nurture tracks and messages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeadNurture {
    /// The tracks that it is or was on, latest first, at most 100.
    tracks: Vec<Nurture>,
    /// What was written to it, or kept back, latest first, at most 100.
    messages: Vec<LeadMessage>,
    /// Since when its address wants no more mail.
    unsubscribed_at: Option<String>,
}

/// A message to a lead, sent or kept back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeadMessage {
    /// Its number.
    id: i64,
    /// When.
    at: String,
    /// `reply` or `nurture`.
    kind: String,
    /// The agreement's message.
    name: String,
    /// Which step of its track it is.
    step: Option<u32>,
    /// Why it wasn't sent.
    kept_back: Option<String>,
}

/// Shows a lead's nurture tracks and messages
#[utoipa::path(
    get, path = "/api/v1/leads/{id}/nurture", tag = "nurture",
    params(("id" = i64, Path, description = "The lead's number")),
    responses((status = 200, body = LeadNurture), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Number(id): Number,
) -> Result<Json<LeadNurture>, Problem> {
    let found = edge.app().lead_nurture(LeadId(id)).await?;
    let found = found.ok_or_else(|| Problem::not_found("lead", &id.to_string()))?;
    let messages = found.messages.into_iter().map(|mail| LeadMessage {
        id: mail.id,
        at: time(mail.at),
        kind: mail.kind,
        name: mail.name,
        step: mail.step,
        kept_back: mail.kept_back,
    });
    Ok(Json(LeadNurture {
        messages: messages.collect(),
        tracks: found.tracks.into_iter().map(Nurture::from).collect(),
        unsubscribed_at: found.unsubscribed_at.map(time),
    }))
}
