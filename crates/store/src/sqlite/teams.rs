//! Teams: who is on them, when they work, who is away, and how many leads each has before them.

use bellwether_core::domain::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::{Db, millis, time, time_or_none};
use crate::{CalendarRow, CandidateRow, HolidayRow, StoreError, TeamMemberRow, TeamRow, TimeOffRow, UserId};

impl Db {
    /// Everybody who is or was on a team, by team and number.
    pub fn all_members(&self) -> Result<Vec<TeamMemberRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT team_member.*, user.name AS name, user.email AS email,
                 (SELECT count(*) FROM handoff WHERE owner_id = team_member.user_id AND state = 'open') AS open
             FROM team_member JOIN user ON user.id = team_member.user_id ORDER BY team, user_id",
        )?;
        let rows = select.query_map([], |row| {
            Ok(TeamMemberRow {
                team: row.get("team")?,
                user: UserId(row.get("user_id")?),
                name: row.get("name")?,
                email: row.get("email")?,
                weight: row.get("weight")?,
                active: row.get("active")?,
                last_assigned_at: time_or_none(row, "last_assigned_at")?,
                open: row.get::<_, i64>("open")?.unsigned_abs(),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Those on a team, by number, with what limits them.
    pub fn candidates(&self, team: &str) -> Result<Vec<CandidateRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT team_member.*, user.name AS name, user.active AS here, user.zone, user.shifts, user.holidays,
                 (SELECT count(*) FROM handoff WHERE owner_id = team_member.user_id AND state = 'open') AS open
             FROM team_member JOIN user ON user.id = team_member.user_id
             WHERE team = ?1 AND team_member.active = 1 ORDER BY user_id",
        )?;
        let rows = select.query_map([team], |row| {
            Ok(CandidateRow {
                user: UserId(row.get("user_id")?),
                name: row.get("name")?,
                active: row.get("here")?,
                weight: row.get("weight")?,
                day_max: row.get("day_max")?,
                open_max: row.get("open_max")?,
                open: row.get("open")?,
                last_assigned_at: time_or_none(row, "last_assigned_at")?,
                zone: row.get("zone")?,
                shifts: row.get("shifts")?,
                holidays: row.get("holidays")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Puts somebody on a team, or changes what they are on it.
    pub fn put_member(&self, team: &str, user: UserId, weight: u32) -> Result<(), StoreError> {
        self.team_number(team)?;
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO team_member (team, user_id, weight) VALUES (?1, ?2, ?3)
             ON CONFLICT (team, user_id) DO UPDATE SET weight = ?3, active = 1",
        )?;
        insert.execute(params![team, user.0, weight])?;
        Ok(())
    }

    /// Limits what a team gives somebody; nothing is no limit.
    pub fn put_limits(
        &self,
        team: &str,
        user: UserId,
        day_max: Option<u32>,
        open_max: Option<u32>,
    ) -> Result<(), StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE team_member SET day_max = ?3, open_max = ?4 WHERE team = ?1 AND user_id = ?2",
        )?;
        update.execute(params![team, user.0, day_max, open_max])?;
        Ok(())
    }

    /// Takes somebody off a team; `false` where they aren't on it. What they were owed is forgotten.
    pub fn remove_member(&self, team: &str, user: UserId) -> Result<bool, StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE team_member SET active = 0 WHERE team = ?1 AND user_id = ?2 AND active = 1",
        )?;
        Ok(update.execute(params![team, user.0])? == 1)
    }

    /// Notes that a team gave somebody a lead.
    pub fn note_given(&self, team: &str, user: UserId, at: Timestamp) -> Result<(), StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE team_member SET assigned = assigned + 1, last_assigned_at = ?3 WHERE team = ?1 AND user_id = ?2",
        )?;
        update.execute(params![team, user.0, at.ms()])?;
        Ok(())
    }

    /// The teams that somebody is on.
    pub fn teams_of(&self, user: UserId) -> Result<Vec<String>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT team FROM team_member WHERE user_id = ?1 AND active = 1 ORDER BY team")?;
        let rows = select.query_map([user.0], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A team by its name.
    pub fn team(&self, name: &str) -> Result<Option<TeamRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM team WHERE name = ?1")?;
        Ok(select.query_row([name], team_row).optional()?)
    }

    /// A team's number, given where it has none yet.
    pub fn team_number(&self, name: &str) -> Result<i64, StoreError> {
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO team (name) VALUES (?1)")?
            .execute([name])?;
        let mut select = self
            .connection
            .prepare_cached("SELECT id FROM team WHERE name = ?1")?;
        Ok(select.query_row([name], |row| row.get(0))?)
    }

    /// A team by its number.
    pub fn team_numbered(&self, id: i64) -> Result<Option<TeamRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM team WHERE id = ?1")?;
        Ok(select.query_row([id], team_row).optional()?)
    }

    /// Every team, by name.
    pub fn teams(&self) -> Result<Vec<TeamRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM team ORDER BY name")?;
        Ok(select.query_map([], team_row)?.collect::<Result<_, _>>()?)
    }

    /// Keeps what is said of a team, by its name.
    pub fn put_team(&self, team: &TeamRow) -> Result<(), StoreError> {
        let mut upsert = self.connection.prepare_cached(
            "INSERT INTO team (name, zone, shifts, holidays, manager_id, booking_url)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (name) DO UPDATE SET zone = ?2, shifts = ?3, holidays = ?4, manager_id = ?5, booking_url = ?6",
        )?;
        upsert.execute(params![
            team.name,
            team.zone,
            team.shifts,
            team.holidays,
            team.manager.map(|id| id.0),
            team.booking_url
        ])?;
        Ok(())
    }

    /// Whether somebody is on a team.
    pub fn is_member(&self, team: &str, user: UserId) -> Result<bool, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT 1 FROM team_member WHERE team = ?1 AND user_id = ?2 AND active = 1")?;
        Ok(select.exists(params![team, user.0])?)
    }

    /// When a team works; nothing where nobody said so.
    pub fn team_calendar(&self, team: &str) -> Result<Option<CalendarRow>, StoreError> {
        let Some(row) = self.team(team)? else {
            return Ok(None);
        };
        let Some(shifts) = row.shifts else {
            return Ok(None);
        };
        let holidays = match &row.holidays {
            Some(calendar) => self.holidays(calendar)?,
            None => Vec::new(),
        };
        Ok(Some(CalendarRow {
            zone: row.zone,
            shifts,
            holidays,
        }))
    }

    /// The days of a calendar, in order.
    pub fn holidays(&self, calendar: &str) -> Result<Vec<HolidayRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT date, name FROM holiday WHERE calendar = ?1 ORDER BY date")?;
        let rows = select.query_map([calendar], |row| {
            Ok(HolidayRow {
                date: row.get("date")?,
                name: row.get("name")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Makes these the days of a calendar.
    pub fn put_holidays(&self, calendar: &str, days: &[HolidayRow]) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM holiday WHERE calendar = ?1")?
            .execute([calendar])?;
        let mut insert = self
            .connection
            .prepare_cached("INSERT OR REPLACE INTO holiday (calendar, date, name) VALUES (?1, ?2, ?3)")?;
        for day in days {
            insert.execute(params![calendar, day.date, day.name])?;
        }
        Ok(())
    }

    /// Keeps that somebody is away.
    pub fn insert_time_off(&self, off: &TimeOffRow) -> Result<i64, StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO time_off (user_id, from_at, until_at, reason) VALUES (?1, ?2, ?3, ?4)",
        )?;
        Ok(insert.insert(params![off.user.0, off.from.ms(), millis(off.until), off.reason])?)
    }

    /// When somebody is away, the earliest first; only what isn't over at `after`.
    pub fn time_off(&self, user: UserId, after: Timestamp) -> Result<Vec<TimeOffRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT * FROM time_off WHERE user_id = ?1 AND (until_at IS NULL OR until_at > ?2) ORDER BY from_at, id",
        )?;
        let rows = select.query_map([user.0, after.ms()], |row| {
            Ok(TimeOffRow {
                id: row.get("id")?,
                user: UserId(row.get("user_id")?),
                from: time(row, "from_at")?,
                until: time_or_none(row, "until_at")?,
                reason: row.get("reason")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Forgets a time off; `false` where that user has none of this number.
    pub fn delete_time_off(&self, user: UserId, id: i64) -> Result<bool, StoreError> {
        let mut delete = self
            .connection
            .prepare_cached("DELETE FROM time_off WHERE user_id = ?1 AND id = ?2")?;
        Ok(delete.execute([user.0, id])? == 1)
    }

    /// Ends what somebody is away for now; gives how many times off that were.
    pub fn end_time_off(&self, user: UserId, at: Timestamp) -> Result<usize, StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE time_off SET until_at = ?2 WHERE user_id = ?1 AND from_at <= ?2
                 AND (until_at IS NULL OR until_at > ?2)",
        )?;
        Ok(update.execute([user.0, at.ms()])?)
    }

    /// How many handoffs somebody hasn't answered.
    pub fn open_handoffs(&self, owner: UserId) -> Result<u64, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT count(*) FROM handoff WHERE owner_id = ?1 AND state = 'open'")?;
        Ok(select
            .query_row([owner.0], |row| row.get::<_, i64>(0))?
            .unsigned_abs())
    }
}

fn team_row(row: &Row<'_>) -> rusqlite::Result<TeamRow> {
    Ok(TeamRow {
        id: row.get("id")?,
        name: row.get("name")?,
        zone: row.get("zone")?,
        shifts: row.get("shifts")?,
        holidays: row.get("holidays")?,
        manager: row.get::<_, Option<i64>>("manager_id")?.map(UserId),
        booking_url: row.get("booking_url")?,
    })
}
