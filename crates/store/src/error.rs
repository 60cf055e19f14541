//! What can go wrong in the store.

/// Why the store couldn't do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or couldn't be reached.
    #[error("the database says: {0}")]
    Database(#[from] rusqlite::Error),
    /// The directory or file couldn't be made or read.
    #[error("`{path}` can't be used: {source}")]
    File {
        /// Which one.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The database was written by a newer version of the product.
    #[error("the database has schema {found}, this version knows {known}; use the newer version")]
    TooNew {
        /// Its schema.
        found: i64,
        /// The newest that is known here.
        known: i64,
    },
    /// The database was written by an older version of the product, and only the server brings it up to date.
    #[error(
        "the database has schema {found}, and this version works with {known}; start `bellwether serve` on it once, which brings it up to date"
    )]
    TooOld {
        /// Its schema.
        found: i64,
        /// The one that is worked with here.
        known: i64,
    },
    /// A test asked for the commit to fail.
    #[error("the commit was made to fail")]
    Injected,
    /// A row holds what no version of the product writes.
    #[error("a row of `{table}` holds `{value}`, which can't be read")]
    Corrupt {
        /// Of which table.
        table: &'static str,
        /// What it holds.
        value: String,
    },
}
