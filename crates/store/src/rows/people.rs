//! Those who sign in, and the keys that programs come with.

use bellwether_core::domain::Timestamp;

use crate::UserId;

/// An API key's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRow {
    /// Its number.
    pub id: i64,
    /// `write` or `admin`.
    pub class: String,
    /// What somebody called it.
    pub name: String,
    /// Who says the traits in what it brings: `stated`, `crm` or `enrichment`.
    pub speaks_as: String,
    /// The SHA-256 of the key.
    pub hash: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Somebody who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// Their email address.
    pub email: String,
    /// `sales`, `marketing` or `admin`.
    pub role: String,
    /// The argon2 hash of their password.
    pub password_hash: String,
    /// Whether they haven't left.
    pub active: bool,
    /// Their own hours' time zone.
    pub zone: Option<String>,
    /// Their own hours; nothing is their team's.
    pub shifts: Option<String>,
    /// Their own holidays; nothing is their team's.
    pub holidays: Option<String>,
    /// Where leads book a time with them.
    pub booking_url: Option<String>,
    /// By which Slack knows them.
    pub slack_id: Option<String>,
}
