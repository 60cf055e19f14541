//! What the page's forms do.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use bellwether_app::{Actor, AppError, Department, LeadId, Listed, ProposalId, PublishMode, ShadowId};
use serde::Deserialize;

use super::{Draft, changes_page};
use crate::api::replay_beside;
use crate::edge::Edge;
use crate::ui::page::{Failure, page};
use crate::ui::session::SignedIn;

type Sent<T> = Result<Form<T>, FormRejection>;

/// A form that proposes an agreement.
#[derive(Deserialize)]
pub(in crate::ui) struct Proposing {
    csrf: String,
    source: String,
    #[serde(default)]
    note: String,
}

/// A form that says no more than which button it is.
#[derive(Deserialize)]
pub(in crate::ui) struct Plain {
    csrf: String,
}

/// A form that signs.
#[derive(Deserialize)]
pub(in crate::ui) struct Signing {
    csrf: String,
    department: String,
}

/// A form that publishes.
#[derive(Deserialize)]
pub(in crate::ui) struct Publishing {
    csrf: String,
    #[serde(default)]
    mode: String,
}

/// A form that has a proposal run beside.
#[derive(Deserialize)]
pub(in crate::ui) struct Running {
    csrf: String,
    days: u16,
}

/// A form that decides on listed leads.
#[derive(Deserialize)]
pub(in crate::ui) struct Deciding {
    csrf: String,
    version: u32,
    /// `hand-off` or `leave-out`.
    act: String,
    /// This one.
    lead: Option<i64>,
    /// All that wait, if they are this many.
    all: Option<u64>,
}

/// `POST /agreement/proposals`.
pub(in crate::ui) async fn propose(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    form: Sent<Proposing>,
) -> Result<Response, Failure> {
    let form = read(form)?;
    signed_in.verify(&form.csrf)?;
    // Browsers send lines with carriage returns.
    let source = form.source.replace("\r\n", "\n");
    let proposed = edge
        .app()
        .propose(source.clone(), Some(form.note.clone()), actor(&signed_in));
    let problems = match proposed.await {
        Ok(proposal) => {
            replay_beside(edge.app(), proposal.id);
            return Ok(done("proposed"));
        }
        Err(AppError::Agreement(problems)) => problems,
        Err(error) => return Err(error.into()),
    };
    let draft = Draft {
        source: Some(source),
        note: form.note,
        problems,
    };
    let shown = changes_page(&edge, &signed_in, None, draft).await?;
    Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &shown))
}

/// `POST /agreement/proposals/{id}/sign`.
pub(in crate::ui) async fn sign(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    form: Sent<Signing>,
) -> Result<Response, Failure> {
    let form = read(form)?;
    signed_in.verify(&form.csrf)?;
    let department = Department::named(&form.department).ok_or_else(Failure::bad_form)?;
    edge.app()
        .sign_proposal(ProposalId(id), Some(department), signed_in.user.id)
        .await?;
    Ok(done("signed"))
}

/// `POST /agreement/proposals/{id}/publish`.
pub(in crate::ui) async fn publish(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    form: Sent<Publishing>,
) -> Result<Response, Failure> {
    let form = read(form)?;
    signed_in.verify(&form.csrf)?;
    let mode = PublishMode::named(&form.mode).ok_or_else(Failure::bad_form)?;
    edge.app()
        .publish_proposal(ProposalId(id), mode, None, actor(&signed_in))
        .await?;
    Ok(done("published"))
}

/// `POST /agreement/proposals/{id}/withdraw`.
pub(in crate::ui) async fn withdraw(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    form: Sent<Plain>,
) -> Result<Response, Failure> {
    let form = read(form)?;
    signed_in.verify(&form.csrf)?;
    edge.app()
        .withdraw_proposal(ProposalId(id), actor(&signed_in))
        .await?;
    Ok(done("withdrawn"))
}

/// `POST /agreement/proposals/{id}/shadow`.
pub(in crate::ui) async fn shadow(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    form: Sent<Running>,
) -> Result<Response, Failure> {
    let form = read(form)?;
    signed_in.verify(&form.csrf)?;
    edge.app()
        .start_shadow(ProposalId(id), form.days, actor(&signed_in))
        .await?;
    Ok(done("shadow"))
}

/// `POST /agreement/shadows/{id}/stop`.
pub(in crate::ui) async fn stop_shadow(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    form: Sent<Plain>,
) -> Result<Response, Failure> {
    let form = read(form)?;
    signed_in.verify(&form.csrf)?;
    edge.app().stop_shadow(ShadowId(id), actor(&signed_in)).await?;
    Ok(done("stopped"))
}

/// `POST /agreement/versions/{version}/publish`.
pub(in crate::ui) async fn roll_back(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(version): Path<u32>,
    form: Sent<Plain>,
) -> Result<Response, Failure> {
    let form = read(form)?;
    signed_in.verify(&form.csrf)?;
    edge.app()
        .roll_back(version, PublishMode::Forward, None, actor(&signed_in))
        .await?;
    Ok(done("published"))
}

/// `POST /agreement/confirm`.
pub(in crate::ui) async fn confirm(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    form: Sent<Deciding>,
) -> Result<Response, Failure> {
    let form = read(form)?;
    signed_in.verify(&form.csrf)?;
    let which = match (form.lead, form.all) {
        (Some(lead), None) => Listed::Leads(vec![LeadId(lead)]),
        (None, Some(all)) => Listed::All(all),
        _ => return Err(Failure::bad_form()),
    };
    match form.act.as_str() {
        "hand-off" => {
            edge.app().confirm(form.version, which, actor(&signed_in)).await?;
            Ok(done("confirmed"))
        }
        "leave-out" => {
            edge.app()
                .leave_out(form.version, which, actor(&signed_in))
                .await?;
            Ok(done("left-out"))
        }
        _ => Err(Failure::bad_form()),
    }
}

fn read<T>(form: Sent<T>) -> Result<T, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    Ok(form)
}

fn actor(signed_in: &SignedIn) -> Actor {
    Actor::User(signed_in.user.id)
}

fn done(what: &str) -> Response {
    Redirect::to(&format!("/agreement/changes?done={what}")).into_response()
}
