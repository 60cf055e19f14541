//! The store in SQLite: one connection that writes, a few that read, and one that moves the write-ahead log into the
//! database file.

mod arrivals;
mod clocks;
mod deals;
mod destinations;
mod enrichment;
mod exports;
mod facts;
mod findings;
mod handoffs;
mod history;
mod identity;
mod imports;
mod inbound;
mod leads;
mod nurture;
mod outbox;
mod people;
mod rescoring;
mod review;
mod routing;
mod schema;
mod surroundings;
mod suspects;
mod teams;
mod timers;
mod versions;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bellwether_core::domain::Timestamp;
use rusqlite::{Connection, OpenFlags, Row};

use crate::StoreError;

pub use arrivals::ArrivalRow;
pub use schema::Schema;

/// The database's file in its directory.
const FILE_NAME: &str = "bellwether.db";
/// How long a connection waits for another one, in milliseconds.
const BUSY_WAIT_MS: u64 = 10_000;
/// How long the log's emptying waits for readers, in milliseconds.
const READERS_WAIT_MS: u64 = 100;
/// What stays of the log's file when it begins anew, in bytes: writing over what is there spares the file system much.
const WAL_BYTES_KEPT: i64 = 256 << 20;
/// The pages that the writing connection keeps in memory, in KiB.
const WRITER_CACHE_KIB: i64 = 131_072;
/// The pages that any other connection keeps in memory, in KiB.
const READER_CACHE_KIB: i64 = 8_192;
/// How much of the database file is mapped into memory for reading, in bytes.
const MAPPED_BYTES_MAX: i64 = 1 << 30;
/// Prepared statements that a connection keeps.
const STATEMENTS_MAX: usize = 128;
/// How many reading connections are kept open.
const READERS_KEPT_MAX: usize = 8;

/// A connection to the database.
#[derive(Debug)]
pub struct Db {
    pub(crate) connection: Connection,
}

impl Db {
    /// Opens the connection that writes, making directory, file and tables where they are missing.
    pub fn open_writer(directory: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(directory).map_err(|source| StoreError::File {
            path: directory.display().to_string(),
            source,
        })?;
        let db = Self::open(
            directory,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        )?;
        db.connection.pragma_update(None, "journal_mode", "wal")?;
        // The checkpointer does it beside the writer, so that no caller's commit waits for it.
        db.connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        db.connection
            .pragma_update(None, "journal_size_limit", WAL_BYTES_KEPT)?;
        db.connection
            .pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
        schema::migrate(&db.connection)?;
        Ok(db)
    }

    /// Opens another connection that may write, for what no decision depends on: checkpoints, sessions, deliveries.
    pub fn open_helper(directory: &Path) -> Result<Self, StoreError> {
        let db = Self::open(directory, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        db.connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        Ok(db)
    }

    /// Opens a connection that only reads.
    pub fn open_reader(directory: &Path) -> Result<Self, StoreError> {
        let db = Self::open(directory, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        db.connection.pragma_update(None, "query_only", true)?;
        schema::require(&db.connection)?;
        Ok(db)
    }

    fn open(directory: &Path, flags: OpenFlags) -> Result<Self, StoreError> {
        let path = directory.join(FILE_NAME);
        let connection = Connection::open_with_flags(&path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(Duration::from_millis(BUSY_WAIT_MS))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", false)?;
        connection.pragma_update(None, "temp_store", "memory")?;
        connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
        connection.pragma_update(None, "mmap_size", MAPPED_BYTES_MAX)?;
        Ok(Self { connection })
    }

    /// Begins the transaction of a group.
    pub fn begin(&self) -> Result<(), StoreError> {
        Ok(self
            .connection
            .prepare_cached("BEGIN IMMEDIATE")?
            .execute([])
            .map(drop)?)
    }

    /// Makes the group durable.
    pub fn commit(&self) -> Result<(), StoreError> {
        Ok(self.connection.prepare_cached("COMMIT")?.execute([]).map(drop)?)
    }

    /// Undoes the group. An error here only means that the database did so already.
    pub fn rollback(&self) {
        if !self.connection.is_autocommit() {
            drop(self.connection.execute_batch("ROLLBACK"));
        }
    }

    /// Begins something within a transaction that is undone whatever comes of it.
    pub fn begin_trial(&self) -> Result<(), StoreError> {
        Ok(self.connection.execute_batch("SAVEPOINT trial")?)
    }

    /// Undoes what was done since.
    pub fn undo_trial(&self) -> Result<(), StoreError> {
        Ok(self
            .connection
            .execute_batch("ROLLBACK TO trial; RELEASE trial")?)
    }

    /// How many pages the write-ahead log holds, and how many of them are in the database file as well.
    pub fn wal_pages(&self) -> Result<(i64, i64), StoreError> {
        self.checkpoint("PRAGMA wal_checkpoint(NOOP)")
    }

    /// Moves what it can of the write-ahead log into the database file, without making anybody wait. Gives how many
    /// pages the log holds and how many of them are in the file now.
    pub fn checkpoint_beside(&self) -> Result<(i64, i64), StoreError> {
        self.checkpoint("PRAGMA wal_checkpoint(PASSIVE)")
    }

    /// Moves the whole log into the database file and makes it empty; waits a moment for whoever reads.
    pub fn checkpoint_whole(&self) -> Result<(i64, i64), StoreError> {
        self.connection
            .busy_timeout(Duration::from_millis(READERS_WAIT_MS))?;
        let moved = self.checkpoint("PRAGMA wal_checkpoint(TRUNCATE)");
        self.connection
            .busy_timeout(Duration::from_millis(BUSY_WAIT_MS))?;
        moved
    }

    fn checkpoint(&self, pragma: &str) -> Result<(i64, i64), StoreError> {
        let mut pragma = self.connection.prepare_cached(pragma)?;
        Ok(pragma.query_row([], |row| Ok((row.get(1)?, row.get(2)?)))?)
    }
}

/// Reading connections that take turns.
#[derive(Debug)]
pub struct Readers {
    directory: PathBuf,
    idle: Mutex<Vec<Db>>,
}

impl Readers {
    /// None yet; each is opened when it is needed.
    pub fn new(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
            idle: Mutex::new(Vec::new()),
        }
    }

    /// A connection of one's own for a while.
    pub fn take(&self) -> Result<ReadGuard<'_>, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let db = idle.map_or_else(|| Db::open_reader(&self.directory), Ok)?;
        Ok(ReadGuard {
            readers: self,
            db: Some(db),
        })
    }
}

/// A reading connection, given back when it is dropped.
#[derive(Debug)]
pub struct ReadGuard<'a> {
    readers: &'a Readers,
    db: Option<Db>,
}

impl ReadGuard<'_> {
    /// Runs queries on one state of the database, whatever is committed meanwhile.
    pub fn snapshot<T, E: From<StoreError>>(&self, read: impl FnOnce(&Db) -> Result<T, E>) -> Result<T, E> {
        let Some(db) = &self.db else {
            return Err(StoreError::Database(rusqlite::Error::InvalidQuery).into());
        };
        db.connection.execute_batch("BEGIN").map_err(StoreError::from)?;
        let result = read(db);
        db.rollback();
        result
    }
}

impl Drop for ReadGuard<'_> {
    fn drop(&mut self) {
        let mut idle = self.readers.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < READERS_KEPT_MAX {
            idle.extend(self.db.take());
        }
    }
}

/// A time in a column; what is out of range was never written by the product and is moved into it.
fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    Ok(Timestamp::from_ms_clamped(row.get(column)?))
}

fn time_or_none(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_ms_clamped))
}

fn millis(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::ms)
}
