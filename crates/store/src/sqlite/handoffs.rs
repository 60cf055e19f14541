//! Handoffs with their tasks.

use bellwether_core::domain::{Points, Timestamp};
use rusqlite::{OptionalExtension, Row, params, params_from_iter, types::Value};

use super::{Db, millis, time, time_or_none};
use crate::{HandoffExtra, HandoffFilter, HandoffId, HandoffRow, LeadId, NewHandoff, StoreError, UserId};

/// A handoff with its task and the names beside it.
const SELECT: &str = "SELECT handoff.*, coalesce(handoff.packet ->> '$.why', '') AS why, handoff.packet ->> '$.top_lines' AS top_lines,
        coalesce(handoff.packet ->> '$.activities[0].what', handoff.packet ->> '$.activities[0].text') AS latest_activity, task.title AS task_title, task.priority AS task_priority,
        lead.name AS lead_name, lead.email AS lead_email, lead.title AS lead_title, lead.company AS lead_company,
        user.name AS owner_name, clock.paused_at, clock.contacted_at, clock.ended_at AS clock_ended_at
    FROM handoff JOIN task ON task.handoff_id = handoff.id JOIN lead ON lead.id = handoff.lead_id
    LEFT JOIN user ON user.id = handoff.owner_id LEFT JOIN clock ON clock.handoff_id = handoff.id";

/// Where a handoff without a due time stands in the order: after all others.
const NEVER_MS: i64 = i64::MAX;

impl Db {
    /// The highest number that a handoff has.
    pub fn last_handoff(&self) -> Result<i64, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT coalesce(max(id), 0) FROM handoff")?;
        Ok(select.query_row([], |row| row.get(0))?)
    }

    /// Keeps a handoff with its task.
    pub fn insert_handoff(&self, new: &NewHandoff<'_>) -> Result<(), StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO handoff (id, lead_id, origin_lead_id, cycle, state, trigger, qualified_at, fit, intent, score,
                 grade, owner_id, team, route, route_reason, sla, created_at, due_at, agreement_version, packet)
             VALUES (?1, ?2, ?2, ?3, 'open', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
        )?;
        insert.execute(params![
            new.id.0,
            new.lead.0,
            new.cycle,
            new.trigger,
            new.qualified_at.ms(),
            new.fit.millis(),
            new.intent.millis(),
            (new.fit + new.intent).millis(),
            new.grade,
            new.owner.map(|id| id.0),
            new.team,
            new.route,
            new.route_reason,
            new.sla,
            new.created_at.ms(),
            millis(new.due_at),
            new.agreement_version,
            new.packet,
        ])?;
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO task (handoff_id, title, priority, owner_id, created_at, due_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        insert.execute(params![
            new.id.0,
            new.task,
            new.priority,
            new.owner.map(|id| id.0),
            new.created_at.ms(),
            millis(new.due_at)
        ])?;
        Ok(())
    }

    /// A handoff.
    pub fn handoff(&self, id: HandoffId) -> Result<Option<HandoffRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached(&format!("{SELECT} WHERE handoff.id = ?1"))?;
        Ok(select.query_row([id.0], handoff_row).optional()?)
    }

    /// The lead that a handoff was made for, before any join, and the cycle of that lead.
    pub fn handoff_place(&self, id: HandoffId) -> Result<Option<(LeadId, u32)>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT origin_lead_id, cycle FROM handoff WHERE id = ?1")?;
        Ok(select
            .query_row([id.0], |row| Ok((LeadId(row.get(0)?), row.get(1)?)))
            .optional()?)
    }

    /// What only the page of one handoff shows.
    pub fn handoff_extra(&self, id: HandoffId) -> Result<Option<HandoffExtra>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT packet, rejection_reason, note FROM handoff WHERE id = ?1")?;
        let row = select.query_row([id.0], |row| {
            Ok(HandoffExtra {
                packet: row.get("packet")?,
                rejection_reason: row.get("rejection_reason")?,
                note: row.get("note")?,
            })
        });
        Ok(row.optional()?)
    }

    /// Handoffs that the filter lets through: those due first come first, and after them those without a due time.
    /// A lead's own are listed latest first.
    pub fn list_handoffs(&self, filter: &HandoffFilter<'_>) -> Result<Vec<HandoffRow>, StoreError> {
        let mut conditions = vec!["1".to_owned()];
        let mut values: Vec<Value> = Vec::new();
        let mut add = |condition: &str, value: Value| {
            values.push(value);
            conditions.push(condition.replace('?', &format!("?{}", values.len())));
        };
        if let Some((due, id)) = filter.after {
            let after = format!("(coalesce(handoff.due_at, {NEVER_MS}), handoff.id) > ({due}, ?)");
            add(&after, id.into());
        }
        if let Some(owner) = filter.owner {
            add("handoff.owner_id = ?", owner.0.into());
        }
        if let Some(team) = filter.team {
            add("handoff.team = ?", team.to_owned().into());
        }
        if let Some(state) = filter.state {
            add("handoff.state = ?", state.to_owned().into());
        }
        if let Some(lead) = filter.lead {
            add("handoff.lead_id = ?", lead.0.into());
        }
        let order = if filter.lead.is_some() {
            "handoff.id DESC".to_owned()
        } else {
            format!("coalesce(handoff.due_at, {NEVER_MS}), handoff.id")
        };
        let limit = filter.limit;
        let sql = format!(
            "{SELECT} WHERE {} ORDER BY {order} LIMIT {limit}",
            conditions.join(" AND ")
        );
        let mut select = self.connection.prepare(&sql)?;
        let rows = select.query_map(params_from_iter(values), handoff_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Notes how a handoff was answered, and closes its task.
    pub fn decide_handoff(
        &self,
        id: HandoffId,
        state: &str,
        at: Timestamp,
        by: &str,
        reason: Option<&str>,
        note: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE handoff SET state = ?2, decided_at = ?3, decided_by = ?4, rejection_reason = ?5, note = ?6
             WHERE id = ?1",
        )?;
        update.execute(params![id.0, state, at.ms(), by, reason, note])?;
        let mut close = self
            .connection
            .prepare_cached("UPDATE task SET closed_at = ?2 WHERE handoff_id = ?1")?;
        // Taking a lead isn't the call that the task asks for.
        if state != "accepted" {
            close.execute([id.0, at.ms()])?;
        }
        Ok(())
    }

    /// Closes a handoff that sales hasn't any more, without anybody's answer to it; who took it, and when, stays.
    pub fn close_handoff(&self, id: HandoffId, at: Timestamp, by: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE handoff SET state = 'closed', decided_at = coalesce(decided_at, ?2),
                     decided_by = coalesce(decided_by, ?3) WHERE id = ?1",
            )?
            .execute(params![id.0, at.ms(), by])?;
        self.connection
            .prepare_cached("UPDATE task SET closed_at = coalesce(closed_at, ?2) WHERE handoff_id = ?1")?
            .execute([id.0, at.ms()])?;
        Ok(())
    }

    /// Has a handoff wait for an answer again that sales had taken.
    pub fn ask_again(&self, id: HandoffId) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE handoff SET state = 'open', decided_at = NULL, decided_by = NULL WHERE id = ?1",
            )?
            .execute([id.0])?;
        self.connection
            .prepare_cached("UPDATE task SET closed_at = NULL WHERE handoff_id = ?1")?
            .execute([id.0])?;
        Ok(())
    }

    /// Opens a handoff again that was closed because its lead was joined with one that was further.
    pub fn reopen_handoff(&self, id: HandoffId) -> Result<(), StoreError> {
        let reopened = self
            .connection
            .prepare_cached(
                "UPDATE handoff SET state = 'open', decided_at = NULL, decided_by = NULL
                 WHERE id = ?1 AND state = 'merged'",
            )?
            .execute([id.0])?;
        if reopened == 1 {
            self.connection
                .prepare_cached("UPDATE task SET closed_at = NULL WHERE handoff_id = ?1")?
                .execute([id.0])?;
        }
        Ok(())
    }

    /// The first cycle of a lead that has no handoff and comes after all that have one.
    pub fn next_cycle(&self, lead: LeadId) -> Result<u32, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT coalesce(max(cycle), 0) + 1 FROM handoff WHERE origin_lead_id = ?1")?;
        Ok(select.query_row([lead.0], |row| row.get(0))?)
    }

    /// How many handoffs are open.
    pub fn handoffs_open(&self) -> Result<u64, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT count(*) FROM handoff WHERE state = 'open'")?;
        Ok(select.query_row([], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }
}

