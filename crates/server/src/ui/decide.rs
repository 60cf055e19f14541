//! What salespeople answer from a page: they take a lead, or send it back with a reason.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use bellwether_app::{Actor, AppError, HandoffDetail, HandoffId};
use serde::Deserialize;

use super::page::Failure;
use super::session::{SignedIn, way_back};
use crate::edge::Edge;

/// A form that takes a lead.
#[derive(Debug, Deserialize)]
pub(super) struct Acceptance {
    csrf: String,
    #[serde(default)]
    back: String,
}

/// A form that sends one back.
#[derive(Debug, Deserialize)]
pub(super) struct Rejection {
    csrf: String,
    #[serde(default)]
    back: String,
    reason: String,
    #[serde(default)]
    note: String,
}

/// `POST /handoffs/{id}/accept`.
pub(super) async fn accept(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    form: Result<Form<Acceptance>, FormRejection>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    signed_in.verify(&form.csrf)?;
    let decided = edge
        .app()
        .accept_handoff(HandoffId(id), Actor::User(signed_in.user.id))
        .await;
    answered(decided, &form.back, "accepted")
}

/// `POST /handoffs/{id}/reject`.
pub(super) async fn reject(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    form: Result<Form<Rejection>, FormRejection>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    signed_in.verify(&form.csrf)?;
    let note = Some(form.note.trim().to_owned()).filter(|note| !note.is_empty());
    let actor = Actor::User(signed_in.user.id);
    let decided = edge
        .app()
        .reject_handoff(HandoffId(id), form.reason, note, actor)
        .await;
    answered(decided, &form.back, "rejected")
}

/// Back to the page that the form was on, which says what was done.
pub(super) fn answered(
    decided: Result<HandoffDetail, AppError>,
    back: &str,
    done: &str,
) -> Result<Response, Failure> {
    let done = match decided {
        Ok(_) => done,
        Err(AppError::Conflict { .. } | AppError::Refused { .. }) => "answered",
        Err(error) => return Err(error.into()),
    };
    let back = way_back(back);
    let joint = if back.contains('?') { '&' } else { '?' };
    Ok(Redirect::to(&format!("{back}{joint}done={done}")).into_response())
}
