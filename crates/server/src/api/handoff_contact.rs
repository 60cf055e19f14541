//! `POST /api/v1/handoffs/{id}/contact`: somebody was in touch with the lead. The first time stops the clock.

use axum::Json;
use axum::extract::State;
use bellwether_app::{ContactKind, HandoffId};
use bellwether_core::domain::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::{Admin, Body, Number};
use super::wire::HandoffDetail;
use crate::edge::Edge;
use crate::problem::Problem;

/// How and when somebody was in touch.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewContact {
    /// `call`, `mail`, `meeting` or `note`.
    #[schema(example = "call")]
    kind: String,
    /// When, as RFC 3339; now if it isn't given.
    at: Option<String>,
    /// What came of it.
    note: Option<String>,
}

/// Records a contact with a handoff's lead
#[utoipa::path(
    post, path = "/api/v1/handoffs/{id}/contact", tag = "handoffs", request_body = NewContact,
    params(("id" = i64, Path, description = "The handoff's number")),
    responses(
        (status = 200, body = HandoffDetail), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 422, description = "It can't have been then", body = Problem),
    ),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(id): Number,
    Body(contact): Body<NewContact>,
) -> Result<Json<HandoffDetail>, Problem> {
    let kind = ContactKind::named(&contact.kind).ok_or_else(|| {
        let message = format!(
            "`{}` is no kind of contact; use `call`, `mail`, `meeting` or `note`",
            contact.kind
        );
        Problem::invalid(message)
    })?;
    let at = contact.at.map(|at| at.parse::<Timestamp>()).transpose();
    let at = at.map_err(|error| Problem::invalid(error.to_string()))?;
    let note = contact.note.filter(|note| !note.trim().is_empty());
    let shown = edge
        .app()
        .record_contact(HandoffId(id), kind, at, note, actor)
        .await?;
    Ok(Json(shown.into()))
}
