//! A reading that is broken off anywhere leaves what was held as it was, and nothing half read.

use std::cell::Cell;

use bellwether_store::Db;
use rusqlite::Connection;
use tempfile::TempDir;

use super::*;

/// Leads with so many page views each, numbered on from those that are there.
const ADD: &str = "
    WITH RECURSIVE one (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM one WHERE n < 40)
    INSERT INTO lead (stage, cycle, created_at, known_from, last_seen, fit, intent, score, grade, scored_at, agreement_version)
        SELECT 'lead', 1, 0, 0, 0, 0, 0, 0, '', 0, 1 FROM one;
    WITH RECURSIVE one (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM one WHERE n < 60)
    INSERT INTO event (ts, received_at, source_id, message_id, kind, path, properties, known, lead_id)
        SELECT n, n, 1, lead.id || '-' || n, 'page', '/' || n, '{}', 1, lead.id
        FROM lead, one WHERE lead.last_event IS NULL ORDER BY lead.id, n;
    UPDATE event SET previous = id - 1 WHERE ts > 1;
    UPDATE lead SET last_event = (SELECT max(id) FROM event WHERE lead_id = lead.id);";

fn database() -> (TempDir, Connection) {
    let directory = tempfile::tempdir().unwrap();
    drop(Db::open_writer(directory.path()).unwrap());
    let file = Connection::open(directory.path().join("bellwether.db")).unwrap();
    file.execute_batch(ADD).unwrap();
    (directory, file)
}

/// Reads, broken off at the so-manieth look whether to go on.
fn read(held: &mut Held, directory: &TempDir, looks: u32) -> Result<StoredHistory, AppError> {
    let left = Cell::new(looks);
    let goes_on = || left.replace(left.get().saturating_sub(1)) > 0;
    held.history(directory.path(), &Readers::new(directory.path()), &goes_on)
}

/// Breaks a reading off at each place in turn, until it isn't broken off any more; how often it was.
fn broken_off_everywhere(held: &mut Held, directory: &TempDir) -> u32 {
    let (before, leads) = (held.chronicle.fingerprint(), held.chronicle.leads());
    let position = held.chronicle.position().to_owned();
    let mut looks = 0;
    while read(held, directory, looks).is_err() {
        assert_eq!(held.chronicle.leads(), leads);
        assert_eq!(held.chronicle.fingerprint(), before);
        assert_eq!(held.chronicle.position(), position);
        looks += 1;
    }
    looks
}

#[test]
fn broken_off_anywhere_nothing_half_read_is_held_or_kept() {
    let (directory, _) = database();
    let mut held = Held::default();
    assert!(matches!(
        read(&mut held, &directory, 0),
        Err(AppError::Unavailable(_))
    ));
    assert!(!directory.path().join(FOLDER).exists());
    assert!(broken_off_everywhere(&mut held, &directory) > 3);
    assert_eq!(held.chronicle.events(), 40 * 60);
}

#[test]
fn broken_off_while_read_on_what_was_held_is_held_still() {
    let (directory, file) = database();
    let mut held = Held::default();
    file.execute_batch(ADD).unwrap();
    read(&mut held, &directory, u32::MAX).unwrap();
    file.execute_batch(ADD).unwrap();
    assert!(broken_off_everywhere(&mut held, &directory) > 3);
    let again = read(&mut held, &directory, 0).unwrap();
    assert_eq!(again.reading, Reading::AsKept);
    let whole = read_whole(&Db::open_reader(directory.path()).unwrap(), &|| true).unwrap();
    assert_eq!(again.chronicle.fingerprint(), whole.fingerprint());
    assert_eq!(again.chronicle.events(), 120 * 60);
}

#[test]
fn more_than_columns_hold_is_said_with_its_limit_and_a_remedy() {
    let error = ReplayError::TooMany {
        what: "distinct events",
        limit: 7,
    };
    let said = too_much(&error).to_string();
    for part in ["more than 7 distinct events", "ids and times", "export it"] {
        assert!(said.contains(part), "{said}");
    }
}
