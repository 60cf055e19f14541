//! Shapes that several endpoints answer with, converted by hand from what the use cases show.

use bellwether_app as app;
use bellwether_core::domain::{Points, Value};
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::time;

/// Some items of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The items.
    pub(crate) items: Vec<T>,
    /// What to give as `cursor` for the next page; `null` after the last.
    pub(crate) next: Option<String>,
}

impl<T> Page<T> {
    pub(crate) fn from_app<S>(page: app::Page<S>, convert: impl Fn(S) -> T) -> Self {
        Self {
            items: page.items.into_iter().map(convert).collect(),
            next: page.next,
        }
    }
}

/// Somebody or something, by number and name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Named {
    /// The number.
    id: i64,
    /// The name.
    name: String,
}

impl From<app::UserRef> for Named {
    fn from(user: app::UserRef) -> Self {
        Self {
            id: user.id.0,
            name: user.name,
        }
    }
}

impl From<app::AccountRef> for Named {
    fn from(account: app::AccountRef) -> Self {
        Self {
            id: account.id.0,
            name: account.name,
        }
    }
}

/// A lead in a list. Points are decimals with three places, as texts, so that no client rounds them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Lead {
    /// Its number.
    id: i64,
    /// Its name, where known.
    name: Option<String>,
    /// Its email address.
    email: Option<String>,
    /// Its job title.
    title: Option<String>,
    /// Its company, as it says.
    company: Option<String>,
    /// `visitor`, `lead`, `mql`, `sal`, `sql`, `opportunity`, `customer`, `recycled` or `disqualified`.
    #[schema(example = "mql")]
    stage: &'static str,
    /// How many times it was sent back, plus one.
    cycle: u32,
    /// Who in sales has it.
    owner: Option<Named>,
    /// Its account.
    account: Option<Named>,
    /// Who they are.
    #[schema(example = "25.000")]
    fit: String,
    /// What they do.
    #[schema(example = "50.000")]
    intent: String,
    /// Both together.
    #[schema(example = "75.000")]
    score: String,
    /// The grade, such as `A1`; empty where the agreement has none.
    grade: String,
    /// When it qualified, in its present cycle.
    qualified_at: Option<String>,
    /// What made it qualify.
    trigger: Option<String>,
    /// The exclusion that it meets.
    disqualified_by: Option<String>,
    /// The time of its first fact, or the creation that it was given.
    created_at: String,
    /// The time of its latest fact.
    last_seen: String,
    /// As of when the scores are.
    scored_at: String,
}

impl From<app::LeadSummary> for Lead {
    fn from(lead: app::LeadSummary) -> Self {
        Self {
            id: lead.id.0,
            name: lead.name,
            email: lead.email,
            title: lead.title,
            company: lead.company,
            stage: lead.stage.as_str(),
            cycle: lead.cycle,
            owner: lead.owner.map(Into::into),
            account: lead.account.map(Into::into),
            fit: points(lead.fit),
            intent: points(lead.intent),
            score: points(lead.score),
            grade: lead.grade,
            qualified_at: lead.qualified_at.map(time),
            trigger: lead.trigger,
            disqualified_by: lead.disqualified_by,
            created_at: time(lead.created_at),
            last_seen: time(lead.last_seen),
            scored_at: time(lead.scored_at),
        }
    }
}

/// One fact in a lead's timeline.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TimelineEvent {
    /// Its row.
    id: i64,
    /// When it happened.
    at: String,
    /// When it came.
    received_at: String,
    /// `track`, `page`, `screen`, `identify`, `group` or `alias`.
    kind: String,
    /// The event's or screen's name.
    name: Option<String>,
    /// The page's path.
    path: Option<String>,
    /// Its properties or traits, by dotted path.
    #[schema(value_type = Object)]
    properties: serde_json::Value,
    /// Where it is held apart as that of a machine, or was until somebody released it.
    suspect: Option<SuspectMark>,
}

/// That an event is held apart, or was.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuspectMark {
    /// The rule: `agents`, `speed`, `burst` or `click_without_visit`.
    rule: String,
    /// Why, in words.
    reason: String,
    /// When it was released; nothing where it is held.
    released_at: Option<String>,
    /// Who released it.
    released_by: Option<String>,
}

impl From<app::SuspectMark> for SuspectMark {
    fn from(mark: app::SuspectMark) -> Self {
        let (released_at, released_by) = mark.released.unzip();
        Self {
            rule: mark.rule,
            reason: mark.reason,
            released_at: released_at.map(time),
            released_by,
        }
    }
}

impl From<app::TimelineEvent> for TimelineEvent {
    fn from(event: app::TimelineEvent) -> Self {
        Self {
            id: event.id,
            at: time(event.ts),
            received_at: time(event.received_at),
            kind: event.kind,
            name: event.name,
            path: event.path,
            properties: serde_json::from_str(&event.properties).unwrap_or_default(),
            suspect: event.suspect.map(SuspectMark::from),
        }
    }
}

/// A move from one stage to another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Transition {
    /// When.
    at: String,
    /// From which stage; `null` at the lead's beginning.
    from: Option<&'static str>,
    /// To which stage.
    to: &'static str,
    /// Who made it.
    actor: String,
    /// Why.
    reason: String,
    /// The handoff that it belongs to.
    handoff: Option<i64>,
}

