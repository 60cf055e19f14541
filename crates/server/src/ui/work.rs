//! What sales does with a lead from its page: it records what it found out, opens deals, wins and loses them; and managers put
//! leads where they belong.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use bellwether_app::{Actor, DealPatch, LeadId, NewDeal, OpportunityId};
use bellwether_core::deal::{Answered, Bant, CloseDay, Money, Question};
use bellwether_core::domain::Stage;
use serde::Deserialize;

use super::page::Failure;
use super::session::{SignedIn, way_back};
use crate::edge::Edge;

/// A form with the answers to the four questions.
#[derive(Debug, Deserialize)]
pub(super) struct Answers {
    csrf: String,
    #[serde(default)]
    budget: String,
    #[serde(default)]
    budget_note: String,
    #[serde(default)]
    authority: String,
    #[serde(default)]
    authority_note: String,
    #[serde(default)]
    need: String,
    #[serde(default)]
    need_note: String,
    #[serde(default)]
    timeline: String,
    #[serde(default)]
    timeline_note: String,
    /// `qualify` where the lead is to be qualified by these.
    #[serde(default)]
    then: String,
}

/// A form with what is known of a deal.
#[derive(Debug, Deserialize)]
pub(super) struct DealForm {
    csrf: String,
    #[serde(default)]
    back: String,
    name: String,
    #[serde(default)]
    amount: String,
    #[serde(default)]
    currency: String,
    #[serde(default)]
    close_date: String,
    #[serde(default)]
    stage: String,
}

/// A form that ends something, or moves a lead, for a reason.
#[derive(Debug, Deserialize)]
pub(super) struct Reasoned {
    csrf: String,
    #[serde(default)]
    back: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    note: String,
    /// The stage of an override.
    #[serde(default)]
    to: String,
}

type Posted<T> = Result<Form<T>, FormRejection>;

/// `POST /leads/{id}/bant`.
pub(super) async fn record(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    form: Posted<Answers>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    signed_in.verify(&form.csrf)?;
    let actor = Actor::User(signed_in.user.id);
    if form.then == "qualify" {
        edge.app().sales_qualify(LeadId(id), bant(&form), actor).await?;
    } else {
        edge.app().record_bant(LeadId(id), bant(&form), actor).await?;
    }
    Ok(to_lead(id))
}

/// `POST /leads/{id}/accept`, of a lead without a handoff.
pub(super) async fn accept(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    form: Posted<Reasoned>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    signed_in.verify(&form.csrf)?;
    edge.app()
        .accept_lead(LeadId(id), Actor::User(signed_in.user.id))
        .await?;
    Ok(to_lead(id))
}

/// `POST /leads/{id}/opportunities`.
pub(super) async fn open(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    form: Posted<DealForm>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    signed_in.verify(&form.csrf)?;
    let (money, close_on) = worth(&form)?;
    let new = NewDeal {
        money,
        close_on,
        sales_stage: said(&form.stage),
        owner: None,
        name: form.name,
    };
    edge.app()
        .open_deal(LeadId(id), new, Actor::User(signed_in.user.id))
        .await?;
    Ok(to_lead(id))
}

/// `POST /opportunities/{id}/change`.
pub(super) async fn change(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    form: Posted<DealForm>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    signed_in.verify(&form.csrf)?;
    let (money, close_on) = worth(&form)?;
    let patch = DealPatch {
        money: Some(money),
        close_on: Some(close_on),
        sales_stage: Some(said(&form.stage)),
        owner: None,
        name: Some(form.name),
    };
    edge.app()
        .change_deal(OpportunityId(id), patch, Actor::User(signed_in.user.id))
        .await?;
    Ok(Redirect::to(way_back(&form.back)).into_response())
}

/// `POST /opportunities/{id}/win`.
pub(super) async fn win(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    form: Posted<Reasoned>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    signed_in.verify(&form.csrf)?;
    let actor = Actor::User(signed_in.user.id);
    edge.app()
        .win_deal(OpportunityId(id), said(&form.reason), said(&form.note), actor)
        .await?;
    Ok(Redirect::to(way_back(&form.back)).into_response())
}

/// `POST /opportunities/{id}/lose`.
pub(super) async fn lose(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    form: Posted<Reasoned>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    signed_in.verify(&form.csrf)?;
    let actor = Actor::User(signed_in.user.id);
    let note = said(&form.note);
    edge.app()
        .lose_deal(OpportunityId(id), form.reason, note, actor)
        .await?;
    Ok(Redirect::to(way_back(&form.back)).into_response())
}

/// `POST /leads/{id}/disqualify`.
pub(super) async fn disqualify(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    form: Posted<Reasoned>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    signed_in.verify(&form.csrf)?;
    edge.app()
        .disqualify(LeadId(id), form.reason, Actor::User(signed_in.user.id))
        .await?;
    Ok(to_lead(id))
}

/// `POST /leads/{id}/override`.
pub(super) async fn override_stage(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    form: Posted<Reasoned>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    signed_in.verify(&form.csrf)?;
    let to: Stage = form.to.parse().map_err(|()| Failure::bad_form())?;
    edge.app()
        .override_stage(LeadId(id), to, None, form.reason, Actor::User(signed_in.user.id))
        .await?;
    Ok(to_lead(id))
}

fn to_lead(id: i64) -> Response {
    Redirect::to(&format!("/leads/{id}")).into_response()
}

/// The answers that were chosen; what was left open stays as it was.
fn bant(form: &Answers) -> Bant {
    let mut bant = Bant::default();
    for (question, answer, note) in [
        (Question::Budget, &form.budget, &form.budget_note),
        (Question::Authority, &form.authority, &form.authority_note),
        (Question::Need, &form.need, &form.need_note),
        (Question::Timeline, &form.timeline, &form.timeline_note),
    ] {
        if let Ok(answer) = answer.parse() {
            let note = said(note);
            bant.record(question, Answered { answer, note });
        }
    }
    bant
}

fn worth(form: &DealForm) -> Result<(Option<Money>, Option<CloseDay>), Failure> {
    let money = match said(&form.amount) {
        None => None,
        Some(amount) => {
            Some(Money::parse(&amount, &form.currency).map_err(|error| Failure::unusable(&error))?)
        }
    };
    let day = said(&form.close_date).map(|day| day.parse()).transpose();
    let day = day.map_err(|error: String| Failure::unusable(&error))?;
    Ok((money, day))
}

/// A text that says something.
fn said(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
