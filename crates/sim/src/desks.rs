//! Whose leads became: every decision of the product held against who was really there.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash as _, Hasher as _};

use anyhow::{Context as _, Result, ensure};
use bellwether_app::LookedAt;
use bellwether_core::domain::Timestamp;
use bellwether_core::hours::LocalDate;
use rusqlite::Connection;

use crate::staff::{Person, Staff};

/// What the decisions have come to.
#[derive(Debug, Default)]
pub(crate) struct Desks {
    last: i64,
    /// Each decision as it was first seen: none is ever rewritten.
    seen: Vec<u64>,
    waiting: BTreeSet<i64>,
    /// Leads by turn on a day of the team's.
    days: BTreeMap<(i64, LocalDate), u32>,
    stretches: BTreeMap<String, Stretch>,
    pub(crate) counts: BTreeMap<&'static str, u64>,
}

/// A run of leads that the same people could have been given.
#[derive(Debug, Default)]
struct Stretch {
    able: Vec<(i64, u32)>,
    given: BTreeMap<i64, u64>,
    all: u64,
}

/// Somebody was given a handoff.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Given {
    pub(crate) handoff: i64,
    pub(crate) to: i64,
}

struct Decision {
    id: i64,
    handoff: i64,
    at: Timestamp,
    cause: String,
    team: Option<String>,
    picked: Option<i64>,
    looked_at: String,
}

impl Desks {
    /// Looks at what was decided since the last look; gives who was given what.
    pub(crate) fn look(&mut self, db: &Connection, staff: &Staff, now: Timestamp) -> Result<Vec<Given>> {
        let new = decisions_after(db, self.last)?;
        let mut given = Vec::new();
        for made in &new {
            self.last = made.id;
            self.seen.push(mark(made));
            ensure!(made.at <= now, "decision {} was made in the future", made.id);
            self.check(staff, made)
                .with_context(|| format!("decision {}, {}", made.id, made.cause))?;
            match made.picked {
                Some(to) => given.push(Given {
                    handoff: made.handoff,
                    to,
                }),
                None if made.cause == "qualified" => drop(self.waiting.insert(made.handoff)),
                None => {}
            }
        }
        for one in &given {
            if given.iter().filter(|other| other.to == one.to).count() == 1 {
                check_open(db, staff, &new, one.to)?;
            }
        }
        Ok(given)
    }

    fn check(&mut self, staff: &Staff, made: &Decision) -> Result<()> {
        let looked_at: LookedAt = serde_json::from_str(&made.looked_at)?;
        let Some(picked) = made.picked else {
            self.count("nobody could take it");
            return Ok(());
        };
        let person = staff.person(picked)?;
        ensure!(!person.gone(made.at), "{} is away or left", person.name);
        if owned(&looked_at) {
            self.count("given to whose lead it was");
            return Ok(());
        }
        ensure!(
            made.cause != "taken_up" || self.waiting.contains(&made.handoff),
            "handoff {} didn't wait",
            made.handoff
        );
        if made.cause == "taken_up" {
            self.count("taken up from a queue");
        }
        if made.cause == "reassigned" {
            self.count("reassigned");
        }
        let team = made.team.as_deref().context("a turn without a team")?;
        ensure!(person.team == team, "{} isn't of {team}", person.name);
        ensure!(
            staff.at_work(person, made.at)?,
            "{} isn't at work at {}",
            person.name,
            made.at
        );
        let day = staff.zone(team)?.date(made.at);
        let today = self.days.entry((picked, day)).or_default();
        *today += 1;
        let today = *today;
        ensure!(
            person.day_max.is_none_or(|max| today <= max),
            "{} was given {today} leads on {day}",
            person.name
        );
        self.turn(team, picked, &looked_at)
    }

    /// Nobody of a stretch is a whole lead from their share of it; or whoever was picked had the fewest.
    fn turn(&mut self, team: &str, picked: i64, looked_at: &LookedAt) -> Result<()> {
        let able = looked_at
            .candidates
            .iter()
            .filter(|one| one.passed_over.is_none());
        if looked_at.pick.as_deref() == Some("whoever has the fewest to answer") {
            let fewest = able.clone().map(|one| one.open).min();
            let had = able.clone().find(|one| one.user == picked).map(|one| one.open);
            ensure!(had == fewest, "user {picked} had {had:?}, others {fewest:?}");
            return Ok(());
        }
        let weighted = looked_at.pick.as_deref() == Some("in turn, by weight");
        let able: Vec<(i64, u32)> = able
            .map(|one| (one.user, if weighted { one.weight } else { 1 }))
            .collect();
        let stretch = self.stretches.entry(team.to_owned()).or_default();
        if stretch.able != able {
            *stretch = Stretch {
                able,
                ..Stretch::default()
            };
        }
        stretch.all += 1;
        *stretch.given.entry(picked).or_default() += 1;
        let weights: u64 = stretch.able.iter().map(|(_, weight)| u64::from(*weight)).sum();
        for (user, weight) in &stretch.able {
            let has = stretch.given.get(user).copied().unwrap_or_default() * weights;
            let share = stretch.all * u64::from(*weight);
            ensure!(
                has.abs_diff(share) < weights,
                "user {user} has {has} of {weights} parts of a lead after {} leads of a stretch, their share is {share}",
                stretch.all
            );
        }
        Ok(())
    }

