//! Nurture tracks, messages to leads, and who wants no more.

use bellwether_core::domain::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::{Db, time, time_or_none};
use crate::{LeadId, MailRow, NurtureFilter, NurtureRow, StoreError, UnsubscribedRow};

impl Db {
    /// Keeps that a lead is on a track; gives its number.
    pub fn insert_nurture(&self, row: &NurtureRow) -> Result<i64, StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO nurture (lead_id, origin_id, track, cause, started_at, step, next_at, state, why, ended_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?;
        Ok(insert.insert(params![
            row.lead.0,
            row.origin.0,
            row.track,
            row.cause,
            row.started_at.ms(),
            row.step,
            row.next_at.map(Timestamp::ms),
            row.state,
            row.why,
            row.ended_at.map(Timestamp::ms),
        ])?)
    }

    /// Keeps how far a track is.
    pub fn put_nurture(&self, row: &NurtureRow) -> Result<(), StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE nurture SET step = ?2, next_at = ?3, state = ?4, why = ?5, ended_at = ?6 WHERE id = ?1",
        )?;
        update.execute(params![
            row.id,
            row.step,
            row.next_at.map(Timestamp::ms),
            row.state,
            row.why,
            row.ended_at.map(Timestamp::ms),
        ])?;
        Ok(())
    }

    /// One lead's way along a track.
    pub fn nurture(&self, id: i64) -> Result<Option<NurtureRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM nurture WHERE id = ?1")?;
        Ok(select.query_row([id], nurture_row).optional()?)
    }

    /// The tracks that a lead is on now.
    pub fn nurture_running(&self, lead: LeadId) -> Result<Vec<NurtureRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM nurture WHERE lead_id = ?1 AND state = 'running' ORDER BY id")?;
        let rows = select.query_map([lead.0], nurture_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Who is or was on a track, latest first.
    pub fn list_nurture(&self, filter: &NurtureFilter) -> Result<Vec<NurtureRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT * FROM nurture
             WHERE (?1 IS NULL OR track = ?1) AND (?2 IS NULL OR state = ?2) AND (?3 IS NULL OR lead_id = ?3)
               AND id < ?4
             ORDER BY id DESC LIMIT ?5",
        )?;
        let rows = select.query_map(
            params![
                filter.track,
                filter.state,
                filter.lead.map(|lead| lead.0),
                filter.before.unwrap_or(i64::MAX),
                filter.limit
            ],
            nurture_row,
        )?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many leads are on each track, by state.
    pub fn nurture_counts(&self) -> Result<Vec<(String, String, u64)>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT track, state, count(*) FROM nurture GROUP BY track, state ORDER BY track, state",
        )?;
        let rows = select.query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?.unsigned_abs()))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keeps a message to a lead; gives its number.
    pub fn insert_mail(&self, row: &MailRow) -> Result<i64, StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO mail (lead_id, origin_id, at, kind, name, address, nurture_id, step, kept_back, token)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?;
        Ok(insert.insert(params![
            row.lead.0,
            row.origin.0,
            row.at.ms(),
            row.kind,
            row.name,
            row.address,
            row.nurture,
            row.step,
            row.kept_back,
            row.token,
        ])?)
    }

    /// What was written to a lead, or kept back, latest first.
    pub fn mails_of(&self, lead: LeadId, limit: u32) -> Result<Vec<MailRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM mail WHERE lead_id = ?1 ORDER BY id DESC LIMIT ?2")?;
        let rows = select.query_map(params![lead.0, limit], mail_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The message whose unsubscribe link has a token.
    pub fn mail_by_token(&self, token: &str) -> Result<Option<MailRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM mail WHERE token = ?1")?;
        Ok(select.query_row([token], mail_row).optional()?)
    }

    /// Whether a reply went to an address after a time.
    pub fn replied_since(&self, address: &str, name: &str, since: Timestamp) -> Result<bool, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM mail WHERE address = ?1 AND kind = 'reply' AND at > ?3 AND name = ?2
                            AND kept_back IS NULL)",
        )?;
        Ok(select.query_row(params![address, name, since.ms()], |row| row.get(0))?)
    }

    /// When the nurture mails went to an address after a time, latest first.
    pub fn nurture_mails_since(&self, address: &str, since: Timestamp) -> Result<Vec<Timestamp>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT at FROM mail WHERE address = ?1 AND kind = 'nurture' AND at > ?2 AND kept_back IS NULL
             ORDER BY at DESC",
        )?;
        let rows = select.query_map(params![address, since.ms()], |row| time(row, "at"))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keeps that somebody wants no more mail; whether that is new.
    pub fn insert_unsubscribed(&self, row: &UnsubscribedRow) -> Result<bool, StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT OR IGNORE INTO unsubscribed (address, at, how, actor, mail_id) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        Ok(insert.execute(params![row.address, row.at.ms(), row.how, row.actor, row.mail])? > 0)
    }

    /// Forgets that somebody wants no more mail; whether it was kept.
    pub fn delete_unsubscribed(&self, address: &str) -> Result<bool, StoreError> {
        let mut delete = self
            .connection
            .prepare_cached("DELETE FROM unsubscribed WHERE address = ?1")?;
        Ok(delete.execute([address])? > 0)
    }

    /// Since when and how an address wants no more mail.
    pub fn unsubscribed(&self, address: &str) -> Result<Option<UnsubscribedRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM unsubscribed WHERE address = ?1")?;
        Ok(select.query_row([address], unsubscribed_row).optional()?)
    }

    /// Who wants no more mail, by address, after one.
    pub fn list_unsubscribed(&self, after: &str, limit: u32) -> Result<Vec<UnsubscribedRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM unsubscribed WHERE address > ?1 ORDER BY address LIMIT ?2")?;
        let rows = select.query_map(params![after, limit], unsubscribed_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn nurture_row(row: &Row<'_>) -> rusqlite::Result<NurtureRow> {
    Ok(NurtureRow {
        id: row.get("id")?,
        lead: LeadId(row.get("lead_id")?),
        origin: LeadId(row.get("origin_id")?),
        track: row.get("track")?,
        cause: row.get("cause")?,
        started_at: time(row, "started_at")?,
        step: row.get("step")?,
        next_at: time_or_none(row, "next_at")?,
        state: row.get("state")?,
        why: row.get("why")?,
        ended_at: time_or_none(row, "ended_at")?,
    })
}

fn mail_row(row: &Row<'_>) -> rusqlite::Result<MailRow> {
    Ok(MailRow {
        id: row.get("id")?,
        lead: LeadId(row.get("lead_id")?),
        origin: LeadId(row.get("origin_id")?),
        at: time(row, "at")?,
        kind: row.get("kind")?,
        name: row.get("name")?,
        address: row.get("address")?,
        nurture: row.get("nurture_id")?,
        step: row.get("step")?,
        kept_back: row.get("kept_back")?,
        token: row.get("token")?,
    })
}

fn unsubscribed_row(row: &Row<'_>) -> rusqlite::Result<UnsubscribedRow> {
    Ok(UnsubscribedRow {
        address: row.get("address")?,
        at: time(row, "at")?,
        how: row.get("how")?,
        actor: row.get("actor")?,
        mail: row.get("mail_id")?,
    })
}
