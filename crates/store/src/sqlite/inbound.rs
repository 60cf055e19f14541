//! The secrets by which scheduling tools are known, beside the database's other keys.

use rusqlite::params;

use super::Db;
use crate::StoreError;

/// What the names of these keys begin with.
const PREFIX: &str = "inbound/";
/// How long that is.
const PREFIX_CHARS: i64 = 8;

impl Db {
    /// The secret of a tool's source.
    pub fn inbound_secret(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.server_key(&format!("{PREFIX}{name}"))
    }

    /// Keeps a secret, in the place of the one before.
    pub fn put_inbound_secret(&self, name: &str, secret: &[u8]) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO server_key (name, key) VALUES (?1, ?2)")?
            .execute(params![format!("{PREFIX}{name}"), secret])?;
        Ok(())
    }

    /// Forgets a secret; `false` where there is none.
    pub fn remove_inbound_secret(&self, name: &str) -> Result<bool, StoreError> {
        let removed = self
            .connection
            .prepare_cached("DELETE FROM server_key WHERE name = ?1")?
            .execute([format!("{PREFIX}{name}")])?;
        Ok(removed == 1)
    }

    /// The names that there are secrets for.
    pub fn inbound_names(&self) -> Result<Vec<String>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT substr(name, ?1) FROM server_key WHERE name GLOB ?2 ORDER BY name")?;
        let rows = select.query_map(params![PREFIX_CHARS + 1, format!("{PREFIX}*")], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
