//! A handoff becomes somebody else's: it is taken up from the queue, taken from an owner who didn't act, or a manager says
//! whose it is to be. The lead's clock runs on.

use bellwether_core::domain::Timestamp;
use bellwether_store::{HandoffId, HandoffRow, StoreError, UserId};

use super::Committer;
use super::present::gone;
use super::route::{Decided, pick_in_words};
use crate::assignments::{self, Assigned};
use crate::routing::owner_seen;
use crate::{AppError, Change, LookedAt, RouteCause};

impl Committer {
    /// Gives a handoff that isn't over to somebody, or to whoever of its team is next apart from its present owner. Gives
    /// whose it is then: where nobody can take it, whoever has it keeps it, and that is kept as a decision too.
    pub(crate) fn reassign(
        &mut self,
        handoff: HandoffId,
        to: Option<UserId>,
        cause: &str,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<Option<UserId>, AppError>, StoreError> {
        let row = match self.in_hand(handoff)? {
            Ok(row) => row,
            Err(error) => return Ok(Err(error)),
        };
        match to {
            Some(user) => self.reassign_to(&row, user, cause, actor, at),
            None => self.reassign_in_turn(&row, cause, actor, at).map(Ok),
        }
    }

    /// A handoff that is the newest of its lead and isn't over.
    fn in_hand(&mut self, handoff: HandoffId) -> Result<Result<HandoffRow, AppError>, StoreError> {
        let Some(row) = self.db.handoff(handoff)? else {
            return Ok(Err(AppError::NotFound {
                what: "handoff",
                id: handoff.to_string(),
            }));
        };
        self.load(row.lead)?;
        let lead = self.leads.get(&row.lead);
        if lead.is_none_or(|lead| lead.row.handoff != Some(handoff)) {
            let message = format!(
                "handoff {handoff} is over: it is {}; look at the lead's newest one",
                row.state
            );
            return Ok(Err(AppError::Conflict { message }));
        }
        Ok(Ok(row))
    }

    fn reassign_to(
        &mut self,
        row: &HandoffRow,
        user: UserId,
        cause: &str,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<Option<UserId>, AppError>, StoreError> {
        let Some(to) = self.db.user(user)? else {
            return Ok(Err(AppError::NotFound {
                what: "user",
                id: user.to_string(),
            }));
        };
        if row.owner.as_ref().is_some_and(|(owner, _)| *owner == user) {
            return Ok(Ok(Some(user)));
        }
        if let Some(absence) = gone(&self.db, &to, at)? {
            let message = format!(
                "{} can't be given a lead: {absence}; give it to somebody else",
                to.name
            );
            return Ok(Err(AppError::Conflict { message }));
        }
        let mut looked_at = LookedAt {
            owners: vec![owner_seen(user, &to.name, "was named", None)],
            ..LookedAt::default()
        };
        if let Some(team) = row.team.clone() {
            let pick = self.pick_of(row);
            let turn = self.turn_on(&team, pick, row.owner.as_ref().map(|(owner, _)| *owner), at)?;
            looked_at.pick = Some(pick_in_words(pick).to_owned());
            looked_at.candidates.clone_from(&turn.seen);
            self.had_turn(&team, pick, turn, user, at)?;
        }
        let decided = Decided {
            cause: RouteCause::Manual,
            actor,
            at,
        };
        self.hand_over(row, user, decided, cause, &looked_at)?;
        Ok(Ok(Some(user)))
    }

    fn reassign_in_turn(
        &mut self,
        row: &HandoffRow,
        cause: &str,
        actor: &str,
        at: Timestamp,
    ) -> Result<Option<UserId>, StoreError> {
        let owner = row.owner.as_ref().map(|(owner, _)| *owner);
        let decided = Decided {
            cause: RouteCause::Reassigned,
            actor,
            at,
        };
        let Some(team) = row.team.clone() else {
            let reason = format!("{cause}; it came by no route, so there is no team to give it to");
            self.keep_decision(row.id, decided, None, owner, &reason, &LookedAt::default())?;
            return Ok(owner);
        };
        let pick = self.pick_of(row);
        let turn = self.turn_on(&team, pick, owner, at)?;
        let looked_at = LookedAt {
            pick: Some(pick_in_words(pick).to_owned()),
            candidates: turn.seen.clone(),
            ..LookedAt::default()
        };
        let Some((user, _)) = turn.picked.clone() else {
            let reason = format!("{cause}; {}", turn.reason);
            self.keep_decision(row.id, decided, Some(&team), None, &reason, &looked_at)?;
            return Ok(owner);
        };
        let reason = format!("{cause}; {}", turn.reason);
        self.had_turn(&team, pick, turn, user, at)?;
        self.hand_over(row, user, decided, &reason, &looked_at)?;
        Ok(Some(user))
    }

    /// Somebody takes a handoff that nobody has: it is theirs. Gives whose it became, if it became anybody's.
    pub(super) fn taken_by(
        &mut self,
        handoff: HandoffId,
        actor: &str,
        at: Timestamp,
    ) -> Result<Option<UserId>, StoreError> {
        let Some(user) = actor.strip_prefix("user ").and_then(|id| id.parse().ok()) else {
            return Ok(None);
        };
        let Some(row) = self.db.handoff(handoff)?.filter(|row| row.owner.is_none()) else {
            return Ok(None);
        };
        let taken = self.reassign_to(&row, UserId(user), "took it from the queue", actor, at)?;
        Ok(taken.ok().flatten())
    }

    /// Makes a handoff somebody's: its task and its lead follow, the decision is kept, and everybody is told.
    pub(super) fn hand_over(
        &mut self,
        row: &HandoffRow,
        user: UserId,
        decided: Decided<'_>,
        reason: &str,
        looked_at: &LookedAt,
    ) -> Result<(), StoreError> {
        self.load(row.lead)?;
        self.db.give_handoff(row.id, user, reason)?;
        self.hand_on_clock(row.id, Some(user), decided.at)?;
        if let Some(lead) = self.leads.get_mut(&row.lead) {
            lead.row.owner = Some(user);
            self.db.put_lead(&lead.row)?;
        }
        let decision = self.keep_decision(
            row.id,
            decided,
            row.team.as_deref(),
            Some(user),
            reason,
            looked_at,
        )?;
        let owner = self.db.user(user)?;
        let payload = assignments::assigned(
            &Assigned {
                handoff: row,
                owner: owner.as_ref(),
                cause: decided.cause.as_str(),
                reason,
            },
            decided.at,
        );
        self.promise(
            &format!("handoff.assigned-{}-{decision}", row.id),
            assignments::ASSIGNED,
            &payload,
            decided.at,
        )?;
        self.group.changes.push(Change::Handoff(row.id));
        // Whoever had it has one less.
        match &row.owner {
            Some((before, _)) if *before != user => self.freed(*before, decided.at),
            _ => Ok(()),
        }
    }
}
