//! What sales did with a lead, and what became of deals, is told to whoever follows it.

use bellwether_core::domain::Timestamp;
use bellwether_store::{OpportunityId, StoreError};

use super::Committer;
use super::decide::Standing;
use crate::told::{self, MoveTold};

impl Committer {
    /// Promises to tell of the move that was just written. Its number is the message's, so that a lead which is accepted
    /// twice is told of twice.
    pub(super) fn tell_move(
        &mut self,
        event_type: &'static str,
        standing: Standing,
        actor: &str,
        why: Option<(&str, Option<&str>)>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(lead) = self.leads.peek(&standing.lead).map(|lead| lead.row.clone()) else {
            return Ok(());
        };
        let owner = match standing.owner {
            Some(owner) => self.db.user(owner)?,
            None => None,
        };
        let payload = told::moved(&MoveTold {
            event_type,
            lead: &lead,
            cycle: standing.cycle,
            handoff: standing.handoff,
            owner: owner.as_ref(),
            actor,
            why,
            at,
        });
        let id = format!("{event_type}-{}", self.db.last_move()?);
        self.promise(&id, event_type, &payload, at)
    }

    /// Promises to tell of a deal as it is now.
    pub(super) fn tell_deal(
        &mut self,
        event_type: &'static str,
        id: OpportunityId,
        actor: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(deal) = self.db.deal(id)? else {
            return Ok(());
        };
        let owner = match deal.owner {
            Some(owner) => self.db.user(owner)?,
            None => None,
        };
        let payload = told::deal(event_type, &deal, owner.as_ref(), actor, at);
        self.promise(&format!("{event_type}-{id}"), event_type, &payload, at)
    }
}
