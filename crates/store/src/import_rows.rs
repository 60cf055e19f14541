//! Rows of imports, and of what they brought.

use bellwether_core::domain::Timestamp;

use crate::{AccountId, ImportId, LeadId};

/// What a file said of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRecordRow {
    /// A JSON object, by the names that a group call has.
    pub traits: String,
    /// The hash of all that was said.
    pub hash: String,
    /// When.
    pub at: Timestamp,
}

/// A deal that was won or lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeRow {
    /// The lead whose key it came by, before any join.
    pub origin: LeadId,
    /// Whose.
    pub lead: LeadId,
    /// The deal's id, or else its time in milliseconds.
    pub opportunity: String,
    /// Whether it was won.
    pub won: bool,
    /// When it was closed.
    pub at: Timestamp,
    /// What it was worth.
    pub amount_thousandths: Option<i64>,
    /// In which currency.
    pub currency: Option<String>,
    /// Why, in the other system's words.
    pub reason: Option<String>,
    /// Whether the deal has an id of its own.
    pub has_id: bool,
}

/// What became of a row that was put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It wasn't there.
    New,
    /// It was there and said something else.
    Changed,
    /// It was there and said the same.
    Same,
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Its number.
    pub id: ImportId,
    /// `leads`, `events`, `accounts` or `outcomes`.
    pub kind: String,
    /// What the file is called.
    pub file: String,
    /// Who began it.
    pub started_by: String,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// `running`, `done`, `failed` or `interrupted`.
    pub state: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What became of its rows, as a JSON object.
    pub counts: String,
    /// How many leads reached the line by it and weren't handed off.
    pub would_qualify: Option<i64>,
    /// Why it failed.
    pub error: Option<String>,
}

/// A row that an import left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectRow {
    /// The line that it begins on.
    pub line: i64,
    /// Why.
    pub reason: String,
    /// Its cells as a JSON list.
    pub row: String,
}

/// An account, with what a file said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// Its number.
    pub id: AccountId,
    /// `domain` or `group`.
    pub kind: String,
    /// The domain, or the id of group calls.
    pub value: String,
    /// What it is called.
    pub name: Option<String>,
    /// The address of whoever in sales has it.
    pub owner_email: Option<String>,
    /// What a file said of it, as a JSON object.
    pub traits: Option<String>,
}
