//! Where messages go: each destination's file, and its secrets beside it.

use bellwether_core::domain::Timestamp;
use rusqlite::params;

use super::Db;
use crate::{DestinationId, DestinationRow, StoreError};

impl Db {
    /// The destinations that there are, in the order in which they were added.
    pub fn destinations(&self) -> Result<Vec<DestinationRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT id, name, source, secret, signing_secret, off_reason FROM destination
             WHERE removed_at IS NULL ORDER BY id",
        )?;
        let rows = select.query_map([], |row| {
            Ok(DestinationRow {
                id: DestinationId(row.get("id")?),
                name: row.get("name")?,
                source: row.get("source")?,
                secret: row.get("secret")?,
                signing_secret: row.get("signing_secret")?,
                off_reason: row.get("off_reason")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Adds a destination, or changes the one of that name and lets it be called again if it wasn't. A secret that isn't given stays as it was, of which
    /// the caller sees to it that it isn't told to somebody else.
    pub fn put_destination(
        &self,
        name: &str,
        source: &str,
        secret: Option<&str>,
        signing_secret: Option<&str>,
        at: Timestamp,
    ) -> Result<DestinationId, StoreError> {
        let mut put = self.connection.prepare_cached(
            "INSERT INTO destination (name, source, secret, signing_secret, created_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (name) WHERE removed_at IS NULL DO UPDATE SET source = excluded.source,
                 secret = coalesce(excluded.secret, secret),
                 signing_secret = coalesce(excluded.signing_secret, signing_secret), off_reason = NULL
             RETURNING id",
        )?;
        let id = put.query_row(params![name, source, secret, signing_secret, at.ms()], |row| {
            row.get(0)
        })?;
        Ok(DestinationId(id))
    }

    /// Removes a destination and its secrets; what waits for it is given up. `false` where there is none of that name.
    pub fn remove_destination(&self, name: &str, at: Timestamp) -> Result<bool, StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE outbox SET state = 'dead', last_error = 'its destination was removed', ended_at = ?2
                 WHERE state = 'waiting'
                     AND destination_id = (SELECT id FROM destination WHERE name = ?1 AND removed_at IS NULL)",
            )?
            .execute(params![name, at.ms()])?;
        let mut update = self.connection.prepare_cached(
            "UPDATE destination SET removed_at = ?2, secret = NULL, signing_secret = NULL, source = ''
             WHERE name = ?1 AND removed_at IS NULL",
        )?;
        Ok(update.execute(params![name, at.ms()])? > 0)
    }

    /// Calls a destination no more until its file is put again.
    pub fn turn_destination_off(&self, id: DestinationId, reason: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE destination SET off_reason = ?2 WHERE id = ?1")?
            .execute(params![id.0, reason])?;
        Ok(())
    }
}
