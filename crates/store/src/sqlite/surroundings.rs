//! What surrounds a lead that is handed off: who else of its account is active, and how its earlier cycles ended.

use bellwether_core::domain::Timestamp;
use rusqlite::params;

use super::leads::lead_row;
use super::{Db, time, time_or_none};
use crate::{AccountId, EndedCycleRow, LeadId, LeadRow, StoreError};

/// Among how many of an account's leads those with the most intent are looked for: the newest ones, so that a handoff takes
/// no longer where a company has thousands.
const PEOPLE_LOOKED_AT_MAX: u32 = 500;

impl Db {
    /// Who else of an account has shown intent since an instant, those with the most first.
    pub fn colleagues(
        &self,
        account: AccountId,
        except: LeadId,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<LeadRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT * FROM (SELECT * FROM lead WHERE account_id = ?1 ORDER BY id DESC LIMIT ?2)
             WHERE merged_into IS NULL AND known_from IS NOT NULL AND intent > 0 AND id <> ?3 AND last_seen >= ?4
             ORDER BY intent DESC, id LIMIT ?5",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = select.query_map(
            params![account.0, PEOPLE_LOOKED_AT_MAX, except.0, since.ms(), limit],
            lead_row,
        )?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The cycles of a lead that ended, the latest first.
    pub fn ended_cycles(&self, lead: LeadId, limit: usize) -> Result<Vec<EndedCycleRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT handoff.cycle, handoff.trigger, handoff.created_at, handoff.state, handoff.decided_at,
                 handoff.decided_by, returned.reason, returned.note, user.name AS owner_name
             FROM returned JOIN handoff ON handoff.id = returned.handoff_id
             LEFT JOIN user ON user.id = handoff.owner_id
             WHERE returned.lead_id = ?1 ORDER BY returned.at DESC, returned.id DESC LIMIT ?2",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = select.query_map(params![lead.0, limit], |row| {
            Ok(EndedCycleRow {
                cycle: row.get("cycle")?,
                trigger: row.get("trigger")?,
                handed_at: time(row, "created_at")?,
                state: row.get("state")?,
                ended_at: time_or_none(row, "decided_at")?,
                ended_by: row.get("decided_by")?,
                reason: row.get("reason")?,
                note: row.get("note")?,
                owner: row.get("owner_name")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
