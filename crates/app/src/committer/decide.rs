//! Sales takes a lead or sends it back; what nobody answers in time goes back by itself.

use std::sync::Arc;

use bellwether_core::domain::{Period, Stage, Timestamp};
use bellwether_core::lifecycle::{self, Move};
use bellwether_store::{HandoffId, LeadId, ReturnedRow, StoreError, TransitionRow, UserId};

use super::Committer;
use super::leads::ENGINE;
use super::reason::agreed_reason;
use super::timers::{TimerKind, late_in_words};
use crate::{AppError, Change, told};

/// A lead as somebody is about to move it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    /// Which lead: the one that holds the facts, where it was joined.
    pub(super) lead: LeadId,
    /// Where it stands.
    pub(super) stage: Stage,
    /// The handoff of its present cycle.
    pub(super) handoff: Option<HandoffId>,
    /// The lead that what is done now is kept for, before any join: the handoff's, where there is one.
    pub(super) origin: LeadId,
    /// The cycle of that lead.
    pub(super) cycle: u32,
    /// Who in sales has it.
    pub(super) owner: Option<UserId>,
}

/// How a cycle ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// Sales sent the lead back.
    Rejected,
    /// Nobody answered in time.
    Expired,
    /// The last deal was lost.
    Lost,
    /// Somebody moved it away from sales.
    Closed,
}

/// How and why a lead goes back to marketing.
pub(super) struct SentBack<'a> {
    pub(super) ending: Ending,
    pub(super) reason: &'a str,
    /// What somebody gave as the reason, which may be one of the agreement's; nothing where nobody gave one.
    pub(super) given: Option<&'a str>,
    pub(super) note: Option<&'a str>,
    /// How long after it may qualify again; nothing is at once, on fresh intent.
    pub(super) again: Option<Period>,
    pub(super) actor: &'a str,
}

