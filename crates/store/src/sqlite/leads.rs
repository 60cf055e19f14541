//! Leads, the keys that they are known by, their accounts and their moves.

use bellwether_core::domain::{Points, Stage, Timestamp};
use rusqlite::{OptionalExtension, Row, params, params_from_iter, types::Value};

use super::{Db, millis, time, time_or_none};
use crate::{
    AccountId, Derived, HandoffId, LeadFilter, LeadId, LeadListRow, LeadOrder, LeadRow, StoreError,
    TransitionRow, UserId,
};

impl Db {
    /// The highest number that a lead has.
    pub fn last_lead(&self) -> Result<i64, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT coalesce(max(id), 0) FROM lead")?;
        Ok(select.query_row([], |row| row.get(0))?)
    }

    /// A lead's row.
    pub fn lead(&self, id: LeadId) -> Result<Option<LeadRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM lead WHERE id = ?1")?;
        Ok(select.query_row([id.0], lead_row).optional()?)
    }

    /// Writes a lead's whole row.
    pub fn put_lead(&self, lead: &LeadRow) -> Result<(), StoreError> {
        let mut upsert = self.connection.prepare_cached(
            "INSERT INTO lead VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
                 ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26)
             ON CONFLICT (id) DO UPDATE SET stage = ?2, cycle = ?3, handoff_id = ?4, owner_id = ?5, account_id = ?6,
                 account_ts = ?7, created_at = ?8, known_from = ?9, last_seen = ?10, merged_into = ?11,
                 first_event = ?12, last_event = ?13, name = ?14, email = ?15, title = ?16, company = ?17, fit = ?18,
                 intent = ?19, score = ?20, grade = ?21, qualified_at = ?22, trigger = ?23, disqualified_by = ?24,
                 scored_at = ?25, agreement_version = ?26",
        )?;
        let derived = &lead.derived;
        upsert.execute(params![
            lead.id.0,
            lead.stage.as_str(),
            lead.cycle,
            lead.handoff.map(|id| id.0),
            lead.owner.map(|id| id.0),
            lead.account.map(|id| id.0),
            millis(lead.account_ts),
            lead.created_at.ms(),
            millis(lead.known_from),
            lead.last_seen.ms(),
            lead.merged_into.map(|id| id.0),
            lead.first_fact,
            lead.last_fact,
            derived.name,
            derived.email,
            derived.title,
            derived.company,
            derived.fit.millis(),
            derived.intent.millis(),
            (derived.fit + derived.intent).millis(),
            derived.grade,
            millis(derived.qualified_at),
            derived.trigger,
            derived.disqualified_by,
            lead.scored_at.ms(),
            lead.agreement_version,
        ])?;
        Ok(())
    }

    /// Writes what a lead's newest facts come to, where nothing else of its row has changed.
    pub fn put_scores(&self, lead: &LeadRow) -> Result<(), StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE lead SET last_seen = ?2, scored_at = ?3, fit = ?4, intent = ?5, score = ?6, grade = ?7,
                 qualified_at = ?8, trigger = ?9, disqualified_by = ?10, agreement_version = ?11, last_event = ?12
             WHERE id = ?1",
        )?;
        let derived = &lead.derived;
        update.execute(params![
            lead.id.0,
            lead.last_seen.ms(),
            lead.scored_at.ms(),
            derived.fit.millis(),
            derived.intent.millis(),
            (derived.fit + derived.intent).millis(),
            derived.grade,
            millis(derived.qualified_at),
            derived.trigger,
            derived.disqualified_by,
            lead.agreement_version,
            lead.last_fact,
        ])?;
        Ok(())
    }

    /// Writes when a lead was last seen, where that changed nothing else.
    pub fn put_seen(&self, lead: &LeadRow) -> Result<(), StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE lead SET last_seen = ?2, scored_at = ?3, last_event = ?4 WHERE id = ?1",
        )?;
        update.execute(params![
            lead.id.0,
            lead.last_seen.ms(),
            lead.scored_at.ms(),
            lead.last_fact
        ])?;
        Ok(())
    }

    /// Leads that were last scored under an older agreement, a slice of them after a place.
    pub fn leads_to_rescore(
        &self,
        after: LeadId,
        version: u32,
        slice: u32,
    ) -> Result<Vec<LeadId>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT id FROM lead WHERE id > ?1 AND agreement_version < ?2 AND merged_into IS NULL ORDER BY id LIMIT ?3",
        )?;
        let rows = select.query_map(params![after.0, version, slice], |row| row.get(0).map(LeadId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many leads were last scored under an older agreement.
    pub fn rescore_left(&self, version: u32) -> Result<u64, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT count(*) FROM lead WHERE agreement_version < ?1 AND merged_into IS NULL",
        )?;
        Ok(select
            .query_row([version], |row| row.get::<_, i64>(0))?
            .unsigned_abs())
    }

    /// Keeps a move.
    pub fn insert_transition(&self, transition: &TransitionRow) -> Result<(), StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO transition (lead_id, at, from_stage, to_stage, actor, reason, handoff_id,
                 origin_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        insert.execute(params![
            transition.lead.0,
            transition.at.ms(),
            transition.from.map(Stage::as_str),
            transition.to.as_str(),
            transition.actor,
            transition.reason,
            transition.handoff.map(|id| id.0),
            transition.origin.map(|id| id.0),
        ])?;
        Ok(())
    }

    /// The moves of a lead, oldest first.
    pub fn transitions(&self, lead: LeadId) -> Result<Vec<TransitionRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM transition WHERE lead_id = ?1 ORDER BY id")?;
        let rows = select.query_map([lead.0], transition_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The moves that belong to a handoff, oldest first.
    pub fn transitions_of_handoff(
        &self,
        handoff: HandoffId,
        lead: LeadId,
    ) -> Result<Vec<TransitionRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM transition WHERE lead_id = ?1 AND handoff_id = ?2 ORDER BY id")?;
        let rows = select.query_map([lead.0, handoff.0], transition_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The account of a domain or group id, made where there is none.
    pub fn account(&self, kind: &str, value: &str, at: Timestamp) -> Result<AccountId, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT id FROM account WHERE kind = ?1 AND value = ?2")?;
        let found = select
            .query_row([kind, value], |row| row.get(0).map(AccountId))
            .optional()?;
        if let Some(found) = found {
            return Ok(found);
        }
        let mut insert = self
            .connection
            .prepare_cached("INSERT INTO account (kind, value, created_at) VALUES (?1, ?2, ?3)")?;
        Ok(AccountId(insert.insert(params![kind, value, at.ms()])?))
    }

    /// Names an account.
    pub fn name_account(&self, account: AccountId, name: &str) -> Result<(), StoreError> {
        let mut update = self
            .connection
            .prepare_cached("UPDATE account SET name = ?2 WHERE id = ?1")?;
        update.execute(params![account.0, name])?;
        Ok(())
    }

    /// Who in sales has an account: whom it was given to, then those who have its leads, whoever got theirs first.
    pub fn account_owners(&self, account: AccountId) -> Result<Vec<UserId>, StoreError> {
        const OWNERS_MAX: u32 = 20;
        let mut select = self.connection.prepare_cached(
            "SELECT owner_id, -1 AS since FROM account WHERE id = ?1 AND owner_id IS NOT NULL
             UNION ALL
             SELECT handoff.owner_id, min(handoff.id) AS since FROM lead JOIN handoff ON handoff.id = lead.handoff_id
             WHERE lead.account_id = ?1 AND lead.owner_id IS NOT NULL AND handoff.owner_id IS NOT NULL
                 AND lead.merged_into IS NULL
             GROUP BY handoff.owner_id
             ORDER BY since LIMIT ?2",
        )?;
        let rows = select.query_map([account.0, OWNERS_MAX.into()], |row| row.get(0).map(UserId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Who in sales has an account: the first of [`Db::account_owners`].
    pub fn account_owner(&self, account: AccountId) -> Result<Option<UserId>, StoreError> {
        Ok(self.account_owners(account)?.first().copied())
    }

    /// An account's name, or else its domain or group id.
    pub fn account_name(&self, account: AccountId) -> Result<Option<String>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT coalesce(name, value) FROM account WHERE id = ?1")?;
        Ok(select.query_row([account.0], |row| row.get(0)).optional()?)
    }

    /// Leads by stage.
    pub fn stage_counts(&self) -> Result<Vec<(Stage, u64)>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT stage, count(*) FROM lead WHERE merged_into IS NULL GROUP BY stage")?;
        let rows = select.query_map([], |row| {
            Ok((stage(row, "stage")?, row.get::<_, i64>(1)?.unsigned_abs()))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Leads in the order and from the place that the filter names.
    pub fn list_leads(&self, filter: &LeadFilter) -> Result<Vec<LeadListRow>, StoreError> {
        let (sql, values) = listing(filter);
        let mut select = self.connection.prepare_cached(&sql)?;
        let rows = select.query_map(params_from_iter(values), |row| {
            Ok(LeadListRow {
                lead: lead_row(row)?,
                owner_name: row.get("owner_name")?,
                account_name: row.get("account_name")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// The statement of a list, from pieces that are all written here, and the values that it binds.
fn listing(filter: &LeadFilter) -> (String, Vec<Value>) {
    let (index, at_or_below, below, order) = match filter.order {
        LeadOrder::Score => (
            "INDEXED BY lead_by_score",
            "AND lead.score <= ?",
            "AND (lead.score < ? OR lead.id < ?)",
            "ORDER BY lead.score DESC, lead.id DESC LIMIT ?",
        ),
        LeadOrder::LastSeen => (
            "INDEXED BY lead_by_seen",
            "AND lead.last_seen <= ?",
            "AND (lead.last_seen < ? OR lead.id < ?)",
            "ORDER BY lead.last_seen DESC, lead.id DESC LIMIT ?",
        ),
        LeadOrder::Created => (
            "INDEXED BY lead_by_creation",
            "AND lead.created_at <= ?",
            "AND (lead.created_at < ? OR lead.id < ?)",
            "ORDER BY lead.created_at DESC, lead.id DESC LIMIT ?",
        ),
    };
    let visitors = filter.stage == Some(Stage::Visitor);
    // An owner's or an account's leads are few and found by their own index; visitors have none.
    let own_index = visitors || filter.owner.is_some() || filter.account.is_some();
    let mut pieces = vec![
        "SELECT lead.*, user.name AS owner_name, coalesce(account.name, account.value) AS account_name FROM lead",
        if own_index { "" } else { index },
        "LEFT JOIN user ON user.id = lead.owner_id LEFT JOIN account ON account.id = lead.account_id",
        "WHERE lead.merged_into IS NULL",
        if visitors {
            "AND lead.known_from IS NULL"
        } else {
            "AND lead.known_from IS NOT NULL"
        },
    ];
    let mut values: Vec<Value> = Vec::new();
    if let Some((place, id)) = filter.after {
        pieces.extend([at_or_below, below]);
        values.extend([place.into(), place.into(), id.into()]);
    }
    let stage = filter.stage.map(|stage| Value::from(stage.as_str().to_owned()));
    let owner = filter.owner.map(|owner| Value::from(owner.0));
    let account = filter.account.map(|account| Value::from(account.0));
    let search = filter.search.clone().map(Value::from);
    for (piece, value) in [
        ("AND lead.stage = ?", stage),
        ("AND lead.owner_id = ?", owner),
        ("AND lead.account_id = ?", account),
        (
            "AND instr(lower(coalesce(lead.name, '') || ' ' || coalesce(lead.email, '') || ' '
                 || coalesce(lead.company, '')), lower(?)) > 0",
            search,
        ),
    ] {
        if let Some(value) = value {
            pieces.push(piece);
            values.push(value);
        }
    }
    pieces.push(order);
    values.push(i64::from(filter.limit).into());
    (pieces.join(" "), values)
}

pub(super) fn lead_row(row: &Row<'_>) -> rusqlite::Result<LeadRow> {
    let points = |column| row.get::<_, i64>(column).map(Points::from_millis);
    Ok(LeadRow {
        id: LeadId(row.get("id")?),
        stage: stage(row, "stage")?,
        cycle: row.get("cycle")?,
        handoff: row.get::<_, Option<i64>>("handoff_id")?.map(HandoffId),
        owner: row.get::<_, Option<i64>>("owner_id")?.map(UserId),
        account: row.get::<_, Option<i64>>("account_id")?.map(AccountId),
        account_ts: time_or_none(row, "account_ts")?,
        created_at: time(row, "created_at")?,
        known_from: time_or_none(row, "known_from")?,
        last_seen: time(row, "last_seen")?,
        merged_into: row.get::<_, Option<i64>>("merged_into")?.map(LeadId),
        first_fact: row.get("first_event")?,
        last_fact: row.get("last_event")?,
        derived: Derived {
            name: row.get("name")?,
            email: row.get("email")?,
            title: row.get("title")?,
            company: row.get("company")?,
            fit: points("fit")?,
            intent: points("intent")?,
            grade: row.get("grade")?,
            qualified_at: time_or_none(row, "qualified_at")?,
            trigger: row.get("trigger")?,
            disqualified_by: row.get("disqualified_by")?,
        },
        scored_at: time(row, "scored_at")?,
        agreement_version: row.get("agreement_version")?,
    })
}

fn transition_row(row: &Row<'_>) -> rusqlite::Result<TransitionRow> {
    let from: Option<String> = row.get("from_stage")?;
    Ok(TransitionRow {
        lead: LeadId(row.get("lead_id")?),
        at: time(row, "at")?,
        from: from.and_then(|name| name.parse().ok()),
        to: stage(row, "to_stage")?,
        actor: row.get("actor")?,
        reason: row.get("reason")?,
        handoff: row.get::<_, Option<i64>>("handoff_id")?.map(HandoffId),
        origin: row.get::<_, Option<i64>>("origin_id")?.map(LeadId),
    })
}

/// A stage by its name.
fn stage(row: &Row<'_>, column: &str) -> rusqlite::Result<Stage> {
    let name: String = row.get(column)?;
    name.parse()
        .map_err(|()| rusqlite::Error::InvalidColumnName(format!("{column} = {name}")))
}
