//! What nobody of a team could take waits in its queue, its clock running, and is taken up as soon as somebody can: those
//! due first come first.

use bellwether_core::agreement::Pick;
use bellwether_core::domain::Timestamp;
use bellwether_store::{HandoffId, HandoffRow, StoreError, UserId};

use super::Committer;
use super::leads::ENGINE;
use super::route::{Decided, pick_in_words};
use super::timers::{Timer, TimerKind};
use crate::assignments::{self, Waiting};
use crate::{LookedAt, RouteCause};

/// How many handoffs of a queue are taken up in one transaction.
const TAKEN_UP_MAX: u32 = 100;

impl Committer {
    /// A handoff waits for a team: its manager is told, and the team is looked at again when somebody may be there.
    pub(super) fn waits(
        &mut self,
        handoff: HandoffId,
        team: &str,
        reason: &str,
        next_at: Option<Timestamp>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.look_again(team, next_at)?;
        let Some(row) = self.db.handoff(handoff)? else {
            return Ok(());
        };
        let manager = match self.db.team(team)?.and_then(|row| row.manager) {
            Some(manager) => self.db.user(manager)?,
            None => None,
        };
        let payload = assignments::waiting(
            &Waiting {
                handoff: &row,
                team,
                reason,
                manager: manager.as_ref(),
            },
            at,
        );
        self.promise(
            &format!("handoff.waiting-{handoff}"),
            assignments::WAITING,
            &payload,
            at,
        )
    }

    /// Has a team's queue looked at again at an instant, or not by itself.
    fn look_again(&mut self, team: &str, next_at: Option<Timestamp>) -> Result<(), StoreError> {
        let subject = self.db.team_number(team)?;
        match next_at {
            Some(at) => self.set_timer(Timer {
                kind: TimerKind::TakeUp,
                subject,
                at,
            }),
            None => self.clear_timer(TimerKind::TakeUp, subject),
        }
    }

    /// The time has come at which somebody of a team may be there.
    pub(super) fn take_up_numbered(&mut self, team: i64, at: Timestamp) -> Result<(), StoreError> {
        match self.db.team_numbered(team)? {
            Some(team) => self.take_up(&team.name, at),
            None => Ok(()),
        }
    }

    /// Somebody may be able to take more: what waits in the queues of their teams is taken up.
    pub(crate) fn freed(&mut self, user: UserId, at: Timestamp) -> Result<(), StoreError> {
        for team in self.db.queues_for(user)? {
            self.take_up(&team, at)?;
        }
        Ok(())
    }

    /// A handoff is off its owner's desk: they may be able to take another.
    pub(super) fn owner_freed(&mut self, owner: Option<UserId>, at: Timestamp) -> Result<(), StoreError> {
        owner.map_or(Ok(()), |owner| self.freed(owner, at))
    }

    /// Gives what waits in a team's queue to those who can take it now.
    pub(crate) fn take_up(&mut self, team: &str, at: Timestamp) -> Result<(), StoreError> {
        let waiting = self.db.queue(team, TAKEN_UP_MAX)?;
        let all = waiting.len() < TAKEN_UP_MAX as usize;
        for handoff in waiting {
            let Some(row) = self.db.handoff(handoff)? else {
                continue;
            };
            let pick = self.pick_of(&row);
            let turn = self.turn_on(team, pick, None, at)?;
            let Some((user, _)) = turn.picked.clone() else {
                return self.look_again(team, turn.next_at);
            };
            let looked_at = LookedAt {
                pick: Some(pick_in_words(pick).to_owned()),
                candidates: turn.seen.clone(),
                ..LookedAt::default()
            };
            let reason = format!("taken up from the queue: {}", turn.reason);
            self.had_turn(team, pick, turn, user, at)?;
            let decided = Decided {
                cause: RouteCause::TakenUp,
                actor: ENGINE,
                at,
            };
            self.hand_over(&row, user, decided, &reason, &looked_at)?;
        }
        self.look_again(team, (!all).then_some(at))
    }

    /// How a handoff's team picks: as the route does by which it came, or else another one to that team.
    pub(super) fn pick_of(&self, row: &HandoffRow) -> Pick {
        let routes = &self.active.engine.agreement().routes;
        let by_route = routes
            .iter()
            .find(|route| Some(&route.name) == row.route.as_ref());
        let by_team = || routes.iter().find(|route| Some(&route.team) == row.team.as_ref());
        by_route
            .or_else(by_team)
            .map_or(Pick::RoundRobin, |route| route.pick)
    }
}
