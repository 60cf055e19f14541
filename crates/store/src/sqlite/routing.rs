//! Whose turn it is, who waits in a team's queue, whose a handoff becomes, and why.

use bellwether_core::domain::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::{Db, millis, time, time_or_none};
use crate::{AccountId, DecisionRow, HandoffId, LeadId, NewDecision, StoreError, TurnRow, UserId};

impl Db {
    /// Where everybody stands in a team's turns, by number.
    pub fn turns(&self, team: &str, pick: &str) -> Result<Vec<TurnRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM turn WHERE team = ?1 AND pick = ?2 ORDER BY user_id")?;
        let rows = select.query_map([team, pick], |row| {
            Ok(TurnRow {
                user: UserId(row.get("user_id")?),
                weight: row.get("weight")?,
                given: row.get::<_, i64>("given")?.unsigned_abs(),
                credit: row.get("credit")?,
                last_at: time_or_none(row, "last_at")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keeps where somebody stands in a team's turns.
    pub fn put_turn(&self, team: &str, pick: &str, turn: &TurnRow) -> Result<(), StoreError> {
        let mut upsert = self.connection.prepare_cached(
            "INSERT INTO turn (team, pick, user_id, weight, given, credit, last_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (team, pick, user_id) DO UPDATE SET weight = ?4, given = ?5, credit = ?6, last_at = ?7",
        )?;
        upsert.execute(params![
            team,
            pick,
            turn.user.0,
            turn.weight,
            i64::try_from(turn.given).unwrap_or(i64::MAX),
            turn.credit,
            millis(turn.last_at)
        ])?;
        Ok(())
    }

    /// Forgets somebody's place in a team's turns.
    pub fn delete_turn(&self, team: &str, pick: &str, user: UserId) -> Result<(), StoreError> {
        let mut delete = self
            .connection
            .prepare_cached("DELETE FROM turn WHERE team = ?1 AND pick = ?2 AND user_id = ?3")?;
        delete.execute(params![team, pick, user.0])?;
        Ok(())
    }

    /// Keeps why a lead became whose; gives its number.
    pub fn insert_decision(&self, new: &NewDecision<'_>) -> Result<i64, StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO route_decision (handoff_id, at, cause, actor, team, picked_id, reason, looked_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        Ok(insert.insert(params![
            new.handoff.0,
            new.at.ms(),
            new.cause,
            new.actor,
            new.team,
            new.picked.map(|id| id.0),
            new.reason,
            new.looked_at
        ])?)
    }

    /// Why a handoff became whose, the oldest first.
    pub fn decisions(&self, handoff: HandoffId) -> Result<Vec<DecisionRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT route_decision.*, user.name AS picked_name FROM route_decision
             LEFT JOIN user ON user.id = route_decision.picked_id WHERE handoff_id = ?1 ORDER BY route_decision.id",
        )?;
        let rows = select.query_map([handoff.0], decision_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Why a lead's handoffs became whose, the oldest first.
    pub fn decisions_of_lead(&self, lead: LeadId) -> Result<Vec<DecisionRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT route_decision.*, user.name AS picked_name FROM handoff
             JOIN route_decision ON route_decision.handoff_id = handoff.id
             LEFT JOIN user ON user.id = route_decision.picked_id WHERE lead_id = ?1 ORDER BY route_decision.id",
        )?;
        let rows = select.query_map([lead.0], decision_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The teams of somebody in whose queues leads wait.
    pub fn queues_for(&self, user: UserId) -> Result<Vec<String>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT team FROM team_member WHERE user_id = ?1 AND active = 1 AND EXISTS (
                 SELECT 1 FROM handoff WHERE handoff.team = team_member.team AND owner_id IS NULL AND state = 'open')
             ORDER BY team",
        )?;
        let rows = select.query_map([user.0], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many leads a team gave somebody since an instant.
    pub fn given_since(&self, team: &str, user: UserId, since: Timestamp) -> Result<u32, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT count(*) FROM route_decision WHERE picked_id = ?1 AND team = ?2 AND at >= ?3",
        )?;
        Ok(select.query_row(params![user.0, team, since.ms()], |row| row.get(0))?)
    }

    /// Handoffs that nobody of a team could take yet, those due first come first.
    pub fn queue(&self, team: &str, limit: u32) -> Result<Vec<HandoffId>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT id FROM handoff WHERE team = ?1 AND owner_id IS NULL AND state = 'open'
             ORDER BY due_at IS NULL, due_at, id LIMIT ?2",
        )?;
        let rows = select.query_map(params![team, limit], |row| row.get(0).map(HandoffId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many handoffs wait in a team's queue.
    pub fn queue_length(&self, team: &str) -> Result<u64, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT count(*) FROM handoff WHERE team = ?1 AND owner_id IS NULL AND state = 'open'",
        )?;
        Ok(select
            .query_row([team], |row| row.get::<_, i64>(0))?
            .unsigned_abs())
    }

    /// The handoffs that somebody has and hasn't answered, those due first come first.
    pub fn open_of(&self, owner: UserId) -> Result<Vec<HandoffId>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT id FROM handoff WHERE owner_id = ?1 AND state = 'open' ORDER BY due_at IS NULL, due_at, id",
        )?;
        let rows = select.query_map([owner.0], |row| row.get(0).map(HandoffId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Gives a handoff and its task to somebody.
    pub fn give_handoff(&self, id: HandoffId, owner: UserId, reason: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE handoff SET owner_id = ?2, route_reason = ?3 WHERE id = ?1")?
            .execute(params![id.0, owner.0, reason])?;
        self.connection
            .prepare_cached("UPDATE task SET owner_id = ?2 WHERE handoff_id = ?1")?
            .execute([id.0, owner.0])?;
        Ok(())
    }

    /// Gives an account to somebody, or to nobody in particular.
    pub fn put_account_owner(&self, account: AccountId, owner: Option<UserId>) -> Result<bool, StoreError> {
        let mut update = self
            .connection
            .prepare_cached("UPDATE account SET owner_id = ?2 WHERE id = ?1")?;
        Ok(update.execute(params![account.0, owner.map(|id| id.0)])? == 1)
    }

    /// The account of a domain.
    pub fn account_of_domain(&self, domain: &str) -> Result<Option<AccountId>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT id FROM account WHERE kind = 'domain' AND value = ?1")?;
        Ok(select
            .query_row([domain], |row| row.get(0).map(AccountId))
            .optional()?)
    }
}

fn decision_row(row: &Row<'_>) -> rusqlite::Result<DecisionRow> {
    let picked: Option<i64> = row.get("picked_id")?;
    let name: Option<String> = row.get("picked_name")?;
    Ok(DecisionRow {
        id: row.get("id")?,
        handoff: HandoffId(row.get("handoff_id")?),
        at: time(row, "at")?,
        cause: row.get("cause")?,
        actor: row.get("actor")?,
        team: row.get("team")?,
        picked: picked.map(|id| (UserId(id), name.unwrap_or_default())),
        reason: row.get("reason")?,
        looked_at: row.get("looked_at")?,
    })
}
