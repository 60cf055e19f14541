//! Leads that may be one person: the pairs that look like one, what merging two would come to, and what parting one again
//! would.

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use bellwether_app::{Actor, LeadId, LeadPair, LeadSummary, MergePreview, MergeSide, Role};
use serde::Deserialize;

use super::inbox::{name, role, whole};
use super::lead::{handoff_state, stage_in_words};
use super::page::{Failure, Frame, page};
use super::session::{SignedIn, way_back};
use super::times::{Moment, Viewpoint};
use crate::edge::Edge;

#[derive(Template)]
#[template(path = "duplicates.html")]
struct DuplicatesPage {
    frame: Frame,
    may_merge: bool,
    pairs: Vec<Pair>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "merge.html")]
struct MergePage {
    frame: Frame,
    title: String,
    explained: &'static str,
    may_merge: bool,
    /// Before and after.
    parts: [Part; 2],
    action: String,
    with: Option<i64>,
    button: &'static str,
    back: String,
}

/// Two leads that look like one.
pub(super) struct Pair {
    pub(super) people: [Person; 2],
    pub(super) reason: String,
    pub(super) at: Moment,
}

/// A lead in a pair.
pub(super) struct Person {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) role: String,
    pub(super) stage: &'static str,
    pub(super) score: String,
}

/// The leads before, or after.
struct Part {
    title: &'static str,
    sides: Vec<Side>,
}

/// A lead before or after.
struct Side {
    person: Person,
    facts: u64,
    owner: String,
    identities: Vec<(String, String)>,
    handoffs: Vec<String>,
}

/// Where a list goes on.
#[derive(Debug, Deserialize)]
pub(super) struct Place {
    cursor: Option<String>,
}

/// The lead to merge with.
#[derive(Debug, Deserialize)]
pub(super) struct With {
    with: String,
}

/// A form that merges or parts.
#[derive(Debug, Deserialize)]
pub(super) struct Deed {
    csrf: String,
    #[serde(default)]
    with: Option<i64>,
    #[serde(default)]
    back: String,
}

/// `GET /duplicates`.
pub(super) async fn list(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    place: Result<Query<Place>, QueryRejection>,
) -> Result<Response, Failure> {
    let Query(place) = place.map_err(|_| Failure::not_found())?;
    let pairs = edge.app().lead_pairs(place.cursor, 0).await?;
    let agreement = edge.app().active_agreement().await?;
    let view = Viewpoint::new(edge.now(), &agreement.engine.agreement().timezone);
    let shown = DuplicatesPage {
        may_merge: may_merge(&signed_in),
        frame: Frame::of(&signed_in, "duplicates"),
        pairs: pairs.items.iter().map(|found| pair(found, &view)).collect(),
        next: pairs.next,
    };
    Ok(page(StatusCode::OK, &shown))
}

/// `GET /leads/{id}/merge?with=…`: what it would come to.
pub(super) async fn ask_merge(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    with: Result<Query<With>, QueryRejection>,
) -> Result<Response, Failure> {
    let Query(with) = with.map_err(|_| Failure::not_found())?;
    let other: i64 = with.with.trim().parse().map_err(|_| {
        Failure::unusable("Give the other lead’s number: the one in the address of its page.")
    })?;
    let preview = edge
        .app()
        .preview_merge(LeadId(id), LeadId(other), Actor::User(signed_in.user.id))
        .await?;
    let shown = MergePage {
        title: "Are these one person?".to_owned(),
        explained: "Both histories are united and scored as one. The older number stays, and the other one leads to it. It can be taken back.",
        action: format!("/leads/{id}/merge"),
        with: Some(other),
        button: "Merge them",
        back: format!("/leads/{id}"),
        ..merge_page(&signed_in, &preview)
    };
    Ok(page(StatusCode::OK, &shown))
}

