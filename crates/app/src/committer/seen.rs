//! Message ids by which a fact that comes twice is known. The table of them is in the order of their hashes, so that each
//! new id would change a page of its own. Those of the newest facts are therefore kept in memory, from where they move
//! into the table in the table's order, many to a page.
//!
//! **Invariant:** the ids of all facts up to the one that the counter names are in the table, and those of all later ones
//! are in memory. Facts hold their message ids, so that after a start memory is filled again from them.

use std::collections::BTreeMap;

use bellwether_core::domain::Timestamp;
use bellwether_store::{Db, SourceId, StoreError};
use sha2::{Digest, Sha256};

use super::IMPORTED;

/// How many ids are gathered before they begin to move. The more there are, the more share a page.
pub(super) const GATHERED_MAX: usize = 262_144;
/// How many ids move for each one that comes, so that all have moved before as many again are gathered.
const MOVED_PER_NEW: u64 = 2;
/// Counts the facts whose ids are all in the table.
const SETTLED: &str = "ids_settled";

/// A message id by the two halves of its hash.
pub(super) type MessageId = (i64, i64);

/// The ids of the newest facts.
#[derive(Debug, Default)]
pub(super) struct Seen {
    gathered_max: usize,
    gathered: BTreeMap<MessageId, Timestamp>,
    moving: BTreeMap<MessageId, Timestamp>,
    /// The last fact whose id is in the table, and the last one whose id is at least on its way there.
    settled: i64,
    moving_to: i64,
}

impl Seen {
    /// How many ids are kept in memory alone.
    pub(super) fn gathered(&self) -> usize {
        self.gathered.len()
    }

    /// The ids of the facts that came after those whose ids are in the table.
    pub(super) fn load(db: &Db, gathered_max: usize) -> Result<Self, StoreError> {
        let settled = i64::try_from(db.counter(SETTLED)?).unwrap_or(i64::MAX);
        let mut gathered = BTreeMap::new();
        db.each_message(settled, |source, id, at| {
            let at = if source == IMPORTED { Timestamp::MAX } else { at };
            gathered.insert(message_id(source, id), at);
        })?;
        Ok(Self {
            gathered_max,
            gathered,
            moving: BTreeMap::new(),
            settled,
            moving_to: settled,
        })
    }

    /// Whether an id comes for the first time since a time; it is remembered then.
    pub(super) fn is_new(
        &mut self,
        db: &Db,
        id: MessageId,
        at: Timestamp,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        let held = match self.gathered.get(&id).or_else(|| self.moving.get(&id)) {
            Some(held) => Some(*held),
            None => db.remembered(id.0, id.1)?,
        };
        let new = held.is_none_or(|held| held < since);
        if new {
            self.gathered.insert(id, at);
        }
        Ok(new)
    }

    /// Whether an id is remembered at all.
    pub(super) fn is_known(&self, db: &Db, id: MessageId) -> Result<bool, StoreError> {
        let held = self.gathered.contains_key(&id) || self.moving.contains_key(&id);
        Ok(held || db.remembered(id.0, id.1)?.is_some())
    }

    /// Moves some ids into the table, given how many came. Their facts are in the database by now.
    pub(super) fn settle(&mut self, db: &Db, came: u64) -> Result<(), StoreError> {
        for _ in 0..came.saturating_mul(MOVED_PER_NEW) {
            let Some(((hash, rest), at)) = self.moving.pop_first() else {
                break;
            };
            // The table may hold it from before the last start; a later time than that one's holds.
            db.remember(hash, rest, at, at)?;
        }
        if !self.moving.is_empty() {
            return Ok(());
        }
        if self.moving_to > self.settled {
            db.count(SETTLED, self.moving_to.abs_diff(self.settled))?;
            self.settled = self.moving_to;
        }
        if self.gathered.len() >= self.gathered_max {
            self.moving = std::mem::take(&mut self.gathered);
            self.moving_to = db.last_fact_kept()?;
        }
        Ok(())
    }
}

/// The hash of a source's message id.
pub(super) fn message_id(source: SourceId, id: &str) -> MessageId {
    let digest = Sha256::new()
        .chain_update(source.0.to_le_bytes())
        .chain_update(id)
        .finalize();
    let half = |from: usize| {
        let bytes = digest.get(from..from + 8).and_then(|bytes| bytes.try_into().ok());
        i64::from_le_bytes(bytes.unwrap_or_default())
    };
    (half(0), half(8))
}

#[cfg(test)]
mod tests {
    use bellwether_core::domain::TraitSource;
    use bellwether_store::{LeadId, NewFact};

    use super::*;

    const SOURCE: SourceId = SourceId(1);

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms_clamped(ms)
    }

    fn keep(db: &Db, message_id: &str, at: Timestamp) {
        let fact = NewFact {
            lead: LeadId(1),
            previous: None,
            ts: at,
            received_at: at,
            original_at: None,
            sent_at: None,
            source: SOURCE,
            message_id,
            kind: "track",
            name: None,
            path: None,
            properties: None,
            traits: None,
            said_by: TraitSource::Stated,
            known: false,
        };
        db.insert_fact(&fact).unwrap();
    }

    fn take(db: &Db, seen: &mut Seen, n: i64, when: i64, since: i64) -> bool {
        let id = format!("message {n}");
        let new = seen
            .is_new(db, message_id(SOURCE, &id), at(when), at(since))
            .unwrap();
        if new {
            keep(db, &id, at(when));
        }
        new
    }

    #[test]
    fn an_id_is_known_wherever_it_is_and_after_every_start() {
        let directory = tempfile::tempdir().unwrap();
        let db = Db::open_writer(directory.path()).unwrap();
        let mut seen = Seen::load(&db, 8).unwrap();
        for n in 0..100_i64 {
            assert!(take(&db, &mut seen, n, n, 0), "{n} is new");
            seen.settle(&db, 1).unwrap();
            for known in 0..=n {
                assert!(!take(&db, &mut seen, known, n, 0), "{known} after {n}");
            }
            if n % 7 == 0 {
                seen = Seen::load(&db, 8).unwrap();
            }
        }
        assert!(seen.settled > 80, "{}", seen.settled);
        assert!(seen.gathered.len() + seen.moving.len() < 20);
    }

    #[test]
    fn an_id_that_comes_again_after_its_time_is_known_from_then_on() {
        let directory = tempfile::tempdir().unwrap();
        let db = Db::open_writer(directory.path()).unwrap();
        let mut seen = Seen::load(&db, 4).unwrap();
        for round in 1..4_i64 {
            let (when, since) = (round * 1_000, round * 1_000 - 500);
            for n in 0..20 {
                assert!(take(&db, &mut seen, n, when + n, since), "{n} in round {round}");
                assert!(
                    !take(&db, &mut seen, n, when + n + 1, since),
                    "{n} in round {round}"
                );
                seen.settle(&db, 1).unwrap();
            }
        }
        let mut seen = Seen::load(&db, 4).unwrap();
        for n in 0..20 {
            assert!(!take(&db, &mut seen, n, 3_100, 2_500), "{n}");
        }
    }
}