fn handoff_row(row: &Row<'_>) -> rusqlite::Result<HandoffRow> {
    let points = |column| row.get::<_, i64>(column).map(Points::from_millis);
    let owner: Option<i64> = row.get("owner_id")?;
    let owner_name: Option<String> = row.get("owner_name")?;
    Ok(HandoffRow {
        id: HandoffId(row.get("id")?),
        lead: LeadId(row.get("lead_id")?),
        lead_name: row.get("lead_name")?,
        email: row.get("lead_email")?,
        title: row.get("lead_title")?,
        company: row.get("lead_company")?,
        cycle: row.get("cycle")?,
        state: row.get("state")?,
        trigger: row.get("trigger")?,
        fit: points("fit")?,
        intent: points("intent")?,
        grade: row.get("grade")?,
        owner: owner.map(|id| (UserId(id), owner_name.unwrap_or_default())),
        team: row.get("team")?,
        route: row.get("route")?,
        route_reason: row.get("route_reason")?,
        sla: row.get("sla")?,
        created_at: time(row, "created_at")?,
        due_at: time_or_none(row, "due_at")?,
        decided_at: time_or_none(row, "decided_at")?,
        paused_at: time_or_none(row, "paused_at")?,
        contacted_at: time_or_none(row, "contacted_at")?,
        clock_ended_at: time_or_none(row, "clock_ended_at")?,
        agreement_version: row.get("agreement_version")?,
        task: row.get("task_title")?,
        priority: row.get("task_priority")?,
        why: row.get("why")?,
        top_lines: row.get("top_lines")?,
        latest_activity: row.get("latest_activity")?,
    })
}
