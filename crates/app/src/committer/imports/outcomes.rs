//! Deals that were won or lost: kept beside the facts of their leads, for whoever measures the agreement by them.

use bellwether_core::domain::Timestamp;
use bellwether_core::records::{OutcomeRecord, RowOutcome};
use bellwether_store::{Holder, OutcomeRow, Put, StoreError};

use super::ahead;
use crate::committer::Committer;
use crate::identity::{self, EMAIL, EXTERNAL, Key, USER_ID};

impl Committer {
    pub(super) fn import_outcome(
        &mut self,
        outcome: &OutcomeRecord,
        at: Timestamp,
    ) -> Result<RowOutcome, StoreError> {
        let row = match self.outcome_row(outcome, at)? {
            Ok(row) => row,
            Err(why) => return Ok(RowOutcome::Rejected(why)),
        };
        Ok(match self.db.put_outcome(&row)? {
            Put::New => RowOutcome::New,
            Put::Changed => RowOutcome::Updated,
            Put::Same => RowOutcome::AlreadyThere,
        })
    }

    /// An outcome with its lead, or why there is none.
    pub(super) fn outcome_row(
        &mut self,
        outcome: &OutcomeRecord,
        at: Timestamp,
    ) -> Result<Result<OutcomeRow, String>, StoreError> {
        if let Some(why) = ahead(outcome.at, at) {
            return Ok(Err(why));
        }
        let Some(holder) = self.lead_of(&outcome.lead, outcome.lead_kind.as_deref())? else {
            let shown: String = outcome.lead.chars().take(60).collect();
            return Ok(Err(format!("no lead is known by that id or address: `{shown}`")));
        };
        Ok(Ok(OutcomeRow {
            lead: holder.lead,
            origin: holder.origin,
            opportunity: outcome
                .opportunity
                .clone()
                .unwrap_or_else(|| outcome.at.ms().to_string()),
            won: outcome.won,
            at: outcome.at,
            amount_thousandths: outcome.amount_thousandths,
            currency: outcome.currency.clone(),
            reason: outcome.reason.clone(),
            has_id: outcome.opportunity.is_some(),
        }))
    }

    /// The lead with an id of whatever kind; of the one that is said first, then of the product's own.
    fn lead_of(&mut self, id: &str, kind: Option<&str>) -> Result<Option<Holder>, StoreError> {
        let said = kind.map(|kind| format!("{EXTERNAL}{kind}"));
        let address = identity::email(id);
        let own = [
            said.as_deref().map(|kind| (kind, id)),
            Some((USER_ID, id)),
            address.as_deref().map(|address| (EMAIL, address)),
        ];
        for (kind, value) in own.into_iter().flatten() {
            if let Some(holder) = self.holder(&Key {
                kind: kind.into(),
                value: value.into(),
            })? {
                return Ok(Some(holder));
            }
        }
        for kind in self.db.key_kinds()? {
            if let Some(holder) = self.holder(&Key {
                kind: kind.into(),
                value: id.into(),
            })? {
                return Ok(Some(holder));
            }
        }
        Ok(None)
    }
}
