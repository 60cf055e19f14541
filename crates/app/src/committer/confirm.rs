//! Whom a retroactive version would newly hand off: listed while all leads are judged anew, and handed off only once
//! somebody confirmed it. Somebody who raises their hand meanwhile isn't made to wait.

use std::sync::Arc;

use bellwether_core::domain::Timestamp;
use bellwether_core::engine::Qualification;
use bellwether_core::handoff::choose_route;
use bellwether_core::lifecycle::{self, Move};
use bellwether_core::profile::Profile;
use bellwether_store::{HandoffId, LeadId, NewlyQualifiedRow, StoreError};

use super::Committer;
use super::handoff::qualifies_now;
use crate::{Actor, AppError, Change, Decided, Listed, PublishMode, signing};

/// How many leads are handed off in one slice.
const SLICE_HANDOFFS_MAX: u32 = 32;

/// How those of a list stand.
pub(crate) const WAITING: &str = "waiting";
pub(crate) const CONFIRMED: &str = "confirmed";
pub(crate) const HANDED_OFF: &str = "handed_off";
pub(crate) const LEFT_OUT: &str = "left_out";
pub(crate) const LAPSED: &str = "lapsed";

impl Committer {
    /// Lists a lead that qualified before the active version, by that version, and would be handed off by it.
    pub(super) fn list_anew(&mut self, id: LeadId, at: Timestamp) -> Result<(), StoreError> {
        let active = Arc::clone(&self.active);
        let Some(lead) = self.leads.get_mut(&id) else {
            return Ok(());
        };
        if lead.row.handoff.is_some() {
            return Ok(());
        }
        let Some(qualified) = lead.state.qualification(&active.engine) else {
            return Ok(());
        };
        // What an import brought hands nobody off until they do something.
        let idle = lead
            .imported_until
            .is_some_and(|until| qualified.at <= until && lead.row.last_seen <= until);
        let moves = lifecycle::next(lead.row.stage, Move::Qualify).is_ok()
            && lead.row.cycle <= active.engine.agreement().limits.cycles;
        if idle || !moves || qualified.at >= active.activated_at {
            return Ok(());
        }
        self.list_newly_qualified(id, &qualified, at)
    }

    /// Whether a lead that qualified before the active version waits to be confirmed rather than to do something; it is
    /// listed then.
    pub(super) fn waits_to_be_confirmed(
        &mut self,
        id: LeadId,
        qualified: &Qualification,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let lead = self.leads.peek(&id);
        let moves = lead.is_some_and(|lead| lifecycle::next(lead.row.stage, Move::Qualify).is_ok());
        if self.active.mode != PublishMode::Retroactive || !moves {
            return Ok(false);
        }
        let Some(row) = self.db.newly_qualified_one(self.active.version, id)? else {
            self.list_newly_qualified(id, qualified, at)?;
            return Ok(true);
        };
        Ok(row.state == WAITING || row.state == CONFIRMED)
    }

    /// A lead of the active version's list was handed off without having been confirmed, by what it did.
    pub(super) fn no_more_to_confirm(&self, id: LeadId) -> Result<(), StoreError> {
        let version = self.active.version;
        if self.active.mode != PublishMode::Retroactive {
            return Ok(());
        }
        let handoff = self.leads.peek(&id).and_then(|lead| lead.row.handoff);
        match self.db.newly_qualified_one(version, id)? {
            Some(row) if handoff.is_some() && (row.state == WAITING || row.state == CONFIRMED) => {
                let outcome = "it did something by which it was handed off at once";
                self.db
                    .end_newly_qualified(version, id, HANDED_OFF, handoff, Some(outcome))
            }
            _ => Ok(()),
        }
    }

    fn list_newly_qualified(
        &mut self,
        id: LeadId,
        qualified: &Qualification,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let active = Arc::clone(&self.active);
        let Some(lead) = self.leads.get(&id) else {
            return Ok(());
        };
        let traits = lead.traits.current();
        let route = choose_route(active.engine.agreement(), &Profile::new(&traits));
        let of_account = match lead.row.account {
            Some(account) => self.db.account_owner(account)?,
            None => None,
        };
        self.db.list_newly_qualified(&NewlyQualifiedRow {
            version: active.version,
            lead: id,
            listed_at: at,
            qualified_at: qualified.at,
            trigger: qualified.trigger.clone(),
            fit: qualified.score.fit,
            intent: qualified.score.intent,
            reaches: qualifies_now(&active.engine, lead, false),
            team: route.map(|(route, _)| route.team.clone()),
            owner: lead.row.owner.or(of_account),
            state: WAITING.to_owned(),
            decided_at: None,
            decided_by: None,
            handoff: None,
            outcome: None,
        })?;
        Ok(())
    }

