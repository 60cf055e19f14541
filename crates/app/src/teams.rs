//! Who is on which team.

use std::collections::BTreeMap;

use crate::{App, AppError, MemberView, TeamView, UserId, UserRef};

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
