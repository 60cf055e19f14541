//! What other systems' files brought: outcomes, what is known of accounts, and the imports themselves.

use bellwether_core::domain::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::{Db, time, time_or_none};
use crate::{
    AccountId, AccountRecordRow, ImportId, ImportRow, LeadId, OutcomeRow, Put, RejectRow, StoreError, UserId,
};

impl Db {
    /// Until when a lead's facts came by an import that hands nobody off.
    pub fn imported_until(&self, lead: LeadId) -> Result<Option<Timestamp>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT until FROM lead_imported WHERE lead_id = ?1")?;
        Ok(select.query_row([lead.0], |row| time(row, "until")).optional()?)
    }

    /// Keeps the same.
    pub fn put_imported_until(&self, lead: LeadId, until: Timestamp) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO lead_imported (lead_id, until) VALUES (?1, ?2)
                 ON CONFLICT (lead_id) DO UPDATE SET until = max(until, ?2)",
            )?
            .execute(params![lead.0, until.ms()])?;
        Ok(())
    }

    /// How many leads of imports since an instant reached the line and weren't handed off.
    pub fn would_qualify(&self, since: Timestamp) -> Result<u64, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT count(*) FROM lead_imported JOIN lead ON lead.id = lead_imported.lead_id
             WHERE until >= ?1 AND qualified_at IS NOT NULL AND handoff_id IS NULL AND merged_into IS NULL
                 AND stage IN ('lead', 'recycled') AND disqualified_by IS NULL",
        )?;
        Ok(select
            .query_row([since.ms()], |row| row.get::<_, i64>(0))?
            .unsigned_abs())
    }

    /// The kinds of keys that there are.
    pub fn key_kinds(&self) -> Result<Vec<String>, StoreError> {
        // From one kind to the next, since reading all keys for their few kinds takes long.
        let mut next = self
            .connection
            .prepare_cached("SELECT min(kind) FROM lead_key WHERE kind > ?1")?;
        let (mut kinds, mut last) = (Vec::new(), String::new());
        while let Some(kind) = next.query_row([&last], |row| row.get::<_, Option<String>>(0))? {
            last.clone_from(&kind);
            kinds.push(kind);
        }
        Ok(kinds)
    }

    /// An account by its domain or group id, where there is one.
    pub fn account_there(&self, kind: &str, value: &str) -> Result<Option<AccountId>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT id FROM account WHERE kind = ?1 AND value = ?2")?;
        Ok(select
            .query_row([kind, value], |row| row.get(0).map(AccountId))
            .optional()?)
    }

    /// Gives an account to somebody in sales.
    pub fn give_account(&self, account: AccountId, owner: UserId) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE account SET owner_id = ?2 WHERE id = ?1")?
            .execute([account.0, owner.0])?;
        Ok(())
    }

    /// What a file said of an account.
    pub fn account_record(&self, account: AccountId) -> Result<Option<AccountRecordRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT traits, hash, at FROM account_record WHERE account_id = ?1")?;
        let row = select.query_row([account.0], |row| {
            Ok(AccountRecordRow {
                traits: row.get("traits")?,
                hash: row.get("hash")?,
                at: time(row, "at")?,
            })
        });
        Ok(row.optional()?)
    }

    /// Keeps what a file says of an account.
    pub fn put_account_record(
        &self,
        account: AccountId,
        record: &AccountRecordRow,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO account_record (account_id, traits, hash, at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (account_id) DO UPDATE SET traits = ?2, hash = ?3, at = ?4",
            )?
            .execute(params![account.0, record.traits, record.hash, record.at.ms()])?;
        Ok(())
    }

    /// The leads under an account, some of them after a place.
    pub fn leads_under(
        &self,
        account: AccountId,
        after: LeadId,
        limit: u32,
    ) -> Result<Vec<LeadId>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT id FROM lead WHERE account_id = ?1 AND id > ?2 AND merged_into IS NULL ORDER BY id LIMIT ?3",
        )?;
        let rows = select.query_map(params![account.0, after.0, limit], |row| row.get(0).map(LeadId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether a lead has an outcome with that key, and whether it says the same.
    pub fn outcome_there(&self, outcome: &OutcomeRow) -> Result<Option<bool>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM outcome WHERE lead_id = ?1 AND opportunity = ?2")?;
        let found = select
            .query_row(params![outcome.lead.0, outcome.opportunity], outcome_row)
            .optional()?;
        Ok(found.map(|found| found == *outcome))
    }

    /// Keeps an outcome; one of the same lead and deal is replaced.
    pub fn put_outcome(&self, outcome: &OutcomeRow) -> Result<Put, StoreError> {
        let put = match self.outcome_there(outcome)? {
            Some(true) => return Ok(Put::Same),
            Some(false) => Put::Changed,
            None => Put::New,
        };
        let statement = if put == Put::New {
            "INSERT INTO outcome (lead_id, origin_id, opportunity, won, at, amount_thousandths, currency, reason, has_id)
             VALUES (?1, ?9, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
        } else {
            "UPDATE outcome SET origin_id = ?9, won = ?3, at = ?4, amount_thousandths = ?5, currency = ?6, reason = ?7, has_id = ?8
             WHERE lead_id = ?1 AND opportunity = ?2"
        };
        self.connection.prepare_cached(statement)?.execute(params![
            outcome.lead.0,
            outcome.opportunity,
            outcome.won,
            outcome.at.ms(),
            outcome.amount_thousandths,
            outcome.currency,
            outcome.reason,
            outcome.has_id,
            outcome.origin.0,
        ])?;
        Ok(put)
    }

    /// The outcomes of a lead, oldest first.
    pub fn outcomes_of(&self, lead: LeadId) -> Result<Vec<OutcomeRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM outcome WHERE lead_id = ?1 ORDER BY at, id")?;
        let rows = select.query_map([lead.0], outcome_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Calls `visit` with each outcome, oldest first, until it gives `false`.
    pub fn each_outcome(&self, mut visit: impl FnMut(OutcomeRow) -> bool) -> Result<(), StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM outcome ORDER BY at, id")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            if !visit(outcome_row(row)?) {
                break;
            }
        }
        Ok(())
    }

    /// Keeps that an import begins.
    pub fn insert_import(&self, import: &ImportRow) -> Result<ImportId, StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO import (kind, file, started_by, dry_run, state, started_at, counts)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        Ok(ImportId(insert.insert(params![
            import.kind,
            import.file,
            import.started_by,
            import.dry_run,
            import.state,
            import.started_at.ms(),
            import.counts,
        ])?))
    }

    /// Keeps how far an import is.
    pub fn update_import(&self, import: &ImportRow) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE import SET state = ?2, ended_at = ?3, counts = ?4, would_qualify = ?5, error = ?6 WHERE id = ?1",
            )?
            .execute(params![
                import.id.0,
                import.state,
                import.ended_at.map(Timestamp::ms),
                import.counts,
                import.would_qualify,
                import.error,
            ])?;
        Ok(())
    }

    /// Imports that nobody works on any more, because the process that did has ended.
    pub fn interrupt_imports(&self, at: Timestamp) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE import SET state = 'interrupted', ended_at = ?1 WHERE state = 'running'")?
            .execute([at.ms()])?;
        Ok(())
    }

    /// An import.
    pub fn import(&self, id: ImportId) -> Result<Option<ImportRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM import WHERE id = ?1")?;
        Ok(select.query_row([id.0], import_row).optional()?)
    }

    /// The newest imports.
    pub fn imports(&self, limit: u32) -> Result<Vec<ImportRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM import ORDER BY id DESC LIMIT ?1")?;
        let rows = select.query_map([limit], import_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keeps a row that an import left out.
    pub fn insert_reject(&self, import: ImportId, reject: &RejectRow) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT OR IGNORE INTO import_reject (import_id, line, reason, row) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![import.0, reject.line, reject.reason, reject.row])?;
        Ok(())
    }

    /// The rows that an import left out, as many as are kept.
    pub fn import_rejects(&self, import: ImportId) -> Result<Vec<RejectRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT line, reason, row FROM import_reject WHERE import_id = ?1 ORDER BY line",
        )?;
        let rows = select.query_map([import.0], |row| {
            Ok(RejectRow {
                line: row.get("line")?,
                reason: row.get("reason")?,
                row: row.get("row")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn outcome_row(row: &Row<'_>) -> rusqlite::Result<OutcomeRow> {
    Ok(OutcomeRow {
        origin: LeadId(row.get("origin_id")?),
        lead: LeadId(row.get("lead_id")?),
        opportunity: row.get("opportunity")?,
        won: row.get("won")?,
        at: time(row, "at")?,
        amount_thousandths: row.get("amount_thousandths")?,
        currency: row.get("currency")?,
        reason: row.get("reason")?,
        has_id: row.get("has_id")?,
    })
}

fn import_row(row: &Row<'_>) -> rusqlite::Result<ImportRow> {
    Ok(ImportRow {
        id: ImportId(row.get("id")?),
        kind: row.get("kind")?,
        file: row.get("file")?,
        started_by: row.get("started_by")?,
        dry_run: row.get("dry_run")?,
        state: row.get("state")?,
        started_at: time(row, "started_at")?,
        ended_at: time_or_none(row, "ended_at")?,
        counts: row.get("counts")?,
        would_qualify: row.get("would_qualify")?,
        error: row.get("error")?,
    })
}
