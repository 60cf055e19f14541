//! `GET /api/v1/leads/{id}`: one lead with every point behind its score.

use axum::Json;
use axum::extract::State;
use bellwether_app::{self as app, LeadId};
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::{Admin, Number, time};
use super::wire::{Handoff, Lead, Page, TimelineEvent, Transition, points, value};
use super::wire_deals::{Bant, Opportunity};
use crate::edge::Edge;
use crate::problem::Problem;

/// One lead, whole.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeadDetail {
    /// As in lists.
    lead: Lead,
    /// By what it is known.
    identities: Vec<Identity>,
    /// What is known of it.
    traits: Vec<Trait>,
    /// Every point behind the score: lines of `fit`, `intent` and `cuts`, which sum to `totals`.
    #[schema(value_type = Object)]
    ledger: serde_json::Value,
    /// What is missing to qualify, as the shortest ways there.
    #[schema(value_type = Object)]
    ways: serde_json::Value,
    /// Its newest facts, latest first.
    events: Page<TimelineEvent>,
    /// Its moves, oldest first.
    transitions: Vec<Transition>,
    /// Its handoffs, latest first.
    handoffs: Vec<Handoff>,
    /// What sales found out about them in the present cycle.
    bant: Option<Bant>,
    /// Its deals, latest first, 50 at most.
    opportunities: Vec<Opportunity>,
    /// Its account with its score, where it has one and the agreement says what qualifies an account.
    account: Option<Account>,
    /// What says which account that is: `group` (a group call), `email` (their mail at a company) or `network` (the
    /// network that they visited from).
    account_by: Option<&'static str>,
    /// The lead that it was joined into, which has its facts now.
    merged_into: Option<i64>,
    /// The leads that were joined into it, oldest first.
    joined: Vec<Joined>,
}

/// An account, and what its people come to together.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Account {
    /// Its number.
    id: i64,
    /// Its name, or else its domain or group id.
    name: String,
    /// The people's intent, each cut as the agreement says, and the account's own.
    #[schema(example = "120.000")]
    score: String,
    /// How many of its people have positive intent.
    people: u32,
    /// The roles of the buying committee that the agreement names.
    roles: Vec<Role>,
    /// Whether every line that the agreement draws for accounts is reached.
    qualified: bool,
    /// Its people, highest score first, 50 at most.
    leads: Vec<AccountLead>,
    /// Whether it has more people than these, who aren't counted.
    more: bool,
}

/// A role of a buying committee.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Role {
    /// The role.
    role: String,
    /// Whether one of the account's people with positive intent holds it.
    held: bool,
}

/// One person of an account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountLead {
    /// The lead's number.
    id: i64,
    /// Their name, else their email address.
    name: Option<String>,
    /// Their job title.
    title: Option<String>,
    /// What they do comes to.
    intent: String,
}

impl From<app::AccountDetail> for Account {
    fn from(detail: app::AccountDetail) -> Self {
        let roles = detail.roles.into_iter();
        let leads = detail.leads.into_iter().map(|lead| AccountLead {
            id: lead.id.0,
            name: lead.name,
            title: lead.title,
            intent: points(lead.intent),
        });
        Self {
            id: detail.account.id.0,
            name: detail.account.name,
            score: points(detail.score),
            people: detail.people,
            roles: roles.map(|(role, held)| Role { role, held }).collect(),
            qualified: detail.qualified,
            leads: leads.collect(),
            more: detail.more,
        }
    }
}

/// Something that a lead is known by.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Identity {
    /// `anonymous_id`, `user_id`, `email`, or the kind of an external id.
    kind: String,
    /// The id.
    value: String,
    /// Since when.
    since: String,
}

impl From<app::Identity> for Identity {
    fn from(identity: app::Identity) -> Self {
        Self {
            kind: identity.kind,
            value: identity.value,
            since: time(identity.since),
        }
    }
}

/// A lead that was joined into another one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Joined {
    /// The number that it had; unmerging takes it.
    id: i64,
    /// The lead that it was joined into: this one, or one that was joined into it.
    into: i64,
    /// When.
    at: String,
    /// `engine` where a fact showed that they are one, else who said so.
    actor: String,
    /// Why.
    #[schema(example = "the same email address")]
    reason: String,
}

/// A trait that holds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Trait {
    /// The field's name.
    name: String,
    /// Its value: a text, number, bool or list of texts.
    #[schema(value_type = Object)]
    value: serde_json::Value,
    /// Since when.
    since: String,
    /// Who says so: `stated` (the person), `crm`, `enrichment` or `derived`.
    #[schema(example = "stated")]
    source: &'static str,
    /// What sources that are believed less say, the most believed first.
    overridden: Vec<Statement>,
}

/// What a source says of a trait, without being believed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Statement {
    /// The value.
    #[schema(value_type = Object)]
    value: serde_json::Value,
    /// Since when.
    since: String,
    /// Who says so.
    source: &'static str,
}

impl From<app::TraitSince> for Trait {
    fn from(known: app::TraitSince) -> Self {
        let overridden = known.overridden.into_iter().map(|statement| Statement {
            value: value(statement.value),
            since: time(statement.at),
            source: statement.source.as_str(),
        });
        Self {
            name: known.name,
            value: value(known.value),
            since: time(known.since),
            source: known.source.as_str(),
            overridden: overridden.collect(),
        }
    }
}

/// Shows a lead
#[utoipa::path(
    get, path = "/api/v1/leads/{id}", tag = "leads", params(("id" = i64, Path, description = "The lead's number")),
    responses((status = 200, body = LeadDetail), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Number(id): Number,
) -> Result<Json<LeadDetail>, Problem> {
    shown(&edge, id).await
}

/// A lead as it is now.
pub(crate) async fn shown(edge: &Edge, id: i64) -> Result<Json<LeadDetail>, Problem> {
    let found = edge.app().lead(LeadId(id), edge.now()).await?;
    let detail = found.ok_or_else(|| Problem::not_found("lead", &id.to_string()))?;
    Ok(Json(LeadDetail {
        lead: detail.summary.into(),
        identities: detail.identities.into_iter().map(Into::into).collect(),
        traits: detail.traits.into_iter().map(Trait::from).collect(),
        ledger: json(&detail.ledger),
        ways: json(&detail.ways),
        events: Page::from_app(detail.events, TimelineEvent::from),
        transitions: detail.transitions.into_iter().map(Into::into).collect(),
        handoffs: detail.handoffs.into_iter().map(Into::into).collect(),
        bant: detail.bant.map(Into::into),
        opportunities: detail.deals.into_iter().map(Into::into).collect(),
        account: detail.account.map(Account::from),
        account_by: detail.account_by.map(app::AccountBy::as_str),
        merged_into: detail.merged_into.map(|lead| lead.0),
        joined: detail
            .joined
            .into_iter()
            .map(|joined| Joined {
                id: joined.id.0,
                into: joined.into.0,
                at: time(joined.at),
                actor: joined.actor,
                reason: joined.reason,
            })
            .collect(),
    }))
}

/// The core's own JSON of a ledger, which `bellwether explain --json` prints too.
fn json(of: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(of).unwrap_or_default()
}
