//! What the database keeps, and what it refuses.

use bellwether_core::domain::Timestamp;
use bellwether_store::{Db, Holder, LeadId, Readers, Schema, StoreError};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms).unwrap()
}

/// A lead that has a key of its own.
fn holder(lead: i64) -> Holder {
    let lead = LeadId(lead);
    Holder { lead, origin: lead }
}

#[test]
fn a_database_of_the_first_version_learns_whose_its_facts_and_keys_are() {
    let directory = tempfile::tempdir().unwrap();
    let file = rusqlite::Connection::open(directory.path().join("bellwether.db")).unwrap();
    file.execute_batch(include_str!("../src/sqlite/migrations/001_first.sql"))
        .unwrap();
    file.execute_batch(
        "INSERT INTO event (id, previous, ts, received_at, source_id, message_id, kind, known)
             VALUES (1, NULL, 10, 10, 1, 'a', 'page', 0), (2, NULL, 20, 20, 1, 'b', 'page', 1),
                    (3, 1, 30, 30, 1, 'c', 'page', 0);
         INSERT INTO lead (id, stage, cycle, created_at, last_seen, first_event, last_event, fit, intent, score, grade,
             scored_at, agreement_version)
             VALUES (7, 'visitor', 1, 10, 30, 1, 3, 0, 0, 0, '', 30, 1), (8, 'lead', 1, 20, 20, 2, 2, 0, 0, 0, '', 20, 1);
         INSERT INTO lead_key VALUES ('user_id', 'u8', 8, 20);
         PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(file);
    let db = Db::open_writer(directory.path()).unwrap();
    let kept_for: Vec<(i64, LeadId)> = db
        .links(3)
        .unwrap()
        .into_iter()
        .map(|link| (link.id, link.lead))
        .collect();
    assert_eq!(kept_for, [(1, LeadId(7)), (3, LeadId(7))]);
    assert_eq!(db.key_holder("user_id", "u8").unwrap(), Some(holder(8)));
    assert_eq!(db.united(LeadId(7)).unwrap(), [LeadId(7)]);
}

#[test]
fn opening_twice_changes_nothing_and_a_newer_database_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    drop(Db::open_writer(directory.path()).unwrap());
    drop(Db::open_writer(directory.path()).unwrap());
    let file = rusqlite::Connection::open(directory.path().join("bellwether.db")).unwrap();
    file.pragma_update(None, "user_version", 99).unwrap();
    let refused = Db::open_writer(directory.path()).map(drop);
    let known = Schema::CURRENT.version;
    assert!(
        matches!(refused, Err(StoreError::TooNew { found: 99, known: k }) if k == known),
        "{refused:?}"
    );
    // Whoever only reads brings nothing up to date.
    file.pragma_update(None, "user_version", known - 1).unwrap();
    let refused = Readers::new(directory.path()).take().map(drop);
    assert!(
        matches!(refused, Err(StoreError::TooOld { found, known: k }) if (found, k) == (known - 1, known)),
        "{refused:?}"
    );
}

#[test]
fn two_ids_whose_hashes_begin_alike_are_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open_writer(directory.path()).unwrap();
    let (now, week_ago) = (at(1_000_000_000), at(400_000_000));
    for rest in [1, 2, 3] {
        assert!(db.remember(i64::MAX, rest, now, week_ago).unwrap(), "{rest}");
    }
    for rest in [1, 2, 3] {
        assert!(!db.remember(i64::MAX, rest, now, week_ago).unwrap(), "{rest}");
    }
    assert!(db.remember(i64::MAX, 4, now, week_ago).unwrap());
    // What is older than is remembered may come again, once.
    assert!(
        db.remember(i64::MAX, 2, at(2_000_000_000), at(1_400_000_000))
            .unwrap()
    );
    assert!(
        !db.remember(i64::MAX, 2, at(2_000_000_000), at(1_400_000_000))
            .unwrap()
    );
}

