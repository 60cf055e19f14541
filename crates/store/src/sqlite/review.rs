//! Counts for the quarterly review. They scan what they count: a review is made once a quarter.

use bellwether_core::domain::{Period, Timestamp};
use rusqlite::{Row, params};

use super::{Db, time, time_or_none};
use crate::{HandoffId, LeadId, ReviewedHandoff, StoreError};

impl Db {
    /// How many leads that one could reach came between two instants, and how many of them qualified since.
    pub fn leads_created(&self, from: Timestamp, until: Timestamp) -> Result<(u64, u64), StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT count(*), count(*) FILTER (
                 WHERE qualified_at IS NOT NULL OR EXISTS (SELECT 1 FROM handoff WHERE handoff.lead_id = lead.id))
             FROM lead
             WHERE merged_into IS NULL AND known_from IS NOT NULL AND created_at >= ?1 AND created_at < ?2",
        )?;
        let counted: (i64, i64) = select.query_row(params![from.ms(), until.ms()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        let unsigned = |count: i64| u64::try_from(count).unwrap_or(0);
        Ok((unsigned(counted.0), unsigned(counted.1)))
    }

    /// The handoffs that were made between two instants, the oldest first, without those that gave way to another when two
    /// leads were joined.
    pub fn reviewed_handoffs(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<ReviewedHandoff>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT handoff.id, handoff.lead_id, handoff.qualified_at, handoff.state, handoff.rejection_reason,
                 handoff.due_at, clock.contacted_at, clock.ended_at, clock.working_ms,
                 EXISTS (SELECT 1 FROM transition WHERE transition.lead_id = handoff.lead_id
                     AND transition.handoff_id = handoff.id AND transition.to_stage = 'sal') AS accepted,
                 EXISTS (SELECT 1 FROM transition WHERE transition.lead_id = handoff.lead_id
                     AND transition.handoff_id = handoff.id
                     AND transition.to_stage IN ('sql', 'opportunity', 'customer')) AS was_sql,
                 EXISTS (SELECT 1 FROM opportunity WHERE opportunity.lead_id = handoff.lead_id
                     AND opportunity.origin_id = handoff.origin_lead_id
                     AND opportunity.cycle = handoff.cycle) AS had_deal,
                 EXISTS (SELECT 1 FROM opportunity WHERE opportunity.lead_id = handoff.lead_id
                     AND opportunity.origin_id = handoff.origin_lead_id
                     AND opportunity.cycle = handoff.cycle AND opportunity.state = 'won') AS won
             FROM handoff LEFT JOIN clock ON clock.handoff_id = handoff.id
             WHERE handoff.created_at >= ?1 AND handoff.created_at < ?2 AND handoff.state <> 'merged'
             ORDER BY handoff.id",
        )?;
        let rows = select.query_map(params![from.ms(), until.ms()], reviewed)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn reviewed(row: &Row<'_>) -> rusqlite::Result<ReviewedHandoff> {
    let state: String = row.get("state")?;
    let working: Option<i64> = row.get("working_ms")?;
    Ok(ReviewedHandoff {
        id: HandoffId(row.get("id")?),
        lead: LeadId(row.get("lead_id")?),
        qualified_at: time(row, "qualified_at")?,
        accepted: row.get::<_, bool>("accepted")? || state == "accepted",
        state,
        rejection_reason: row.get("rejection_reason")?,
        due_at: time_or_none(row, "due_at")?,
        contacted_at: time_or_none(row, "contacted_at")?,
        ended_at: time_or_none(row, "ended_at")?,
        working: working.map(Period::from_ms),
        was_sql: row.get("was_sql")?,
        had_deal: row.get("had_deal")?,
        won: row.get("won")?,
    })
}
