//! What a database holds, as one number: two runs of one seed must come to the same.

use std::fmt::Write as _;

use anyhow::Result;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use sha2::{Digest as _, Sha256};

/// Tables that follow from what else is there and from when the housekeeping, which keeps the machine's time, got to it.
const LEFT_OUT: [&str; 1] = ["seen"];

/// The hash of every row of every table.
pub(crate) fn hash(db: &Connection) -> Result<String> {
    let mut names = db.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )?;
    let names = names.query_map([], |row| row.get(0))?;
    let names: Vec<String> = names.collect::<Result<_, _>>()?;
    let mut all = Sha256::new();
    for name in names.iter().filter(|name| !LEFT_OUT.contains(&name.as_str())) {
        all.update(name);
        all.update(hash_of_table(db, name)?);
    }
    let mut text = String::new();
    for byte in all.finalize() {
        write!(text, "{byte:02x}")?;
    }
    Ok(text)
}

/// The rows in the order of their own hashes: no table.s order is part of what it holds.
fn hash_of_table(db: &Connection, name: &str) -> Result<[u8; 32]> {
    // The name comes from the schema itself, and no statement can bind one.
    let mut rows = db.prepare(&["SELECT * FROM \"", name, "\""].concat())?;
    let columns = rows.column_count();
    let mut hashes = Vec::new();
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let mut of_row = Sha256::new();
        for column in 0..columns {
            add(&mut of_row, row.get_ref(column)?);
        }
        hashes.push(<[u8; 32]>::from(of_row.finalize()));
    }
    hashes.sort_unstable();
    let mut table = Sha256::new();
    for hash in hashes {
        table.update(hash);
    }
    Ok(table.finalize().into())
}

fn add(to: &mut Sha256, value: ValueRef<'_>) {
    let (kind, bytes): (u8, &[u8]) = match value {
        ValueRef::Null => (0, &[]),
        ValueRef::Integer(number) => return add_fixed(to, 1, number.to_le_bytes()),
        ValueRef::Real(number) => return add_fixed(to, 2, number.to_le_bytes()),
        ValueRef::Text(bytes) => (3, bytes),
        ValueRef::Blob(bytes) => (4, bytes),
    };
    to.update([kind]);
    to.update((bytes.len() as u64).to_le_bytes());
    to.update(bytes);
}

fn add_fixed(to: &mut Sha256, kind: u8, bytes: [u8; 8]) {
    to.update([kind]);
    to.update(bytes);
}
