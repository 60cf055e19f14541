//! The clock on a handoff's card: by when to call, what has been done, and the forms that say so.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use bellwether_app::{Actor, ClockView, ContactKind, ContactView, HandoffDetail, HandoffId, StepView};
use serde::Deserialize;

use super::decide::answered;
use super::page::Failure;
use super::session::SignedIn;
use super::times::{Moment, Viewpoint};
use crate::edge::Edge;

/// What a card shows of a handoff's clock.
#[derive(Template)]
#[template(path = "clock.html")]
pub(super) struct ClockCard {
    handoff: i64,
    csrf: String,
    back: String,
    /// `Contacted in 40 min, in time`; nothing before.
    contacted: Option<String>,
    hours: String,
    paused: Option<(Moment, String)>,
    pause_reasons: Vec<String>,
    runs: bool,
    may_log: bool,
    steps: Vec<(String, Option<Moment>)>,
    contacts: Vec<(String, Moment, String)>,
}

/// A form that says that somebody was in touch with a lead.
#[derive(Debug, Deserialize)]
pub(super) struct ContactForm {
    csrf: String,
    #[serde(default)]
    back: String,
    kind: String,
    #[serde(default)]
    note: String,
}

/// A form that has a clock stand still, or go on.
#[derive(Debug, Deserialize)]
pub(super) struct PauseForm {
    csrf: String,
    #[serde(default)]
    back: String,
    #[serde(default)]
    reason: String,
}

/// `POST /handoffs/{id}/contact`.
pub(super) async fn contact(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    form: Result<Form<ContactForm>, FormRejection>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    signed_in.verify(&form.csrf)?;
    let kind = ContactKind::named(&form.kind).ok_or_else(Failure::bad_form)?;
    let note = Some(form.note.trim().to_owned()).filter(|note| !note.is_empty());
    let actor = Actor::User(signed_in.user.id);
    let done = edge
        .app()
        .record_contact(HandoffId(id), kind, None, note, actor)
        .await;
    answered(done, &form.back, "contacted")
}

/// `POST /handoffs/{id}/pause`.
pub(super) async fn pause(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    form: Result<Form<PauseForm>, FormRejection>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    signed_in.verify(&form.csrf)?;
    let actor = Actor::User(signed_in.user.id);
    let done = edge.app().pause_handoff(HandoffId(id), form.reason, actor).await;
    answered(done, &form.back, "paused")
}

/// `POST /handoffs/{id}/resume`.
pub(super) async fn resume(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    form: Result<Form<PauseForm>, FormRejection>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    signed_in.verify(&form.csrf)?;
    let actor = Actor::User(signed_in.user.id);
    let done = edge.app().resume_handoff(HandoffId(id), actor).await;
    answered(done, &form.back, "resumed")
}

/// The card of a handoff that has a clock.
pub(super) fn card(
    detail: &HandoffDetail,
    csrf: &str,
    back: String,
    may_log: bool,
    view: &Viewpoint,
) -> Option<ClockCard> {
    let clock = detail.clock.as_ref()?;
    let paused = clock.pauses.iter().find(|pause| pause.until.is_none());
    let steps = clock.steps.iter().map(|step| step_in_words(step, view));
    Some(ClockCard {
        handoff: detail.summary.id.0,
        csrf: csrf.to_owned(),
        back,
        contacted: contacted(clock),
        hours: clock.hours.clone(),
        paused: paused.map(|pause| (view.moment(pause.from), pause.reason.clone())),
        pause_reasons: clock.pause_reasons.clone(),
        runs: clock.ended_at.is_none(),
        may_log,
        steps: steps.collect(),
        contacts: detail
            .contacts
            .iter()
            .map(|contact| contact_in_words(contact, view))
            .collect(),
    })
}

fn contacted(clock: &ClockView) -> Option<String> {
    clock.contacted_at?;
    let took = clock.working.in_words();
    Some(match (clock.late, clock.allowed) {
        (Some(late), _) => format!("after {took}, {} late", late.in_words()),
        (None, Some(_)) => format!("after {took}, in time"),
        (None, None) => format!("after {took}"),
    })
}

fn step_in_words(step: &StepView, view: &Viewpoint) -> (String, Option<Moment>) {
    match (&step.outcome, step.taken_at) {
        (Some(outcome), Some(taken)) => (
            format!("{} %: {outcome}", step.at_percent),
            Some(view.moment(taken)),
        ),
        _ => (
            format!("{} %: {}", step.at_percent, step.action),
            step.due_at.map(|due| view.moment(due)),
        ),
    }
}

fn contact_in_words(contact: &ContactView, view: &Viewpoint) -> (String, Moment, String) {
    let kind = match contact.kind.as_str() {
        "call" => "Call",
        "mail" => "Mail",
        "meeting" => "Meeting",
        _ => "Note",
    };
    let note = contact.note.clone().unwrap_or_default();
    (kind.to_owned(), view.moment(contact.at), note)
}
