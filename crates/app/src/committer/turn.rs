//! Whose turn it is on a team, and that somebody had theirs.

use bellwether_core::agreement::Pick;
use bellwether_core::domain::Timestamp;
use bellwether_core::handoff::{Able, Absence, Turn, Turns, least_loaded};
use bellwether_store::{Db, StoreError, TurnRow, UserId};

use super::Committer;
use super::present::Present;
use crate::CandidateSeen;

/// Whose turn it is on a team.
pub(crate) struct TeamTurn {
    /// Who, with their name; nothing where nobody can take it.
    pub(crate) picked: Option<(UserId, String)>,
    pub(crate) reason: String,
    pub(crate) seen: Vec<CandidateSeen>,
    /// When somebody may be able to take it, where nobody is.
    pub(super) next_at: Option<Timestamp>,
    able: Vec<Able>,
    turns: Turns,
    before: Vec<TurnRow>,
    pub(crate) present: Present,
}

impl TeamTurn {
    /// Whose turn it is on a team, apart from whoever has the lead already; `zone` is the agreement's.
    pub(crate) fn of(
        db: &Db,
        team: &str,
        pick: Pick,
        besides: Option<UserId>,
        zone: &str,
        at: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut present = Present::of(db, team, zone, at)?;
        for one in &mut present.candidates {
            if besides == Some(one.row.user) {
                one.absence = Some(Absence::HasIt);
            }
        }
        let before = db.turns(team, turns_of(pick))?;
        let mut turns = Turns::new(before.iter().map(place).collect());
        let there = present.candidates.iter().filter(|one| one.row.active);
        turns.seat(&there.map(|one| one.row.user.0).collect::<Vec<_>>());
        let able = able(&present, pick);
        let next = match pick {
            Pick::LeastLoaded => least_loaded(&loads(&present)),
            Pick::RoundRobin | Pick::Weighted => turns.next(&able),
        };
        let name = |id: i64| {
            let one = present.candidates.iter().find(|one| one.row.user.0 == id);
            (
                UserId(id),
                one.map_or_else(String::new, |one| one.row.name.clone()),
            )
        };
        let picked = next.as_ref().map(|next| name(next.id));
        Ok(Self {
            picked,
            reason: next.map_or_else(|| nobody(team, &present), |next| next.reason),
            seen: seen(&present, &turns),
            next_at: present.next_at(),
            able,
            turns,
            before,
            present,
        })
    }
}

/// The turns of this way of picking.
const fn turns_of(pick: Pick) -> &'static str {
    match pick {
        Pick::RoundRobin => "round_robin",
        Pick::Weighted => "weighted",
        Pick::LeastLoaded => "least_loaded",
    }
}

impl Committer {
    /// Whose turn it is on a team, apart from whoever has the lead already.
    pub(super) fn turn_on(
        &mut self,
        team: &str,
        pick: Pick,
        besides: Option<UserId>,
        at: Timestamp,
    ) -> Result<TeamTurn, StoreError> {
        let zone = self.active.engine.agreement().timezone.clone();
        let mut turn = TeamTurn::of(&self.db, team, pick, besides, &zone, at)?;
        for (whose, error) in std::mem::take(&mut turn.present.unreadable) {
            self.find("unreadable_hours", &whose, error, at);
        }
        Ok(turn)
    }

    /// Keeps that somebody of a team was given a lead: whose turn it was, or whoever it was given to out of turn.
    pub(super) fn had_turn(
        &mut self,
        team: &str,
        pick: Pick,
        mut turn: TeamTurn,
        user: UserId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.db.note_given(team, user, at)?;
        if pick == Pick::LeastLoaded {
            // Who has the fewest is next; nobody's turn is remembered.
            return Ok(());
        }
        let in_turn = turn.picked.as_ref().is_some_and(|(picked, _)| *picked == user);
        if in_turn {
            turn.turns.give(user.0, at);
        } else if turn.turns.places().iter().any(|place| place.id == user.0) {
            turn.turns.give_out_of_turn(user.0, &turn.able, at);
        }
        let pick = turns_of(pick);
        for place in turn.turns.places() {
            let row = row(place);
            if !turn.before.contains(&row) {
                self.db.put_turn(team, pick, &row)?;
            }
        }
        for gone in &turn.before {
            if turn.turns.places().iter().all(|place| place.id != gone.user.0) {
                self.db.delete_turn(team, pick, gone.user)?;
            }
        }
        Ok(())
    }
}

fn place(row: &TurnRow) -> Turn {
    Turn {
        id: row.user.0,
        weight: row.weight,
        given: row.given,
        credit: row.credit,
        last_at: row.last_at,
    }
}

fn row(place: &Turn) -> TurnRow {
    TurnRow {
        user: UserId(place.id),
        weight: place.weight,
        given: place.given,
        credit: place.credit,
        last_at: place.last_at,
    }
}

/// Those who can take a lead, each with the weight that counts by this way of picking.
fn able(present: &Present, pick: Pick) -> Vec<Able> {
    let there = present.candidates.iter().filter(|one| one.absence.is_none());
    there
        .map(|one| Able {
            id: one.row.user.0,
            weight: if pick == Pick::Weighted { one.row.weight } else { 1 },
        })
        .collect()
}

fn loads(present: &Present) -> Vec<(i64, u32, Option<Timestamp>)> {
    let there = present.candidates.iter().filter(|one| one.absence.is_none());
    there
        .map(|one| (one.row.user.0, one.row.open, one.row.last_assigned_at))
        .collect()
}

fn seen(present: &Present, turns: &Turns) -> Vec<CandidateSeen> {
    let place = |id: i64| turns.places().iter().find(|place| place.id == id);
    let seen = present.candidates.iter().map(|one| CandidateSeen {
        user: one.row.user.0,
        name: one.row.name.clone(),
        weight: one.row.weight,
        given: place(one.row.user.0).map_or(0, |place| place.given),
        credit: place(one.row.user.0).map_or(0, |place| place.credit),
        open: one.row.open,
        passed_over: one.absence.as_ref().map(ToString::to_string),
    });
    seen.collect()
}

/// Why nobody of a team can take a lead.
fn nobody(team: &str, present: &Present) -> String {
    let absent = present.candidates.iter().filter_map(|one| {
        let absence = one.absence.as_ref()?;
        Some(format!("{} {absence}", one.row.name))
    });
    let absent: Vec<String> = absent.collect();
    if absent.is_empty() {
        return format!("nobody is on team `{team}`");
    }
    format!("nobody of team `{team}` can take it now: {}", absent.join("; "))
}
