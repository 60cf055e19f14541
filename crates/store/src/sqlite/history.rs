//! The whole history, read through, and what has changed of it since somebody read it.

use bellwether_core::domain::Timestamp;
use rusqlite::{OptionalExtension, Row};

use super::facts::fact_row;
use super::{Db, time, time_or_none};
use crate::{FactRow, FateRow, HistoryLead, HistoryPosition, LeadId, StoreError};

/// How far leads came with sales.
macro_rules! fates {
    ($of:literal) => {
        concat!(
            "SELECT * FROM (
                 SELECT lead_id, CASE to_stage WHEN 'sal' THEN 'accepted' ELSE 'sql' END AS fate, at,
                     NULL AS amount_thousandths, NULL AS currency, NULL AS reason
                 FROM transition WHERE to_stage IN ('sal', 'sql') AND origin_id IS NOT NULL
                 UNION ALL SELECT lead_id, 'rejected', decided_at, NULL, NULL, rejection_reason
                 FROM handoff WHERE state = 'rejected'
                 UNION ALL SELECT lead_id, state, closed_at, amount_thousandths, currency, reason
                 FROM opportunity WHERE state IN ('won', 'lost')
                 UNION ALL SELECT lead_id, CASE won WHEN 1 THEN 'won' ELSE 'lost' END, at, amount_thousandths, currency,
                     reason
                 FROM outcome
             ) ",
            $of
        )
    };
}

const FATES_OF_ONE: &str = fates!("WHERE lead_id = ?1");

impl Db {
    /// How far the history goes at present.
    pub fn history_position(&self) -> Result<HistoryPosition, StoreError> {
        let fact = "SELECT id, received_at, message_id FROM event ORDER BY id DESC LIMIT 1";
        let change = "SELECT id, token FROM history_change ORDER BY id DESC LIMIT 1";
        Ok(HistoryPosition {
            fact: self.connection.query_row(fact, [], fact_is).optional()?,
            change: self.connection.query_row(change, [], change_is).optional()?,
        })
    }

    /// Whether this history once went just as far as that: what was noted is there, and is the same.
    pub fn history_holds(&self, position: &HistoryPosition) -> Result<bool, StoreError> {
        let fact = "SELECT id, received_at, message_id FROM event WHERE id = ?1";
        let change = "SELECT id, token FROM history_change WHERE id = ?1";
        if let Some((id, ..)) = &position.fact {
            let found = self.connection.query_row(fact, [id], fact_is).optional()?;
            if found != position.fact {
                return Ok(false);
            }
        }
        if let Some((id, _)) = &position.change {
            let found = self.connection.query_row(change, [id], change_is).optional()?;
            return Ok(found == position.change);
        }
        Ok(true)
    }

