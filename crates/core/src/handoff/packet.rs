//! The packet itself. Points are written with three decimals and times in RFC 3339, both as texts. Every list in it is
//! bounded.

mod activities;
mod context;
mod opening;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::agreement::{Agreement, Priority, Sla, SlaHours};
use crate::domain::{Points, Timestamp, TraitSource, Traits, Value, ValueRef};
use crate::explain::{Ledger, wire};
use crate::message::{Values, render_line};
use crate::profile::Profile;

pub use self::activities::Activity;
use self::activities::activities;
use self::context::firmographics;
pub use self::context::{
    AccountContext, AccountScore, COLLEAGUES_MAX, Colleague, CommitteeSeat, DEALS_MAX, EARLIER_MAX,
    EarlierCycle, FIRMOGRAPHICS, Firmographic, OpenDeal,
};
use self::opening::opening;

/// The most lines of the ledger that a packet names.
const TOP_LINES_MAX: usize = 5;
/// The fields that stand on the card by themselves.
const ON_THE_CARD: [&str; 7] = [
    "company",
    "email",
    "first_name",
    "last_name",
    "name",
    "phone",
    "title",
];

/// What sales gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Packet {
    /// Who it is.
    pub lead: LeadCard,
    /// The first time, the second time …
    pub cycle: u32,
    /// What made it qualify.
    pub trigger: String,
    /// When it did.
    #[serde(serialize_with = "wire::time")]
    pub qualified_at: Timestamp,
    /// By which agreement.
    pub agreement: AgreementStamp,
    /// Its score at that moment.
    pub score: PacketScore,
    /// Why, in one line.
    pub why: String,
    /// The rules that gave the most.
    pub top_lines: Vec<TopLine>,
    /// What it did, the latest first.
    pub activities: Vec<Activity>,
    /// How many activities more there are.
    pub activities_more: usize,
    /// What is known of its company, each with whoever says so.
    pub firmographics: Vec<Firmographic>,
    /// Its account: who else is active there, and what is going on.
    pub account: Option<AccountContext>,
    /// The cycles that ended before this one, the latest first.
    pub earlier: Vec<EarlierCycle>,
    /// A line to begin the call with.
    pub opening: String,
    /// Which route it took.
    pub route: Option<RouteChoice>,
    /// Whose it is; `None` while it waits in the team's queue.
    pub owner: Option<Owner>,
    /// What the owner is to do.
    pub task: Task,
    /// How fast.
    pub sla: Option<SlaStamp>,
}

/// Who a lead is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeadCard {
    /// Its id.
    pub id: String,
    /// What to call it: its name, else its email, else its id.
    pub name: String,
    /// Its email.
    pub email: Option<String>,
    /// Its phone number.
    pub phone: Option<String>,
    /// Its job title.
    pub title: Option<String>,
    /// Its company.
    pub company: Option<String>,
    /// The other fields of the agreement that are known or derived.
    pub fields: BTreeMap<String, Value>,
}

/// Which agreement was in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AgreementStamp {
    /// What it is called.
    pub name: String,
    /// Which version.
    pub version: u64,
    /// The hash of its file.
    pub hash: String,
}

/// A score and its grade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PacketScore {
    /// Who it is.
    #[serde(serialize_with = "wire::points")]
    pub fit: Points,
    /// What it does.
    #[serde(serialize_with = "wire::points")]
    pub intent: Points,
    /// Both together.
    #[serde(serialize_with = "wire::points")]
    pub score: Points,
    /// Letter and number; empty without `[grades]`.
    pub grade: String,
}

/// A rule that gave much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TopLine {
    /// The rule.
    pub rule: String,
    /// What it gave.
    #[serde(serialize_with = "wire::points")]
    pub points: Points,
}

/// Which route a lead took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RouteChoice {
    /// The route.
    pub name: String,
    /// The team that it leads to.
    pub team: String,
    /// Why this one.
    pub reason: String,
}

/// Whose a lead is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Owner {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Why they got it.
    pub reason: String,
}

/// What the owner is to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Task {
    /// What.
    pub title: String,
    /// How urgent.
    pub priority: Priority,
    /// By when.
    #[serde(serialize_with = "wire::time_opt")]
    pub due_at: Option<Timestamp>,
}

/// How fast the owner is to act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SlaStamp {
    /// The policy.
    pub name: String,
    /// The time to first contact, as the agreement writes it: `5m`.
    pub first_contact: String,
    /// Which time counts, in words: `around the clock`, or shifts and their zone.
    pub hours: String,
    /// When that is over, by the clock on the wall.
    #[serde(serialize_with = "wire::time")]
    pub due_at: Timestamp,
}

