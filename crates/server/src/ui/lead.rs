//! One lead: who they are, every point behind their score, and what happened.

mod marketing;
mod points;
mod timeline;
mod told;
mod work;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use bellwether_app::{
    AccountBy, AccountDetail, Actor, AgreementVersion, HandoffState, HandoffSummary, LeadDetail, LeadId,
    TraitSince, User,
};
use bellwether_core::domain::{Stage, Timestamp, TraitSource};
use bellwether_core::explain::Coverage;
use serde::Deserialize;

use self::marketing::{Marketing, marketing};
use self::points::{Part, Standing, bars, parts, standing, top_lines};
use self::timeline::{Item, timeline};
use self::told::{Told, told};
use self::work::{Work, work};
use super::clock::ClockCard;
use super::duplicates::{Pair, pair};
use super::inbox::{Flash, Reason, flash, name, qualified_by, reasons, role, whole};
use super::page::{Failure, Frame, page};
use super::routing::RoutingCard;
use super::session::SignedIn;
use super::suspects::may_release;
use super::times::{Moment, Viewpoint};
use super::waterfall::waterfall;
use crate::edge::Edge;

/// What a page's address says was just done.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "lead.html")]
struct LeadPage {
    frame: Frame,
    flash: Option<Flash>,
    may_release: bool,
    here: String,
    id: i64,
    name: String,
    role: String,
    email: Option<String>,
    stage: &'static str,
    owner: Option<String>,
    account: Option<String>,
    by_network: bool,
    company: Option<Account>,
    cycle: u32,
    why: String,
    score: String,
    score_title: String,
    grade: String,
    waterfall: String,
    /// What fit asks and nobody knows; nothing where all of it is known.
    coverage: Option<String>,
    ledger: Vec<Part>,
    total: String,
    standing: Standing,
    timeline: Vec<Item>,
    more_events: bool,
    handoffs: Vec<Handoff>,
    work: Work,
    reasons: Vec<Reason>,
    traits: Vec<Known>,
    identities: Vec<Identity>,
    merged_into: Option<i64>,
    joined: Vec<Joined>,
    pairs: Vec<Pair>,
    marketing: Marketing,
}

impl LeadPage {
    /// Whether the newest handoff waits for an answer, which stands before everything else then.
    fn waits(&self) -> bool {
        self.handoffs.first().is_some_and(|handoff| handoff.open)
    }
}

/// A lead that was joined into this one.
struct Joined {
    id: i64,
    reason: String,
    at: Moment,
}

/// The account beside a lead.
struct Account {
    name: String,
    score: String,
    qualified: bool,
    people: String,
    roles: Vec<Role>,
    leads: Vec<Colleague>,
}

struct Role {
    name: String,
    held: bool,
}

struct Colleague {
    id: i64,
    here: bool,
    name: String,
    title: String,
    intent: String,
}

struct Handoff {
    id: i64,
    cycle: u32,
    state: &'static str,
    open: bool,
    trigger: String,
    score: String,
    owner: String,
    route: String,
    task: String,
    due: Option<Moment>,
    overdue: bool,
    /// The newest one's clock.
    clock: Option<ClockCard>,
    /// Why the newest one became whose.
    routing: Option<RoutingCard>,
    created: Moment,
    told: Told,
}

struct Known {
    name: String,
    value: String,
    since: Moment,
    source: &'static str,
    overridden: Vec<Overridden>,
}

/// What a source says that is believed less.
struct Overridden {
    value: String,
    since: Moment,
    source: &'static str,
}

struct Identity {
    name: String,
    value: String,
    since: Moment,
}

/// Who says a trait, as a page says it.
const fn source_in_words(source: TraitSource) -> &'static str {
    match source {
        TraitSource::Stated => "the person",
        TraitSource::Crm => "the CRM",
        TraitSource::Enrichment => "an enrichment",
        TraitSource::Derived => "what they did",
    }
}