    /// Everything at once: no decision was rewritten, each handoff has one and is whose its last one says; and what waits
    /// will be looked at again when the first of the team is there.
    pub(crate) fn check_all(&self, db: &Connection, staff: &Staff, now: Timestamp) -> Result<()> {
        let there = decisions_after(db, 0)?;
        ensure!(
            there.len() == self.seen.len() && there.iter().map(mark).eq(self.seen.iter().copied()),
            "a decision was rewritten"
        );
        let mut wrong = db.prepare_cached(
            "SELECT handoff.id FROM handoff
             WHERE NOT EXISTS (SELECT 1 FROM route_decision WHERE handoff_id = handoff.id)
                OR owner_id IS NOT (SELECT picked_id FROM route_decision
                    WHERE handoff_id = handoff.id AND picked_id IS NOT NULL ORDER BY id DESC LIMIT 1)",
        )?;
        let mut wrong = wrong.query([])?;
        if let Some(row) = wrong.next()? {
            let id: i64 = row.get(0)?;
            anyhow::bail!("no decision says whose handoff {id} is");
        }
        self.check_queues(db, staff, now)
    }

    /// Where leads wait, nobody could take one, and the team is looked at again when the first may.
    pub(crate) fn check_queues(&self, db: &Connection, staff: &Staff, now: Timestamp) -> Result<()> {
        let mut teams = db.prepare_cached(
            "SELECT DISTINCT team, (SELECT at FROM team JOIN timer ON timer.kind = 'take_up' AND timer.subject = team.id
                 WHERE team.name = handoff.team)
             FROM handoff WHERE owner_id IS NULL AND state = 'open' AND team IS NOT NULL",
        )?;
        let mut teams = teams.query([])?;
        while let Some(row) = teams.next()? {
            let (team, looked_at): (String, Option<i64>) = (row.get(0)?, row.get(1)?);
            let of_team = staff
                .people
                .values()
                .filter(|one| one.team == team && one.counts());
            for person in of_team {
                let open = open_of(db, person.id)?;
                if person.open_max.is_some_and(|max| open >= max) {
                    // They are looked at when they answer one.
                    continue;
                }
                let next = self.free_at(staff, person, now)?;
                ensure!(
                    next.is_none_or(|next| next > now),
                    "leads wait for {team} and {} could take one",
                    person.name
                );
                ensure!(
                    next.is_none_or(|next| looked_at.is_some_and(|at| at <= next.ms())),
                    "leads wait for {team}, {} is there at {next:?}, and it is looked at {looked_at:?}",
                    person.name
                );
            }
        }
        Ok(())
    }

    /// When somebody may take another lead, where that is known: now, at their next shift, or where they have had as many
    /// as they may on the day of that, on the next day.
    fn free_at(&self, staff: &Staff, person: &Person, now: Timestamp) -> Result<Option<Timestamp>> {
        let there = if staff.at_work(person, now)? {
            Some(now)
        } else {
            staff.next_at(person, now)?
        };
        let Some(there) = there else { return Ok(None) };
        let zone = staff.zone(person.team)?;
        let given = self.days.get(&(person.id, zone.date(there))).copied();
        let full = person.day_max.is_some_and(|max| given.unwrap_or_default() >= max);
        Ok(Some(if full { zone.day(there).1 } else { there }))
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }
}

/// Whether it became whose it was anyhow: the last owner that was looked at wasn't passed over.
fn owned(looked_at: &LookedAt) -> bool {
    looked_at
        .owners
        .last()
        .is_some_and(|owner| owner.passed_over.is_none())
}

/// Somebody who was given one lead by turn has no more to answer than they may.
fn check_open(db: &Connection, staff: &Staff, new: &[Decision], to: i64) -> Result<()> {
    let person = staff.person(to)?;
    let mut made = new.iter().filter(|made| made.picked == Some(to));
    let by_turn = made.all(|made| {
        let looked_at: Result<LookedAt, _> = serde_json::from_str(&made.looked_at);
        looked_at.is_ok_and(|looked_at| !owned(&looked_at))
    });
    let open = open_of(db, to)?;
    ensure!(
        !by_turn || person.open_max.is_none_or(|max| open <= max),
        "{} has {open} leads to answer",
        person.name
    );
    Ok(())
}

fn open_of(db: &Connection, user: i64) -> Result<u32> {
    let mut open =
        db.prepare_cached("SELECT count(*) FROM handoff WHERE owner_id = ?1 AND state = 'open'")?;
    Ok(open.query_row([user], |row| row.get(0))?)
}

fn mark(made: &Decision) -> u64 {
    let mut hasher = DefaultHasher::new();
    let Decision {
        id,
        handoff,
        at,
        cause,
        team,
        picked,
        looked_at,
    } = made;
    (id, handoff, at.ms(), cause, team, picked, looked_at).hash(&mut hasher);
    hasher.finish()
}

fn decisions_after(db: &Connection, after: i64) -> Result<Vec<Decision>> {
    let mut select = db.prepare_cached(
        "SELECT id, handoff_id, at, cause, team, picked_id, looked_at FROM route_decision WHERE id > ?1 ORDER BY id",
    )?;
    let rows = select.query_map([after], |row| {
        Ok(Decision {
            id: row.get(0)?,
            handoff: row.get(1)?,
            at: Timestamp::from_ms_clamped(row.get(2)?),
            cause: row.get(3)?,
            team: row.get(4)?,
            picked: row.get(5)?,
            looked_at: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
