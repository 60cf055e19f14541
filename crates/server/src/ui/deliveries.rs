//! Where messages go and how that goes: each destination's state, and what was given up, with a button to send it again.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use bellwether_app::{AppError, DeliveryState, DeliveryView, DestinationView, Page, Role};
use serde::Deserialize;

use super::page::{Failure, Frame, page};
use super::session::SignedIn;
use super::times::{Moment, Viewpoint};
use crate::edge::Edge;

/// How many messages a page holds.
const ROWS_MAX: u32 = 50;

/// What a page's address asks for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    state: Option<String>,
    cursor: Option<String>,
    done: Option<String>,
}

/// A form that sends something again.
#[derive(Debug, Deserialize)]
pub(super) struct Replaying {
    csrf: String,
}

#[derive(Template)]
#[template(path = "deliveries.html")]
struct DeliveriesPage {
    frame: Frame,
    flash: Option<&'static str>,
    summary: String,
    destinations: Vec<Destination>,
    tabs: Vec<Tab>,
    dead: bool,
    rows: Vec<Row>,
    next: Option<String>,
}

struct Destination {
    name: String,
    kind: &'static str,
    address: String,
    state: String,
    well: bool,
    waiting: u64,
    dead: u64,
    last_error: String,
}

struct Tab {
    href: String,
    label: &'static str,
    current: bool,
}

struct Row {
    id: i64,
    message: String,
    destination: String,
    recipient: String,
    attempts: u32,
    error: String,
    at: Moment,
}

/// `GET /deliveries`.
pub(super) async fn handler(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    only_admins(&signed_in)?;
    let state = asked
        .state
        .as_deref()
        .and_then(DeliveryState::named)
        .unwrap_or(DeliveryState::Dead);
    let destinations = edge.app().destinations().await?;
    let messages = edge
        .app()
        .deliveries(state, asked.cursor.clone(), ROWS_MAX)
        .await?;
    let agreement = edge.app().active_agreement().await?;
    let view = Viewpoint::new(edge.now(), &agreement.engine.agreement().timezone);
    let frame = Frame::of(&signed_in, "deliveries");
    let shown = deliveries_page(frame, destinations, messages, state, &asked, &view);
    Ok(page(StatusCode::OK, &shown))
}

/// `POST /deliveries/{id}/replay`.
pub(super) async fn replay(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    form: Result<Form<Replaying>, FormRejection>,
) -> Result<Response, Failure> {
    allowed(&signed_in, form)?;
    let done = match edge.app().replay_delivery(id).await {
        Ok(_) => "replayed",
        Err(AppError::Conflict { .. } | AppError::NotFound { .. }) => "gone",
        Err(error) => return Err(error.into()),
    };
    Ok(Redirect::to(&format!("/deliveries?done={done}")).into_response())
}

/// `POST /deliveries/replay`.
pub(super) async fn replay_all(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    form: Result<Form<Replaying>, FormRejection>,
) -> Result<Response, Failure> {
    allowed(&signed_in, form)?;
    edge.app().replay_deliveries().await?;
    Ok(Redirect::to("/deliveries?done=replayed").into_response())
}

fn allowed(signed_in: &SignedIn, form: Result<Form<Replaying>, FormRejection>) -> Result<(), Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    signed_in.verify(&form.csrf)?;
    only_admins(signed_in)
}

fn only_admins(signed_in: &SignedIn) -> Result<(), Failure> {
    if signed_in.user.role == Role::Admin {
        return Ok(());
    }
    Err(Failure::forbidden(
        "Only admins see where messages go. Ask one of them.",
    ))
}

fn deliveries_page(
    frame: Frame,
    destinations: Vec<DestinationView>,
    messages: Page<DeliveryView>,
    state: DeliveryState,
    asked: &Asked,
    view: &Viewpoint,
) -> DeliveriesPage {
    let (waiting, dead) = destinations.iter().fold((0, 0), |(waiting, dead), one| {
        (waiting + one.waiting, dead + one.dead)
    });
    let rows = messages.items.into_iter().map(|one| Row {
        id: one.id,
        destination: one.destination.unwrap_or_else(|| "(removed)".to_owned()),
        recipient: one.recipient.unwrap_or_default(),
        attempts: one.attempts,
        error: one.last_error.unwrap_or_default(),
        at: view.moment(one.ended_at.or(one.next_at).unwrap_or(one.created_at)),
        message: one.message_id,
    });
    DeliveriesPage {
        frame,
        flash: asked.done.as_deref().and_then(done_in_words),
        summary: format!("{waiting} waiting, {dead} given up."),
        destinations: destinations.into_iter().map(destination).collect(),
        tabs: [
            (DeliveryState::Dead, "Given up"),
            (DeliveryState::Waiting, "Waiting"),
            (DeliveryState::Delivered, "Delivered"),
            (DeliveryState::DryRun, "Dry run"),
        ]
        .into_iter()
        .map(|(of, label)| Tab {
            href: format!("/deliveries?state={}", of.as_str()),
            label,
            current: of == state,
        })
        .collect(),
        dead: state == DeliveryState::Dead,
        rows: rows.collect(),
        next: messages
            .next
            .map(|next| format!("/deliveries?state={}&cursor={next}", state.as_str())),
    }
}

fn destination(view: DestinationView) -> Destination {
    let state = match (&view.off_reason, view.active, view.lacks_secret, view.breaker) {
        (Some(reason), ..) => format!("Off: {reason}"),
        (None, false, ..) => "Off by its file".to_owned(),
        (None, true, true, _) => "Its secret is missing".to_owned(),
        (None, true, false, "open") => "Failing: left alone for a while".to_owned(),
        (None, true, false, "half_open") => "Failing: tried with one message".to_owned(),
        (None, true, false, _) => "In order".to_owned(),
    };
    Destination {
        well: state == "In order",
        name: view.name,
        kind: match view.kind {
            "slack" => "Slack",
            "smtp" => "Mail",
            _ => "Webhook",
        },
        address: view.address,
        state,
        waiting: view.waiting,
        dead: view.dead,
        last_error: view.last_error.unwrap_or_default(),
    }
}

fn done_in_words(done: &str) -> Option<&'static str> {
    match done {
        "replayed" => Some("It is sent again now."),
        "gone" => Some("That isn’t given up any more, or its destination was removed."),
        _ => None,
    }
}
