//! Nurture tracks, messages to leads, and who wants no more.

use bellwether_core::domain::Timestamp;

use crate::LeadId;

/// A lead on a nurture track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NurtureRow {
    /// Its number; 0 before it is kept.
    pub id: i64,
    /// Which lead.
    pub lead: LeadId,
    /// The lead that it was begun for, before any join.
    pub origin: LeadId,
    /// The agreement's track.
    pub track: String,
    /// Why it was begun, in words.
    pub cause: String,
    /// When.
    pub started_at: Timestamp,
    /// How many steps were taken.
    pub step: u32,
    /// When the next one is due, while it runs.
    pub next_at: Option<Timestamp>,
    /// `running`, `done` or `stopped`.
    pub state: String,
    /// Why it stopped, or waits longer than its step says.
    pub why: Option<String>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// Which nurture tracks are asked for.
#[derive(Debug, Clone, Default)]
pub struct NurtureFilter {
    /// Those of a track.
    pub track: Option<String>,
    /// Those in a state.
    pub state: Option<String>,
    /// Those of a lead.
    pub lead: Option<LeadId>,
    /// Those before this number.
    pub before: Option<i64>,
    /// How many at most.
    pub limit: u32,
}

/// A message to a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRow {
    /// Its number; 0 before it is kept.
    pub id: i64,
    /// Which lead.
    pub lead: LeadId,
    /// The lead that it was made for, before any join.
    pub origin: LeadId,
    /// When.
    pub at: Timestamp,
    /// `reply` or `nurture`.
    pub kind: String,
    /// The agreement's message.
    pub name: String,
    /// To which address, in lower case.
    pub address: Option<String>,
    /// The nurture track that it is a step of.
    pub nurture: Option<i64>,
    /// Which step, from 1.
    pub step: Option<u32>,
    /// Why it wasn't sent.
    pub kept_back: Option<String>,
    /// The token of its unsubscribe link.
    pub token: Option<String>,
}

/// Somebody who wants no more mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsubscribedRow {
    /// The address, in lower case.
    pub address: String,
    /// Since when.
    pub at: Timestamp,
    /// `one_click`, `page` or `hand`.
    pub how: String,
    /// Who said so.
    pub actor: String,
    /// By which message.
    pub mail: Option<i64>,
}
