//! What must hold after every step, checked on what the step changed; and the simulation's own record of the handoffs, which
//! the database is held against.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use bellwether_core::domain::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row};

/// A handoff, as the simulation knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Handoff {
    pub(crate) id: i64,
    pub(crate) lead: i64,
    pub(crate) origin: i64,
    pub(crate) cycle: i64,
    pub(crate) state: String,
    pub(crate) owner: Option<i64>,
    pub(crate) team: Option<String>,
    pub(crate) trigger: String,
    pub(crate) created_at: i64,
    pub(crate) decided_at: Option<i64>,
}

/// What a step brought.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Handoffs that weren't there before.
    pub(crate) handoffs: Vec<Handoff>,
    /// How many moves were made.
    pub(crate) moves: u64,
}

/// What has been seen so far.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    last_transition: i64,
    last_handoff: i64,
    pub(crate) handoffs: BTreeMap<i64, Handoff>,
    cycles: BTreeSet<(i64, i64)>,
}

struct Transition {
    id: i64,
    lead: i64,
    at: i64,
    handoff: Option<i64>,
}

impl Watch {
    /// Looks at what was committed since the last look.
    pub(crate) fn look(&mut self, db: &Connection, now: Timestamp) -> Result<Seen> {
        let mut seen = Seen::default();
        for handoff in new_handoffs(db, self.last_handoff)? {
            self.last_handoff = handoff.id;
            ensure!(
                self.cycles.insert((handoff.origin, handoff.cycle)),
                "lead {} was handed off twice in cycle {}",
                handoff.origin,
                handoff.cycle
            );
            ensure!(
                handoff.created_at <= now.ms(),
                "handoff {} was made in the future",
                handoff.id
            );
            self.handoffs.insert(handoff.id, handoff.clone());
            seen.handoffs.push(handoff);
        }
        let moves = new_transitions(db, self.last_transition)?;
        let (mut leads, mut handoffs) = (BTreeSet::new(), BTreeSet::new());
        for made in &moves {
            self.last_transition = self.last_transition.max(made.id);
            ensure!(made.at <= now.ms(), "move {} was made in the future", made.id);
            leads.insert(made.lead);
            handoffs.extend(made.handoff);
        }
        seen.moves = moves.len() as u64;
        for handoff in handoffs {
            self.follow(db, handoff)?;
        }
        for lead in leads {
            check_lead(db, lead).with_context(|| format!("lead {lead}"))?;
        }
        Ok(seen)
    }

    /// Brings one handoff's record up to date, where the change is one that may be.
    fn follow(&mut self, db: &Connection, id: i64) -> Result<()> {
        let now = handoff(db, id)?.with_context(|| format!("handoff {id} is gone"))?;
        let Some(before) = self.handoffs.get(&id) else {
            anyhow::bail!("handoff {id} was never made");
        };
        let may = match before.state.as_str() {
            "open" => true,
            "accepted" => now.state != "open",
            ended => now.state == ended,
        };
        ensure!(
            may,
            "handoff {id} went from {} back to {}",
            before.state,
            now.state
        );
        ensure!(
            (before.origin, before.cycle, before.created_at) == (now.origin, now.cycle, now.created_at),
            "handoff {id} was rewritten: {before:?}, {now:?}"
        );
        self.handoffs.insert(id, now);
        Ok(())
    }

    /// What a step that was acknowledged made of a handoff.
    pub(crate) fn must_be(&self, handoff: i64, state: &str) -> Result<()> {
        let found = self.handoffs.get(&handoff).map(|handoff| handoff.state.as_str());
        ensure!(
            found == Some(state),
            "handoff {handoff} was acknowledged as {state} and is {found:?}"
        );
        Ok(())
    }

    /// Holds every handoff of the database against the record.
    pub(crate) fn check_all(&self, db: &Connection) -> Result<()> {
        let there = new_handoffs(db, 0)?;
        ensure!(
            there.len() == self.handoffs.len(),
            "{} handoffs are there, {} were made",
            there.len(),
            self.handoffs.len()
        );
        for (found, known) in there.iter().zip(self.handoffs.values()) {
            // Joins move handoffs from lead to lead, and owners change; both are looked at where they happen.
            let same = (&found.state, found.origin, found.cycle, found.decided_at)
                == (&known.state, known.origin, known.cycle, known.decided_at);
            ensure!(same, "handoff {} changed unseen: {known:?}, {found:?}", found.id);
        }
        Ok(())
    }
}

