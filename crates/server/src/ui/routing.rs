//! Why a lead became whose, on a handoff's card, and the form with which a manager gives it to somebody else.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use bellwether_app::{
    Actor, CandidateSeen, HandoffDetail, HandoffId, HandoffState, RouteCause, RouteDecision, User, UserId,
};
use serde::Deserialize;

use super::page::Failure;
use super::session::{SignedIn, way_back};
use super::teams::may_edit;
use super::times::{Moment, Viewpoint};
use crate::edge::Edge;

/// What a card shows of a handoff's routing.
#[derive(Template)]
#[template(path = "routing.html")]
pub(super) struct RoutingCard {
    handoff: i64,
    csrf: String,
    back: String,
    decisions: Vec<Decision>,
    /// To whom it can be given; nothing where whoever looks may not.
    gives: Option<Gives>,
}

struct Decision {
    at: Moment,
    what: String,
    reason: String,
    routes: Vec<Seen>,
    owners: Vec<Seen>,
    pick: String,
    candidates: Vec<Candidate>,
}

/// Something that was looked at, whether it was it, and why.
struct Seen {
    what: String,
    was_it: bool,
    why: String,
}

struct Candidate {
    name: String,
    got_it: bool,
    why: String,
}

/// To whom a handoff can be given.
struct Gives {
    /// Whether a team stands behind it, whose next can have it.
    in_turn: bool,
    people: Vec<Choice>,
}

struct Choice {
    id: i64,
    label: String,
    absent: bool,
}

/// A form that gives a handoff to somebody else.
#[derive(Debug, Deserialize)]
pub(super) struct Reassignment {
    csrf: String,
    #[serde(default)]
    back: String,
    /// A user's number; whoever of the team is next where it is empty.
    #[serde(default)]
    to: String,
    reason: String,
}

/// `POST /handoffs/{id}/reassign`.
pub(super) async fn reassign(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    form: Result<Form<Reassignment>, FormRejection>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    signed_in.verify(&form.csrf)?;
    let before = edge.app().handoff(HandoffId(id)).await?;
    let before = before.ok_or_else(Failure::not_found)?;
    if !may_give(&edge, &signed_in.user, &before).await? {
        return Err(Failure::forbidden(
            "Only an admin and the team’s manager give a lead to somebody else. Ask one of them.",
        ));
    }
    let to = match form.to.trim() {
        "" => None,
        to => Some(UserId(to.parse().map_err(|_| Failure::bad_form())?)),
    };
    let actor = Actor::User(signed_in.user.id);
    let given = edge
        .app()
        .reassign_handoff(HandoffId(id), to, &form.reason, actor)
        .await;
    let done = match given {
        Ok(after) if owner(&after) == owner(&before) => "kept",
        Ok(_) => "given",
        Err(error) => return Err(error.into()),
    };
    let back = way_back(&form.back);
    let joint = if back.contains('?') { '&' } else { '?' };
    Ok(Redirect::to(&format!("{back}{joint}done={done}")).into_response())
}

impl RoutingCard {
    /// The route and the first words of why, since the card tells the rest; all of it where there is no record.
    pub(super) fn route_in_short(&self, handoff: &HandoffDetail) -> String {
        let summary = &handoff.summary;
        let reason = match summary.route_reason.split_once(": ") {
            Some((short, _)) if !self.decisions.is_empty() => short,
            _ => &summary.route_reason,
        };
        match &summary.route {
            Some(route) => format!("{route}: {reason}"),
            None => reason.to_owned(),
        }
    }
}

fn owner(handoff: &HandoffDetail) -> Option<UserId> {
    handoff.summary.owner.as_ref().map(|owner| owner.id)
}

/// Whether somebody gives a handoff to others: an admin, or its team's manager.
async fn may_give(edge: &Edge, me: &User, handoff: &HandoffDetail) -> Result<bool, Failure> {
    let manager = match &handoff.summary.team {
        Some(team) => edge
            .app()
            .team_settings(team)
            .await?
            .and_then(|team| team.manager),
        None => None,
    };
    Ok(may_edit(me, manager))
}

