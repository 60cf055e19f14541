//! Messages that were promised, and where they go.

use bellwether_core::domain::Timestamp;

use crate::DestinationId;

/// A message that is promised.
#[derive(Debug, Clone, Copy)]
pub struct NewMessage<'a> {
    /// Where it goes.
    pub destination: DestinationId,
    /// By which its receiver knows it if it comes twice.
    pub message_id: &'a str,
    /// What it tells: `lead.qualified`.
    pub event_type: &'a str,
    /// The body.
    pub payload: &'a str,
    /// The address that it is mailed to, where it is a mail.
    pub recipient: Option<&'a str>,
    /// Whether it is only kept to be looked at, and never sent.
    pub dry_run: bool,
}

/// A message that waits to be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its row.
    pub id: i64,
    /// Where it goes.
    pub destination: DestinationId,
    /// By which its receiver knows it if it comes twice.
    pub message_id: String,
    /// What it tells: `lead.qualified`.
    pub event_type: String,
    /// The body.
    pub payload: String,
    /// The address that it is mailed to, where it is a mail.
    pub recipient: Option<String>,
    /// When it was promised.
    pub created_at: Timestamp,
    /// How many times it was tried.
    pub attempts: u32,
}

/// A message and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    /// The message.
    pub message: OutboxRow,
    /// `waiting`, `delivered`, `dead` or `dry_run`.
    pub state: String,
    /// What its destination is called, also one that is no longer there.
    pub destination: Option<String>,
    /// When it may be tried next, where it waits.
    pub next_at: Timestamp,
    /// When it arrived or was given up.
    pub ended_at: Option<Timestamp>,
    /// Why it didn't arrive when it was last tried.
    pub last_error: Option<String>,
}

/// Where messages go.
#[derive(Clone, PartialEq, Eq)]
pub struct DestinationRow {
    /// Which.
    pub id: DestinationId,
    /// What it is called.
    pub name: String,
    /// Its file.
    pub source: String,
    /// What messages to it are signed with, or what it lets us in by.
    pub secret: Option<String>,
    /// By which requests from it are known.
    pub signing_secret: Option<String>,
    /// Why it isn't called though its file says so.
    pub off_reason: Option<String>,
}

impl std::fmt::Debug for DestinationRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DestinationRow")
            .field("id", &self.id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