impl Committer {
    /// Sales takes a lead.
    pub(crate) fn accept_handoff(
        &mut self,
        handoff: HandoffId,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<(), AppError>, StoreError> {
        match self.decidable(handoff)? {
            Ok(standing) => self.accept(standing, actor, at),
            Err(error) => Ok(Err(error)),
        }
    }

    /// The same of a lead, whether or not it has a handoff.
    pub(super) fn accept(
        &mut self,
        mut standing: Standing,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<(), AppError>, StoreError> {
        let to = match allowed(standing.stage, Move::Accept) {
            Ok(to) => to,
            Err(error) => return Ok(Err(error)),
        };
        if let Some(handoff) = standing.handoff {
            standing.owner = self.taken_by(handoff, actor, at)?.or(standing.owner);
            self.db
                .decide_handoff(handoff, "accepted", at, actor, None, None)?;
            self.clear_timer(TimerKind::Expire, handoff.0)?;
        }
        self.moved(standing, to, actor, "accepted", at)?;
        self.tell_move(told::ACCEPTED, standing, actor, None, at)?;
        self.owner_freed(standing.owner, at)?;
        Ok(Ok(()))
    }

    /// Sales sends a lead back.
    pub(crate) fn reject_handoff(
        &mut self,
        handoff: HandoffId,
        reason: &str,
        note: Option<&str>,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<(), AppError>, StoreError> {
        match self.decidable(handoff)? {
            Ok(standing) => self.reject(standing, reason, note, actor, at),
            Err(error) => Ok(Err(error)),
        }
    }

    /// The same of a lead, whether or not it has a handoff.
    pub(super) fn reject(
        &mut self,
        standing: Standing,
        reason: &str,
        note: Option<&str>,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<(), AppError>, StoreError> {
        let active = Arc::clone(&self.active);
        let agreed = match agreed_reason(active.engine.agreement(), reason, note) {
            Ok(agreed) => agreed,
            Err(error) => return Ok(Err(error)),
        };
        let to = match allowed(standing.stage, Move::Reject) {
            Ok(to) => to,
            Err(error) => return Ok(Err(error)),
        };
        let back = SentBack {
            ending: Ending::Rejected,
            reason: &agreed.reason,
            given: Some(&agreed.reason),
            note,
            again: agreed.again,
            actor,
        };
        self.send_back(standing, to, &back, at)?;
        self.tell_move(told::REJECTED, standing, actor, Some((&agreed.reason, note)), at)?;
        Ok(Ok(()))
    }

    /// Nobody answered a handoff in the time that the agreement gives. Whatever became of it meanwhile holds.
    pub(super) fn expire_handoff(
        &mut self,
        handoff: HandoffId,
        due: Timestamp,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let Ok(standing) = self.decidable(handoff)? else {
            return Ok(());
        };
        let Ok(to) = lifecycle::next(standing.stage, Move::Expire) else {
            return Ok(());
        };
        let reason = format!("nobody answered{}", late_in_words(due, at));
        let back = SentBack {
            ending: Ending::Expired,
            reason: &reason,
            given: None,
            note: None,
            again: None,
            actor: ENGINE,
        };
        self.send_back(standing, to, &back, at)?;
        self.tell_move(told::EXPIRED, standing, ENGINE, Some((&reason, None)), at)
    }

    /// Ends a cycle: the lead is marketing's again, or nobody's.
    pub(super) fn send_back(
        &mut self,
        standing: Standing,
        to: Stage,
        back: &SentBack<'_>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let active = Arc::clone(&self.active);
        let id = standing.lead;
        if let Some(handoff) = standing.handoff {
            match back.ending {
                Ending::Rejected => {
                    let reason = Some(back.reason);
                    self.db
                        .decide_handoff(handoff, "rejected", at, back.actor, reason, back.note)?;
                }
                Ending::Expired => self
                    .db
                    .decide_handoff(handoff, "expired", at, back.actor, None, None)?,
                Ending::Lost | Ending::Closed => self.db.close_handoff(handoff, at, back.actor)?,
            }
            self.clear_timer(TimerKind::Expire, handoff.0)?;
            self.end_clock(handoff, back.actor, at)?;
        }
        let again = match back.ending {
            Ending::Expired | Ending::Lost => back.again.or(active.engine.agreement().handoff.again),
            Ending::Rejected | Ending::Closed => back.again,
        };
        let returned = ReturnedRow {
            origin: standing.origin,
            handoff: standing.handoff,
            at,
            again_ms: again.map(Period::ms),
            reason: back.reason.to_owned(),
            note: back.note.map(str::to_owned),
        };
        self.db.insert_returned(id, &returned)?;
        if let Some(lead) = self.leads.get_mut(&id) {
            lead.row.handoff = None;
            lead.row.owner = None;
            lead.row.cycle = lead.row.cycle.saturating_add(1);
            // A fact may lie in this moment's future, by a wrong clock; then the lead is folded anew.
            lead.stale |= !lead.state.send_back(&active.engine, at, again);
        }
        if self.leads.get(&id).is_some_and(|lead| lead.stale) {
            self.refold(id)?;
        }
        let how = match back.ending {
            Ending::Rejected => Some("rejected"),
            Ending::Expired => Some("expired"),
            Ending::Lost => Some("lost"),
            // Whoever moved it by hand says what becomes of it.
            Ending::Closed => None,
        };
        self.begin_nurture(standing, how, back, at)?;
        self.moved(standing, to, back.actor, back.reason, at)?;
        self.owner_freed(standing.owner, at)
    }

    /// How the lead of a handoff stands that wasn't answered for good yet.
    fn decidable(&mut self, handoff: HandoffId) -> Result<Result<Standing, AppError>, StoreError> {
        let Some(row) = self.db.handoff(handoff)? else {
            return Ok(Err(AppError::NotFound {
                what: "handoff",
                id: handoff.to_string(),
            }));
        };
        let standing = match self.standing(row.lead)? {
            Ok(standing) => standing,
            Err(error) => return Ok(Err(error)),
        };
        if standing.handoff != Some(handoff) {
            let message = format!(
                "handoff {handoff} is over: it is {}; look at the lead's newest one",
                row.state
            );
            return Ok(Err(AppError::Conflict { message }));
        }
        Ok(Ok(standing))
    }

    /// How a lead stands; of one that was joined into another, that one.
    pub(super) fn standing(&mut self, lead: LeadId) -> Result<Result<Standing, AppError>, StoreError> {
        let not_found = || AppError::NotFound {
            what: "lead",
            id: lead.to_string(),
        };
        let Some(root) = self.db.root(lead)? else {
            return Ok(Err(not_found()));
        };
        self.load(root)?;
        let Some(row) = self.leads.get(&root).map(|lead| &lead.row) else {
            return Ok(Err(not_found()));
        };
        let (stage, handoff, owner, cycle) = (row.stage, row.handoff, row.owner, row.cycle);
        let made = match handoff {
            Some(handoff) => self.db.handoff_place(handoff)?,
            None => None,
        };
        let (origin, cycle) = made.unwrap_or((root, cycle));
        Ok(Ok(Standing {
            lead: root,
            stage,
            handoff,
            origin,
            cycle,
            owner,
        }))
    }

    /// Writes a move: the lead's row as it is now, and the move itself.
    pub(super) fn moved(
        &mut self,
        standing: Standing,
        to: Stage,
        actor: &str,
        reason: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let active = Arc::clone(&self.active);
        let Some(lead) = self.leads.get_mut(&standing.lead) else {
            return Ok(());
        };
        let from = std::mem::replace(&mut lead.row.stage, to);
        super::leads::score(&active, lead);
        self.db.put_lead(&lead.row)?;
        self.group.changes.push(match standing.handoff {
            Some(handoff) => Change::Handoff(handoff),
            None => Change::Leads,
        });
        self.db.insert_transition(&TransitionRow {
            lead: standing.lead,
            at,
            from: Some(from),
            to,
            actor: actor.to_owned(),
            reason: reason.to_owned(),
            handoff: standing.handoff,
            origin: Some(standing.origin),
        })
    }
}

/// The stage to which a move leads, or the table's refusal.
pub(super) fn allowed(stage: Stage, by: Move) -> Result<Stage, AppError> {
    lifecycle::next(stage, by).map_err(|refused| AppError::Refused {
        message: refused.to_string(),
    })
}
