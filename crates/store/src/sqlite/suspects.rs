//! Events that are held apart, and those that somebody released.

use bellwether_core::domain::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::{Db, time};
use crate::{LeadId, StoreError, SuspectCount, SuspectFilter, SuspectRow};

/// A held event with what it was and whose it is; the rest of the statement says which, and in which order.
macro_rules! held {
    ($rest:literal) => {
        concat!(
            "SELECT event_id, suspect.lead_id, lead.name AS lead_name, lead.email AS lead_email, rule, reason, event.ts,
                 event.received_at, event.kind, event.name, event.path
             FROM suspect JOIN event ON event.id = event_id JOIN lead ON lead.id = suspect.lead_id
             WHERE released_at IS NULL ",
            $rest
        )
    };
}

impl Db {
    /// Holds an event, or says anew whose it is and why it is held. One that was released stays so.
    pub fn hold(&self, event: i64, lead: LeadId, rule: &str, reason: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO suspect (event_id, lead_id, rule, reason) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET lead_id = excluded.lead_id, rule = excluded.rule, reason = excluded.reason
                 WHERE released_at IS NULL",
            )?
            .execute(params![event, lead.0, rule, reason])?;
        Ok(())
    }

    /// Holds an event no more, because what the rules say of it has changed.
    pub fn let_through(&self, event: i64) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM suspect WHERE event_id = ?1 AND released_at IS NULL")?
            .execute([event])?;
        Ok(())
    }

    /// Says whose a released event is.
    pub fn move_released(&self, event: i64, lead: LeadId) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE suspect SET lead_id = ?2 WHERE event_id = ?1")?
            .execute([event, lead.0])?;
        Ok(())
    }

    /// Keeps that somebody released an event that is held.
    pub fn release(&self, event: i64, at: Timestamp, by: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE suspect SET released_at = ?2, released_by = ?3 WHERE event_id = ?1 AND released_at IS NULL",
            )?
            .execute(params![event, at.ms(), by])?;
        Ok(())
    }

    /// Takes back that an event was released.
    pub fn take_back_release(&self, event: i64) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE suspect SET released_at = NULL, released_by = NULL WHERE event_id = ?1")?
            .execute([event])?;
        Ok(())
    }

    /// Whose an event is that is held or was released, and whether it was released.
    pub fn suspect(&self, event: i64) -> Result<Option<(LeadId, bool)>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT lead_id, released_at IS NOT NULL FROM suspect WHERE event_id = ?1")?;
        let found = select.query_row([event], |row| Ok((LeadId(row.get(0)?), row.get(1)?)));
        Ok(found.optional()?)
    }

    /// The events of a lead that are held, by one rule or by any.
    pub fn held_of(&self, lead: LeadId, rule: Option<&str>) -> Result<Vec<i64>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT event_id FROM suspect
             WHERE lead_id = ?1 AND released_at IS NULL AND (?2 IS NULL OR rule = ?2) ORDER BY event_id",
        )?;
        let rows = select.query_map(params![lead.0, rule], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Events that are held, those that came last first.
    pub fn held_events(&self, filter: &SuspectFilter) -> Result<Vec<SuspectRow>, StoreError> {
        let before = filter.before.unwrap_or(i64::MAX);
        let (rule, limit) = (filter.rule.as_deref(), filter.limit);
        let mut found = Vec::new();
        match (filter.lead, rule) {
            (Some(lead), _) => {
                let mut select = self.connection.prepare_cached(held!(
                    "AND suspect.lead_id = ?1 AND event_id < ?2 AND (?3 IS NULL OR rule = ?3)
                     ORDER BY event_id DESC LIMIT ?4"
                ))?;
                for row in select.query_map(params![lead.0, before, rule, limit], suspect_row)? {
                    found.push(row?);
                }
            }
            (None, Some(rule)) => {
                let mut select = self.connection.prepare_cached(held!(
                    "AND rule = ?1 AND event_id < ?2 ORDER BY event_id DESC LIMIT ?3"
                ))?;
                for row in select.query_map(params![rule, before, limit], suspect_row)? {
                    found.push(row?);
                }
            }
            (None, None) => {
                let mut select = self
                    .connection
                    .prepare_cached(held!("AND event_id < ?1 ORDER BY event_id DESC LIMIT ?2"))?;
                for row in select.query_map(params![before, limit], suspect_row)? {
                    found.push(row?);
                }
            }
        }
        Ok(found)
    }

    /// How many events are held and were released, by rule.
    pub fn suspect_counts(&self) -> Result<Vec<SuspectCount>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT rule, held, released FROM suspect_count ORDER BY rule")?;
        let rows = select.query_map([], |row| {
            Ok(SuspectCount {
                rule: row.get("rule")?,
                held: row.get::<_, i64>("held")?.unsigned_abs(),
                released: row.get::<_, i64>("released")?.unsigned_abs(),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn suspect_row(row: &Row<'_>) -> rusqlite::Result<SuspectRow> {
    Ok(SuspectRow {
        event: row.get("event_id")?,
        lead: LeadId(row.get("lead_id")?),
        lead_name: row.get("lead_name")?,
        lead_email: row.get("lead_email")?,
        rule: row.get("rule")?,
        reason: row.get("reason")?,
        ts: time(row, "ts")?,
        received_at: time(row, "received_at")?,
        kind: row.get("kind")?,
        name: row.get("name")?,
        path: row.get("path")?,
    })
}
