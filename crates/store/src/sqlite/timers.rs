//! What is to happen at a time.

use bellwether_core::domain::Timestamp;
use rusqlite::params;

use super::{Db, time};
use crate::{StoreError, TimerRow};

impl Db {
    /// Sets a timer, instead of the one of the same kind and subject.
    pub fn put_timer(&self, kind: &str, subject: i64, at: Timestamp) -> Result<(), StoreError> {
        let mut upsert = self.connection.prepare_cached(
            "INSERT INTO timer (at, kind, subject) VALUES (?1, ?2, ?3)
             ON CONFLICT (kind, subject) DO UPDATE SET at = ?1",
        )?;
        upsert.execute(params![at.ms(), kind, subject])?;
        Ok(())
    }

    /// Takes a timer away, if there is one.
    pub fn delete_timer(&self, kind: &str, subject: i64) -> Result<(), StoreError> {
        let mut delete = self
            .connection
            .prepare_cached("DELETE FROM timer WHERE kind = ?1 AND subject = ?2")?;
        delete.execute(params![kind, subject])?;
        Ok(())
    }

    /// Takes away a timer that was found due; `false` where it was taken away meanwhile, or set to another time.
    pub fn take_timer(&self, found: &TimerRow) -> Result<bool, StoreError> {
        let mut delete = self
            .connection
            .prepare_cached("DELETE FROM timer WHERE kind = ?1 AND subject = ?2 AND at = ?3")?;
        let taken = delete.execute(params![found.kind, found.subject, found.at.ms()])?;
        Ok(taken > 0)
    }

    /// When a timer is due, if there is one.
    pub fn timer_at(&self, kind: &str, subject: i64) -> Result<Option<Timestamp>, StoreError> {
        use rusqlite::OptionalExtension as _;
        let mut select = self
            .connection
            .prepare_cached("SELECT at FROM timer WHERE kind = ?1 AND subject = ?2")?;
        let at: Option<i64> = select
            .query_row(params![kind, subject], |row| row.get(0))
            .optional()?;
        Ok(at.map(Timestamp::from_ms_clamped))
    }

    /// Timers that are due, the earliest first.
    pub fn timers_due(&self, now: Timestamp, limit: u32) -> Result<Vec<TimerRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT at, kind, subject FROM timer WHERE at <= ?1 ORDER BY at, id LIMIT ?2")?;
        let rows = select.query_map(params![now.ms(), limit], |row| {
            Ok(TimerRow {
                at: time(row, "at")?,
                kind: row.get("kind")?,
                subject: row.get("subject")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// When the next timer is due.
    pub fn next_timer_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut select = self.connection.prepare_cached("SELECT min(at) FROM timer")?;
        let next: Option<i64> = select.query_row([], |row| row.get(0))?;
        Ok(next.map(Timestamp::from_ms_clamped))
    }
}
