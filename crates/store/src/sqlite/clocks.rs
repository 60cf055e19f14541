//! Clocks of handoffs, their pauses and steps, and contacts.

use bellwether_core::domain::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::{Db, millis, time, time_or_none};
use crate::{ClockRow, ContactRow, HandoffId, LeadId, Measured, PauseRow, StepRow, StoreError};

impl Db {
    /// A handoff's clock.
    pub fn clock(&self, handoff: HandoffId) -> Result<Option<ClockRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM clock WHERE handoff_id = ?1")?;
        Ok(select.query_row([handoff.0], clock_row).optional()?)
    }

    /// Keeps a clock as it is now.
    pub fn put_clock(&self, clock: &ClockRow) -> Result<(), StoreError> {
        let mut upsert = self.connection.prepare_cached(
            "INSERT INTO clock (handoff_id, terms, started_at, owner_since, owner_due_at, steps_done, paused_at,
                 contacted_at, ended_at, raw_ms, working_ms, owner_raw_ms, owner_working_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             ON CONFLICT (handoff_id) DO UPDATE SET owner_since = ?4, owner_due_at = ?5, steps_done = ?6,
                 paused_at = ?7, contacted_at = ?8, ended_at = ?9, raw_ms = ?10, working_ms = ?11,
                 owner_raw_ms = ?12, owner_working_ms = ?13",
        )?;
        let measured = clock.measured;
        upsert.execute(params![
            clock.handoff.0,
            clock.terms,
            clock.started_at.ms(),
            millis(clock.owner_since),
            millis(clock.owner_due_at),
            clock.steps_done,
            millis(clock.paused_at),
            millis(clock.contacted_at),
            millis(clock.ended_at),
            measured.map(|measured| measured.raw_ms),
            measured.map(|measured| measured.working_ms),
            measured.and_then(|measured| measured.owner_raw_ms),
            measured.and_then(|measured| measured.owner_working_ms),
        ])?;
        Ok(())
    }

    /// The times in which a clock stood still, in order.
    pub fn pauses(&self, handoff: HandoffId) -> Result<Vec<PauseRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM clock_pause WHERE handoff_id = ?1 ORDER BY id")?;
        let rows = select.query_map([handoff.0], |row| {
            Ok(PauseRow {
                from: time(row, "from_at")?,
                until: time_or_none(row, "until_at")?,
                reason: row.get("reason")?,
                paused_by: row.get("paused_by")?,
                resumed_by: row.get("resumed_by")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Begins a pause.
    pub fn begin_pause(
        &self,
        handoff: HandoffId,
        from: Timestamp,
        reason: &str,
        by: &str,
    ) -> Result<(), StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO clock_pause (handoff_id, from_at, reason, paused_by) VALUES (?1, ?2, ?3, ?4)",
        )?;
        insert.execute(params![handoff.0, from.ms(), reason, by])?;
        Ok(())
    }

    /// Ends the pause that lasts.
    pub fn end_pause(&self, handoff: HandoffId, until: Timestamp, by: &str) -> Result<(), StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE clock_pause SET until_at = max(?2, from_at), resumed_by = ?3
             WHERE handoff_id = ?1 AND until_at IS NULL",
        )?;
        update.execute(params![handoff.0, until.ms(), by])?;
        Ok(())
    }

    /// The escalation steps that were taken, in order.
    pub fn steps_taken(&self, handoff: HandoffId) -> Result<Vec<StepRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM clock_step WHERE handoff_id = ?1 ORDER BY step")?;
        let rows = select.query_map([handoff.0], |row| {
            Ok(StepRow {
                step: row.get("step")?,
                at_percent: row.get("at_percent")?,
                due_at: time(row, "due_at")?,
                taken_at: time(row, "taken_at")?,
                outcome: row.get("outcome")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Notes that an escalation step was taken.
    pub fn insert_step(&self, handoff: HandoffId, step: &StepRow) -> Result<(), StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO clock_step (handoff_id, step, at_percent, due_at, taken_at, outcome)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        insert.execute(params![
            handoff.0,
            step.step,
            step.at_percent,
            step.due_at.ms(),
            step.taken_at.ms(),
            step.outcome
        ])?;
        Ok(())
    }

    /// Moves the time by which a handoff is due, and its task.
    pub fn set_due(&self, handoff: HandoffId, due: Option<Timestamp>) -> Result<(), StoreError> {
        for update in [
            "UPDATE handoff SET due_at = ?2 WHERE id = ?1",
            "UPDATE task SET due_at = ?2 WHERE handoff_id = ?1",
        ] {
            self.connection
                .prepare_cached(update)?
                .execute(params![handoff.0, millis(due)])?;
        }
        Ok(())
    }

    /// Closes a handoff's task: what it asks for was done.
    pub fn close_task(&self, handoff: HandoffId, at: Timestamp) -> Result<(), StoreError> {
        let mut update = self
            .connection
            .prepare_cached("UPDATE task SET closed_at = ?2 WHERE handoff_id = ?1 AND closed_at IS NULL")?;
        update.execute([handoff.0, at.ms()])?;
        Ok(())
    }

    /// Keeps a contact with a lead.
    pub fn insert_contact(&self, lead: LeadId, contact: &ContactRow) -> Result<(), StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO contact (lead_id, origin_id, handoff_id, at, recorded_at, kind, actor, note, source)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?;
        insert.execute(params![
            lead.0,
            contact.origin.0,
            contact.handoff.map(|handoff| handoff.0),
            contact.at.ms(),
            contact.recorded_at.ms(),
            contact.kind,
            contact.actor,
            contact.note,
            contact.source,
        ])?;
        Ok(())
    }

    /// The contacts of a handoff, the first first.
    pub fn contacts(&self, handoff: HandoffId, limit: u32) -> Result<Vec<ContactRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM contact WHERE handoff_id = ?1 ORDER BY at, id LIMIT ?2")?;
        let rows = select.query_map([handoff.0, i64::from(limit)], contact_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn clock_row(row: &Row<'_>) -> rusqlite::Result<ClockRow> {
    let raw_ms: Option<i64> = row.get("raw_ms")?;
    let working_ms: Option<i64> = row.get("working_ms")?;
    let (owner_raw_ms, owner_working_ms) = (row.get("owner_raw_ms")?, row.get("owner_working_ms")?);
    Ok(ClockRow {
        handoff: HandoffId(row.get("handoff_id")?),
        terms: row.get("terms")?,
        started_at: time(row, "started_at")?,
        owner_since: time_or_none(row, "owner_since")?,
        owner_due_at: time_or_none(row, "owner_due_at")?,
        steps_done: row.get("steps_done")?,
        paused_at: time_or_none(row, "paused_at")?,
        contacted_at: time_or_none(row, "contacted_at")?,
        ended_at: time_or_none(row, "ended_at")?,
        measured: raw_ms.zip(working_ms).map(|(raw_ms, working_ms)| Measured {
            raw_ms,
            working_ms,
            owner_raw_ms,
            owner_working_ms,
        }),
    })
}

fn contact_row(row: &Row<'_>) -> rusqlite::Result<ContactRow> {
    Ok(ContactRow {
        origin: LeadId(row.get("origin_id")?),
        handoff: row.get::<_, Option<i64>>("handoff_id")?.map(HandoffId),
        at: time(row, "at")?,
        recorded_at: time(row, "recorded_at")?,
        kind: row.get("kind")?,
        actor: row.get("actor")?,
        note: row.get("note")?,
        source: row.get("source")?,
    })
}
