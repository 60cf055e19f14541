//! Moves that sales and its managers make beyond taking a lead and sending it back: what was found out about a buyer, who
//! isn't sold to, and a manager's override.

use bellwether_core::deal::{Bant, Question};
use bellwether_core::domain::{Stage, Timestamp};
use bellwether_core::lifecycle::Move;
use bellwether_store::{BantRow, LeadId, StoreError, UserId};

use super::Committer;
use super::decide::{Ending, SentBack, Standing, allowed};
use super::reason::agreed_reason;
use super::timers::{Timer, TimerKind};
use crate::{AppError, told};

/// The longest reason or note, in characters.
pub(super) const REASON_CHARS_MAX: usize = 2_000;

impl Committer {
    /// Records what was found out about a buyer; what isn't said anew stays.
    pub(crate) fn record_bant(
        &mut self,
        lead: LeadId,
        bant: Bant,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<(), AppError>, StoreError> {
        let standing = match self.standing(lead)? {
            Ok(standing) => standing,
            Err(error) => return Ok(Err(error)),
        };
        if standing.stage != Stage::Sql
            && let Err(error) = allowed(standing.stage, Move::SalesQualify)
        {
            return Ok(Err(error));
        }
        self.keep_bant(standing, bant, actor, at)?;
        self.group.changes.push(crate::Change::Leads);
        Ok(Ok(()))
    }

    /// Sales qualifies a lead itself, on the answers that are recorded and those that come with it.
    pub(crate) fn sales_qualify(
        &mut self,
        lead: LeadId,
        bant: Bant,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<(), AppError>, StoreError> {
        let standing = match self.standing(lead)? {
            Ok(standing) => standing,
            Err(error) => return Ok(Err(error)),
        };
        let to = match allowed(standing.stage, Move::SalesQualify) {
            Ok(to) => to,
            Err(error) => return Ok(Err(error)),
        };
        let recorded = self.bant_of(standing)?;
        let missing = bant.clone().over(&recorded).missing();
        if !missing.is_empty() {
            let missing: Vec<&str> = missing.into_iter().map(Question::as_str).collect();
            let message = format!(
                "nobody recorded {}; answer each with yes, no or unknown first",
                missing.join(", ")
            );
            return Ok(Err(AppError::Invalid {
                field: "bant",
                message,
            }));
        }
        if bant != Bant::default() {
            self.keep_bant(standing, bant, actor, at)?;
        }
        self.moved(
            standing,
            to,
            actor,
            "budget, authority, need and timeline recorded",
            at,
        )?;
        self.tell_move(told::SQL, standing, actor, None, at)?;
        Ok(Ok(()))
    }

    /// What was recorded of a buyer in the present cycle.
    fn bant_of(&self, standing: Standing) -> Result<Bant, StoreError> {
        let row = self.db.bant(standing.origin, standing.cycle)?;
        Ok(row.map(|row| row.bant).unwrap_or_default())
    }

    fn keep_bant(
        &self,
        standing: Standing,
        bant: Bant,
        actor: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let bant = bant.over(&self.bant_of(standing)?);
        self.db.insert_bant(&BantRow {
            lead: standing.lead,
            origin: standing.origin,
            cycle: standing.cycle,
            at,
            actor: actor.to_owned(),
            bant,
        })
    }

    /// Somebody says that a lead is not to be sold to.
    pub(crate) fn disqualify(
        &mut self,
        lead: LeadId,
        reason: &str,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<(), AppError>, StoreError> {
        let movable = self.movable(lead, Move::Disqualify, reason)?;
        let (standing, to) = match movable {
            Ok(movable) => movable,
            Err(error) => return Ok(Err(error)),
        };
        self.put_where(standing, to, reason, actor, at)?;
        Ok(Ok(()))
    }

    /// A manager puts a lead where it belongs, and gives it to somebody where nobody has it.
    pub(crate) fn override_stage(
        &mut self,
        lead: LeadId,
        to: Stage,
        owner: Option<UserId>,
        reason: &str,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<(), AppError>, StoreError> {
        let movable = self.movable(lead, Move::Override(to), reason)?;
        let (mut standing, to) = match movable {
            Ok(movable) => movable,
            Err(error) => return Ok(Err(error)),
        };
        if let Some(owner) = owner {
            if let Some(error) = self.cannot_own(standing, to, owner)? {
                return Ok(Err(error));
            }
            standing.owner = Some(owner);
            if let Some(lead) = self.leads.get_mut(&standing.lead) {
                lead.row.owner = Some(owner);
            }
        }
        self.put_where(standing, to, reason, actor, at)?;
        Ok(Ok(()))
    }

    /// Why somebody can't be given a lead by an override.
    fn cannot_own(
        &self,
        standing: Standing,
        to: Stage,
        owner: UserId,
    ) -> Result<Option<AppError>, StoreError> {
        let message = if standing.handoff.is_some() {
            "the lead has a handoff, by which its owner is known; reassign that instead".to_owned()
        } else if !is_with_sales(to) {
            format!("a lead at stage `{to}` has no owner in sales; leave `owner` away")
        } else if self.db.user(owner)?.is_none() {
            format!("nobody signs in under the number {owner}; `GET /api/v1/users` lists who does")
        } else {
            return Ok(None);
        };
        Ok(Some(AppError::Invalid {
            field: "owner",
            message,
        }))
    }

    /// How a lead stands and where a move puts it, or why it can't be moved so. Nothing is changed.
    pub(crate) fn movable(
        &mut self,
        lead: LeadId,
        by: Move,
        reason: &str,
    ) -> Result<Result<(Standing, Stage), AppError>, StoreError> {
        if let Err(error) = checked_reason(reason) {
            return Ok(Err(error));
        }
        let standing = match self.standing(lead)? {
            Ok(standing) => standing,
            Err(error) => return Ok(Err(error)),
        };
        let to = match allowed(standing.stage, by) {
            Ok(to) => to,
            Err(error) => return Ok(Err(error)),
        };
        if !matches!(to, Stage::Opportunity | Stage::Customer) {
            let open = self.db.open_deals(standing.lead)?;
            if open > 0 {
                let deals = if open == 1 { "deal is" } else { "deals are" };
                let message = format!(
                    "a lead at stage `{}` can't be moved by `{by}`: {open} {deals} open; win or lose what is open first",
                    standing.stage
                );
                return Ok(Err(AppError::Refused { message }));
            }
        }
        Ok(Ok((standing, to)))
    }

    /// How a lead stands that sales can take, and where that puts it.
    pub(crate) fn acceptable(
        &mut self,
        lead: LeadId,
    ) -> Result<Result<(Standing, Stage), AppError>, StoreError> {
        Ok(match self.standing(lead)? {
            Ok(standing) => allowed(standing.stage, Move::Accept).map(|to| (standing, to)),
            Err(error) => Err(error),
        })
    }

    /// How a lead stands that sales can send back for a reason, and where that puts it.
    pub(crate) fn rejectable(
        &mut self,
        lead: LeadId,
        reason: &str,
    ) -> Result<Result<(Standing, Stage), AppError>, StoreError> {
        if let Err(error) = agreed_reason(self.active.engine.agreement(), reason, None) {
            return Ok(Err(error));
        }
        Ok(match self.standing(lead)? {
            Ok(standing) => allowed(standing.stage, Move::Reject).map(|to| (standing, to)),
            Err(error) => Err(error),
        })
    }

    /// Sales takes a lead, whether or not it has a handoff.
    pub(crate) fn accept_lead(
        &mut self,
        lead: LeadId,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<(), AppError>, StoreError> {
        match self.standing(lead)? {
            Ok(standing) => self.accept(standing, actor, at),
            Err(error) => Ok(Err(error)),
        }
    }

    /// Sales sends a lead back, whether or not it has a handoff.
    pub(crate) fn reject_lead(
        &mut self,
        lead: LeadId,
        reason: &str,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<(), AppError>, StoreError> {
        match self.standing(lead)? {
            Ok(standing) => self.reject(standing, reason, None, actor, at),
            Err(error) => Ok(Err(error)),
        }
    }

    /// Puts a lead at a stage, with all that follows: whoever goes away from sales ends a cycle, and a handoff is always as
    /// its lead's stage says.
    fn put_where(
        &mut self,
        standing: Standing,
        to: Stage,
        reason: &str,
        actor: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let leaves = is_with_sales(standing.stage) && !is_with_sales(to);
        // Who is put back with marketing must show fresh intent, wherever they come from.
        if leaves || to == Stage::Recycled {
            let back = SentBack {
                ending: Ending::Closed,
                reason,
                given: None,
                note: None,
                again: None,
                actor,
            };
            return self.send_back(standing, to, &back, at);
        }
        if let Some(handoff) = standing.handoff {
            let open = self.db.handoff(handoff)?.is_some_and(|row| row.state == "open");
            match (to, open) {
                (Stage::Mql, false) => {
                    self.db.ask_again(handoff)?;
                    if let Some(expire) = self.active.engine.agreement().handoff.expire {
                        let (kind, subject) = (TimerKind::Expire, handoff.0);
                        let at = at.plus(expire);
                        self.set_timer(Timer { kind, subject, at })?;
                    }
                }
                (Stage::Sal | Stage::Sql | Stage::Opportunity | Stage::Customer, true) => {
                    self.db
                        .decide_handoff(handoff, "accepted", at, actor, None, None)?;
                    self.clear_timer(TimerKind::Expire, handoff.0)?;
                }
                _ => {}
            }
        }
        self.moved(standing, to, actor, reason, at)
    }
}

/// Whether a lead at a stage is one that sales works on, or has sold to.
pub(super) const fn is_with_sales(stage: Stage) -> bool {
    matches!(
        stage,
        Stage::Mql | Stage::Sal | Stage::Sql | Stage::Opportunity | Stage::Customer
    )
}

/// A reason that says something, and no more than one reads.
pub(super) fn checked_reason(reason: &str) -> Result<(), AppError> {
    let message = if reason.trim().is_empty() {
        "say why; every move is kept with its reason".to_owned()
    } else if reason.chars().count() > REASON_CHARS_MAX {
        format!("the reason is longer than {REASON_CHARS_MAX} characters; shorten it")
    } else {
        return Ok(());
    };
    Err(AppError::Invalid {
        field: "reason",
        message,
    })
}
