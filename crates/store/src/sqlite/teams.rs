//! Who is on which team, and how many leads they have before them.

use rusqlite::params;

use super::{Db, time_or_none};
use crate::{StoreError, TeamMemberRow, UserId};

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

    /// How many handoffs somebody hasn't answered.
    pub fn open_handoffs(&self, owner: UserId) -> Result<u64, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT count(*) FROM handoff WHERE owner_id = ?1 AND state = 'open'")?;
        Ok(select
            .query_row([owner.0], |row| row.get::<_, i64>(0))?
            .unsigned_abs())
    }

    /// Takes somebody off a team; `false` where they aren't on it.
    pub fn remove_member(&self, team: &str, user: UserId) -> Result<bool, StoreError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE team_member SET active = 0 WHERE team = ?1 AND user_id = ?2 AND active = 1",
        )?;
        Ok(update.execute(params![team, user.0])? == 1)
    }

    /// Begins to count a team's turns anew.
    pub fn begin_turns_anew(&self, team: &str) -> Result<(), StoreError> {
        let mut update = self
            .connection
            .prepare_cached("UPDATE team_member SET assigned = 0 WHERE team = ?1")?;
        update.execute([team])?;
        Ok(())
    }
}
