//! What came in last, of whomever: for the page that shows whether a site's events arrive.

use bellwether_core::domain::Timestamp;

use super::{Db, time};
use crate::{SourceId, StoreError};

/// A fact as it came in, whoever it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrivalRow {
    /// When it came.
    pub received_at: Timestamp,
    /// As in [`TimelineRow`](crate::TimelineRow).
    pub kind: String,
    /// As in [`NewFact`](crate::NewFact).
    pub name: Option<String>,
    /// As in [`NewFact`](crate::NewFact).
    pub path: Option<String>,
    /// Which key brought it.
    pub source: SourceId,
    /// What the key that brought it is called; nothing where there is no such key any more.
    pub key_name: Option<String>,
}

impl Db {
    /// The facts that were kept last, the newest first, each with the name of the key that brought it.
    pub fn last_arrivals(&self, limit: u32) -> Result<Vec<ArrivalRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT event.kind, event.name, event.path, event.received_at, event.source_id, api_key.name AS key_name
             FROM event LEFT JOIN api_key ON api_key.id = event.source_id
             ORDER BY event.id DESC LIMIT ?1",
        )?;
        let rows = select.query_map([limit], |row| {
            Ok(ArrivalRow {
                received_at: time(row, "received_at")?,
                kind: row.get("kind")?,
                name: row.get("name")?,
                path: row.get("path")?,
                source: SourceId(row.get("source_id")?),
                key_name: row.get("key_name")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
