//! Messages that were promised in a transaction, and what became of each.

use bellwether_core::domain::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::Db;
use crate::{DeliveryRow, DestinationId, NewMessage, OutboxRow, StoreError};

/// What is read of messages for whoever looks after them.
macro_rules! listed {
    ($which:literal) => {
        concat!(
            "SELECT outbox.id, destination_id, message_id, event_type, payload, recipient, outbox.created_at, attempts,
                 state, next_at, ended_at, last_error, name
             FROM outbox LEFT JOIN destination ON destination.id = destination_id WHERE ",
            $which
        )
    };
}

impl Db {
    /// Promises a message. One that was promised before under the same id isn't promised again.
    pub fn insert_message(&self, message: &NewMessage<'_>, at: Timestamp) -> Result<(), StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT OR IGNORE INTO outbox
                 (destination_id, message_id, event_type, payload, recipient, created_at, state, next_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?6)",
        )?;
        insert.execute(params![
            message.destination.0,
            message.message_id,
            message.event_type,
            message.payload,
            message.recipient,
            at.ms(),
            if message.dry_run { "dry_run" } else { "waiting" }
        ])?;
        Ok(())
    }

    /// A destination's messages that may be tried now, those that waited longest first.
    pub fn messages_due(
        &self,
        destination: DestinationId,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT id, destination_id, message_id, event_type, payload, recipient, created_at, attempts FROM outbox
             WHERE destination_id = ?1 AND state = 'waiting' AND next_at <= ?2 ORDER BY next_at, id LIMIT ?3",
        )?;
        let rows = select.query_map(params![destination.0, now.ms(), limit], outbox_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// When a destination's next waiting message may be tried.
    pub fn next_message_at(&self, destination: DestinationId) -> Result<Option<Timestamp>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT min(next_at) FROM outbox WHERE destination_id = ?1 AND state = 'waiting'",
        )?;
        let next: Option<i64> = select.query_row([destination.0], |row| row.get(0))?;
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
             WHERE id = ?1 AND state = 'waiting'",
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

    /// How many messages wait for a destination, and how many to it were given up.
    pub fn destination_counts(&self, id: DestinationId) -> Result<(u64, u64), StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT (SELECT count(*) FROM outbox WHERE state = 'waiting' AND destination_id = ?1),
                 (SELECT count(*) FROM outbox WHERE state = 'dead' AND destination_id = ?1)",
        )?;
        let (waiting, dead): (i64, i64) = select.query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok((waiting.unsigned_abs(), dead.unsigned_abs()))
    }

    /// Messages in a state (`waiting`, `dead`, `delivered`, `dry_run`), the newest first, those before a row's number.
    pub fn deliveries(
        &self,
        state: &str,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        // The states are spelled out so that each is found by its own index.
        let statement = match state {
            "waiting" => listed!("state = 'waiting' AND outbox.id < ?1 ORDER BY outbox.id DESC LIMIT ?2"),
            "dead" => listed!("state = 'dead' AND outbox.id < ?1 ORDER BY outbox.id DESC LIMIT ?2"),
            "dry_run" => listed!("state = 'dry_run' AND outbox.id < ?1 ORDER BY outbox.id DESC LIMIT ?2"),
            _ => listed!("state = 'delivered' AND outbox.id < ?1 ORDER BY outbox.id DESC LIMIT ?2"),
        };
        let mut select = self.connection.prepare_cached(statement)?;
        let rows = select.query_map(params![before.unwrap_or(i64::MAX), limit], delivery_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A message, whatever became of it.
    pub fn delivery(&self, id: i64) -> Result<Option<DeliveryRow>, StoreError> {
        let mut select = self.connection.prepare_cached(listed!("outbox.id = ?1"))?;
        Ok(select.query_row([id], delivery_row).optional()?)
    }

    /// The last error of a destination's messages that wait or were given up.
    pub fn last_delivery_error(&self, id: DestinationId) -> Result<Option<String>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT last_error FROM outbox
             WHERE destination_id = ?1 AND state IN ('waiting', 'dead') AND last_error IS NOT NULL
             ORDER BY id DESC LIMIT 1",
        )?;
        Ok(select.query_row([id.0], |row| row.get(0)).optional()?)
    }

    /// Has a message that was given up tried again, as if it were new, under its old id; whether there was one.
    pub fn replay_message(&self, id: i64, at: Timestamp) -> Result<bool, StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE outbox SET state = 'waiting', attempts = 0, next_at = ?2, ended_at = NULL
             WHERE id = ?1 AND state = 'dead'",
        )?;
        Ok(update.execute([id, at.ms()])? > 0)
    }

    /// Has the messages tried again that were given up and whose destination is still there, at most `limit`; how many.
    pub fn replay_messages(&self, at: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE outbox SET state = 'waiting', attempts = 0, next_at = ?1, ended_at = NULL
             WHERE id IN (
                 SELECT outbox.id FROM outbox JOIN destination ON destination.id = destination_id
                 WHERE state = 'dead' AND removed_at IS NULL LIMIT ?2)",
        )?;
        Ok(update.execute(params![at.ms(), limit])? as u64)
    }

    /// A key of this database.
    pub fn server_key(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT key FROM server_key WHERE name = ?1")?;
        Ok(select.query_row([name], |row| row.get(0)).optional()?)
    }

    /// Keeps a key for good, unless there is one.
    pub fn put_server_key(&self, name: &str, key: &[u8]) -> Result<(), StoreError> {
        let mut insert = self
            .connection
            .prepare_cached("INSERT OR IGNORE INTO server_key (name, key) VALUES (?1, ?2)")?;
        insert.execute(params![name, key])?;
        Ok(())
    }

    /// Notes that a link was used; `false` where it had been used before. A few links whose time is over are forgotten.
    pub fn use_link(&self, digest: &[u8], at: Timestamp, expires_at: Timestamp) -> Result<bool, StoreError> {
        self.connection
            .prepare_cached(
                "DELETE FROM used_link WHERE digest IN (
                     SELECT digest FROM used_link WHERE expires_at < ?1 LIMIT 4)",
            )?
            .execute([at.ms()])?;
        let mut insert = self.connection.prepare_cached(
            "INSERT OR IGNORE INTO used_link (digest, used_at, expires_at) VALUES (?1, ?2, ?3)",
        )?;
        Ok(insert.execute(params![digest, at.ms(), expires_at.ms()])? > 0)
    }

    /// Whether a link was used.
    pub fn is_link_used(&self, digest: &[u8]) -> Result<bool, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT 1 FROM used_link WHERE digest = ?1")?;
        Ok(select.exists([digest])?)
    }
}

fn outbox_row(row: &Row<'_>) -> rusqlite::Result<OutboxRow> {
    Ok(OutboxRow {
        id: row.get("id")?,
        destination: DestinationId(row.get("destination_id")?),
        message_id: row.get("message_id")?,
        event_type: row.get("event_type")?,
        payload: row.get("payload")?,
        recipient: row.get("recipient")?,
        created_at: Timestamp::from_ms_clamped(row.get("created_at")?),
        attempts: row.get("attempts")?,
    })
}

fn delivery_row(row: &Row<'_>) -> rusqlite::Result<DeliveryRow> {
    Ok(DeliveryRow {
        message: outbox_row(row)?,
        state: row.get("state")?,
        destination: row.get("name")?,
        next_at: Timestamp::from_ms_clamped(row.get("next_at")?),
        ended_at: row
            .get::<_, Option<i64>>("ended_at")?
            .map(Timestamp::from_ms_clamped),
        last_error: row.get("last_error")?,
    })
}
