//! Those who sign in, their sessions, and API keys. Secrets are kept as hashes only.

use bellwether_core::domain::{Timestamp, TraitSource};
use rusqlite::{OptionalExtension, Row, params};

use super::{Db, time};
use crate::{ApiKeyRow, StoreError, UserId, UserRow};

impl Db {
    /// Adds somebody; nothing where the email is taken.
    pub fn insert_user(
        &self,
        name: &str,
        email: &str,
        password_hash: &str,
        role: &str,
        at: Timestamp,
    ) -> Result<Option<UserId>, StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT OR IGNORE INTO user (name, email, password_hash, role, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        let added = insert.execute(params![name, email, password_hash, role, at.ms()])? == 1;
        Ok(added.then(|| UserId(self.connection.last_insert_rowid())))
    }

    /// Whoever has an email address, in lower case.
    pub fn user_by_email(&self, email: &str) -> Result<Option<UserRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM user WHERE email = ?1")?;
        Ok(select.query_row([email], user_row).optional()?)
    }

    /// Somebody by number.
    pub fn user(&self, id: UserId) -> Result<Option<UserRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM user WHERE id = ?1")?;
        Ok(select.query_row([id.0], user_row).optional()?)
    }

    /// Whoever says that they are this one in Slack.
    pub fn user_by_slack_id(&self, slack_id: &str) -> Result<Option<UserRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM user WHERE slack_id = ?1 AND active = 1 LIMIT 1")?;
        Ok(select.query_row([slack_id], user_row).optional()?)
    }

    /// Everybody, by number.
    pub fn users(&self) -> Result<Vec<UserRow>, StoreError> {
        let mut select = self.connection.prepare_cached("SELECT * FROM user ORDER BY id")?;
        Ok(select.query_map([], user_row)?.collect::<Result<_, _>>()?)
    }

    /// Keeps what may be changed of somebody: whether they left, their hours, their booking link, their Slack id.
    pub fn put_person(&self, user: &UserRow) -> Result<(), StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE user SET active = ?2, zone = ?3, shifts = ?4, holidays = ?5, booking_url = ?6, slack_id = ?7
             WHERE id = ?1",
        )?;
        update.execute(params![
            user.id.0,
            user.active,
            user.zone,
            user.shifts,
            user.holidays,
            user.booking_url,
            user.slack_id
        ])?;
        Ok(())
    }

    /// Begins a session, and forgets those that have ended.
    pub fn insert_session(
        &self,
        token_hash: &[u8],
        user: UserId,
        at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM session WHERE expires_at <= ?1")?
            .execute([at.ms()])?;
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO session (token_hash, user_id, created_at, expires_at) VALUES (?1, ?2, ?3, ?4)",
        )?;
        insert.execute(params![token_hash, user.0, at.ms(), expires_at.ms()])?;
        Ok(())
    }

    /// Whose session it is, where it hasn't ended.
    pub fn session_user(&self, token_hash: &[u8], now: Timestamp) -> Result<Option<UserRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT user.* FROM session JOIN user ON user.id = session.user_id
             WHERE token_hash = ?1 AND expires_at > ?2 AND user.active = 1",
        )?;
        Ok(select
            .query_row(params![token_hash, now.ms()], user_row)
            .optional()?)
    }

    /// Ends every session of somebody.
    pub fn end_sessions(&self, user: UserId) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM session WHERE user_id = ?1")?
            .execute([user.0])?;
        Ok(())
    }

    /// Ends a session.
    pub fn delete_session(&self, token_hash: &[u8]) -> Result<(), StoreError> {
        let mut delete = self
            .connection
            .prepare_cached("DELETE FROM session WHERE token_hash = ?1")?;
        delete.execute([token_hash])?;
        Ok(())
    }

    /// Adds a key.
    pub fn insert_key(
        &self,
        class: &str,
        name: &str,
        speaks_as: TraitSource,
        hash: &[u8],
        at: Timestamp,
    ) -> Result<i64, StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO api_key (class, name, speaks_as, hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        Ok(insert.insert(params![class, name, speaks_as.as_str(), hash, at.ms()])?)
    }

    /// Makes a key useless: no hash is ever equal to what replaces its own. Its row stays, since facts name it as their
    /// source. `false` where there is no such key, or it was revoked before.
    pub fn revoke_key(&self, id: i64) -> Result<bool, StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE api_key SET hash = CAST('revoked ' || id AS BLOB), name = name || ' (revoked)'
             WHERE id = ?1 AND length(hash) = 32",
        )?;
        Ok(update.execute([id])? == 1)
    }

    /// The key with a hash.
    pub fn key_by_hash(&self, hash: &[u8]) -> Result<Option<ApiKeyRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM api_key WHERE hash = ?1")?;
        Ok(select.query_row([hash], key_row).optional()?)
    }

    /// All keys, by number.
    pub fn keys(&self) -> Result<Vec<ApiKeyRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM api_key ORDER BY id")?;
        Ok(select.query_map([], key_row)?.collect::<Result<_, _>>()?)
    }
}

fn user_row(row: &Row<'_>) -> rusqlite::Result<UserRow> {
    Ok(UserRow {
        id: UserId(row.get("id")?),
        name: row.get("name")?,
        email: row.get("email")?,
        role: row.get("role")?,
        password_hash: row.get("password_hash")?,
        active: row.get("active")?,
        zone: row.get("zone")?,
        shifts: row.get("shifts")?,
        holidays: row.get("holidays")?,
        booking_url: row.get("booking_url")?,
        slack_id: row.get("slack_id")?,
    })
}

fn key_row(row: &Row<'_>) -> rusqlite::Result<ApiKeyRow> {
    Ok(ApiKeyRow {
        id: row.get("id")?,
        class: row.get("class")?,
        name: row.get("name")?,
        speaks_as: row.get("speaks_as")?,
        hash: row.get("hash")?,
        created_at: time(row, "created_at")?,
    })
}
