//! Judging leads anew: which are left, whom a retroactive version would newly hand off, and the runs of proposals beside
//! the active version.

use bellwether_core::domain::{Points, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

use super::{Db, time, time_or_none};
use crate::{
    HandoffId, KnownLeadRow, LeadId, NewlyQualifiedRow, ProposalId, ShadowId, ShadowRow, StoreError, UserId,
};

impl Db {
    /// Leads after one that weren't joined into another, by number.
    pub fn lead_numbers_after(&self, after: LeadId, slice: u32) -> Result<Vec<LeadId>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT id FROM lead WHERE id > ?1 AND merged_into IS NULL ORDER BY id LIMIT ?2",
        )?;
        let rows = select.query_map(params![after.0, slice], |row| row.get(0).map(LeadId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many leads come after one.
    pub fn leads_left(&self, after: LeadId) -> Result<u64, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT count(*) FROM lead WHERE id > ?1 AND merged_into IS NULL")?;
        Ok(select
            .query_row([after.0], |row| row.get::<_, i64>(0))?
            .unsigned_abs())
    }

    /// Leads whom one could reach, of each `every` numbers one, by number.
    pub fn known_leads_of_each(&self, every: u32) -> Result<Vec<KnownLeadRow>, StoreError> {
        // Who they are stands in an index, so that the others' rows needn't be read.
        let mut select = self.connection.prepare_cached(
            "SELECT id, last_event FROM lead WHERE id IN (
                 SELECT id FROM lead WHERE merged_into IS NULL AND known_from IS NOT NULL AND id % ?1 = 0
             ) ORDER BY id",
        )?;
        let rows = select.query_map([every], |row| {
            Ok(KnownLeadRow {
                lead: LeadId(row.get("id")?),
                last_fact: row.get("last_event")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Leads that sales has had since before an instant, in their present cycle; by number.
    pub fn with_sales_since_before(&self, at: Timestamp) -> Result<Vec<LeadId>, StoreError> {
        // There are far fewer handoffs than leads: SQLite keeps to the order of a cross join.
        let mut select = self.connection.prepare_cached(
            "SELECT lead.id FROM handoff CROSS JOIN lead ON lead.id = handoff.lead_id AND lead.handoff_id = handoff.id
             WHERE handoff.created_at < ?1 ORDER BY lead.id",
        )?;
        let rows = select.query_map([at.ms()], |row| row.get(0).map(LeadId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many there are whom one could reach.
    pub fn known_leads(&self) -> Result<u64, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT count(*) FROM lead WHERE merged_into IS NULL AND known_from IS NOT NULL",
        )?;
        Ok(select.query_row([], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }

    /// Lists a lead that a version would newly hand off; `false` where it is listed already.
    pub fn list_newly_qualified(&self, row: &NewlyQualifiedRow) -> Result<bool, StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT OR IGNORE INTO newly_qualified (version, lead_id, listed_at, qualified_at, trigger, fit, intent,
                 reaches, team, owner_id, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?;
        let added = insert.execute(params![
            row.version,
            row.lead.0,
            row.listed_at.ms(),
            row.qualified_at.ms(),
            row.trigger,
            row.fit.millis(),
            row.intent.millis(),
            row.reaches,
            row.team,
            row.owner.map(|id| id.0),
            row.state
        ])?;
        Ok(added == 1)
    }

    /// How a lead stands in a version's list.
    pub fn newly_qualified_one(
        &self,
        version: u32,
        lead: LeadId,
    ) -> Result<Option<NewlyQualifiedRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM newly_qualified WHERE version = ?1 AND lead_id = ?2")?;
        Ok(select
            .query_row(params![version, lead.0], newly_qualified_row)
            .optional()?)
    }

    /// A version's list after a lead, by number; those of one state where one is asked for.
    pub fn newly_qualified(
        &self,
        version: u32,
        state: Option<&str>,
        after: LeadId,
        limit: u32,
    ) -> Result<Vec<NewlyQualifiedRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT * FROM newly_qualified
             WHERE version = ?1 AND (?2 IS NULL OR state = ?2) AND lead_id > ?3 ORDER BY lead_id LIMIT ?4",
        )?;
        let rows = select.query_map(params![version, state, after.0, limit], newly_qualified_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many of a version's list are in each state.
    pub fn newly_qualified_counts(&self, version: u32) -> Result<Vec<(String, u64)>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT state, count(*) FROM newly_qualified WHERE version = ?1 GROUP BY state ORDER BY state",
        )?;
        let rows = select.query_map([version], |row| {
            Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Decides on every lead of a version's list that waits; gives how many those were.
    pub fn decide_all_waiting(
        &self,
        version: u32,
        state: &str,
        at: Timestamp,
        by: &str,
    ) -> Result<u64, StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE newly_qualified SET state = ?2, decided_at = ?3, decided_by = ?4
             WHERE version = ?1 AND state = 'waiting'",
        )?;
        Ok(update.execute(params![version, state, at.ms(), by])? as u64)
    }

    /// The same for one lead; whether it waited.
    pub fn decide_waiting(
        &self,
        version: u32,
        lead: LeadId,
        state: &str,
        at: Timestamp,
        by: &str,
    ) -> Result<bool, StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE newly_qualified SET state = ?3, decided_at = ?4, decided_by = ?5
             WHERE version = ?1 AND lead_id = ?2 AND state = 'waiting'",
        )?;
        Ok(update.execute(params![version, lead.0, state, at.ms(), by])? == 1)
    }

    /// What waits in the lists of versions before one is nothing to confirm any more.
    pub fn supersede_waiting(&self, version: u32, at: Timestamp) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE newly_qualified SET state = 'superseded', decided_at = ?2 WHERE version < ?1 AND state = 'waiting'",
            )?
            .execute(params![version, at.ms()])?;
        Ok(())
    }

    /// Those whose handing off was confirmed and is still to be done.
    pub fn confirmed(&self, slice: u32) -> Result<Vec<NewlyQualifiedRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT * FROM newly_qualified WHERE state = 'confirmed' ORDER BY lead_id, version LIMIT ?1",
        )?;
        Ok(select
            .query_map([slice], newly_qualified_row)?
            .collect::<Result<_, _>>()?)
    }

    /// Keeps what a lead of a list came to.
    pub fn end_newly_qualified(
        &self,
        version: u32,
        lead: LeadId,
        state: &str,
        handoff: Option<HandoffId>,
        outcome: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE newly_qualified SET state = ?3, handoff_id = ?4, outcome = ?5 WHERE version = ?1 AND lead_id = ?2",
        )?;
        update.execute(params![version, lead.0, state, handoff.map(|id| id.0), outcome])?;
        Ok(())
    }

    /// Keeps that a proposal runs beside the active version.
    pub fn insert_shadow(&self, shadow: &ShadowRow) -> Result<ShadowId, StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO shadow (proposal_id, started_at, started_by, ends_at) VALUES (?1, ?2, ?3, ?4)",
        )?;
        let id = insert.insert(params![
            shadow.proposal.0,
            shadow.started_at.ms(),
            shadow.started_by,
            shadow.ends_at.ms()
        ])?;
        Ok(ShadowId(id))
    }

    /// One run.
    pub fn shadow(&self, id: ShadowId) -> Result<Option<ShadowRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM shadow WHERE id = ?1")?;
        Ok(select.query_row([id.0], shadow_row).optional()?)
    }

    /// The newest runs, the newest first; those of one proposal where one is asked for.
    pub fn shadows(&self, proposal: Option<ProposalId>, limit: u32) -> Result<Vec<ShadowRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT * FROM shadow WHERE ?1 IS NULL OR proposal_id = ?1 ORDER BY id DESC LIMIT ?2",
        )?;
        let rows = select.query_map(params![proposal.map(|id| id.0), limit], shadow_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many run at an instant.
    pub fn shadows_running(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT count(*) FROM shadow WHERE ends_at > ?1")?;
        Ok(select
            .query_row([now.ms()], |row| row.get::<_, i64>(0))?
            .unsigned_abs())
    }

    /// Ends a run before its time.
    pub fn stop_shadow(&self, id: ShadowId, at: Timestamp, by: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE shadow SET ends_at = ?2, stopped_by = ?3 WHERE id = ?1")?
            .execute(params![id.0, at.ms(), by])?;
        Ok(())
    }

    /// Keeps what a run came to in the end.
    pub fn put_shadow_report(&self, id: ShadowId, report: &str, at: Timestamp) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE shadow SET report = ?2, reported_at = ?3 WHERE id = ?1 AND report IS NULL",
            )?
            .execute(params![id.0, report, at.ms()])?;
        Ok(())
    }
}

