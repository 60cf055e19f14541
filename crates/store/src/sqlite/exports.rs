//! Rows in slices, for giving everything back.

use rusqlite::{OptionalExtension, params};

use super::Db;
use super::leads::lead_row;
use crate::{AccountId, AccountRow, LeadId, LeadRow, StoreError};

/// A row as texts, with its number.
type TextRow = (i64, Vec<Option<String>>);

impl Db {
    /// Leads in the order of their numbers, some of them after a place.
    pub fn leads_after(&self, after: LeadId, limit: u32) -> Result<Vec<LeadRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT * FROM lead WHERE id > ?1 AND merged_into IS NULL ORDER BY id LIMIT ?2",
        )?;
        let rows = select.query_map(params![after.0, limit], lead_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The kind and the value that an account is known by.
    pub fn account_place(&self, account: AccountId) -> Result<Option<(String, String)>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT kind, value FROM account WHERE id = ?1")?;
        Ok(select
            .query_row([account.0], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?)
    }

    /// Accounts in the order of their numbers, some of them after a place.
    pub fn accounts_after(&self, after: i64, limit: u32) -> Result<Vec<AccountRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT account.id, kind, value, account.name, user.email, traits FROM account
             LEFT JOIN user ON user.id = account.owner_id LEFT JOIN account_record ON account_id = account.id
             WHERE account.id > ?1 ORDER BY account.id LIMIT ?2",
        )?;
        let rows = select.query_map(params![after, limit], |row| {
            Ok(AccountRow {
                id: AccountId(row.get(0)?),
                kind: row.get(1)?,
                value: row.get(2)?,
                name: row.get(3)?,
                owner_email: row.get(4)?,
                traits: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Handoffs as rows of texts in the order of their numbers, some of them after a place.
    pub fn handoffs_after(&self, after: i64, limit: u32) -> Result<Vec<TextRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT handoff.id, handoff.lead_id, lead.email, handoff.cycle, state, handoff.trigger,
                 strftime('%Y-%m-%dT%H:%M:%fZ', handoff.qualified_at / 1000.0, 'unixepoch'),
                 printf('%.3f', handoff.fit / 1000.0), printf('%.3f', handoff.intent / 1000.0), handoff.grade,
                 user.email, team, route,
                 strftime('%Y-%m-%dT%H:%M:%fZ', handoff.created_at / 1000.0, 'unixepoch'),
                 strftime('%Y-%m-%dT%H:%M:%fZ', due_at / 1000.0, 'unixepoch'),
                 strftime('%Y-%m-%dT%H:%M:%fZ', decided_at / 1000.0, 'unixepoch'), rejection_reason, note, packet
             FROM handoff LEFT JOIN lead ON lead.id = handoff.lead_id LEFT JOIN user ON user.id = handoff.owner_id
             WHERE handoff.id > ?1 ORDER BY handoff.id LIMIT ?2",
        )?;
        text_rows(&mut select, after, limit)
    }

    /// Deals as rows of texts in the order of their numbers, some of them after a place.
    pub fn deals_after(&self, after: i64, limit: u32) -> Result<Vec<TextRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT opportunity.id, opportunity.lead_id, lead.email, coalesce(account.name, account.value),
                 opportunity.name, state, CASE WHEN amount_thousandths IS NOT NULL
                     THEN printf('%d.%03d', amount_thousandths / 1000, amount_thousandths % 1000) END,
                 currency, close_on, sales_stage, user.email,
                 strftime('%Y-%m-%dT%H:%M:%fZ', opened_at / 1000.0, 'unixepoch'), opened_by,
                 strftime('%Y-%m-%dT%H:%M:%fZ', closed_at / 1000.0, 'unixepoch'), closed_by, reason, note
             FROM opportunity LEFT JOIN lead ON lead.id = opportunity.lead_id
             LEFT JOIN account ON account.id = lead.account_id LEFT JOIN user ON user.id = opportunity.owner_id
             WHERE opportunity.id > ?1 ORDER BY opportunity.id LIMIT ?2",
        )?;
        text_rows(&mut select, after, limit)
    }

    /// Moves as rows of texts in the order of their numbers, some of them after a place.
    pub fn transitions_after(&self, after: i64, limit: u32) -> Result<Vec<TextRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT transition.id, transition.lead_id, lead.email,
                 strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch'), from_stage, to_stage, actor, reason,
                 transition.handoff_id
             FROM transition LEFT JOIN lead ON lead.id = transition.lead_id
             WHERE transition.id > ?1 ORDER BY transition.id LIMIT ?2",
        )?;
        text_rows(&mut select, after, limit)
    }
}

/// The rows of a slice as texts, each with its number, which is its first cell.
fn text_rows(
    select: &mut rusqlite::CachedStatement<'_>,
    after: i64,
    limit: u32,
) -> Result<Vec<TextRow>, StoreError> {
    let columns = select.column_count();
    let mut rows = select.query(params![after, limit])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let cell = |at: usize| -> rusqlite::Result<Option<String>> {
            use rusqlite::types::ValueRef;
            Ok(match row.get_ref(at)? {
                ValueRef::Integer(number) => Some(number.to_string()),
                ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
                ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => None,
            })
        };
        let cells = (0..columns).map(cell).collect::<Result<_, _>>()?;
        found.push((row.get(0)?, cells));
    }
    Ok(found)
}