/// One lead: its stage is where its last move led, its current handoff is at work, and its cycle counts its returns.
fn check_lead(db: &Connection, lead: i64) -> Result<()> {
    let mut select = db.prepare_cached(
        "SELECT lead.stage, lead.cycle, lead.handoff_id, lead.merged_into, handoff.state, handoff.lead_id,
             (SELECT to_stage FROM transition WHERE lead_id = lead.id ORDER BY id DESC LIMIT 1),
             (SELECT count(*) FROM returned WHERE lead_id = lead.id)
         FROM lead LEFT JOIN handoff ON handoff.id = lead.handoff_id WHERE lead.id = ?1",
    )?;
    let mut rows = select.query([lead])?;
    let row = rows.next()?.context("is gone")?;
    let merged_into: Option<i64> = row.get(3)?;
    if merged_into.is_some() {
        return Ok(());
    }
    let (stage, last): (String, Option<String>) = (row.get(0)?, row.get(6)?);
    ensure!(
        last.as_deref() == Some(stage.as_str()),
        "is at {stage}, its last move led to {last:?}"
    );
    let (cycle, returns): (i64, i64) = (row.get(1)?, row.get(7)?);
    ensure!(
        cycle == returns + 1,
        "is in cycle {cycle} after {returns} returns"
    );
    let (current, state): (Option<i64>, Option<String>) = (row.get(2)?, row.get(4)?);
    if current.is_some() {
        let of: Option<i64> = row.get(5)?;
        ensure!(of == Some(lead), "has the handoff of lead {of:?}");
        ensure!(
            matches!(state.as_deref(), Some("open" | "accepted")),
            "has handoff {current:?}, which is {state:?}"
        );
    }
    let agrees = match stage.as_str() {
        "mql" => state.as_deref() == Some("open"),
        "sal" | "sql" | "opportunity" => state.as_deref() == Some("accepted"),
        "visitor" | "lead" | "recycled" | "disqualified" => current.is_none(),
        _ => true,
    };
    ensure!(agrees, "is at {stage} with handoff {current:?} {state:?}");
    Ok(())
}

/// The lead that a handoff is of by now, and whose it is.
pub(crate) fn whose(db: &Connection, id: i64) -> Result<(i64, Option<i64>)> {
    let found = handoff(db, id)?.with_context(|| format!("handoff {id} is gone"))?;
    Ok((found.lead, found.owner))
}

/// The nurture mails that were promised after one, and to whom.
pub(crate) fn mails_after(db: &Connection, after: i64) -> Result<Vec<(i64, String)>> {
    let mut select = db.prepare_cached(
        "SELECT id, address FROM mail WHERE id > ?1 AND kind = 'nurture' AND kept_back IS NULL ORDER BY id",
    )?;
    let rows = select.query_map([after], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

const HANDOFF: &str =
    "SELECT id, lead_id, origin_lead_id, cycle, state, owner_id, team, trigger, created_at, decided_at
    FROM handoff WHERE id = ?1";

fn handoff(db: &Connection, id: i64) -> Result<Option<Handoff>> {
    let mut select = db.prepare_cached(HANDOFF)?;
    Ok(select.query_row([id], handoff_of).optional()?)
}

fn new_handoffs(db: &Connection, after: i64) -> Result<Vec<Handoff>> {
    let mut select = db.prepare_cached(
        "SELECT id, lead_id, origin_lead_id, cycle, state, owner_id, team, trigger, created_at, decided_at
         FROM handoff WHERE id > ?1 ORDER BY id",
    )?;
    let rows = select.query_map([after], handoff_of)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn handoff_of(row: &Row<'_>) -> rusqlite::Result<Handoff> {
    Ok(Handoff {
        id: row.get(0)?,
        lead: row.get(1)?,
        origin: row.get(2)?,
        cycle: row.get(3)?,
        state: row.get(4)?,
        owner: row.get(5)?,
        team: row.get(6)?,
        trigger: row.get(7)?,
        created_at: row.get(8)?,
        decided_at: row.get(9)?,
    })
}

fn new_transitions(db: &Connection, after: i64) -> Result<Vec<Transition>> {
    let mut select =
        db.prepare_cached("SELECT id, lead_id, at, handoff_id FROM transition WHERE id > ?1 ORDER BY id")?;
    let rows = select.query_map([after], |row| {
        Ok(Transition {
            id: row.get(0)?,
            lead: row.get(1)?,
            at: row.get(2)?,
            handoff: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
