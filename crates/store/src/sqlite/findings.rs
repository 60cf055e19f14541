//! What was dropped, refused or held, counted and listed.

use bellwether_core::domain::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Db, time};
use crate::{FindingRow, StoreError};

/// How many different findings of one kind are kept; more of them are counted under one subject.
const FINDINGS_OF_A_KIND_MAX: i64 = 1_000;
/// The subject that stands for those that aren't kept one by one.
const OTHERS: &str = "(others)";

impl Db {
    /// Counts a finding, and lists it where there aren't too many of its kind.
    pub fn add_finding(
        &self,
        kind: &str,
        subject: &str,
        reason: &str,
        count: u64,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let mut update = self.connection.prepare_cached(
            "UPDATE finding SET count = count + ?4, last_at = max(last_at, ?5)
             WHERE kind = ?1 AND subject = ?2 AND reason = ?3",
        )?;
        if update.execute(params![kind, subject, reason, count, at.ms()])? == 1 {
            return Ok(());
        }
        let kept: i64 = self
            .connection
            .prepare_cached("SELECT count(*) FROM (SELECT 1 FROM finding WHERE kind = ?1 LIMIT ?2)")?
            .query_row(params![kind, FINDINGS_OF_A_KIND_MAX], |row| row.get(0))?;
        let (subject, reason) = if kept < FINDINGS_OF_A_KIND_MAX {
            (subject, reason)
        } else {
            (OTHERS, "")
        };
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO finding (kind, subject, reason, count, first_at, last_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)
             ON CONFLICT DO UPDATE SET count = count + ?4, last_at = max(last_at, ?5)",
        )?;
        insert.execute(params![kind, subject, reason, count, at.ms()])?;
        Ok(())
    }

    /// Findings, those that came last first.
    pub fn findings(&self, limit: u32) -> Result<Vec<FindingRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM finding ORDER BY last_at DESC, kind, subject, reason LIMIT ?1")?;
        let rows = select.query_map([limit], |row| {
            Ok(FindingRow {
                kind: row.get("kind")?,
                subject: row.get("subject")?,
                reason: row.get("reason")?,
                count: row.get::<_, i64>("count")?.unsigned_abs(),
                first_at: time(row, "first_at")?,
                last_at: time(row, "last_at")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Adds to a counter.
    pub fn count(&self, name: &str, more: u64) -> Result<(), StoreError> {
        let mut upsert = self.connection.prepare_cached(
            "INSERT INTO counter (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = value + ?2",
        )?;
        upsert.execute(params![name, i64::try_from(more).unwrap_or(i64::MAX)])?;
        Ok(())
    }

    /// What a counter has come to.
    pub fn counter(&self, name: &str) -> Result<u64, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT value FROM counter WHERE name = ?1")?;
        Ok(select
            .query_row([name], |row| row.get::<_, i64>(0))
            .optional()?
            .unwrap_or(0)
            .unsigned_abs())
    }
}