/// The card of a handoff.
pub(super) async fn card(
    edge: &Edge,
    me: &User,
    handoff: &HandoffDetail,
    csrf: &str,
    view: &Viewpoint,
) -> Result<RoutingCard, Failure> {
    let summary = &handoff.summary;
    let decisions = edge.app().routing(summary.id).await?;
    let users = edge.app().users().await?;
    let working = matches!(summary.state, HandoffState::Open | HandoffState::Accepted);
    let gives = if working && may_give(edge, me, handoff).await? {
        Some(gives(edge, handoff, &users).await?)
    } else {
        None
    };
    Ok(RoutingCard {
        handoff: summary.id.0,
        csrf: csrf.to_owned(),
        back: format!("/leads/{}", summary.lead),
        decisions: decisions
            .into_iter()
            .map(|one| decision(one, &users, view))
            .collect(),
        gives,
    })
}

/// The team's people first, with why they can't have it now; then everybody else.
async fn gives(edge: &Edge, handoff: &HandoffDetail, users: &[User]) -> Result<Gives, Failure> {
    let standing = match &handoff.summary.team {
        Some(team) => edge.app().team_standing(team).await?,
        None => None,
    };
    let members = standing.as_ref().map_or(&[][..], |team| &team.members);
    let mut people: Vec<Choice> = members
        .iter()
        .map(|member| Choice {
            id: member.user.id.0,
            label: match &member.absent {
                Some(absent) => format!("{} ({absent})", member.user.name),
                None => member.user.name.clone(),
            },
            absent: member.absent.is_some(),
        })
        .collect();
    people.sort_by_key(|one| one.absent);
    let others = users
        .iter()
        .filter(|user| !members.iter().any(|member| member.user.id == user.id));
    people.extend(others.map(|user| Choice {
        id: user.id.0,
        label: format!("{} (not on the team)", user.name),
        absent: false,
    }));
    people.retain(|one| Some(UserId(one.id)) != owner(handoff));
    Ok(Gives {
        in_turn: standing.is_some(),
        people,
    })
}

fn decision(decision: RouteDecision, users: &[User], view: &Viewpoint) -> Decision {
    let picked = decision.picked.as_ref();
    let whose = picked.map_or("nobody", |user| user.name.as_str());
    let by = match decision.cause {
        RouteCause::Qualified => "when it qualified".to_owned(),
        RouteCause::TakenUp => "taken up from the queue".to_owned(),
        RouteCause::Reassigned => "taken from its owner".to_owned(),
        RouteCause::Manual => format!("given by {}", actor_in_words(&decision.actor, users)),
    };
    let seen = decision.looked_at;
    let picked = decision.picked.as_ref().map(|user| user.id.0);
    Decision {
        at: view.moment(decision.at),
        what: format!("To {whose}, {by}"),
        reason: decision.reason,
        routes: seen
            .routes
            .into_iter()
            .map(|route| Seen {
                what: format!("{} → {}", route.route, route.team),
                was_it: route.fits,
                why: route.why,
            })
            .collect(),
        owners: seen
            .owners
            .into_iter()
            .map(|owner| Seen {
                what: format!("{} {}", owner.name, owner.by),
                was_it: owner.passed_over.is_none(),
                why: owner.passed_over.unwrap_or_default(),
            })
            .collect(),
        pick: seen.pick.unwrap_or_default(),
        candidates: seen
            .candidates
            .into_iter()
            .map(|one| candidate(one, picked))
            .collect(),
    }
}

fn candidate(one: CandidateSeen, picked: Option<i64>) -> Candidate {
    let stood = format!(
        "weight {}, {} open, {}",
        one.weight,
        one.open,
        one.credit_in_words()
    );
    Candidate {
        got_it: picked == Some(one.user),
        why: one.passed_over.unwrap_or(stood),
        name: one.name,
    }
}

/// `user 3` by name, and others as they are kept.
pub(super) fn actor_in_words(actor: &str, users: &[User]) -> String {
    let number = actor.strip_prefix("user ").and_then(|id| id.parse().ok());
    let known = users.iter().find(|user| Some(user.id.0) == number);
    match known {
        Some(user) => user.name.clone(),
        None => actor.to_owned(),
    }
}
