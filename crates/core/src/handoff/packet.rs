//! The packet itself. Points are written with three decimals and times in RFC 3339, both as texts.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::agreement::{Agreement, Priority, Sla};
use crate::domain::{EventKind, Points, Timestamp, Traits, Value, ValueRef};
use crate::explain::words::minute;
use crate::explain::{Counted, Ledger, MatchLine, wire};
use crate::message::{Values, render_line};
use crate::profile::Profile;

/// The most lines of the ledger that a packet names.
const TOP_LINES_MAX: usize = 5;
/// The most activities that a packet names; the rest is counted.
const ACTIVITIES_MAX: usize = 20;
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

/// Something that a lead did, once or several times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Activity {
    /// In words, with how often and when last.
    pub text: String,
    /// How many times.
    pub times: usize,
    /// When last.
    #[serde(serialize_with = "wire::time")]
    pub last_at: Timestamp,
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
    /// Its traits.
    pub traits: &'a Traits,
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
    let title = title(&handed, &lead, &qualified.trigger);
    let (activities, activities_more) = activities(ledger);
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
        task: Task {
            title,
            priority: agreement.handoff.priority,
            due_at,
        },
        sla: handed.sla.zip(due_at).map(|(sla, due_at)| SlaStamp {
            name: sla.name.clone(),
            first_contact: sla.first_contact.to_string(),
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

/// The task's title.
fn title(handed: &Handed<'_>, lead: &LeadCard, trigger: &str) -> String {
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
    // A title that can't be made still says whom it is about.
    render_line(&handed.agreement.handoff.task, &values).unwrap_or_else(|_| lead.name.clone())
}

/// What the lead did that gave points, each thing once, and how many more things there are.
fn activities(ledger: &Ledger) -> (Vec<Activity>, usize) {
    let mut done: BTreeMap<String, Vec<Timestamp>> = BTreeMap::new();
    for line in &ledger.intent {
        let Counted::Matches { matches, .. } = &line.counted else {
            continue;
        };
        for found in matches {
            let times = done.entry(in_words(found)).or_default();
            // One visit may count under several rules; it is one visit all the same.
            if !times.contains(&found.at) {
                times.push(found.at);
            }
        }
    }
    let activities = done.into_iter().filter_map(|(what, times)| {
        let last_at = times.iter().copied().max()?;
        let text = match times.len() {
            1 => format!("{what} on {}", minute(last_at)),
            many => format!("{what} {many} times, last on {}", minute(last_at)),
        };
        Some(Activity {
            text,
            times: times.len(),
            last_at,
        })
    });
    let mut activities: Vec<Activity> = activities.collect();
    activities.sort_by(|a, b| b.last_at.cmp(&a.last_at).then_with(|| a.text.cmp(&b.text)));
    let more = activities.len().saturating_sub(ACTIVITIES_MAX);
    activities.truncate(ACTIVITIES_MAX);
    (activities, more)
}

fn in_words(found: &MatchLine) -> String {
    let detail = found.detail.as_deref();
    match (found.kind, detail) {
        (EventKind::Page, Some(path)) => format!("visited {path}"),
        (EventKind::Page, None) => "visited a page".to_owned(),
        (EventKind::Screen, None) => format!("opened {}", found.event),
        (EventKind::Screen, Some(detail)) => format!("opened {} ({detail})", found.event),
        (EventKind::Track, None) => found.event.clone(),
        (EventKind::Track, Some(detail)) => format!("{} ({detail})", found.event),
    }
}

#[cfg(test)]
pub(super) mod tests;
