//! The tables, and how they came to be: migrations are only ever added.

use std::cmp::Ordering;

use rusqlite::Connection;

use crate::StoreError;

/// The migrations in order, numbered from 1; the database's `user_version` says how many of them it has.
const MIGRATIONS: [(i64, &str); 14] = [
    (1, include_str!("migrations/001_first.sql")),
    (2, include_str!("migrations/002_trait_sources.sql")),
    (3, include_str!("migrations/003_suspects.sql")),
    (4, include_str!("migrations/004_imports.sql")),
    (5, include_str!("migrations/005_enrichment.sql")),
    (6, include_str!("migrations/006_identity.sql")),
    (7, include_str!("migrations/007_timers.sql")),
    (8, include_str!("migrations/008_teams.sql")),
    (9, include_str!("migrations/009_clocks.sql")),
    (10, include_str!("migrations/010_deals.sql")),
    (11, include_str!("migrations/011_destinations.sql")),
    (12, include_str!("migrations/012_nurture.sql")),
    (13, include_str!("migrations/013_versions.sql")),
    (14, include_str!("migrations/014_history.sql")),
];

/// What is known of the database's tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// How many migrations there are.
    pub version: i64,
}

impl Schema {
    /// The schema that this version of the product works with.
    pub const CURRENT: Self = Self {
        version: MIGRATIONS[MIGRATIONS.len() - 1].0,
    };
}

/// Brings the tables up to date.
pub(super) fn migrate(connection: &Connection) -> Result<(), StoreError> {
    let (found, known) = (version(connection)?, Schema::CURRENT.version);
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    for (version, migration) in MIGRATIONS {
        if version > found {
            let script = format!("BEGIN IMMEDIATE;\n{migration}\nPRAGMA user_version = {version};\nCOMMIT;");
            connection.execute_batch(&script)?;
        }
    }
    Ok(())
}

/// Refuses tables that aren't up to date.
pub(super) fn require(connection: &Connection) -> Result<(), StoreError> {
    let (found, known) = (version(connection)?, Schema::CURRENT.version);
    match found.cmp(&known) {
        Ordering::Less => Err(StoreError::TooOld { found, known }),
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(StoreError::TooNew { found, known }),
    }
}

fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}