/// `GET /leads/{id}`.
pub(super) async fn handler(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let id = id.parse().map_err(|_| Failure::not_found())?;
    let now = edge.now();
    let detail = edge
        .app()
        .lead(LeadId(id), now)
        .await?
        .ok_or_else(Failure::not_found)?;
    let agreement = edge.app().active_agreement().await?;
    let newest = match detail.handoffs.first() {
        Some(handoff) => edge.app().handoff(handoff.id).await?,
        None => None,
    };
    let users = edge.app().users().await?;
    let mut shown = lead_page(Frame::of(&signed_in, ""), &agreement, &detail, &users, now);
    shown.may_release = may_release(&signed_in);
    shown.flash = flash(asked.done.as_deref());
    if let Some(done) = edge.app().lead_nurture(LeadId(id)).await? {
        let view = Viewpoint::new(now, &agreement.engine.agreement().timezone);
        shown.marketing = marketing(done, &view);
    }
    let me = &signed_in.user;
    let may_override = edge.app().may_override(LeadId(id), Actor::User(me.id)).await?;
    shown.work = work(&detail, me.role, may_override);
    if let (Some(card), Some(newest)) = (shown.handoffs.first_mut(), newest) {
        let view = Viewpoint::new(now, &agreement.engine.agreement().timezone);
        card.told = told(&newest.packet, &view);
        let working = matches!(newest.summary.state, HandoffState::Open | HandoffState::Accepted);
        let back = shown.here.clone();
        card.clock = super::clock::card(&newest, &shown.frame.csrf, back, working, &view);
        let routing = super::routing::card(&edge, me, &newest, &shown.frame.csrf, &view).await?;
        card.route = routing.route_in_short(&newest);
        card.routing = Some(routing);
    }
    Ok(page(StatusCode::OK, &shown))
}

/// What is known of a lead, each trait with whoever says it and what they override.
fn known(detail: &LeadDetail, view: &Viewpoint) -> Vec<Known> {
    let overridden = |known: &TraitSince| {
        let others = known.overridden.iter().map(|other| Overridden {
            value: other.value.to_string(),
            since: view.moment(other.at),
            source: source_in_words(other.source),
        });
        others.collect()
    };
    let held = detail
        .traits
        .iter()
        .filter(|known| !known.value.view().is_empty());
    held.map(|known| Known {
        name: known.name.clone(),
        value: known.value.to_string(),
        since: view.moment(known.since),
        source: source_in_words(known.source),
        overridden: overridden(known),
    })
    .collect()
}

/// By what a lead is known.
fn known_by(detail: &LeadDetail, view: &Viewpoint) -> Vec<Identity> {
    let identities = detail.identities.iter().map(|identity| Identity {
        name: identity.kind.replace('_', " "),
        value: identity.value.clone(),
        since: view.moment(identity.since),
    });
    identities.collect()
}

fn lead_page(
    frame: Frame,
    version: &AgreementVersion,
    detail: &LeadDetail,
    users: &[User],
    now: Timestamp,
) -> LeadPage {
    let agreement = version.engine.agreement();
    let view = Viewpoint::new(now, &agreement.timezone);
    let LeadDetail {
        summary,
        ledger,
        ways,
        ..
    } = detail;
    let totals = &ledger.totals;
    let line = ledger
        .line
        .iter()
        .find(|line| line.of == "score")
        .map(|line| line.needs);
    LeadPage {
        frame,
        flash: None,
        may_release: false,
        here: format!("/leads/{}", summary.id),
        id: summary.id.0,
        name: name(summary.name.as_deref(), summary.email.as_deref(), summary.id.0),
        role: role(summary.title.as_deref(), summary.company.as_deref(), None),
        email: summary.email.clone(),
        stage: stage_in_words(summary.stage),
        owner: summary.owner.as_ref().map(|owner| owner.name.clone()),
        by_network: detail.account_by == Some(AccountBy::Network),
        account: summary.account.as_ref().map(|account| account.name.clone()),
        company: detail
            .account
            .as_ref()
            .map(|account| company(account, summary.id)),
        cycle: summary.cycle,
        why: top_lines(ledger),
        score: whole(ledger.shown.score),
        score_title: format!(
            "fit {} + intent {} = {}",
            totals.fit.short(),
            totals.intent.short(),
            totals.score.short()
        ),
        grade: ledger.grade.clone(),
        waterfall: waterfall(bars(ledger), totals.score, line),
        coverage: coverage_in_words(&ledger.coverage),
        ledger: parts(ledger, &view),
        total: totals.score.short(),
        standing: standing(ledger, ways, &view),
        timeline: timeline(&detail.events.items, &detail.transitions, users, &view),
        more_events: detail.events.next.is_some(),
        handoffs: detail
            .handoffs
            .iter()
            .map(|handoff| handoff_card(handoff, &view))
            .collect(),
        work: Work::default(),
        reasons: reasons(agreement),
        traits: known(detail, &view),
        identities: known_by(detail, &view),
        merged_into: detail.merged_into.map(|lead| lead.0),
        joined: joined(detail, &view),
        pairs: detail.pairs.iter().map(|found| pair(found, &view)).collect(),
        marketing: Marketing::default(),
    }
}

