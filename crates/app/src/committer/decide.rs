//! Sales takes a lead or sends it back; what nobody answers in time goes back by itself.

use std::sync::Arc;

use bellwether_core::domain::{Period, Stage, Timestamp};
use bellwether_core::lifecycle::{self, Move};
use bellwether_store::{HandoffId, LeadId, ReturnedRow, StoreError, TransitionRow};

use super::Committer;
use super::leads::ENGINE;
use super::reason::agreed_reason;
use super::timers::{TimerKind, late_in_words};
use crate::{AppError, Change};

/// How and why a lead goes back to marketing.
struct SentBack<'a> {
    /// What becomes of the handoff: `rejected`, `expired`.
    state: &'a str,
    reason: &'a str,
    note: Option<&'a str>,
    /// How long after it may qualify again; nothing is at once, on fresh intent.
    again: Option<Period>,
    actor: &'a str,
}

impl Committer {
    /// Sales takes a lead.
    pub(crate) fn accept_handoff(
        &mut self,
        handoff: HandoffId,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<(), AppError>, StoreError> {
        let (id, to) = match self.decidable(handoff, Move::Accept)? {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        self.db
            .decide_handoff(handoff, "accepted", at, actor, None, None)?;
        self.clear_timer(TimerKind::Expire, handoff.0)?;
        self.moved(id, handoff, to, actor, "accepted", at)?;
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
        let active = Arc::clone(&self.active);
        let agreed = match agreed_reason(active.engine.agreement(), reason, note) {
            Ok(agreed) => agreed,
            Err(error) => return Ok(Err(error)),
        };
        let (id, to) = match self.decidable(handoff, Move::Reject)? {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        let back = SentBack {
            state: "rejected",
            reason: &agreed.reason,
            note,
            again: agreed.again,
            actor,
        };
        self.send_back(id, handoff, to, &back, at)?;
        Ok(Ok(()))
    }

    /// Nobody answered a handoff in the time that the agreement gives. Whatever became of it meanwhile holds.
    pub(super) fn expire_handoff(
        &mut self,
        handoff: HandoffId,
        due: Timestamp,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let Ok((id, to)) = self.decidable(handoff, Move::Expire)? else {
            return Ok(());
        };
        let back = SentBack {
            state: "expired",
            reason: &format!("nobody answered{}", late_in_words(due, at)),
            note: None,
            again: None,
            actor: ENGINE,
        };
        self.send_back(id, handoff, to, &back, at)
    }

    /// Ends a cycle: the lead is marketing's again.
    fn send_back(
        &mut self,
        id: LeadId,
        handoff: HandoffId,
        to: Stage,
        back: &SentBack<'_>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let active = Arc::clone(&self.active);
        let rejection = (back.state == "rejected").then_some(back.reason);
        self.db
            .decide_handoff(handoff, back.state, at, back.actor, rejection, back.note)?;
        self.clear_timer(TimerKind::Expire, handoff.0)?;
        let returned = ReturnedRow {
            handoff,
            at,
            again_ms: back.again.map(Period::ms),
            reason: back.reason.to_owned(),
            note: back.note.map(str::to_owned),
        };
        self.db.insert_returned(id, &returned)?;
        if let Some(lead) = self.leads.get_mut(&id) {
            lead.row.handoff = None;
            lead.row.owner = None;
            lead.row.cycle = lead.row.cycle.saturating_add(1);
            // A fact may lie in this moment's future, by a wrong clock; then the lead is folded anew.
            lead.stale |= !lead.state.send_back(&active.engine, at, back.again);
        }
        if self.leads.get(&id).is_some_and(|lead| lead.stale) {
            self.refold(id)?;
        }
        self.moved(id, handoff, to, back.actor, back.reason, at)
    }

    /// The lead of a handoff that can be answered so, and its stage after that.
    fn decidable(
        &mut self,
        handoff: HandoffId,
        by: Move,
    ) -> Result<Result<(LeadId, Stage), AppError>, StoreError> {
        let Some(row) = self.db.handoff(handoff)? else {
            return Ok(Err(AppError::NotFound {
                what: "handoff",
                id: handoff.to_string(),
            }));
        };
        self.load(row.lead)?;
        let Some(lead) = self.leads.get(&row.lead) else {
            return Ok(Err(AppError::NotFound {
                what: "lead",
                id: row.lead.to_string(),
            }));
        };
        if lead.row.handoff != Some(handoff) {
            let message = format!(
                "handoff {handoff} is over: it is {}; look at the lead's newest one",
                row.state
            );
            return Ok(Err(AppError::Conflict { message }));
        }
        let next = lifecycle::next(lead.row.stage, by);
        Ok(next
            .map(|to| (row.lead, to))
            .map_err(|refused| AppError::Refused {
                message: refused.to_string(),
            }))
    }

    fn moved(
        &mut self,
        id: LeadId,
        handoff: HandoffId,
        to: Stage,
        actor: &str,
        reason: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let active = Arc::clone(&self.active);
        let Some(lead) = self.leads.get_mut(&id) else {
            return Ok(());
        };
        let from = std::mem::replace(&mut lead.row.stage, to);
        super::leads::score(&active, lead);
        self.db.put_lead(&lead.row)?;
        self.group.changes.push(Change::Handoff(handoff));
        self.db.insert_transition(&TransitionRow {
            lead: id,
            at,
            from: Some(from),
            to,
            actor: actor.to_owned(),
            reason: reason.to_owned(),
            handoff: Some(handoff),
            origin: self.db.handoff_origin(handoff)?,
        })
    }
}
