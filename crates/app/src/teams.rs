//! Who is on which team.

use std::collections::BTreeMap;

use bellwether_core::agreement::Pick;
use bellwether_core::handoff::credit_in_words;

use crate::committer::turn::TeamTurn;
use crate::{
    App, AppError, MemberStanding, MemberView, TeamSettings, TeamStanding, TeamView, UserId, UserRef,
};

impl App {
    /// The teams that the active agreement's routes name, and those that somebody is on, by name.
    pub async fn teams(&self) -> Result<Vec<TeamView>, AppError> {
        let active = self.shared().active();
        let rows = self.read(|db| Ok(db.all_members()?)).await?;
        let mut teams: BTreeMap<String, TeamView> = BTreeMap::new();
        let named = |name: &str| TeamView {
            name: name.to_owned(),
            routes: Vec::new(),
            members: Vec::new(),
        };
        for route in &active.engine.agreement().routes {
            let team = teams.entry(route.team.clone());
            team.or_insert_with(|| named(&route.team))
                .routes
                .push(route.name.clone());
        }
        for row in rows {
            let team = teams.entry(row.team.clone());
            team.or_insert_with(|| named(&row.team)).members.push(MemberView {
                user: UserRef {
                    id: row.user,
                    name: row.name,
                },
                email: row.email,
                weight: row.weight,
                active: row.active,
                open_handoffs: row.open,
                last_assigned_at: row.last_assigned_at,
            });
        }
        Ok(teams.into_values().collect())
    }

    /// A team as it stands now, with whose turn is next; nothing where nobody ever named it.
    pub async fn team_standing(&self, team: &str) -> Result<Option<TeamStanding>, AppError> {
        let (active, at) = (self.shared().active(), self.now());
        let team = team.trim().to_owned();
        self.read(move |db| {
            let agreement = active.engine.agreement();
            let routes: Vec<_> = agreement
                .routes
                .iter()
                .filter(|route| route.team == team)
                .collect();
            let row = db.team(&team)?;
            if row.is_none() && routes.is_empty() {
                return Ok(None);
            }
            let row = row.unwrap_or_default();
            let pick = routes.first().map_or(Pick::RoundRobin, |route| route.pick);
            let turn = TeamTurn::of(db, &team, pick, None, &agreement.timezone, at)?;
            let manager = row.manager.map(|manager| db.user(manager)).transpose()?.flatten();
            Ok(Some(TeamStanding {
                routes: routes.iter().map(|route| route.name.clone()).collect(),
                settings: TeamSettings {
                    zone: row.zone,
                    shifts: row.shifts,
                    holidays: row.holidays,
                    manager: row.manager,
                    booking_url: row.booking_url,
                },
                manager: manager.map(|row| UserRef {
                    id: row.id,
                    name: row.name,
                }),
                waiting: db.queue_length(&team)?,
                members: members(&turn),
                next: turn.picked.map(|(id, name)| UserRef { id, name }),
                reason: turn.reason,
                name: team,
            }))
        })
        .await
    }

    /// Gives somebody no more of a team's leads; they keep those that they have. [`App::add_member`] takes it back.
    pub async fn remove_member(&self, team: &str, user: UserId) -> Result<(), AppError> {
        let team = team.trim().to_owned();
        self.write(move |committer| {
            let removed = committer.db.remove_member(&team, user)?;
            Ok(removed.then_some(()).ok_or_else(|| AppError::NotFound {
                what: "member",
                id: format!("{user} of {team}"),
            }))
        })
        .await
    }
}

/// A team's people as they stand now.
fn members(turn: &TeamTurn) -> Vec<MemberStanding> {
    let credit = |user: UserId| {
        let seen = turn.seen.iter().find(|seen| seen.user == user.0);
        seen.map_or(0, |seen| seen.credit)
    };
    let members = turn.present.candidates.iter().map(|one| MemberStanding {
        user: UserRef {
            id: one.row.user,
            name: one.row.name.clone(),
        },
        weight: one.row.weight,
        day_max: one.row.day_max,
        open_max: one.row.open_max,
        today: one.today,
        open: one.row.open,
        shifts: one.row.shifts.clone(),
        absent: one.absence.as_ref().map(ToString::to_string),
        credit: credit_in_words(credit(one.row.user)),
        last_assigned_at: one.row.last_assigned_at,
    });
    members.collect()
}
