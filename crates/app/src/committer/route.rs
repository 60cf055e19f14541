//! Whose a lead becomes: who has it already, its account's owner, else whoever's turn it is on the route's team. Nobody who
//! left or is away gets one.

use bellwether_core::agreement::Pick;
use bellwether_core::domain::Timestamp;
use bellwether_core::handoff::{Owner, RouteChoice, choose_route, look_at_routes};
use bellwether_core::profile::Profile;
use bellwether_store::{AccountId, HandoffId, NewDecision, StoreError, UserId};

use super::Committer;
use super::present::gone;
use crate::routing::owner_seen;
use crate::{LookedAt, RouteCause};

/// Whose a lead becomes, and why.
pub(super) struct Assigned {
    pub(super) route: Option<RouteChoice>,
    pub(super) owner: Option<Owner>,
    pub(super) user: Option<UserId>,
    pub(super) reason: String,
    pub(super) looked_at: LookedAt,
    /// When somebody may be able to take it, where nobody is.
    pub(super) next_at: Option<Timestamp>,
}

/// What has a decision made, and who.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decided<'a> {
    pub(super) cause: RouteCause,
    pub(super) actor: &'a str,
    pub(super) at: Timestamp,
}

impl Committer {
    /// Whose the lead becomes: who has it already, the account's owner, else whoever's turn it is on the route's team.
    pub(super) fn assign(
        &mut self,
        profile: &Profile<'_>,
        owner: Option<UserId>,
        account: Option<AccountId>,
        at: Timestamp,
    ) -> Result<Assigned, StoreError> {
        let active = std::sync::Arc::clone(&self.active);
        let agreement = active.engine.agreement();
        let route = choose_route(agreement, profile);
        let choice = route.as_ref().map(|(route, reason)| RouteChoice {
            name: route.name.clone(),
            team: route.team.clone(),
            reason: reason.clone(),
        });
        let mut looked_at = LookedAt {
            routes: look_at_routes(agreement, profile)
                .into_iter()
                .map(Into::into)
                .collect(),
            ..LookedAt::default()
        };
        let mut by = vec![(owner, "has the lead already")];
        for user in account
            .map(|account| self.db.account_owners(account))
            .transpose()?
            .unwrap_or_default()
        {
            by.push((Some(user), "has the lead's account already"));
        }
        for (user, by) in by {
            let Some(user) = user else { continue };
            let Some(row) = self.db.user(user)? else { continue };
            let absent = gone(&self.db, &row, at)?.map(|absence| absence.to_string());
            let passed_over = absent.is_some();
            looked_at.owners.push(owner_seen(user, &row.name, by, absent));
            if !passed_over {
                return Ok(owned(choice, user, row.name, by.to_owned(), looked_at));
            }
        }
        let Some((route, _)) = route else {
            return Ok(Assigned {
                reason: "no route of the agreement takes this lead".to_owned(),
                ..unowned(None, looked_at)
            });
        };
        let turn = self.turn_on(&route.team, route.pick, None, at)?;
        looked_at.pick = Some(pick_in_words(route.pick).to_owned());
        looked_at.candidates.clone_from(&turn.seen);
        let Some((user, name)) = turn.picked.clone() else {
            return Ok(Assigned {
                reason: turn.reason,
                next_at: turn.next_at,
                ..unowned(choice, looked_at)
            });
        };
        let reason = turn.reason.clone();
        self.had_turn(&route.team, route.pick, turn, user, at)?;
        Ok(owned(choice, user, name, reason, looked_at))
    }

    /// Keeps why a handoff became whose; gives the decision's number.
    pub(super) fn keep_decision(
        &self,
        handoff: HandoffId,
        decided: Decided<'_>,
        team: Option<&str>,
        picked: Option<UserId>,
        reason: &str,
        looked_at: &LookedAt,
    ) -> Result<i64, StoreError> {
        let looked_at = serde_json::to_string(looked_at).unwrap_or_default();
        self.db.insert_decision(&NewDecision {
            handoff,
            at: decided.at,
            cause: decided.cause.as_str(),
            actor: decided.actor,
            team,
            picked,
            reason,
            looked_at: &looked_at,
        })
    }
}

/// A way of picking, as people say it.
pub(super) const fn pick_in_words(pick: Pick) -> &'static str {
    match pick {
        Pick::RoundRobin => "in turn",
        Pick::Weighted => "in turn, by weight",
        Pick::LeastLoaded => "whoever has the fewest to answer",
    }
}

fn owned(
    route: Option<RouteChoice>,
    user: UserId,
    name: String,
    reason: String,
    looked_at: LookedAt,
) -> Assigned {
    let owner = Owner {
        id: user.to_string(),
        name,
        reason: reason.clone(),
    };
    Assigned {
        route,
        owner: Some(owner),
        user: Some(user),
        reason,
        looked_at,
        next_at: None,
    }
}

fn unowned(route: Option<RouteChoice>, looked_at: LookedAt) -> Assigned {
    Assigned {
        route,
        owner: None,
        user: None,
        reason: String::new(),
        looked_at,
        next_at: None,
    }
}
