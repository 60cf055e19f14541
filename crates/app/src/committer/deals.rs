//! Deals: opened, changed, won and lost. What a deal moves its lead by is the lifecycle's table; that it was won or lost is
//! a fact by which the agreement is measured, kept as imports keep those of other systems.

use bellwether_core::deal::Money;
use bellwether_core::domain::{Period, Stage, Timestamp};
use bellwether_core::lifecycle::Move;
use bellwether_store::{
    DealChange, DealRow, DealState, LeadId, OpportunityId, OutcomeRow, StoreError, UserId,
};

use super::Committer;
use super::decide::{Ending, SentBack, Standing, allowed};
use super::moves::{REASON_CHARS_MAX, checked_reason};
use super::reason::named_reason;
use crate::{AppError, Change, DealPatch, NewDeal, told};

/// How a deal ends.
pub(crate) struct Closing {
    pub(crate) won: bool,
    pub(crate) reason: Option<String>,
    pub(crate) note: Option<String>,
}

impl Committer {
    /// Opens a deal with a lead.
    pub(crate) fn open_deal(
        &mut self,
        lead: LeadId,
        new: NewDeal,
        seller: Option<UserId>,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<OpportunityId, AppError>, StoreError> {
        let standing = match self.standing(lead)? {
            Ok(standing) => standing,
            Err(error) => return Ok(Err(error)),
        };
        let to = match allowed(standing.stage, Move::OpenOpportunity) {
            Ok(to) => to,
            Err(error) => return Ok(Err(error)),
        };
        let owner = new.owner.or(standing.owner).or(seller);
        if let Some(error) = self.unknown_owner(owner)? {
            return Ok(Err(error));
        }
        let reason = format!("opened the deal “{}”", new.name);
        let row = DealRow {
            id: OpportunityId(0),
            lead: standing.lead,
            origin: standing.origin,
            cycle: standing.cycle,
            name: new.name,
            money: new.money,
            close_on: new.close_on.map(|day| day.to_string()),
            sales_stage: new.sales_stage,
            owner,
            state: DealState::Open,
            opened_at: at,
            opened_by: actor.to_owned(),
            closed_at: None,
            closed_by: None,
            reason: None,
            note: None,
            lead_name: None,
            lead_email: None,
            lead_company: None,
            lead_stage: None,
            account: None,
            owner_name: None,
        };
        let id = self.db.insert_deal(&row)?;
        if let Some(lead) = self.leads.get_mut(&standing.lead) {
            // Whoever works on the deal works with the lead, where nobody did.
            lead.row.owner = lead.row.owner.or(owner);
        }
        self.moved(standing, to, actor, &reason, at)?;
        self.tell_deal(told::OPPORTUNITY_OPENED, id, actor, at)?;
        Ok(Ok(id))
    }

    /// Changes what is known of a deal that is open.
    pub(crate) fn change_deal(
        &mut self,
        id: OpportunityId,
        patch: DealPatch,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<(), AppError>, StoreError> {
        let mut deal = match self.deal_that_is_open(id)? {
            Ok(deal) => deal,
            Err(error) => return Ok(Err(error)),
        };
        if let Some(Some(owner)) = patch.owner
            && let Some(error) = self.unknown_owner(Some(owner))?
        {
            return Ok(Err(error));
        }
        let changes = self.patched(&mut deal, patch)?;
        if changes.is_empty() {
            return Ok(Ok(()));
        }
        self.db.update_deal(&deal)?;
        let change = DealChange {
            at,
            actor: actor.to_owned(),
            change: changes.join("; "),
        };
        self.db.insert_deal_change(id, &change)?;
        self.group.changes.push(Change::Leads);
        Ok(Ok(()))
    }

    /// Wins or loses a deal, and moves its lead as the table says.
    pub(crate) fn close_deal(
        &mut self,
        id: OpportunityId,
        closing: &Closing,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<(), AppError>, StoreError> {
        let mut deal = match self.deal_that_is_open(id)? {
            Ok(deal) => deal,
            Err(error) => return Ok(Err(error)),
        };
        if let Err(error) = checked_closing(closing) {
            return Ok(Err(error));
        }
        let standing = match self.standing(deal.lead)? {
            Ok(standing) => standing,
            Err(error) => return Ok(Err(error)),
        };
        let by = if closing.won { Move::Win } else { Move::Lose };
        let to = match allowed(standing.stage, by) {
            Ok(to) => to,
            Err(error) => return Ok(Err(error)),
        };
        deal.state = if closing.won {
            DealState::Won
        } else {
            DealState::Lost
        };
        (deal.closed_at, deal.closed_by) = (Some(at), Some(actor.to_owned()));
        (deal.reason, deal.note) = (closing.reason.clone(), closing.note.clone());
        self.db.update_deal(&deal)?;
        self.db.put_outcome(&outcome(&deal, closing.won, at))?;
        let others = self.db.open_deals(deal.lead)?;
        self.move_by_deal(standing, to, &deal, others, actor, at)?;
        let event_type = if closing.won {
            told::OPPORTUNITY_WON
        } else {
            told::OPPORTUNITY_LOST
        };
        self.tell_deal(event_type, id, actor, at)?;
        Ok(Ok(()))
    }

    /// Moves the lead of a deal that ended.
    fn move_by_deal(
        &mut self,
        standing: Standing,
        to: Stage,
        deal: &DealRow,
        others: u64,
        actor: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        // The move is kept for the lead that the deal was opened for, so that parting gives it back.
        let standing = Standing {
            origin: deal.origin,
            ..standing
        };
        let why = deal.reason.as_deref();
        let told = match why {
            Some(why) => format!("{} the deal “{}”: {why}", deal.state.as_str(), deal.name),
            None => format!("{} the deal “{}”", deal.state.as_str(), deal.name),
        };
        if to == Stage::Recycled && others == 0 {
            let back = SentBack {
                ending: Ending::Lost,
                reason: &told,
                given: why,
                note: deal.note.as_deref(),
                again: why.and_then(|why| self.again_after(why)),
                actor,
            };
            return self.send_back(standing, to, &back, at);
        }
        // One of several deals was lost: the lead stays where it is.
        let to = if to == Stage::Recycled { standing.stage } else { to };
        self.moved(standing, to, actor, &told, at)
    }

    /// How long a lead stays with marketing that was lost for a reason which is one of the agreement's.
    fn again_after(&self, reason: &str) -> Option<Period> {
        named_reason(self.active.engine.agreement(), reason).and_then(|agreed| agreed.again)
    }

    /// A deal that is open, or why it can't be worked on.
    fn deal_that_is_open(&self, id: OpportunityId) -> Result<Result<DealRow, AppError>, StoreError> {
        let Some(deal) = self.db.deal(id)? else {
            return Ok(Err(AppError::NotFound {
                what: "opportunity",
                id: id.to_string(),
            }));
        };
        if deal.state != DealState::Open {
            let message = format!(
                "opportunity {id} is {} already; open another one if there is more to sell",
                deal.state.as_str()
            );
            return Ok(Err(AppError::Conflict { message }));
        }
        Ok(Ok(deal))
    }

    fn unknown_owner(&self, owner: Option<UserId>) -> Result<Option<AppError>, StoreError> {
        let Some(owner) = owner else { return Ok(None) };
        if self.db.user(owner)?.is_some() {
            return Ok(None);
        }
        let message = format!("nobody signs in under the number {owner}; `GET /api/v1/users` lists who does");
        Ok(Some(AppError::Invalid {
            field: "owner",
            message,
        }))
    }

    /// Changes a deal's row; gives what was changed, in words.
    fn patched(&self, deal: &mut DealRow, patch: DealPatch) -> Result<Vec<String>, StoreError> {
        let mut changes = Vec::new();
        let mut note = |what: &str, before: Option<String>, now: Option<String>| {
            let word = |value: Option<String>| value.unwrap_or_else(|| "nothing".to_owned());
            if before != now {
                changes.push(format!("{what}: {} → {}", word(before), word(now)));
            }
        };
        if let Some(name) = patch.name {
            note("name", Some(deal.name.clone()), Some(name.clone()));
            deal.name = name;
        }
        if let Some(money) = patch.money {
            let words = |money: &Option<Money>| money.as_ref().map(Money::to_string);
            note("amount", words(&deal.money), words(&money));
            deal.money = money;
        }
        if let Some(close_on) = patch.close_on {
            let close_on = close_on.map(|day| day.to_string());
            note("close date", deal.close_on.clone(), close_on.clone());
            deal.close_on = close_on;
        }
        if let Some(sales_stage) = patch.sales_stage {
            note("stage", deal.sales_stage.clone(), sales_stage.clone());
            deal.sales_stage = sales_stage;
        }
        if let Some(owner) = patch.owner {
            let name = match owner {
                Some(owner) => self.db.user(owner)?.map(|user| user.name),
                None => None,
            };
            note("owner", deal.owner_name.clone(), name.clone());
            (deal.owner, deal.owner_name) = (owner, name);
        }
        Ok(changes)
    }
}

/// What won and lost deals must say.
fn checked_closing(closing: &Closing) -> Result<(), AppError> {
    if !closing.won || closing.reason.is_some() {
        checked_reason(closing.reason.as_deref().unwrap_or_default())?;
    }
    let note = closing.note.as_deref().unwrap_or_default();
    if note.chars().count() > REASON_CHARS_MAX {
        return Err(AppError::Invalid {
            field: "note",
            message: format!("the note is longer than {REASON_CHARS_MAX} characters; shorten it"),
        });
    }
    Ok(())
}

/// That a deal was won or lost, as the facts of other systems are kept.
fn outcome(deal: &DealRow, won: bool, at: Timestamp) -> OutcomeRow {
    OutcomeRow {
        origin: deal.origin,
        lead: deal.lead,
        opportunity: format!("bellwether-{}", deal.id),
        won,
        at,
        amount_thousandths: deal.money.as_ref().map(|money| money.thousandths),
        currency: deal.money.as_ref().map(|money| money.currency.clone()),
        reason: deal.reason.clone(),
        has_id: true,
    }
}