#[test]
fn old_message_ids_are_forgotten_slice_by_slice_and_new_ones_kept() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open_writer(directory.path()).unwrap();
    for hash in 0..100_i64 {
        let when = if hash % 2 == 0 { at(10) } else { at(1_000) };
        db.remember(hash * 1_000 - 50_000, hash, when, at(0)).unwrap();
    }
    let (mut after, mut slices) = (Some(i64::MIN), 0);
    while let Some(place) = after {
        after = db.forget(place, at(500), 7).unwrap();
        slices += 1;
    }
    assert!(slices > 10);
    for hash in 0..100_i64 {
        let fresh = db
            .remember(hash * 1_000 - 50_000, hash, at(1_000), at(0))
            .unwrap();
        assert_eq!(fresh, hash % 2 == 0, "{hash}");
    }
}

#[test]
fn findings_are_counted_and_their_list_is_bounded() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open_writer(directory.path()).unwrap();
    db.begin().unwrap();
    for n in 0..1_100 {
        db.add_finding("junk_id", &format!("id {n}"), "no id", 2, at(n))
            .unwrap();
    }
    db.add_finding("junk_id", "id 5", "no id", 1, at(5_000)).unwrap();
    db.commit().unwrap();
    let findings = db.findings(10_000).unwrap();
    assert_eq!(findings.len(), 1_001);
    assert_eq!((findings[0].subject.as_str(), findings[0].count), ("id 5", 3));
    let others = findings
        .iter()
        .find(|finding| finding.subject == "(others)")
        .unwrap();
    assert_eq!(others.count, 200);
}

#[test]
fn a_reader_sees_one_state_and_what_is_undone_was_never_there() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open_writer(directory.path()).unwrap();
    let readers = Readers::new(directory.path());
    let reader = readers.take().unwrap();
    let seen = reader.snapshot(|read| -> Result<_, StoreError> {
        let before = read.key_holder("user_id", "u1")?;
        db.put_key("user_id", "u1", holder(7), at(1))?;
        Ok((before, read.key_holder("user_id", "u1")?))
    });
    assert_eq!(seen.unwrap(), (None, None));
    let now = reader.snapshot(|read| read.key_holder("user_id", "u1"));
    assert_eq!(now.unwrap(), Some(holder(7)));
    db.begin().unwrap();
    db.put_key("user_id", "u1", holder(8), at(2)).unwrap();
    db.rollback();
    assert_eq!(db.key_holder("user_id", "u1").unwrap(), Some(holder(7)));
    let written = reader.snapshot(|read| read.put_key("user_id", "u2", holder(1), at(1)));
    assert!(written.is_err());
}

#[test]
fn a_log_that_was_moved_begins_anew() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open_writer(directory.path()).unwrap();
    let helper = Db::open_helper(directory.path()).unwrap();
    for n in 0..50 {
        db.put_key("user_id", &format!("u{n}"), holder(n), at(1)).unwrap();
    }
    let (held, moved) = db.wal_pages().unwrap();
    assert!(held >= 50, "{held}");
    assert_eq!(moved, 0);
    helper.checkpoint_beside().unwrap();
    assert_eq!(db.wal_pages().unwrap(), (held, held));
    db.put_key("user_id", "another", holder(50), at(1)).unwrap();
    let (held, moved) = db.wal_pages().unwrap();
    assert!(held < 50, "{held}");
    assert_eq!(moved, 0);
}

#[test]
fn a_message_id_is_remembered_with_its_time() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open_writer(directory.path()).unwrap();
    for rest in [1, 2, 3] {
        assert_eq!(db.remembered(i64::MAX, rest).unwrap(), None);
        db.remember(i64::MAX, rest, at(rest), at(rest)).unwrap();
        assert_eq!(db.remembered(i64::MAX, rest).unwrap(), Some(at(rest)));
    }
    assert_eq!(db.remembered(i64::MAX, 4).unwrap(), None);
}

#[test]
fn a_timer_that_was_found_due_is_taken_once_and_not_once_it_is_put_off() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open_writer(directory.path()).unwrap();
    for subject in 1..=3 {
        db.put_timer("expire", subject, at(1_000)).unwrap();
    }
    let due = db.timers_due(at(1_000), 10).unwrap();
    assert_eq!(due.len(), 3);
    db.delete_timer("expire", 2).unwrap();
    db.put_timer("expire", 3, at(2_000)).unwrap();
    let taken: Vec<bool> = due.iter().map(|row| db.take_timer(row).unwrap()).collect();
    assert_eq!(taken, [true, false, false]);
    assert!(!db.take_timer(&due[0]).unwrap());
    assert_eq!(db.next_timer_at().unwrap(), Some(at(2_000)));
}
