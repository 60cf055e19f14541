//! Rows of enrichers, and of what they are asked.

use bellwether_core::domain::Timestamp;

use crate::{EnricherId, LeadId};

/// A service that is asked what it knows of leads.
#[derive(Clone, PartialEq, Eq)]
pub struct EnricherRow {
    /// Which.
    pub id: EnricherId,
    /// What it is called.
    pub name: String,
    /// Its file.
    pub source: String,
    /// Its secret, where that is kept here.
    pub secret: Option<String>,
    /// When it was added.
    pub created_at: Timestamp,
}

impl std::fmt::Debug for EnricherRow {
    /// The secret isn't shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EnricherRow")
            .field("id", &self.id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Something that an enricher is to be asked about a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrichmentRow {
    /// Its row.
    pub id: i64,
    /// Whom to ask.
    pub enricher: EnricherId,
    /// About which lead.
    pub lead: LeadId,
    /// A JSON object: the fields that are asked with, and their values.
    pub key: String,
    /// How many times it was tried.
    pub attempts: u32,
}

/// What an enricher answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerRow {
    /// The traits, a JSON object; nothing where nothing is known.
    pub traits: Option<String>,
    /// When.
    pub answered_at: Timestamp,
}

/// What became of all that an enricher was to be asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EnricherCounts {
    /// Not asked yet, or to be asked again.
    pub waiting: u64,
    /// Something was known.
    pub answered: u64,
    /// Nothing was known.
    pub unknown: u64,
    /// Not wanted any more when it was its turn.
    pub skipped: u64,
    /// Given up.
    pub dead: u64,
}
