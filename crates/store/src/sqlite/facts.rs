//! Facts, and the message ids by which a fact that comes twice is known.

use bellwether_core::domain::{Timestamp, TraitSource};
use rusqlite::{OptionalExtension, Row, params};

use super::{Db, millis, time};
use crate::{
    FactLink, FactRow, HandoffId, LeadId, NewFact, ReturnedRow, SourceId, StoreError, SuspectMark,
    SuspectNote, TimelineRow,
};

/// How many places after its own a message id's hash may be kept at.
const PROBES_MAX: i64 = 16;

/// The facts that hang together from the one that is the first parameter.
macro_rules! chain {
    ($select:literal) => {
        concat!(
            "WITH RECURSIVE chain (id, previous, ts) AS (
                 SELECT id, previous, ts FROM event WHERE id = ?1
                 UNION ALL SELECT event.id, event.previous, event.ts FROM chain JOIN event ON event.id = chain.previous
             ) ",
            $select
        )
    };
}

/// A source's place in the order of belief, as it is kept.
fn rank(source: TraitSource) -> i64 {
    match source {
        TraitSource::Stated => 0,
        TraitSource::Crm => 1,
        TraitSource::Enrichment => 2,
        TraitSource::Derived => 3,
    }
}

/// The source of that place.
fn speaker(held: i64) -> rusqlite::Result<TraitSource> {
    let mut known = TraitSource::ALL.into_iter();
    known
        .find(|source| rank(*source) == held)
        .ok_or_else(|| rusqlite::Error::InvalidColumnName(format!("said_by = {held}")))
}

/// A fact, from its columns in the order in which facts are selected to be folded: number, time, kind, name, path,
/// properties, traits, whether it is of somebody whom one could reach, who says so, and how it is held.
pub(super) fn fact_row<'r>(row: &'r Row<'_>) -> Result<FactRow<'r>, StoreError> {
    let text = |index| -> rusqlite::Result<Option<&str>> { Ok(row.get_ref(index)?.as_str_or_null()?) };
    let suspect = match row.get(9)? {
        Some(lead) => Some(SuspectMark {
            lead: LeadId(lead),
            rule: text(10)?.unwrap_or_default(),
            released: row.get(11)?,
        }),
        None => None,
    };
    Ok(FactRow {
        id: row.get(0)?,
        ts: Timestamp::from_ms_clamped(row.get(1)?),
        kind: text(2)?.unwrap_or_default(),
        name: text(3)?,
        path: text(4)?,
        properties: text(5)?,
        traits: text(6)?,
        known: row.get(7)?,
        said_by: speaker(row.get(8)?)?,
        suspect,
    })
}

fn suspect_note(row: &Row<'_>) -> rusqlite::Result<Option<SuspectNote>> {
    let Some(rule) = row.get("rule")? else {
        return Ok(None);
    };
    let released: Option<i64> = row.get("released_at")?;
    let by: Option<String> = row.get("released_by")?;
    Ok(Some(SuspectNote {
        rule,
        reason: row.get("reason")?,
        released: released.map(Timestamp::from_ms_clamped).zip(by),
    }))
}

