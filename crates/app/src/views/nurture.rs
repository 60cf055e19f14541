//! Nurture tracks, messages to leads, and who wants no more, as they are shown.

use bellwether_core::domain::Timestamp;

use crate::LeadId;

/// A lead on a nurture track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NurtureView {
    /// Its number.
    pub id: i64,
    /// Which lead.
    pub lead: LeadId,
    /// The agreement's track.
    pub track: String,
    /// Why it was begun: `rejected: No budget`.
    pub cause: String,
    /// When.
    pub started_at: Timestamp,
    /// How many steps were taken.
    pub step: u32,
    /// How many the track has now; nothing where the agreement has it no more.
    pub steps: Option<u32>,
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
pub struct NurtureQuery {
    /// Those of a track.
    pub track: Option<String>,
    /// Those in a state: `running`, `done` or `stopped`.
    pub state: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// How many at most; 0 is as many as a page holds.
    pub limit: u32,
}

/// A message to a lead, sent or kept back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailView {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// `reply` or `nurture`.
    pub kind: String,
    /// The agreement's message.
    pub name: String,
    /// Which step of its track it is.
    pub step: Option<u32>,
    /// Why it wasn't sent.
    pub kept_back: Option<String>,
}

/// What is done for a lead that marketing has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadNurture {
    /// The tracks that it is or was on, latest first.
    pub tracks: Vec<NurtureView>,
    /// What was written to it, or kept back, latest first.
    pub messages: Vec<MailView>,
    /// Since when its address wants no more mail.
    pub unsubscribed_at: Option<Timestamp>,
}

/// How many leads are on a track in a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NurtureCount {
    /// The agreement's track.
    pub track: String,
    /// `running`, `done` or `stopped`.
    pub state: String,
    /// How many leads.
    pub leads: u64,
}

/// Somebody who wants no more mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsubscribed {
    /// The address, in lower case.
    pub address: String,
    /// Since when.
    pub at: Timestamp,
    /// `one_click` by their mail program, `page` by themselves, or `hand` by somebody else.
    pub how: String,
    /// Who said so.
    pub actor: String,
    /// The number of the message whose link it was.
    pub message: Option<i64>,
}

/// What an unsubscribe link leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsubscribeLink {
    /// The address, most of it hidden: whoever has the link needn't be who has the address.
    pub address: String,
    /// Whether it wants no more mail.
    pub unsubscribed: bool,
}

/// A message as it would go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagePreview {
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// The same as an HTML document.
    pub html: String,
}