/// The leads that were joined into this one.
fn joined(detail: &LeadDetail, view: &Viewpoint) -> Vec<Joined> {
    let joined = detail.joined.iter().map(|joined| Joined {
        id: joined.id.0,
        reason: joined.reason.clone(),
        at: view.moment(joined.at),
    });
    joined.collect()
}

/// How much of what fit asks is known, in a line.
fn coverage_in_words(coverage: &Coverage) -> Option<String> {
    (!coverage.unknown.is_empty()).then(|| format!("{} %: {}", coverage.percent(), coverage.in_words()))
}

/// A stage as people say it.
pub(super) const fn stage_in_words(stage: Stage) -> &'static str {
    match stage {
        Stage::Visitor => "Visitor",
        Stage::Lead => "Lead",
        Stage::Mql => "MQL: handed to sales",
        Stage::Sal => "SAL: accepted by sales",
        Stage::Sql => "SQL: qualified by sales",
        Stage::Opportunity => "Opportunity",
        Stage::Customer => "Customer",
        Stage::Recycled => "Recycled: back with marketing",
        Stage::Disqualified => "Disqualified",
    }
}

/// A handoff's state as people say it.
pub(super) const fn handoff_state(state: HandoffState) -> &'static str {
    match state {
        HandoffState::Open => "waiting for an answer",
        HandoffState::Accepted => "accepted",
        HandoffState::Rejected => "sent back",
        HandoffState::Expired => "expired",
        HandoffState::Merged => "joined with another",
        HandoffState::Closed => "closed",
    }
}

fn handoff_card(handoff: &HandoffSummary, view: &Viewpoint) -> Handoff {
    let open = handoff.state == HandoffState::Open;
    let working = (open || handoff.state == HandoffState::Accepted) && handoff.contacted_at.is_none();
    let route = match &handoff.route {
        Some(route) => format!("{route}: {}", handoff.route_reason),
        None => handoff.route_reason.clone(),
    };
    Handoff {
        id: handoff.id.0,
        cycle: handoff.cycle,
        state: handoff_state(handoff.state),
        open,
        trigger: qualified_by(handoff),
        score: format!(
            "{} (fit {} + intent {}){}",
            handoff.score.short(),
            handoff.fit.short(),
            handoff.intent.short(),
            if handoff.grade.is_empty() {
                String::new()
            } else {
                format!(", {}", handoff.grade)
            }
        ),
        owner: handoff
            .owner
            .as_ref()
            .map_or_else(|| "nobody yet".to_owned(), |owner| owner.name.clone()),
        route,
        task: handoff.task.clone(),
        told: Told {
            sla: handoff.sla.clone(),
            ..Told::default()
        },
        due: handoff.due_at.filter(|_| working).map(|due| view.moment(due)),
        overdue: handoff.breached && handoff.contacted_at.is_none(),
        clock: None,
        routing: None,
        created: view.moment(handoff.created_at),
    }
}

fn company(detail: &AccountDetail, lead: LeadId) -> Account {
    const LEADS_MAX: usize = 10;
    let people = match detail.people {
        1 => "1 person active".to_owned(),
        people => format!("{people} people active"),
    };
    let of = detail.leads.len();
    let people = match (detail.more, of > LEADS_MAX) {
        (true, _) => format!("{people}, of the {of} with the highest scores"),
        (false, true) => format!("{people}, of {of}; the first {LEADS_MAX} are shown"),
        (false, false) => people,
    };
    let leads = detail.leads.iter().take(LEADS_MAX).map(|colleague| Colleague {
        id: colleague.id.0,
        here: colleague.id == lead,
        name: name(colleague.name.as_deref(), None, colleague.id.0),
        title: colleague.title.clone().unwrap_or_default(),
        intent: whole(colleague.intent),
    });
    let roles = detail.roles.iter().map(|(role, held)| Role {
        name: role.clone(),
        held: *held,
    });
    Account {
        name: detail.account.name.clone(),
        score: detail.score.short(),
        qualified: detail.qualified,
        people,
        roles: roles.collect(),
        leads: leads.collect(),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(char::to_uppercase)
        .into_iter()
        .flatten()
        .chain(chars)
        .collect()
}