impl Db {
    /// Keeps a fact; gives its row.
    pub fn insert_fact(&self, fact: &NewFact<'_>) -> Result<i64, StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO event (previous, ts, received_at, original_at, sent_at, source_id, message_id, kind, name,
                 path, properties, traits, known, said_by, lead_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?;
        insert.execute(params![
            fact.previous,
            fact.ts.ms(),
            fact.received_at.ms(),
            millis(fact.original_at),
            millis(fact.sent_at),
            fact.source.0,
            fact.message_id,
            fact.kind,
            fact.name,
            fact.path,
            fact.properties,
            fact.traits,
            fact.known,
            rank(fact.said_by),
            fact.lead.0,
        ])?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Calls `visit` with each of a lead's facts, oldest first, given the one that was kept last.
    pub fn each_fact(&self, last: i64, mut visit: impl FnMut(FactRow<'_>)) -> Result<(), StoreError> {
        self.each_fact_numbered(last, |_, fact| visit(fact))
    }

    /// The same with each fact's row.
    pub fn each_fact_numbered(
        &self,
        last: i64,
        mut visit: impl FnMut(i64, FactRow<'_>),
    ) -> Result<(), StoreError> {
        let mut select = self.connection.prepare_cached(chain!(
            "SELECT event.id, event.ts, kind, name, path, properties, traits, known, said_by, suspect.lead_id, rule,
                 released_at IS NOT NULL
             FROM chain JOIN event ON event.id = chain.id LEFT JOIN suspect ON suspect.event_id = chain.id
             ORDER BY chain.ts, chain.id"
        ))?;
        let mut rows = select.query([last])?;
        while let Some(row) = rows.next()? {
            visit(row.get(0)?, fact_row(row)?);
        }
        Ok(())
    }

    /// A lead's facts, latest first, from before a place (time and row) in that order.
    pub fn timeline(
        &self,
        lead: LeadId,
        before: Option<(i64, i64)>,
        limit: u32,
    ) -> Result<Vec<TimelineRow>, StoreError> {
        let (ts, id) = before.unwrap_or((i64::MAX, i64::MAX));
        let mut select = self.connection.prepare_cached(chain!(
            "SELECT event.id, event.ts, received_at, kind, name, path, coalesce(properties, traits, '{}') AS properties,
                 rule, reason, released_at, released_by
             FROM chain JOIN event ON event.id = chain.id LEFT JOIN suspect ON suspect.event_id = chain.id
             WHERE (chain.ts, chain.id) < (?2, ?3)
             ORDER BY chain.ts DESC, chain.id DESC LIMIT ?4"
        ))?;
        let rows = select.query_map(params![self.last_fact(lead)?, ts, id, limit], |row| {
            Ok(TimelineRow {
                id: row.get("id")?,
                ts: time(row, "ts")?,
                received_at: time(row, "received_at")?,
                kind: row.get("kind")?,
                name: row.get("name")?,
                path: row.get("path")?,
                properties: row.get("properties")?,
                suspect: suspect_note(row)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The fact of a lead that was kept last, as the lead's row was written.
    pub fn last_fact(&self, lead: LeadId) -> Result<Option<i64>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT last_event FROM lead WHERE id = ?1")?;
        Ok(select.query_row([lead.0], |row| row.get(0)).optional()?.flatten())
    }

    /// What binds each of a lead's facts to the lead that it was kept for, in the order in which they were kept.
    pub fn links(&self, last: i64) -> Result<Vec<FactLink>, StoreError> {
        let mut select = self.connection.prepare_cached(chain!(
            "SELECT event.id, event.lead_id, event.ts, event.known, event.kind = 'group' AS names_account, event.name,
                 event.said_by
             FROM chain JOIN event ON event.id = chain.id ORDER BY event.id"
        ))?;
        let rows = select.query_map([last], |row| {
            Ok(FactLink {
                id: row.get("id")?,
                lead: LeadId(row.get("lead_id")?),
                ts: time(row, "ts")?,
                known: row.get("known")?,
                said_by: speaker(row.get("said_by")?)?,
                group_id: if row.get("names_account")? {
                    row.get("name")?
                } else {
                    None
                },
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many facts hang from one.
    pub fn fact_count(&self, last: i64) -> Result<u64, StoreError> {
        let mut select = self
            .connection
            .prepare_cached(chain!("SELECT count(*) FROM chain"))?;
        Ok(select
            .query_row([last], |row| row.get::<_, i64>(0))?
            .unsigned_abs())
    }

    /// Hangs facts from one another anew, the oldest first; gives the two ends.
    pub fn relink(&self, facts: &[i64]) -> Result<Option<(i64, i64)>, StoreError> {
        let mut update = self
            .connection
            .prepare_cached("UPDATE event SET previous = ?2 WHERE id = ?1 AND previous IS NOT ?2")?;
        let mut previous: Option<i64> = None;
        for fact in facts {
            update.execute(params![fact, previous])?;
            previous = Some(*fact);
        }
        Ok(facts.first().copied().zip(previous))
    }

    /// Ties a lead's oldest fact to the newest one of the lead that it is joined with.
    pub fn tie_facts(&self, oldest: i64, previous: i64) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE event SET previous = ?2 WHERE id = ?1")?
            .execute([oldest, previous])?;
        Ok(())
    }

    /// Keeps that a lead was sent back.
    pub fn insert_returned(&self, lead: LeadId, returned: &ReturnedRow) -> Result<(), StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO returned (lead_id, origin_id, handoff_id, at, again_ms, reason, note)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        insert.execute(params![
            lead.0,
            returned.origin.0,
            returned.handoff.map(|id| id.0),
            returned.at.ms(),
            returned.again_ms,
            returned.reason,
            returned.note
        ])?;
        Ok(())
    }

    /// How often, when and why a lead was sent back, oldest first.
    pub fn returned(&self, lead: LeadId) -> Result<Vec<ReturnedRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT origin_id, handoff_id, at, again_ms, reason, note FROM returned WHERE lead_id = ?1 ORDER BY at, id",
        )?;
        let rows = select.query_map([lead.0], |row| {
            Ok(ReturnedRow {
                origin: LeadId(row.get("origin_id")?),
                handoff: row.get::<_, Option<i64>>("handoff_id")?.map(HandoffId),
                at: time(row, "at")?,
                again_ms: row.get("again_ms")?,
                reason: row.get("reason")?,
                note: row.get("note")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The fact that was kept last of all; 0 where there is none.
    pub fn last_fact_kept(&self) -> Result<i64, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT coalesce(max(id), 0) FROM event")?;
        Ok(select.query_row([], |row| row.get(0))?)
    }

    /// Calls `visit` with source, message id and time of receipt of each fact that was kept after one.
    pub fn each_message(
        &self,
        after: i64,
        mut visit: impl FnMut(SourceId, &str, Timestamp),
    ) -> Result<(), StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT source_id, message_id, received_at FROM event WHERE id > ?1 ORDER BY id",
        )?;
        let mut rows = select.query([after])?;
        while let Some(row) = rows.next()? {
            let id = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            visit(SourceId(row.get(0)?), id, Timestamp::from_ms_clamped(row.get(2)?));
        }
        Ok(())
    }

    /// When a message id was remembered, by the two halves of its hash.
    pub fn remembered(&self, hash: i64, rest: i64) -> Result<Option<Timestamp>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT rest, at FROM seen WHERE hash = ?1")?;
        for probe in 0..PROBES_MAX {
            let held = select
                .query_row([hash.wrapping_add(probe)], |row| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
                })
                .optional()?;
            match held {
                Some((held, at)) if held == rest => return Ok(Some(Timestamp::from_ms_clamped(at))),
                Some(_) => {}
                None => break,
            }
        }
        Ok(None)
    }

    /// Remembers a message id by the two halves of its hash; `false` where it was remembered at or after `since`.
    pub fn remember(
        &self,
        hash: i64,
        rest: i64,
        at: Timestamp,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut insert = self
            .connection
            .prepare_cached("INSERT OR IGNORE INTO seen (hash, rest, at) VALUES (?1, ?2, ?3)")?;
        for probe in 0..PROBES_MAX {
            let place = hash.wrapping_add(probe);
            if insert.execute([place, rest, at.ms()])? == 1 {
                return Ok(true);
            }
            let (held, held_at) = self
                .connection
                .prepare_cached("SELECT rest, at FROM seen WHERE hash = ?1")?
                .query_row([place], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
                .optional()?
                .unwrap_or((rest, i64::MAX));
            if held == rest && held_at >= since.ms() {
                return Ok(false);
            }
            if held == rest {
                self.connection
                    .prepare_cached("UPDATE seen SET at = ?2 WHERE hash = ?1")?
                    .execute([place, at.ms()])?;
                return Ok(true);
            }
        }
        // Sixteen ids in a row whose hashes begin alike: it may come twice rather than not at all.
        Ok(true)
    }

    /// Forgets message ids older than `before` among the next `slice` ones after a place; gives the next place, nothing
    /// at the end.
    pub fn forget(&self, after: i64, before: Timestamp, slice: u32) -> Result<Option<i64>, StoreError> {
        let last: Option<i64> = self
            .connection
            .prepare_cached(
                "SELECT max(hash) FROM (SELECT hash FROM seen WHERE hash > ?1 ORDER BY hash LIMIT ?2)",
            )?
            .query_row(params![after, slice], |row| row.get(0))?;
        let Some(last) = last else { return Ok(None) };
        self.connection
            .prepare_cached("DELETE FROM seen WHERE hash > ?1 AND hash <= ?2 AND at < ?3")?
            .execute([after, last, before.ms()])?;
        Ok(Some(last))
    }
}
