//! Messages that were promised in a transaction, and where they go.

use bellwether_core::domain::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::Db;
use crate::{DestinationId, DestinationRow, OutboxRow, StoreError};

impl Db {
    /// Promises a message. One that was promised before under the same id isn't promised again.
    pub fn insert_message(
        &self,
        destination: DestinationId,
        message_id: &str,
        event_type: &str,
        payload: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT OR IGNORE INTO outbox (destination_id, message_id, event_type, payload, created_at, state, next_at)
             VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', ?5)",
        )?;
        insert.execute(params![destination.0, message_id, event_type, payload, at.ms()])?;
        Ok(())
    }

    /// Messages that may be tried now, those that waited longest first.
    pub fn messages_due(&self, now: Timestamp, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT id, destination_id, message_id, event_type, payload, attempts FROM outbox
             WHERE state = 'waiting' AND next_at <= ?1 ORDER BY next_at, id LIMIT ?2",
        )?;
        let rows = select.query_map(params![now.ms(), limit], |row| {
            Ok(OutboxRow {
                id: row.get("id")?,
                destination: DestinationId(row.get("destination_id")?),
                message_id: row.get("message_id")?,
                event_type: row.get("event_type")?,
                payload: row.get("payload")?,
                attempts: row.get("attempts")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// When the next waiting message may be tried.
    pub fn next_message_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT min(next_at) FROM outbox WHERE state = 'waiting'")?;
        let next: Option<i64> = select.query_row([], |row| row.get(0))?;
        Ok(next.map(Timestamp::from_ms_clamped))
    }

    /// Notes that a message arrived.
    pub fn message_delivered(&self, id: i64, at: Timestamp) -> Result<(), StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE outbox SET state = 'delivered', attempts = attempts + 1, ended_at = ?2, last_error = NULL
             WHERE id = ?1",
        )?;
        update.execute([id, at.ms()])?;
        Ok(())
    }

    /// Notes that a message didn't arrive: it is tried again at `next`, or kept as given up where there is no next time.
    pub fn message_failed(
        &self,
        id: i64,
        at: Timestamp,
        error: &str,
        next: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE outbox SET attempts = attempts + 1, last_error = ?3, next_at = coalesce(?4, next_at),
                 state = CASE WHEN ?4 IS NULL THEN 'dead' ELSE state END,
                 ended_at = CASE WHEN ?4 IS NULL THEN ?2 END
             WHERE id = ?1",
        )?;
        update.execute(params![id, at.ms(), error, next.map(Timestamp::ms)])?;
        Ok(())
    }

    /// How many messages wait, and how many were given up.
    pub fn outbox_counts(&self) -> Result<(u64, u64), StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT (SELECT count(*) FROM outbox WHERE state = 'waiting'),
                 (SELECT count(*) FROM outbox WHERE state = 'dead')",
        )?;
        let (waiting, dead): (i64, i64) = select.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok((waiting.unsigned_abs(), dead.unsigned_abs()))
    }

    /// Where messages go.
    pub fn destinations(&self) -> Result<Vec<DestinationRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT id, url, secret FROM destination WHERE active = 1 ORDER BY id")?;
        let rows = select.query_map([], destination_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A destination, whether it still gets new messages or not.
    pub fn destination(&self, id: DestinationId) -> Result<Option<DestinationRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT id, url, secret FROM destination WHERE id = ?1")?;
        Ok(select.query_row([id.0], destination_row).optional()?)
    }

    /// Makes an address the only one that gets new messages.
    pub fn put_destination(
        &self,
        url: &str,
        secret: &str,
        at: Timestamp,
    ) -> Result<DestinationId, StoreError> {
        self.connection
            .prepare_cached("UPDATE destination SET active = 0 WHERE active = 1")?
            .execute([])?;
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO destination (url, secret, active, created_at) VALUES (?1, ?2, 1, ?3)",
        )?;
        Ok(DestinationId(insert.insert(params![url, secret, at.ms()])?))
    }
}

fn destination_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<DestinationRow> {
    Ok(DestinationRow {
        id: DestinationId(row.get("id")?),
        url: row.get("url")?,
        secret: row.get("secret")?,
    })
}
