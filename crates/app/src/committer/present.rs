//! Who of a team can be given a lead, and why the others can't.

use bellwether_core::domain::Timestamp;
use bellwether_core::handoff::{Absence, Away, Limit, Presence};
use bellwether_core::hours::{Calendar, Zone};
use bellwether_store::{CalendarRow, CandidateRow, Db, StoreError, UserId, UserRow};

use crate::calendars;

/// Somebody of a team, and why they can't be given a lead, if they can't.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) row: CandidateRow,
    pub(crate) absence: Option<Absence>,
    /// How many leads the team gave them today.
    pub(crate) today: u32,
}

/// A team's people at an instant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Present {
    pub(crate) candidates: Vec<Candidate>,
    /// Hours that can't be read, by whose they are; they count as none.
    pub(crate) unreadable: Vec<(String, String)>,
}

impl Present {
    /// Reads who of a team is there; `zone` is the agreement's.
    pub(crate) fn of(db: &Db, team: &str, zone: &str, at: Timestamp) -> Result<Self, StoreError> {
        let mut present = Self::default();
        let row = db.team(team)?.unwrap_or_default();
        let team_hours = db.team_calendar(team)?;
        let team_hours = team_hours.and_then(|row| present.read(&row, zone, &format!("team {team}")));
        for row_of in db.candidates(team)? {
            let named = row_of.zone.as_deref().or(row.zone.as_deref());
            let Some(local) = calendars::zone(named, zone) else {
                continue;
            };
            let hours = match own_hours(db, &row_of, row.holidays.as_deref(), row.zone.as_deref())? {
                Some(own) => present.read(&own, zone, &format!("user {}", row_of.user)),
                None => team_hours.clone(),
            };
            let one = candidate(db, team, row_of, hours.as_ref(), &local, at)?;
            present.candidates.push(one);
        }
        Ok(present)
    }

    fn read(&mut self, row: &CalendarRow, zone: &str, whose: &str) -> Option<Calendar> {
        let read = calendars::calendar(row, zone);
        read.map_err(|error| self.unreadable.push((whose.to_owned(), error.to_string())))
            .ok()
    }

    /// When somebody who isn't there may be; nothing where only somebody's doing changes that.
    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        let until = |candidate: &Candidate| candidate.absence.as_ref().and_then(Absence::until);
        self.candidates.iter().filter_map(until).min()
    }
}

/// The hours that are somebody's own, in their own zone and with their own holidays, where those are said.
fn own_hours(
    db: &Db,
    row: &CandidateRow,
    team_holidays: Option<&str>,
    team_zone: Option<&str>,
) -> Result<Option<CalendarRow>, StoreError> {
    let Some(shifts) = row.shifts.clone() else {
        return Ok(None);
    };
    let holidays = match row.holidays.as_deref().or(team_holidays) {
        Some(calendar) => db.holidays(calendar)?,
        None => Vec::new(),
    };
    let zone = row.zone.clone().or_else(|| team_zone.map(str::to_owned));
    Ok(Some(CalendarRow {
        zone,
        shifts,
        holidays,
    }))
}

fn candidate(
    db: &Db,
    team: &str,
    row: CandidateRow,
    hours: Option<&Calendar>,
    zone: &Zone,
    at: Timestamp,
) -> Result<Candidate, StoreError> {
    let (day_begins, _) = zone.day(at);
    let today = db.given_since(team, row.user, day_begins)?;
    let away = away(db, row.user, at)?;
    let presence = Presence {
        active: row.active,
        away: &away,
        hours,
        zone,
        weight: row.weight,
        day: row.day_max.map(|max| Limit { max, has: today }),
        open: row.open_max.map(|max| Limit { max, has: row.open }),
    };
    let absence = presence.absence(at);
    Ok(Candidate { row, absence, today })
}

fn away(db: &Db, user: UserId, at: Timestamp) -> Result<Vec<Away>, StoreError> {
    let off = db.time_off(user, at)?.into_iter();
    Ok(off
        .map(|off| Away {
            from: off.from,
            until: off.until,
            reason: off.reason,
        })
        .collect())
}

/// Why somebody can't take a lead that is theirs anyhow: they left, or they are away.
pub(crate) fn gone(db: &Db, user: &UserRow, at: Timestamp) -> Result<Option<Absence>, StoreError> {
    let Some(zone) = calendars::zone(None, "UTC") else {
        return Ok(None);
    };
    let away = away(db, user.id, at)?;
    let presence = Presence {
        active: user.active,
        away: &away,
        hours: None,
        zone: &zone,
        weight: 1,
        day: None,
        open: None,
    };
    Ok(presence.gone(at))
}