/// `GET /leads/{id}/unmerge`: what parting it would come to.
pub(super) async fn ask_unmerge(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Response, Failure> {
    let preview = edge
        .app()
        .preview_unmerge(LeadId(id), Actor::User(signed_in.user.id))
        .await?;
    let root = preview.before.first().map_or(id, |side| side.lead.id.0);
    let shown = MergePage {
        title: "Are these two people?".to_owned(),
        explained: "Each gets back the facts, ids and decisions that were kept for it. No fact joins the two again; you can.",
        action: format!("/leads/{id}/unmerge"),
        button: "Part them",
        back: format!("/leads/{root}"),
        ..merge_page(&signed_in, &preview)
    };
    Ok(page(StatusCode::OK, &shown))
}

/// `POST /leads/{id}/merge`.
pub(super) async fn merge(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    form: Result<Form<Deed>, FormRejection>,
) -> Result<Response, Failure> {
    let deed = allowed(&signed_in, form)?;
    let other = deed.with.ok_or_else(Failure::bad_form)?;
    let actor = Actor::User(signed_in.user.id);
    let stays = edge.app().merge_leads(LeadId(id), LeadId(other), actor).await?;
    Ok(Redirect::to(&format!("/leads/{stays}")).into_response())
}

/// `POST /leads/{id}/unmerge`.
pub(super) async fn unmerge(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    form: Result<Form<Deed>, FormRejection>,
) -> Result<Response, Failure> {
    allowed(&signed_in, form)?;
    let actor = Actor::User(signed_in.user.id);
    edge.app().unmerge_lead(LeadId(id), actor).await?;
    Ok(Redirect::to(&format!("/leads/{id}")).into_response())
}

/// `POST /leads/{id}/differs`: a pair looks like one and isn't.
pub(super) async fn dismiss(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    form: Result<Form<Deed>, FormRejection>,
) -> Result<Response, Failure> {
    let deed = allowed(&signed_in, form)?;
    let other = deed.with.ok_or_else(Failure::bad_form)?;
    let actor = Actor::User(signed_in.user.id);
    edge.app().dismiss_pair(LeadId(id), LeadId(other), actor).await?;
    Ok(Redirect::to(way_back(&deed.back)).into_response())
}

/// A form of somebody who may say who is who.
fn allowed(signed_in: &SignedIn, form: Result<Form<Deed>, FormRejection>) -> Result<Deed, Failure> {
    let Form(deed) = form.map_err(|_| Failure::bad_form())?;
    signed_in.verify(&deed.csrf)?;
    if may_merge(signed_in) {
        Ok(deed)
    } else {
        Err(Failure::forbidden(
            "Only marketing and admins merge and part leads. Ask one of them.",
        ))
    }
}

/// Whether somebody may say who is who: it moves handoffs of others.
pub(super) fn may_merge(signed_in: &SignedIn) -> bool {
    matches!(signed_in.user.role, Role::Marketing | Role::Admin)
}

/// What both questions show; the rest is each one's own.
fn merge_page(signed_in: &SignedIn, preview: &MergePreview) -> MergePage {
    MergePage {
        frame: Frame::of(signed_in, "duplicates"),
        title: String::new(),
        explained: "",
        may_merge: may_merge(signed_in),
        parts: [
            Part {
                title: "Now",
                sides: preview.before.iter().map(side).collect(),
            },
            Part {
                title: "After",
                sides: preview.after.iter().map(side).collect(),
            },
        ],
        action: String::new(),
        with: None,
        button: "",
        back: String::new(),
    }
}

/// A pair as pages show it.
pub(super) fn pair(found: &LeadPair, view: &Viewpoint) -> Pair {
    Pair {
        people: [person(&found.one), person(&found.other)],
        reason: found.reason.clone(),
        at: view.moment(found.at),
    }
}

fn person(lead: &LeadSummary) -> Person {
    Person {
        id: lead.id.0,
        name: name(lead.name.as_deref(), lead.email.as_deref(), lead.id.0),
        role: role(
            lead.title.as_deref(),
            lead.company.as_deref(),
            lead.email.as_deref(),
        ),
        stage: stage_in_words(lead.stage),
        score: whole(lead.score),
    }
}

fn side(side: &MergeSide) -> Side {
    let handoffs = side.handoffs.iter().map(|handoff| {
        let owner = handoff.owner.as_ref();
        let owner = owner.map_or("nobody yet", |owner| owner.name.as_str());
        format!("{}: {owner}", handoff_state(handoff.state))
    });
    let identities = side.identities.iter();
    Side {
        person: person(&side.lead),
        facts: side.facts,
        owner: side
            .lead
            .owner
            .as_ref()
            .map_or_else(|| "nobody".to_owned(), |owner| owner.name.clone()),
        identities: identities
            .map(|identity| (identity.kind.replace('_', " "), identity.value.clone()))
            .collect(),
        handoffs: handoffs.collect(),
    }
}
