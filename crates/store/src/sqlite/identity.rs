//! Which keys belong to whom, which leads were joined into which, and which pairs look alike or are kept apart.

use bellwether_core::domain::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::{Db, time};
use crate::{
    AccountId, HandoffId, Holder, JoiningRow, KeyRow, LeadId, PairRow, PairState, StoreError, UserId,
};

/// The lead that is the first parameter, and all that were joined into it.
macro_rules! united {
    ($statement:literal) => {
        concat!(
            "WITH RECURSIVE united (id) AS (
                 SELECT ?1 UNION ALL SELECT lead.id FROM united JOIN lead ON lead.merged_into = united.id
             ) ",
            $statement
        )
    };
}

impl Db {
    /// Who has a key.
    pub fn key_holder(&self, kind: &str, value: &str) -> Result<Option<Holder>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT lead_id, origin_id FROM lead_key WHERE kind = ?1 AND value = ?2")?;
        let holder = select.query_row([kind, value], |row| {
            Ok(Holder {
                lead: LeadId(row.get(0)?),
                origin: LeadId(row.get(1)?),
            })
        });
        Ok(holder.optional()?)
    }

    /// The keys of a lead, by kind and value.
    pub fn keys_of(&self, lead: LeadId) -> Result<Vec<KeyRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT kind, value, since, origin_id FROM lead_key WHERE lead_id = ?1 ORDER BY kind, value",
        )?;
        let rows = select.query_map([lead.0], |row| {
            Ok(KeyRow {
                kind: row.get("kind")?,
                value: row.get("value")?,
                since: time(row, "since")?,
                origin: LeadId(row.get("origin_id")?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Gives a key to a lead, whoever had it.
    pub fn put_key(
        &self,
        kind: &str,
        value: &str,
        holder: Holder,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        let mut upsert = self.connection.prepare_cached(
            "INSERT INTO lead_key (kind, value, lead_id, since, origin_id) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (kind, value) DO UPDATE SET lead_id = ?3, since = ?4, origin_id = ?5",
        )?;
        upsert.execute(params![kind, value, holder.lead.0, since.ms(), holder.origin.0])?;
        Ok(())
    }

    /// The lead with this number and all that were joined into it, in no order.
    pub fn united(&self, lead: LeadId) -> Result<Vec<LeadId>, StoreError> {
        let mut select = self.connection.prepare_cached(united!("SELECT id FROM united"))?;
        let rows = select.query_map([lead.0], |row| row.get(0).map(LeadId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The lead that holds the facts of the one with this number: itself, or the one that it was joined into; nothing where
    /// there never was one.
    pub fn root(&self, lead: LeadId) -> Result<Option<LeadId>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "WITH RECURSIVE up (id, next) AS (
                 SELECT id, merged_into FROM lead WHERE id = ?1
                 UNION SELECT lead.id, lead.merged_into FROM up JOIN lead ON lead.id = up.next
             ) SELECT id FROM up WHERE next IS NULL",
        )?;
        Ok(select
            .query_row([lead.0], |row| row.get(0).map(LeadId))
            .optional()?)
    }

    /// Points all that one lead has at another: keys, handoffs, moves, and how often it was sent back.
    pub fn move_all(&self, from: LeadId, to: LeadId) -> Result<(), StoreError> {
        for statement in [
            "UPDATE lead_key SET lead_id = ?2 WHERE lead_id = ?1",
            "UPDATE handoff SET lead_id = ?2 WHERE lead_id = ?1",
            "UPDATE transition SET lead_id = ?2 WHERE lead_id = ?1",
            "UPDATE returned SET lead_id = ?2 WHERE lead_id = ?1",
            "UPDATE outcome SET lead_id = ?2 WHERE lead_id = ?1",
            "UPDATE bant SET lead_id = ?2 WHERE lead_id = ?1",
            "UPDATE opportunity SET lead_id = ?2 WHERE lead_id = ?1",
            "UPDATE nurture SET lead_id = ?2 WHERE lead_id = ?1",
            "UPDATE mail SET lead_id = ?2 WHERE lead_id = ?1",
            "UPDATE contact SET lead_id = ?2 WHERE lead_id = ?1",
        ] {
            self.connection
                .prepare_cached(statement)?
                .execute([from.0, to.0])?;
        }
        Ok(())
    }

    /// Points at a lead what was kept for it and for those joined into it, while it was joined into `root`.
    pub fn take_back(&self, lead: LeadId, root: LeadId) -> Result<(), StoreError> {
        for statement in [
            united!("UPDATE lead_key SET lead_id = ?1 WHERE lead_id = ?2 AND origin_id IN united"),
            united!("UPDATE handoff SET lead_id = ?1 WHERE lead_id = ?2 AND origin_lead_id IN united"),
            united!("UPDATE transition SET lead_id = ?1 WHERE lead_id = ?2 AND origin_id IN united"),
            united!("UPDATE contact SET lead_id = ?1 WHERE lead_id = ?2 AND origin_id IN united"),
            united!("UPDATE outcome SET lead_id = ?1 WHERE lead_id = ?2 AND origin_id IN united"),
            united!("UPDATE returned SET lead_id = ?1 WHERE lead_id = ?2 AND origin_id IN united"),
            united!("UPDATE bant SET lead_id = ?1 WHERE lead_id = ?2 AND origin_id IN united"),
            united!("UPDATE opportunity SET lead_id = ?1 WHERE lead_id = ?2 AND origin_id IN united"),
            united!("UPDATE nurture SET lead_id = ?1 WHERE lead_id = ?2 AND origin_id IN united"),
            united!("UPDATE mail SET lead_id = ?1 WHERE lead_id = ?2 AND origin_id IN united"),
        ] {
            self.connection
                .prepare_cached(statement)?
                .execute([lead.0, root.0])?;
        }
        Ok(())
    }

    /// Keeps that a lead was joined into another.
    pub fn insert_joining(&self, joining: &JoiningRow) -> Result<(), StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO joining (lead_id, into_id, at, actor, reason, closed_handoff_id, into_owner_id, into_account_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        insert.execute(params![
            joining.lead.0,
            joining.into.0,
            joining.at.ms(),
            joining.actor,
            joining.reason,
            joining.closed_handoff.map(|id| id.0),
            joining.into_owner.map(|id| id.0),
            joining.into_account.map(|id| id.0),
        ])?;
        Ok(())
    }

    /// How a lead was joined into the one that it is joined into now.
    pub fn joining_of(&self, lead: LeadId) -> Result<Option<JoiningRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT * FROM joining WHERE lead_id = ?1 AND parted_at IS NULL ORDER BY id DESC LIMIT 1",
        )?;
        Ok(select.query_row([lead.0], joining_row).optional()?)
    }

    /// The leads that were joined into one, and those joined into them, as they still are; oldest first.
    pub fn joinings_into(&self, lead: LeadId) -> Result<Vec<JoiningRow>, StoreError> {
        let mut select = self.connection.prepare_cached(united!(
            "SELECT joining.* FROM united JOIN joining ON joining.into_id = united.id
             WHERE parted_at IS NULL ORDER BY joining.id"
        ))?;
        let rows = select.query_map([lead.0], joining_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keeps that a lead was parted from the one that it was joined into.
    pub fn end_joining(&self, lead: LeadId, at: Timestamp, actor: &str) -> Result<(), StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE joining SET parted_at = ?2, parted_by = ?3 WHERE lead_id = ?1 AND parted_at IS NULL",
        )?;
        update.execute(params![lead.0, at.ms(), actor])?;
        Ok(())
    }

    /// Keeps what is thought of two leads; whoever decides replaces what was only offered.
    pub fn put_pair(&self, pair: &PairRow) -> Result<(), StoreError> {
        let (one, other) = (pair.one.min(pair.other), pair.one.max(pair.other));
        let mut upsert = self.connection.prepare_cached(
            "INSERT INTO pair (one_id, other_id, state, reason, at, actor) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (one_id, other_id) DO UPDATE SET state = ?3, reason = ?4, at = ?5, actor = ?6
                 WHERE ?3 <> 'offered'",
        )?;
        upsert.execute(params![
            one.0,
            other.0,
            pair.state.as_str(),
            pair.reason,
            pair.at.ms(),
            pair.actor
        ])?;
        Ok(())
    }

    /// Forgets the offered pairs of which both are this lead now.
    pub fn delete_offers_within(&self, lead: LeadId) -> Result<(), StoreError> {
        let mut delete = self.connection.prepare_cached(united!(
            "DELETE FROM pair WHERE state = 'offered' AND one_id IN united AND other_id IN united"
        ))?;
        delete.execute([lead.0])?;
        Ok(())
    }

    /// Forgets what was thought of two leads.
    pub fn delete_pair(&self, one: LeadId, other: LeadId) -> Result<(), StoreError> {
        let mut delete = self
            .connection
            .prepare_cached("DELETE FROM pair WHERE one_id = ?1 AND other_id = ?2")?;
        delete.execute([one.min(other).0, one.max(other).0])?;
        Ok(())
    }

    /// The pairs in a state, latest first, from before one.
    pub fn pairs(
        &self,
        state: PairState,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<PairRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM pair WHERE state = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3")?;
        let before = before.unwrap_or(i64::MAX);
        let rows = select.query_map(params![state.as_str(), before, limit], pair_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether any pair is kept apart.
    pub fn any_apart(&self) -> Result<bool, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM pair WHERE state = 'apart')")?;
        Ok(select.query_row([], |row| row.get(0))?)
    }

    /// The pairs in which a lead, or one joined into it, stands.
    pub fn pairs_of(&self, lead: LeadId) -> Result<Vec<PairRow>, StoreError> {
        let mut select = self.connection.prepare_cached(united!(
            "SELECT pair.* FROM united JOIN pair ON pair.one_id = united.id
             UNION SELECT pair.* FROM united JOIN pair ON pair.other_id = united.id ORDER BY id DESC"
        ))?;
        let rows = select.query_map([lead.0], pair_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Notes by what a lead may be found to be another one; gives some of the others that have the same.
    pub fn put_likeness(
        &self,
        kind: &str,
        value: &str,
        lead: LeadId,
        others_max: u32,
    ) -> Result<Vec<LeadId>, StoreError> {
        let mut insert = self
            .connection
            .prepare_cached("INSERT OR IGNORE INTO likeness (kind, value, lead_id) VALUES (?1, ?2, ?3)")?;
        insert.execute(params![kind, value, lead.0])?;
        let mut select = self.connection.prepare_cached(
            "SELECT lead_id FROM likeness WHERE kind = ?1 AND value = ?2 AND lead_id <> ?3 ORDER BY lead_id LIMIT ?4",
        )?;
        let rows = select.query_map(params![kind, value, lead.0, others_max], |row| {
            row.get(0).map(LeadId)
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Forgets by what a lead was found to be like others.
    pub fn delete_likeness(&self, lead: LeadId) -> Result<(), StoreError> {
        let mut delete = self
            .connection
            .prepare_cached("DELETE FROM likeness WHERE lead_id = ?1")?;
        delete.execute([lead.0])?;
        Ok(())
    }
}

fn joining_row(row: &Row<'_>) -> rusqlite::Result<JoiningRow> {
    Ok(JoiningRow {
        lead: LeadId(row.get("lead_id")?),
        into: LeadId(row.get("into_id")?),
        at: time(row, "at")?,
        actor: row.get("actor")?,
        reason: row.get("reason")?,
        closed_handoff: row.get::<_, Option<i64>>("closed_handoff_id")?.map(HandoffId),
        into_owner: row.get::<_, Option<i64>>("into_owner_id")?.map(UserId),
        into_account: row.get::<_, Option<i64>>("into_account_id")?.map(AccountId),
    })
}

fn pair_row(row: &Row<'_>) -> rusqlite::Result<PairRow> {
    let state: String = row.get("state")?;
    Ok(PairRow {
        id: row.get("id")?,
        one: LeadId(row.get("one_id")?),
        other: LeadId(row.get("other_id")?),
        state: PairState::named(&state).unwrap_or(PairState::Offered),
        reason: row.get("reason")?,
        at: time(row, "at")?,
        actor: row.get("actor")?,
    })
}
