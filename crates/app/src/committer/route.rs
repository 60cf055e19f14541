//! Whose a lead becomes: who has it already, its account's owner, else whoever's turn it is on the route's team.

use bellwether_core::agreement::Route;
use bellwether_core::domain::Timestamp;
use bellwether_core::handoff::{Member, Owner, RouteChoice, pick};
use bellwether_store::{AccountId, StoreError, UserId};

use super::Committer;

/// Whose a lead becomes, and why.
pub(super) struct Assigned {
    pub(super) route: Option<RouteChoice>,
    pub(super) owner: Option<Owner>,
    pub(super) user: Option<UserId>,
    pub(super) reason: String,
}

impl Committer {
    /// Whose the lead becomes: who has it already, the account's owner, else whoever's turn it is on the route's team.
    pub(super) fn assign(
        &mut self,
        route: Option<&(&Route, String)>,
        owner: Option<UserId>,
        account: Option<AccountId>,
        at: Timestamp,
    ) -> Result<Assigned, StoreError> {
        let choice = route.map(|(route, reason)| RouteChoice {
            name: route.name.clone(),
            team: route.team.clone(),
            reason: reason.clone(),
        });
        if let Some(user) = owner {
            return self.owned(choice, user, "has the lead already".to_owned());
        }
        let by_account = match account {
            Some(account) => self.db.account_owner(account)?,
            None => None,
        };
        if let Some(user) = by_account {
            return self.owned(choice, user, "has the lead's account already".to_owned());
        }
        let Some((route, _)) = route else {
            let reason = "no route of the agreement takes this lead".to_owned();
            return Ok(Assigned {
                route: None,
                owner: None,
                user: None,
                reason,
            });
        };
        let members = self.db.team_members(&route.team)?;
        let members: Vec<Member> = members
            .iter()
            .map(|member| Member {
                id: format!("{:019}", member.user.0),
                weight: member.weight,
                assigned: u32::try_from(member.assigned).unwrap_or(u32::MAX),
                last_assigned_at: member.last_assigned_at,
            })
            .collect();
        let turn = pick(route.pick, &members, |id| self.db.open_handoffs(user_of(id)))?;
        let Some(turn) = turn else {
            let reason = format!("nobody of team `{}` takes leads now", route.team);
            return Ok(Assigned {
                route: choice,
                owner: None,
                user: None,
                reason,
            });
        };
        let user = user_of(&turn.id);
        if turn.anew {
            self.db.begin_turns_anew(&route.team)?;
        }
        self.db.assign(&route.team, user, at)?;
        self.owned(choice, user, turn.reason)
    }

    fn owned(
        &self,
        route: Option<RouteChoice>,
        user: UserId,
        reason: String,
    ) -> Result<Assigned, StoreError> {
        let name = self.db.user(user)?.map_or_else(String::new, |row| row.name);
        let owner = Owner {
            id: user.to_string(),
            name,
            reason: reason.clone(),
        };
        Ok(Assigned {
            route,
            owner: Some(owner),
            user: Some(user),
            reason,
        })
    }
}

/// Whose id a member's is.
fn user_of(member: &str) -> UserId {
    UserId(member.parse().unwrap_or_default())
}
