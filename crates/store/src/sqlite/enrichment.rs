//! Enrichers, what is to be asked of them about whom, what they answered, and how often they were asked.

use bellwether_core::domain::{Day, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

use super::Db;
use crate::{
    AccountId, AnswerRow, EnricherCounts, EnricherId, EnricherRow, EnrichmentRow, LeadId, StoreError,
};

impl Db {
    /// The enrichers, in the order in which they were added.
    pub fn enrichers(&self) -> Result<Vec<EnricherRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT id, name, source, secret, created_at FROM enricher ORDER BY id")?;
        let rows = select.query_map([], |row| {
            Ok(EnricherRow {
                id: EnricherId(row.get("id")?),
                name: row.get("name")?,
                source: row.get("source")?,
                secret: row.get("secret")?,
                created_at: Timestamp::from_ms_clamped(row.get("created_at")?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Adds an enricher, or changes the one of that name. Without a secret, the one that it has stays, of
    /// which the caller sees to it that it isn't told to somebody else. What it was asked in vain is asked again, and what
    /// it answered under another file doesn't hold any more.
    pub fn put_enricher(
        &self,
        name: &str,
        source: &str,
        secret: Option<&str>,
        at: Timestamp,
    ) -> Result<EnricherId, StoreError> {
        let mut put = self.connection.prepare_cached(
            "INSERT INTO enricher (name, source, secret, created_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (name) DO UPDATE SET source = excluded.source, secret = coalesce(excluded.secret, secret)
             RETURNING id",
        )?;
        let id: i64 = put.query_row(params![name, source, secret, at.ms()], |row| row.get(0))?;
        self.connection
            .prepare_cached(
                "UPDATE enrichment SET state = 'waiting', attempts = 0, next_at = ?2, ended_at = NULL
                 WHERE enricher_id = ?1 AND state = 'dead'",
            )?
            .execute([id, at.ms()])?;
        self.connection
            .prepare_cached("DELETE FROM enrichment_answer WHERE enricher_id = ?1")?
            .execute([id])?;
        Ok(EnricherId(id))
    }

    /// Removes an enricher with all that belongs to it; the facts that it answered with stay. `false` where there is none.
    pub fn remove_enricher(&self, name: &str) -> Result<bool, StoreError> {
        let removed: Option<i64> = self
            .connection
            .prepare_cached("DELETE FROM enricher WHERE name = ?1 RETURNING id")?
            .query_row([name], |row| row.get(0))
            .optional()?;
        let Some(id) = removed else { return Ok(false) };
        self.connection
            .prepare_cached("DELETE FROM enrichment WHERE enricher_id = ?1")?
            .execute([id])?;
        self.connection
            .prepare_cached("DELETE FROM enrichment_answer WHERE enricher_id = ?1")?
            .execute([id])?;
        self.connection
            .prepare_cached("DELETE FROM enricher_day WHERE enricher_id = ?1")?
            .execute([id])?;
        Ok(true)
    }

    /// Promises that an enricher is asked about a lead; whether that is anything new. What was asked before with the same
    /// values is asked again only where it wasn't wanted then, or where its answer came before `stale_before`.
    pub fn promise_enrichment(
        &self,
        enricher: EnricherId,
        lead: LeadId,
        key: &str,
        at: Timestamp,
        stale_before: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO enrichment (enricher_id, lead_id, key, state, next_at) VALUES (?1, ?2, ?3, 'waiting', ?4)
             ON CONFLICT (enricher_id, lead_id, key) DO UPDATE
                 SET state = 'waiting', attempts = 0, next_at = excluded.next_at, ended_at = NULL, last_error = NULL
                 WHERE state = 'skipped' OR (state IN ('answered', 'unknown') AND ended_at < ?5)",
        )?;
        let promised = insert.execute(params![enricher.0, lead.0, key, at.ms(), stale_before.ms()])?;
        Ok(promised > 0)
    }

    /// What an enricher may be asked now, what waited longest first. Where `answered_only`, no more than what it answered
    /// already, in an answer that still holds.
    pub fn enrichments_due(
        &self,
        enricher: EnricherId,
        now: Timestamp,
        answered_only: bool,
        limit: u32,
    ) -> Result<Vec<EnrichmentRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT id, enricher_id, lead_id, key, attempts FROM enrichment AS asked
             WHERE enricher_id = ?1 AND state = 'waiting' AND next_at <= ?2 AND (?3 = 0 OR EXISTS (
                 SELECT 1 FROM enrichment_answer AS held
                 WHERE held.enricher_id = asked.enricher_id AND held.key = asked.key AND held.holds_until > ?2))
             ORDER BY next_at, id LIMIT ?4",
        )?;
        let rows = select.query_map(
            params![enricher.0, now.ms(), answered_only, limit],
            enrichment_row,
        )?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Notes what became of a promise: `answered`, `unknown`, `skipped` or `dead`.
    pub fn enrichment_ended(
        &self,
        id: i64,
        state: &str,
        error: Option<&str>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE enrichment SET state = ?2, last_error = ?3, ended_at = ?4, attempts = attempts + 1 WHERE id = ?1",
        )?;
        update.execute(params![id, state, error, at.ms()])?;
        Ok(())
    }

    /// Notes that a promise couldn't be kept yet, and when it is tried again.
    pub fn enrichment_failed(&self, id: i64, error: &str, next: Timestamp) -> Result<(), StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE enrichment SET attempts = attempts + 1, last_error = ?2, next_at = ?3 WHERE id = ?1",
        )?;
        update.execute(params![id, error, next.ms()])?;
        Ok(())
    }

    /// The answer to some values, where there is one that still holds.
    pub fn enrichment_answer(
        &self,
        enricher: EnricherId,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<AnswerRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT traits, answered_at FROM enrichment_answer
             WHERE enricher_id = ?1 AND key = ?2 AND holds_until > ?3",
        )?;
        let row = select.query_row(params![enricher.0, key, now.ms()], |row| {
            Ok(AnswerRow {
                traits: row.get("traits")?,
                answered_at: Timestamp::from_ms_clamped(row.get("answered_at")?),
            })
        });
        Ok(row.optional()?)
    }

    /// Keeps an answer until a time; answers that don't hold any more are forgotten, a few at a time.
    pub fn keep_answer(
        &self,
        enricher: EnricherId,
        key: &str,
        traits: Option<&str>,
        at: Timestamp,
        holds_until: Timestamp,
    ) -> Result<(), StoreError> {
        let mut put = self.connection.prepare_cached(
            "INSERT OR REPLACE INTO enrichment_answer (enricher_id, key, traits, answered_at, holds_until)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        put.execute(params![enricher.0, key, traits, at.ms(), holds_until.ms()])?;
        let mut forget = self.connection.prepare_cached(
            "DELETE FROM enrichment_answer WHERE (enricher_id, key) IN (
                 SELECT enricher_id, key FROM enrichment_answer WHERE holds_until <= ?1 LIMIT 4)",
        )?;
        forget.execute([at.ms()])?;
        Ok(())
    }

    /// Counts requests that are about to be made on a day, no more than what is left of it; gives how many may be made.
    pub fn spend_requests(
        &self,
        enricher: EnricherId,
        day: Day,
        wanted: u32,
        day_max: u32,
    ) -> Result<u32, StoreError> {
        let made = self.requests_made(enricher, day)?;
        let granted = wanted.min(day_max.saturating_sub(made));
        if granted > 0 {
            let mut count = self.connection.prepare_cached(
                "INSERT INTO enricher_day (enricher_id, day, requests) VALUES (?1, ?2, ?3)
                 ON CONFLICT (enricher_id, day) DO UPDATE SET requests = requests + excluded.requests",
            )?;
            count.execute(params![enricher.0, number(day), granted])?;
        }
        Ok(granted)
    }

    /// How many requests were made on a day.
    pub fn requests_made(&self, enricher: EnricherId, day: Day) -> Result<u32, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT requests FROM enricher_day WHERE enricher_id = ?1 AND day = ?2")?;
        let made: Option<i64> = select
            .query_row([enricher.0, number(day)], |row| row.get(0))
            .optional()?;
        Ok(u32::try_from(made.unwrap_or(0)).unwrap_or(u32::MAX))
    }

    /// Names an account that has no name.
    pub fn name_account_if_none(&self, account: AccountId, name: &str) -> Result<(), StoreError> {
        let mut update = self
            .connection
            .prepare_cached("UPDATE account SET name = ?2 WHERE id = ?1 AND name IS NULL")?;
        update.execute(params![account.0, name])?;
        Ok(())
    }

    /// What became of all that an enricher was to be asked.
    pub fn enricher_counts(&self, enricher: EnricherId) -> Result<EnricherCounts, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT state, count(*) AS many FROM enrichment WHERE enricher_id = ?1 GROUP BY state",
        )?;
        let mut counts = EnricherCounts::default();
        let mut rows = select.query([enricher.0])?;
        while let Some(row) = rows.next()? {
            let many = row.get::<_, i64>("many")?.unsigned_abs();
            match row.get_ref("state")?.as_str().unwrap_or_default() {
                "waiting" => counts.waiting = many,
                "answered" => counts.answered = many,
                "unknown" => counts.unknown = many,
                "skipped" => counts.skipped = many,
                _ => counts.dead = many,
            }
        }
        Ok(counts)
    }
}

/// A day's number, as it is kept.
fn number(day: Day) -> i64 {
    i64::from(day.since(Timestamp::from_ms_clamped(0).day()))
}

fn enrichment_row(row: &Row<'_>) -> rusqlite::Result<EnrichmentRow> {
    Ok(EnrichmentRow {
        id: row.get("id")?,
        enricher: EnricherId(row.get("enricher_id")?),
        lead: LeadId(row.get("lead_id")?),
        key: row.get("key")?,
        attempts: row.get("attempts")?,
    })
}