    /// Somebody decides on leads of the active version's list: they are handed off in the background, or left out.
    pub(crate) fn decide_listed(
        &mut self,
        version: u32,
        which: &Listed,
        hand_off: bool,
        actor: Actor,
        at: Timestamp,
    ) -> Result<Result<Decided, AppError>, StoreError> {
        if let Some(error) = signing::forbidden(&self.db, actor)? {
            return Ok(Err(error));
        }
        if let Some(error) = self.not_to_be_decided(version)? {
            return Ok(Err(error));
        }
        let (state, by) = (if hand_off { CONFIRMED } else { LEFT_OUT }, actor.to_string());
        let mut decided = Decided {
            decided: 0,
            not_waiting: Vec::new(),
        };
        match which {
            Listed::All(shown) => {
                let counts = self.db.newly_qualified_counts(version)?;
                let waiting = count(&counts, WAITING);
                if waiting != *shown {
                    let message = format!("{waiting} leads wait, not {shown}; look at the list again");
                    return Ok(Err(AppError::Conflict { message }));
                }
                decided.decided = self.db.decide_all_waiting(version, state, at, &by)?;
            }
            Listed::Leads(leads) => {
                for lead in leads {
                    if self.db.decide_waiting(version, *lead, state, at, &by)? {
                        decided.decided += 1;
                    } else {
                        decided.not_waiting.push(*lead);
                    }
                }
            }
        }
        self.confirmed_left |= hand_off;
        self.group.changes.push(Change::Agreement);
        Ok(Ok(decided))
    }

    fn not_to_be_decided(&self, version: u32) -> Result<Option<AppError>, StoreError> {
        let present = self.active.version;
        if version != present {
            let message = format!("version {present} is active, not {version}; its list is closed");
            return Ok(Some(AppError::Conflict { message }));
        }
        let row = self.db.agreement(version)?;
        if self.active.mode == PublishMode::Retroactive && row.is_some_and(|row| row.rescored_at.is_none()) {
            let message = "leads are still being judged anew; the list is whole when that is done".to_owned();
            return Ok(Some(AppError::Refused { message }));
        }
        Ok(None)
    }

    /// Hands off the next leads of those that were confirmed; whether there may be more.
    pub(super) fn hand_off_confirmed(&mut self) -> Result<bool, StoreError> {
        let rows = self.db.confirmed(SLICE_HANDOFFS_MAX)?;
        let at = self.shared.clock.now();
        for row in &rows {
            let (state, handoff, outcome) = match self.hand_off_listed(row.lead, at)? {
                Ok(handoff) => (HANDED_OFF, Some(handoff), None),
                Err(why) => (LAPSED, None, Some(why)),
            };
            self.db
                .end_newly_qualified(row.version, row.lead, state, handoff, outcome.as_deref())?;
        }
        if !rows.is_empty() {
            self.group.changes.push(Change::Agreement);
        }
        Ok(rows.len() >= SLICE_HANDOFFS_MAX as usize)
    }

    /// Hands a listed lead off, if that is still to be done; else why it isn't.
    fn hand_off_listed(
        &mut self,
        listed: LeadId,
        at: Timestamp,
    ) -> Result<Result<HandoffId, String>, StoreError> {
        let active = Arc::clone(&self.active);
        let Some(id) = self.db.root(listed)? else {
            return Ok(Err("the lead isn't there any more".to_owned()));
        };
        self.load(id)?;
        let Some(lead) = self.leads.get_mut(&id) else {
            return Ok(Err("the lead isn't there any more".to_owned()));
        };
        if lead.row.handoff.is_some() {
            return Ok(Err("it had been handed off meanwhile".to_owned()));
        }
        let Some(qualified) = lead.state.qualification(&active.engine) else {
            return Ok(Err("it doesn't qualify any more".to_owned()));
        };
        let Ok(to) = lifecycle::next(lead.row.stage, Move::Qualify) else {
            return Ok(Err(format!("it is at stage `{}`", lead.row.stage.as_str())));
        };
        let judged_at = if qualifies_now(&active.engine, lead, false) {
            lead.state.newest().unwrap_or(at)
        } else {
            qualified.at
        };
        self.hand_off(id, to, judged_at, at)?;
        let handoff = self.leads.peek(&id).and_then(|lead| lead.row.handoff);
        Ok(handoff.ok_or_else(|| "there was nothing to hand off".to_owned()))
    }
}

/// How many of a list are in a state.
pub(crate) fn count(counts: &[(String, u64)], state: &str) -> u64 {
    let mut counts = counts.iter();
    counts.find(|(of, _)| of == state).map_or(0, |(_, count)| *count)
}
