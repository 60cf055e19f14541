//! Events that are held apart as those of machines: whose they are, why, and a button for those that are real.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use bellwether_app::{Actor, AppError, HeldEvent, LeadId, Page, Release, Role, RuleCount, SuspectQuery};
use bellwether_core::suspect::Rule;
use serde::Deserialize;

use super::inbox::name;
use super::page::{Failure, Frame, page};
use super::session::{SignedIn, way_back};
use super::times::{Moment, Viewpoint};
use crate::edge::Edge;

/// How many events a page holds.
const ROWS_MAX: u32 = 50;

/// What a page's address asks for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    rule: Option<String>,
    lead: Option<i64>,
    cursor: Option<String>,
    done: Option<String>,
}

/// A form that releases something.
#[derive(Debug, Deserialize)]
pub(super) struct Releasing {
    csrf: String,
    #[serde(default)]
    back: String,
    /// Of a lead's events those that this rule holds; all where it is empty.
    #[serde(default)]
    rule: String,
}

#[derive(Template)]
#[template(path = "suspects.html")]
struct SuspectsPage {
    frame: Frame,
    may_release: bool,
    here: String,
    flash: Option<&'static str>,
    summary: String,
    tabs: Vec<Tab>,
    /// The lead whose events alone are shown.
    only: Option<(i64, String)>,
    rows: Vec<Row>,
    next: Option<String>,
}

struct Tab {
    href: String,
    label: String,
    current: bool,
}

struct Row {
    event: i64,
    lead: i64,
    name: String,
    what: String,
    reason: String,
    rule: &'static str,
    at: Moment,
    /// Of the rows that follow one another of one lead the first one offers to release them all.
    first: bool,
}

/// `GET /suspects`.
pub(super) async fn handler(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let query = SuspectQuery {
        lead: asked.lead.map(LeadId),
        rule: asked.rule.as_deref().and_then(Rule::parse),
        cursor: asked.cursor.clone(),
        limit: ROWS_MAX,
    };
    let held = edge.app().suspects(query).await?;
    let counts = edge.app().suspect_counts().await?;
    let agreement = edge.app().active_agreement().await?;
    let view = Viewpoint::new(edge.now(), &agreement.engine.agreement().timezone);
    let frame = Frame::of(&signed_in, "suspects");
    Ok(page(
        StatusCode::OK,
        &suspects_page(frame, may_release(&signed_in), held, &counts, &asked, &view),
    ))
}

/// `POST /suspects/{event}/release`.
pub(super) async fn release(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(event): Path<i64>,
    form: Result<Form<Releasing>, FormRejection>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    released(&edge, &signed_in, Release::Event(event), &form).await
}

/// `POST /leads/{id}/release`.
pub(super) async fn release_lead(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(lead): Path<i64>,
    form: Result<Form<Releasing>, FormRejection>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    let what = Release::Lead {
        lead: LeadId(lead),
        rule: Rule::parse(&form.rule),
    };
    released(&edge, &signed_in, what, &form).await
}

/// Releases, and goes back to the page that the form was on.
async fn released(
    edge: &Edge,
    signed_in: &SignedIn,
    what: Release,
    form: &Releasing,
) -> Result<Response, Failure> {
    signed_in.verify(&form.csrf)?;
    if !may_release(signed_in) {
        return Err(Failure::forbidden(
            "Only marketing and admins release what is held. Ask one of them.",
        ));
    }
    let outcome = edge.app().release(what, Actor::User(signed_in.user.id)).await;
    let done = match outcome {
        Ok(_) => "released",
        Err(AppError::Conflict { .. } | AppError::NotFound { .. }) => "gone",
        Err(error) => return Err(error.into()),
    };
    let back = way_back(&form.back);
    let joint = if back.contains('?') { '&' } else { '?' };
    Ok(Redirect::to(&format!("{back}{joint}done={done}")).into_response())
}

/// Whether somebody may say that what is held is real: it can hand leads off.
pub(super) fn may_release(signed_in: &SignedIn) -> bool {
    matches!(signed_in.user.role, Role::Marketing | Role::Admin)
}

fn suspects_page(
    frame: Frame,
    may_release: bool,
    held: Page<HeldEvent>,
    counts: &[RuleCount],
    asked: &Asked,
    view: &Viewpoint,
) -> SuspectsPage {
    let all: u64 = counts.iter().map(|count| count.held).sum();
    let released: u64 = counts.iter().map(|count| count.released).sum();
    let chosen = asked.rule.as_deref().and_then(Rule::parse);
    let tab = |rule: Option<Rule>, count: u64| Tab {
        href: address(rule, asked.lead),
        label: format!("{} {count}", rule.map_or("All", in_words)),
        current: rule == chosen,
    };
    let tabs = counts.iter().map(|count| tab(Some(count.rule), count.held));
    let named = |one: &HeldEvent| name(one.lead_name.as_deref(), None, one.lead.0);
    let only = asked.lead.map(|lead| {
        let name = held.items.first().map_or_else(|| format!("lead {lead}"), named);
        (lead, name)
    });
    let mut before = None;
    let rows = held.items.iter().map(|one| Row {
        event: one.event,
        lead: one.lead.0,
        name: named(one),
        what: what(one),
        reason: one.reason.clone(),
        rule: Rule::parse(&one.rule).map_or("unknown", in_words),
        at: view.moment(one.ts),
        first: before.replace(one.lead) != Some(one.lead),
    });
    let here = address(chosen, asked.lead);
    let joint = if here.contains('?') { '&' } else { '?' };
    SuspectsPage {
        may_release,
        flash: asked.done.as_deref().and_then(done_in_words),
        summary: summary(all, released),
        tabs: std::iter::once(tab(None, all)).chain(tabs).collect(),
        only,
        rows: rows.collect(),
        next: held.next.map(|next| format!("{here}{joint}cursor={next}")),
        here,
        frame,
    }
}

fn address(rule: Option<Rule>, lead: Option<i64>) -> String {
    match (rule, lead) {
        (None, None) => "/suspects".to_owned(),
        (Some(rule), None) => format!("/suspects?rule={}", rule.as_str()),
        (None, Some(lead)) => format!("/suspects?lead={lead}"),
        (Some(rule), Some(lead)) => format!("/suspects?rule={}&lead={lead}", rule.as_str()),
    }
}

fn summary(held: u64, released: u64) -> String {
    let held = match held {
        0 => "Nothing is held".to_owned(),
        1 => "1 event is held and not scored".to_owned(),
        held => format!("{held} events are held and not scored"),
    };
    match released {
        0 => format!("{held}."),
        released => format!("{held}; {released} released so far."),
    }
}

/// What was done, as a page says it.
pub(super) fn done_in_words(done: &str) -> Option<&'static str> {
    match done {
        "released" => Some("Released. It counts as if it had never been held."),
        "gone" => Some("That is no longer held."),
        _ => None,
    }
}

/// A rule as people say it.
pub(super) const fn in_words(rule: Rule) -> &'static str {
    match rule {
        Rule::Agents => "Known programs",
        Rule::Speed => "Too fast",
        Rule::Burst => "Bursts of clicks",
        Rule::ClickWithoutVisit => "Clicks without a visit",
    }
}

fn what(one: &HeldEvent) -> String {
    match one.kind.as_str() {
        "page" => format!("Visited {}", one.path.as_deref().unwrap_or("a page")),
        "screen" => format!(
            "Viewed screen {}",
            one.name.as_deref().unwrap_or("without a name")
        ),
        _ => one.name.clone().unwrap_or_else(|| one.kind.clone()),
    }
}