impl From<app::TransitionView> for Transition {
    fn from(moved: app::TransitionView) -> Self {
        Self {
            at: time(moved.at),
            from: moved.from.map(bellwether_core::domain::Stage::as_str),
            to: moved.to.as_str(),
            actor: moved.actor,
            reason: moved.reason,
            handoff: moved.handoff.map(|id| id.0),
        }
    }
}

/// A handoff in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Handoff {
    /// Its number.
    id: i64,
    /// The lead.
    lead: i64,
    /// Whom to call.
    name: Option<String>,
    /// Their email address.
    email: Option<String>,
    /// Their job title.
    title: Option<String>,
    /// Their company.
    company: Option<String>,
    /// Which time this is.
    cycle: u32,
    /// `open`, `accepted`, `rejected`, `expired`, `merged` or `closed`.
    #[schema(example = "open")]
    state: &'static str,
    /// What made the lead qualify.
    trigger: String,
    /// Who they were, at that moment.
    fit: String,
    /// What they did came to.
    intent: String,
    /// Both together.
    score: String,
    /// The grade then.
    grade: String,
    /// Who must call.
    owner: Option<Named>,
    /// Of which team.
    team: Option<String>,
    /// By which route.
    route: Option<String>,
    /// Why this owner, or why none.
    route_reason: String,
    /// The task's title.
    task: String,
    /// The task's priority.
    priority: String,
    /// The SLA that sets the time.
    sla: Option<String>,
    /// When it was handed off.
    created_at: String,
    /// By when to call.
    due_at: Option<String>,
    /// When it was answered.
    decided_at: Option<String>,
    /// Since when its clock stands still.
    paused_at: Option<String>,
    /// The first contact.
    contacted_at: Option<String>,
    /// Whether the time to first contact is, or was, over before it.
    breached: bool,
    /// Why it was handed off, in one line.
    why: String,
    /// What the lead had done last, in words, with when.
    latest_activity: Option<String>,
}

impl From<app::HandoffSummary> for Handoff {
    fn from(handoff: app::HandoffSummary) -> Self {
        Self {
            id: handoff.id.0,
            lead: handoff.lead.0,
            name: handoff.lead_name,
            email: handoff.email,
            title: handoff.title,
            company: handoff.company,
            cycle: handoff.cycle,
            state: state_name(handoff.state),
            trigger: handoff.trigger,
            fit: points(handoff.fit),
            intent: points(handoff.intent),
            score: points(handoff.score),
            grade: handoff.grade,
            owner: handoff.owner.map(Into::into),
            team: handoff.team,
            route: handoff.route,
            route_reason: handoff.route_reason,
            task: handoff.task,
            priority: handoff.priority,
            sla: handoff.sla,
            created_at: time(handoff.created_at),
            due_at: handoff.due_at.map(time),
            decided_at: handoff.decided_at.map(time),
            paused_at: handoff.paused_at.map(time),
            contacted_at: handoff.contacted_at.map(time),
            breached: handoff.breached,
            why: handoff.why,
            latest_activity: handoff.latest_activity,
        }
    }
}

/// One handoff, whole.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandoffDetail {
    /// As in lists.
    handoff: Handoff,
    /// What the salesperson sees and webhooks carry.
    #[schema(value_type = Object)]
    packet: serde_json::Value,
    /// Why it was sent back.
    rejection_reason: Option<String>,
    /// What was noted with that.
    note: Option<String>,
    /// The agreement's version that it was made under.
    agreement_version: u32,
    /// The moves that belong to it, oldest first.
    history: Vec<Transition>,
    /// Its clock.
    clock: Option<super::clock::Clock>,
    /// Calls, mails, meetings and notes, the first first.
    contacts: Vec<super::clock::Contact>,
}

impl From<app::HandoffDetail> for HandoffDetail {
    fn from(detail: app::HandoffDetail) -> Self {
        Self {
            handoff: detail.summary.into(),
            packet: detail.packet,
            rejection_reason: detail.rejection_reason,
            note: detail.note,
            agreement_version: detail.agreement_version,
            history: detail.history.into_iter().map(Into::into).collect(),
            clock: detail.clock.map(Into::into),
            contacts: detail.contacts.into_iter().map(Into::into).collect(),
        }
    }
}

/// A handoff's state, as it is written.
pub(crate) const fn state_name(state: app::HandoffState) -> &'static str {
    match state {
        app::HandoffState::Open => "open",
        app::HandoffState::Accepted => "accepted",
        app::HandoffState::Rejected => "rejected",
        app::HandoffState::Expired => "expired",
        app::HandoffState::Merged => "merged",
        app::HandoffState::Closed => "closed",
    }
}

/// A handoff's state, as it is asked for.
pub(crate) fn state_named(name: &str) -> Option<app::HandoffState> {
    app::HandoffState::ALL
        .into_iter()
        .find(|state| state_name(*state) == name)
}

/// Points with three decimals.
pub(crate) fn points(points: Points) -> String {
    points.to_string()
}

/// A trait's value in JSON.
pub(crate) fn value(value: Value) -> serde_json::Value {
    match value {
        Value::Bool(yes) => yes.into(),
        Value::Number(number) => {
            serde_json::Number::from_f64(number.get()).map_or_else(Default::default, Into::into)
        }
        Value::Text(text) => text.into(),
        Value::List(texts) => texts.into(),
    }
}
