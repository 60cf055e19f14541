//! Rows of other systems' files as the product understands them: whom they are about, when, and what they say. Readers
//! make them, the use cases take them; neither knows the other.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::{Properties, Stage, Timestamp, TraitSource, Traits};

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// Who they are.
    Leads,
    /// What they did.
    Events,
    /// The companies that they work for.
    Accounts,
    /// Deals that were won or lost.
    Outcomes,
}

/// One row, understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// Who somebody is.
    Lead(Box<LeadRecord>),
    /// What somebody did.
    Event(Box<EventRecord>),
    /// A company.
    Account(Box<AccountRecord>),
    /// A deal that was won or lost.
    Outcome(Box<OutcomeRecord>),
}

/// By what a row names somebody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RecordKeys {
    /// A browser's or device's own id.
    pub anonymous_id: Option<String>,
    /// The id that the company's own product gives them.
    pub user_id: Option<String>,
    /// Their email address.
    pub email: Option<String>,
    /// Ids in other systems, as kind and value, such as `salesforce` and `00Q…`.
    pub external_ids: Vec<(String, String)>,
}

/// Who somebody is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LeadRecord {
    /// By what they are known.
    pub keys: RecordKeys,
    /// More ids of theirs of a kind that `keys` holds already: kind and value, such as `email` and an address.
    pub more_keys: Vec<(String, String)>,
    /// As of when the row says so; where nothing says it, as of the creation, or else of the import.
    pub at: Option<Timestamp>,
    /// When the lead came to be.
    pub created_at: Option<Timestamp>,
    /// How far the lead is, as the other system decided.
    pub stage: Option<Stage>,
    /// The address of whoever in sales has it.
    pub owner: Option<String>,
    /// The id of its company.
    pub account: Option<String>,
    /// What is known of them.
    pub traits: Traits,
}

/// What kind of call an event's row stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    /// They did something that has a name.
    #[default]
    Track,
    /// They saw a page.
    Page,
    /// They saw a screen of an app.
    Screen,
    /// They said who they are.
    Identify,
    /// They were put under a company; the name is its id.
    Group,
    /// They were known by another id before; the name is that id.
    Alias,
}

/// What somebody did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventRecord {
    /// By what they are known.
    pub keys: RecordKeys,
    /// When it was.
    pub ts: Timestamp,
    /// What kind of call it is.
    pub kind: CallKind,
    /// What they did, or the id that the kind speaks of.
    pub name: String,
    /// The page's path.
    pub path: Option<String>,
    /// What more is known of it.
    pub properties: Properties,
    /// What it says about who they are.
    pub traits: Traits,
    /// Its own id, where it has one: an event with the same one is the same.
    pub id: Option<String>,
    /// Who says the traits, where the row says so.
    pub said_by: Option<TraitSource>,
    /// Whether it shows somebody whom one could reach; where nothing is said, that follows from the keys.
    pub known: Option<bool>,
}

/// A company.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AccountRecord {
    /// Its id in the other system.
    pub id: Option<String>,
    /// The domain of its mail.
    pub domain: Option<String>,
    /// What it is called.
    pub name: Option<String>,
    /// The address of whoever in sales has it.
    pub owner: Option<String>,
    /// What is known of it, by the names that a `group` call has: `employees`, `industry`.
    pub traits: Traits,
}

/// A deal that was won or lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutcomeRecord {
    /// An id of the lead's, of whatever kind, or its email address.
    pub lead: String,
    /// The kind that the id is looked for in first.
    pub lead_kind: Option<String>,
    /// Whether it was won.
    pub won: bool,
    /// When it was closed.
    pub at: Timestamp,
    /// What it was worth, in thousandths of the currency's unit.
    pub amount_thousandths: Option<i64>,
    /// The currency's code.
    pub currency: Option<String>,
    /// Why, in the other system's words.
    pub reason: Option<String>,
    /// The deal's id, which tells two deals of a lead apart; without one, their times do.
    pub opportunity: Option<String>,
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    /// It made a lead, an account or an outcome that wasn't there.
    New,
    /// It was about one that was there.
    Updated,
    /// It was taken before, here or earlier in the same file.
    AlreadyThere,
    /// It couldn't be taken, and why.
    Rejected(String),
}

/// What became of a file's rows. The three numbers and the rejects add up to the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RowCounts {
    /// How many there were.
    pub rows: u64,
    /// Those that made something that wasn't there.
    pub new: u64,
    /// Those about something that was there.
    pub updated: u64,
    /// Those that were taken before, or earlier in the same file.
    pub already_there: u64,
    /// Those that were left out, by reason.
    pub rejected: BTreeMap<String, u64>,
}

impl RowCounts {
    /// How many rows were left out.
    pub fn rejects(&self) -> u64 {
        self.rejected.values().sum()
    }

    /// Counts a row that is left out.
    pub fn reject(&mut self, reason: &str) {
        match self.rejected.get_mut(reason) {
            Some(count) => *count = count.saturating_add(1),
            None => drop(self.rejected.insert(reason.to_owned(), 1)),
        }
    }
}

impl RecordKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Leads, Self::Events, Self::Accounts, Self::Outcomes];

    /// The kind's name in data: `leads`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Leads => "leads",
            Self::Events => "events",
            Self::Accounts => "accounts",
            Self::Outcomes => "outcomes",
        }
    }
}

impl std::fmt::Display for RecordKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for RecordKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| format!("`{text}` is none of leads, events, accounts, outcomes"))
    }
}

impl CallKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Track,
        Self::Page,
        Self::Screen,
        Self::Identify,
        Self::Group,
        Self::Alias,
    ];

    /// The kind's name in data: `track`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Track => "track",
            Self::Page => "page",
            Self::Screen => "screen",
            Self::Identify => "identify",
            Self::Group => "group",
            Self::Alias => "alias",
        }
    }

    /// The kind of a name, without case.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl RecordKeys {
    /// Whether nobody is named.
    pub fn is_empty(&self) -> bool {
        self.anonymous_id.is_none()
            && self.user_id.is_none()
            && self.email.is_none()
            && self.external_ids.is_empty()
    }
}