/// What a packet is made of.
#[derive(Debug)]
pub struct Handed<'a> {
    /// The agreement in force.
    pub agreement: &'a Agreement,
    /// Its version.
    pub version: u64,
    /// The hash of its file.
    pub hash: &'a str,
    /// The lead's id.
    pub lead_id: &'a str,
    /// When it is handed off.
    pub at: Timestamp,
    /// Its traits.
    pub traits: &'a Traits,
    /// Who says what is known of its company.
    pub said_by: BTreeMap<String, TraitSource>,
    /// Its account.
    pub account: Option<AccountContext>,
    /// The cycles that ended before, the latest first.
    pub earlier: Vec<EarlierCycle>,
    /// The ledger at the moment of qualifying.
    pub ledger: &'a Ledger,
    /// The route it took.
    pub route: Option<RouteChoice>,
    /// Whose it is.
    pub owner: Option<Owner>,
    /// The SLA that it is under.
    pub sla: Option<&'a Sla>,
}

/// Makes the packet of a lead that qualified; `None` where the ledger says that it didn't.
pub fn packet(handed: Handed<'_>) -> Option<Packet> {
    let Handed {
        agreement, ledger, ..
    } = handed;
    let qualified = ledger.qualified.as_ref()?;
    let lead = lead_card(agreement, handed.lead_id, handed.traits);
    let due_at = handed.sla.map(|sla| qualified.at.plus(sla.first_contact));
    let mut values = values(&handed, &lead, &qualified.trigger);
    // A title that can't be made still says whom it is about.
    let title = render_line(&agreement.handoff.task, &values).unwrap_or_else(|_| lead.name.clone());
    let opening = opening(&handed, &mut values);
    let (activities, activities_more) = activities(ledger, handed.at);
    let top_lines = ledger.top_lines(TOP_LINES_MAX).into_iter();
    Some(Packet {
        cycle: ledger.cycle,
        trigger: qualified.trigger.clone(),
        qualified_at: qualified.at,
        agreement: AgreementStamp {
            name: agreement.name.clone(),
            version: handed.version,
            hash: handed.hash.to_owned(),
        },
        score: PacketScore {
            fit: ledger.totals.fit,
            intent: ledger.totals.intent,
            score: ledger.totals.score,
            grade: ledger.grade.clone(),
        },
        why: ledger.why.clone(),
        top_lines: top_lines.map(|(rule, points)| TopLine { rule, points }).collect(),
        activities,
        activities_more,
        firmographics: firmographics(handed.traits, &handed.said_by),
        account: handed.account.map(AccountContext::bounded),
        earlier: handed.earlier.into_iter().take(EARLIER_MAX).collect(),
        opening,
        task: Task {
            title,
            priority: agreement.handoff.priority,
            due_at,
        },
        sla: handed.sla.zip(due_at).map(|(sla, due_at)| SlaStamp {
            name: sla.name.clone(),
            first_contact: sla.first_contact.to_string(),
            hours: match sla.hours {
                SlaHours::AroundTheClock => "around the clock".to_owned(),
                SlaHours::Business => "the team's working hours".to_owned(),
            },
            due_at,
        }),
        lead,
        route: handed.route,
        owner: handed.owner,
    })
}

fn lead_card(agreement: &Agreement, id: &str, traits: &Traits) -> LeadCard {
    let profile = Profile::new(traits);
    let text = |field: &str| profile.field(field).map(|value| value.to_value().to_string());
    let whole_name = || {
        let parts: Vec<String> = ["first_name", "last_name"].into_iter().filter_map(text).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    };
    let name = text("name").or_else(whole_name).or_else(|| text("email"));
    let others = agreement
        .fields
        .names()
        .filter(|field| !ON_THE_CARD.contains(field));
    let fields =
        others.filter_map(|field| Some((field.to_owned(), profile.field(field).map(ValueRef::to_value)?)));
    LeadCard {
        id: id.to_owned(),
        name: name.unwrap_or_else(|| id.to_owned()),
        email: text("email"),
        phone: text("phone"),
        title: text("title"),
        company: text("company"),
        fields: fields.collect(),
    }
}

/// What the texts of a handoff may name.
fn values(handed: &Handed<'_>, lead: &LeadCard, trigger: &str) -> Values {
    let mut values = Values::default();
    values.lead(&handed.agreement.fields, &lead.id, |field| {
        let text = |text: &Option<String>| text.clone().map(Value::Text);
        match field {
            "name" => Some(Value::Text(lead.name.clone())),
            "email" => text(&lead.email),
            "phone" => text(&lead.phone),
            "title" => text(&lead.title),
            "company" => text(&lead.company),
            "first_name" | "last_name" => handed.traits.get(field).cloned(),
            other => lead.fields.get(other).cloned(),
        }
    });
    let owner = handed.owner.as_ref();
    let route = handed.route.as_ref();
    values.table("owner", owner.map(|owner| ("name", owner.name.as_str())));
    values.table(
        "route",
        route
            .into_iter()
            .flat_map(|route| [("name", route.name.as_str()), ("team", route.team.as_str())]),
    );
    values.text("trigger", trigger);
    values.text("score", &handed.ledger.totals.score.short());
    values.text("grade", &handed.ledger.grade);
    values
}

#[cfg(test)]
pub(super) mod tests;
