//! All that a database holds, as lines that can be compared, and what must be true of it whatever happened.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

/// What differs with the way there, and may: how often a message was tried and when it arrived, how often a fact was sent
/// again, the keys of one database's links.
const LEFT_OUT: [(&str, &str); 5] = [
    ("outbox", "attempts"),
    ("outbox", "next_at"),
    ("outbox", "ended_at"),
    ("seen", "*"),
    ("server_key", "*"),
];
/// The counter of facts that came again.
const CAME_AGAIN: &str = "counter name='facts_duplicate'";

/// Rules of which each counts what breaks it.
const BROKEN: [(&str, &str); 8] = [
    (
        "a lead has one handoff in a cycle",
        "SELECT count(*) - count(DISTINCT origin_lead_id || '-' || cycle) FROM handoff",
    ),
    (
        "a handoff is as its lead's stage says",
        "SELECT count(*) FROM handoff JOIN lead ON lead.handoff_id = handoff.id
         WHERE (handoff.state = 'open') <> (lead.stage = 'mql') OR (handoff.state = 'accepted') <> (lead.stage = 'sal')",
    ),
    (
        "what is open or taken is its lead's own handoff",
        "SELECT count(*) FROM handoff WHERE state IN ('open', 'accepted')
            AND NOT EXISTS (SELECT 1 FROM lead WHERE lead.handoff_id = handoff.id)",
    ),
    (
        "a lead's stage is where its last move led",
        "SELECT count(*) FROM lead WHERE merged_into IS NULL AND stage <> coalesce(
            (SELECT to_stage FROM transition WHERE lead_id = lead.id ORDER BY transition.id DESC LIMIT 1), stage)",
    ),
    (
        "what waits for an answer has its timer",
        "SELECT count(*) FROM handoff WHERE (state = 'open') <> EXISTS (
            SELECT 1 FROM timer WHERE kind = 'expire' AND subject = handoff.id)",
    ),
    (
        "a track that runs has its timer, and no other has one",
        "SELECT count(*) FROM nurture WHERE (state = 'running') <> EXISTS (
            SELECT 1 FROM timer WHERE kind = 'nurture' AND subject = nurture.id AND at = nurture.next_at)",
    ),
    (
        "the steps of a clock that were taken are those that it counts",
        "SELECT count(*) FROM clock WHERE steps_done <> (
            SELECT count(*) FROM clock_step WHERE clock_step.handoff_id = clock.handoff_id)",
    ),
    (
        "each step of a track was written once",
        "SELECT count(*) - count(DISTINCT nurture_id || '-' || step) FROM mail WHERE nurture_id IS NOT NULL",
    ),
];

/// Every row of every table, in an order of their own.
pub(super) fn of(folder: &Path) -> Vec<String> {
    let path = folder.join("bellwether.db");
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    for (rule, broken) in BROKEN {
        let count: i64 = db.query_row(broken, [], |row| row.get(0)).unwrap();
        assert_eq!(count, 0, "{rule}: broken {count} times");
    }
    let mut names = db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        .unwrap();
    let names = names.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let mut lines: Vec<String> = names.flat_map(|name| rows(&db, &name.unwrap())).collect();
    lines.retain(|line| !line.starts_with(CAME_AGAIN));
    hide_tokens(&db, &mut lines);
    lines.sort();
    lines
}

fn rows(db: &Connection, table: &str) -> Vec<String> {
    let left_out = |column: &str| LEFT_OUT.contains(&(table, column)) || LEFT_OUT.contains(&(table, "*"));
    // The name comes from the schema itself, and no statement can bind one.
    let mut select = db.prepare(&["SELECT * FROM \"", table, "\""].concat()).unwrap();
    let columns: Vec<String> = select.column_names().map(str::to_owned).collect();
    let read = |row: &rusqlite::Row<'_>| {
        let mut line = table.to_owned();
        for column in columns.iter().filter(|column| !left_out(column)) {
            let value = match row.get_ref(column.as_str())? {
                ValueRef::Null => "none".to_owned(),
                ValueRef::Integer(number) => number.to_string(),
                ValueRef::Real(number) => number.to_string(),
                ValueRef::Text(text) => format!("'{}'", String::from_utf8_lossy(text)),
                ValueRef::Blob(bytes) => format!("{bytes:02x?}"),
            };
            line = [&line, " ", column, "=", &value].concat();
        }
        Ok(line)
    };
    let rows = select.query_map([], read).unwrap();
    rows.map(Result::unwrap).filter(|line| line != table).collect()
}

/// Puts the number of its mail in the place of each token of a link, which is drawn anew where a mail is made anew.
fn hide_tokens(db: &Connection, lines: &mut [String]) {
    let mut select = db
        .prepare("SELECT token, id FROM mail WHERE token IS NOT NULL")
        .unwrap();
    let tokens = select
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    let tokens: BTreeMap<String, i64> = tokens.collect::<Result<_, _>>().unwrap();
    for (token, mail) in tokens {
        let stands = format!("(token of mail {mail})");
        for line in lines.iter_mut().filter(|line| line.contains(&token)) {
            *line = line.replace(&token, &stands);
        }
    }
}

/// What one holds and the other doesn't.
pub(super) fn difference(one: &[String], other: &[String]) -> String {
    let only = |these: &[String], those: &[String], sign: &str| {
        let lines = these.iter().filter(|line| !those.contains(line));
        lines.map(|line| [sign, line].join(" ")).collect::<Vec<_>>()
    };
    [only(one, other, "-"), only(other, one, "+")].concat().join("\n")
}