    /// The leads about whom something is new since then, as they were kept for: which lead that is by now is to be looked
    /// up. Sorted; without visitors whom one can't reach, unless that is what is new.
    pub fn history_changed(&self, since: &HistoryPosition) -> Result<Vec<LeadId>, StoreError> {
        let fact = since.fact.as_ref().map_or(0, |(id, ..)| *id);
        let change = since.change.map_or(0, |(id, _)| id);
        let mut select = self.connection.prepare_cached(
            "SELECT lead_id FROM event JOIN lead ON lead.id = lead_id
             WHERE event.id > ?1 AND (known_from IS NOT NULL OR merged_into IS NOT NULL)
             UNION SELECT lead_id FROM history_change WHERE id > ?2 ORDER BY lead_id",
        )?;
        let rows = select.query_map([fact, change], |row| row.get(0).map(LeadId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Calls `visit` with every lead, those that were joined into another too, by number.
    pub fn each_history_lead<E: From<StoreError>>(
        &self,
        mut visit: impl FnMut(HistoryLead) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |error: rusqlite::Error| E::from(StoreError::from(error));
        let mut select = self
            .connection
            .prepare_cached("SELECT id, merged_into, known_from IS NOT NULL FROM lead ORDER BY id")
            .map_err(failed)?;
        let mut rows = select.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            visit(history_lead(row).map_err(failed)?)?;
        }
        Ok(())
    }

    /// Calls `visit` with every fact and the lead that it was kept for, in the order in which they were kept.
    pub fn each_fact_of_all<E: From<StoreError>>(
        &self,
        mut visit: impl FnMut(LeadId, FactRow<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |error: rusqlite::Error| E::from(StoreError::from(error));
        let mut select = self
            .connection
            .prepare_cached(
                "SELECT event.id, event.ts, kind, name, path, properties, traits, known, said_by, suspect.lead_id, rule,
                     released_at IS NOT NULL, event.lead_id
                 FROM event LEFT JOIN suspect ON suspect.event_id = event.id ORDER BY event.id",
            )
            .map_err(failed)?;
        let mut rows = select.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let lead = row.get(12).map(LeadId).map_err(failed)?;
            visit(lead, fact_row(row)?)?;
        }
        Ok(())
    }

    /// Calls `visit` with how far every lead came with sales: what was decided here, and what was imported.
    pub fn each_fate(&self, mut visit: impl FnMut(FateRow)) -> Result<(), StoreError> {
        let mut select = self.connection.prepare_cached(fates!(""))?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            visit(fate(row)?);
        }
        Ok(())
    }

    /// The same of one lead.
    pub fn each_fate_of(&self, lead: LeadId, mut visit: impl FnMut(FateRow)) -> Result<(), StoreError> {
        let mut select = self.connection.prepare_cached(FATES_OF_ONE)?;
        let mut rows = select.query([lead.0])?;
        while let Some(row) = rows.next()? {
            visit(fate(row)?);
        }
        Ok(())
    }

    /// How many people take leads in any team.
    pub fn salespeople(&self) -> Result<u32, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT count(DISTINCT user_id) FROM team_member JOIN user ON user.id = user_id
             WHERE team_member.active = 1 AND user.active = 1",
        )?;
        Ok(select.query_row([], |row| row.get(0))?)
    }
}

fn fact_is(row: &Row<'_>) -> rusqlite::Result<(i64, Timestamp, String)> {
    Ok((row.get("id")?, time(row, "received_at")?, row.get("message_id")?))
}

fn history_lead(row: &Row<'_>) -> rusqlite::Result<HistoryLead> {
    Ok(HistoryLead {
        lead: LeadId(row.get(0)?),
        merged_into: row.get::<_, Option<i64>>(1)?.map(LeadId),
        known: row.get(2)?,
    })
}

fn change_is(row: &Row<'_>) -> rusqlite::Result<(i64, i64)> {
    Ok((row.get("id")?, row.get("token")?))
}

fn fate(row: &Row<'_>) -> rusqlite::Result<FateRow> {
    Ok(FateRow {
        lead: LeadId(row.get("lead_id")?),
        fate: row.get("fate")?,
        at: time_or_none(row, "at")?,
        amount_thousandths: row.get("amount_thousandths")?,
        currency: row.get("currency")?,
        reason: row.get("reason")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_leads_fates_are_looked_up_and_nobody_elses_are_read() {
        let directory = tempfile::tempdir().unwrap();
        let db = Db::open_writer(directory.path()).unwrap();
        db.connection
            .execute_batch(
                "INSERT INTO transition (lead_id, at, from_stage, to_stage, actor, reason, origin_id)
                     VALUES (1, 5, 'mql', 'sal', 'a', '', 1), (2, 6, 'mql', 'sal', 'a', '', 2), (2, 7, 'sal', 'sql', 'a', '', 2);
                 INSERT INTO outcome (lead_id, origin_id, opportunity, won, at, has_id)
                     VALUES (1, 1, 'x', 1, 9, 1), (3, 3, 'y', 0, 9, 1);",
            )
            .unwrap();
        let mut all = Vec::new();
        db.each_fate(|row| all.push(row)).unwrap();
        assert_eq!(all.len(), 5);
        for lead in (0..5).map(LeadId) {
            let mut own = Vec::new();
            db.each_fate_of(lead, |row| own.push(row)).unwrap();
            let expected: Vec<_> = all.iter().filter(|row| row.lead == lead).cloned().collect();
            assert_eq!(own, expected);
        }
        let plan = format!("EXPLAIN QUERY PLAN {FATES_OF_ONE}");
        let mut plan = db.connection.prepare(&plan).unwrap();
        let steps = plan.query_map([1], |row| row.get::<_, String>("detail")).unwrap();
        let steps: Vec<String> = steps.collect::<Result<_, _>>().unwrap();
        let searched = steps.iter().filter(|step| step.contains("(lead_id=?)")).count();
        assert_eq!(searched, 4, "{steps:?}");
    }
}