fn newly_qualified_row(row: &Row<'_>) -> rusqlite::Result<NewlyQualifiedRow> {
    Ok(NewlyQualifiedRow {
        version: row.get("version")?,
        lead: LeadId(row.get("lead_id")?),
        listed_at: time(row, "listed_at")?,
        qualified_at: time(row, "qualified_at")?,
        trigger: row.get("trigger")?,
        fit: Points::from_millis(row.get("fit")?),
        intent: Points::from_millis(row.get("intent")?),
        reaches: row.get("reaches")?,
        team: row.get("team")?,
        owner: row.get::<_, Option<i64>>("owner_id")?.map(UserId),
        state: row.get("state")?,
        decided_at: time_or_none(row, "decided_at")?,
        decided_by: row.get("decided_by")?,
        handoff: row.get::<_, Option<i64>>("handoff_id")?.map(HandoffId),
        outcome: row.get("outcome")?,
    })
}

fn shadow_row(row: &Row<'_>) -> rusqlite::Result<ShadowRow> {
    Ok(ShadowRow {
        id: ShadowId(row.get("id")?),
        proposal: ProposalId(row.get("proposal_id")?),
        started_at: time(row, "started_at")?,
        started_by: row.get("started_by")?,
        ends_at: time(row, "ends_at")?,
        stopped_by: row.get("stopped_by")?,
        report: row.get("report")?,
        reported_at: time_or_none(row, "reported_at")?,
    })
}
