//! What surrounds a lead that is handed off: its company, who else is active there, and how earlier cycles ended.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::{Points, Stage, Timestamp, TraitSource, Traits, Value};
use crate::explain::wire;
use crate::profile::Profile;

/// The fields that say what a company is, in the order in which they are told.
pub const FIRMOGRAPHICS: [&str; 7] = [
    "company",
    "domain",
    "industry",
    "employees",
    "revenue",
    "country",
    "technologies",
];

/// The most colleagues that a packet names; the rest is counted.
pub const COLLEAGUES_MAX: usize = 5;
/// The most open deals of an account that a packet names.
pub const DEALS_MAX: usize = 5;
/// The most earlier cycles that a packet names, the latest first.
pub const EARLIER_MAX: usize = 5;
/// The longest text of one value, in characters.
const VALUE_CHARS_MAX: usize = 200;
/// The most elements of a list.
const ELEMENTS_MAX: usize = 20;

/// Something that is known of a lead's company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Firmographic {
    /// Which field: `industry`.
    pub field: String,
    /// What it is.
    pub value: Value,
    /// Who says so; `derived` where it follows from another field.
    pub said_by: TraitSource,
}

/// The account of a lead, as it stands when the lead is handed off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountContext {
    /// Its id.
    pub id: String,
    /// Its name, or else its domain or group id.
    pub name: String,
    /// Who in sales has it, by name.
    pub owner: Option<String>,
    /// Its score, where the agreement says what qualifies an account.
    pub score: Option<AccountScore>,
    /// Who else is active there, those with the most intent first.
    pub people: Vec<Colleague>,
    /// How many more there are.
    pub people_more: usize,
    /// Its open deals, the latest first.
    pub deals: Vec<OpenDeal>,
}

/// What an account comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountScore {
    /// Its people's intent together, each cut as the agreement says, and its own.
    #[serde(serialize_with = "wire::points")]
    pub score: Points,
    /// Whether every line that the agreement draws for accounts is reached.
    pub qualified: bool,
    /// The roles of the buying committee, and whether somebody with intent holds each.
    pub roles: Vec<CommitteeSeat>,
}

/// A role of a buying committee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CommitteeSeat {
    /// What it is called.
    pub role: String,
    /// Whether somebody holds it.
    pub held: bool,
}

/// Somebody else of the same account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Colleague {
    /// Which lead.
    pub lead: String,
    /// Their name, else their email address.
    pub name: String,
    /// Their job title.
    pub title: Option<String>,
    /// Where they stand.
    pub stage: Stage,
    /// What they do, as of `last_seen`.
    #[serde(serialize_with = "wire::points")]
    pub intent: Points,
    /// When they did something last.
    #[serde(serialize_with = "wire::time")]
    pub last_seen: Timestamp,
}

/// A deal of the account that is neither won nor lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenDeal {
    /// What it is called.
    pub name: String,
    /// With whom, by name.
    pub lead: String,
    /// How far it is.
    pub stage: Option<String>,
    /// What it is worth, with its currency: `12000 USD`.
    pub amount: Option<String>,
    /// When it is expected to close.
    pub closes: Option<String>,
}

/// A cycle that ended before this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EarlierCycle {
    /// The first time, the second time …
    pub cycle: u32,
    /// What had made the lead qualify.
    pub trigger: String,
    /// When it was handed off.
    #[serde(serialize_with = "wire::time")]
    pub handed_at: Timestamp,
    /// Whose it was.
    pub owner: Option<String>,
    /// How it ended: `rejected`, `expired`.
    pub ended: String,
    /// When it ended.
    #[serde(serialize_with = "wire::time_opt")]
    pub ended_at: Option<Timestamp>,
    /// Who ended it, by name; nothing where nobody did.
    pub by: Option<String>,
    /// The agreement's reason.
    pub reason: Option<String>,
    /// What was noted.
    pub note: Option<String>,
}

/// What is known of a lead's company, each with whoever says so.
pub(super) fn firmographics(traits: &Traits, said_by: &BTreeMap<String, TraitSource>) -> Vec<Firmographic> {
    let profile = Profile::new(traits);
    let known = FIRMOGRAPHICS.iter().filter_map(|field| {
        let value = profile.field(field).filter(|value| !value.is_empty())?;
        Some(Firmographic {
            field: (*field).to_owned(),
            value: bounded(value.to_value()),
            said_by: said_by.get(*field).copied().unwrap_or(TraitSource::Derived),
        })
    });
    known.collect()
}

/// A value no longer than a reader looks at.
fn bounded(value: Value) -> Value {
    let cut = |text: String| text.chars().take(VALUE_CHARS_MAX).collect::<String>();
    match value {
        Value::Text(text) => Value::Text(cut(text)),
        Value::List(texts) => Value::List(texts.into_iter().take(ELEMENTS_MAX).map(cut).collect()),
        plain => plain,
    }
}

impl AccountContext {
    /// The same, no longer than a packet holds.
    pub(super) fn bounded(mut self) -> Self {
        self.people_more += self.people.len().saturating_sub(COLLEAGUES_MAX);
        self.people.truncate(COLLEAGUES_MAX);
        self.deals.truncate(DEALS_MAX);
        self
    }
}
