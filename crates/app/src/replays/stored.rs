//! Leads' facts from the database, a slice of leads in each read transaction: nobody who writes waits, and the log isn't
//! held.

use std::sync::Arc;

use bellwether_core::agreement::Suspect;
use bellwether_core::explain::History;
use bellwether_store::{Db, StoreError};

use super::{Facts, LeadFacts, Rules};
use crate::shared::Shared;
use crate::{AppError, LeadId, history};

/// How many leads are read in one transaction.
const SLICE_LEADS_MAX: u32 = 128;

/// The database's facts.
pub(crate) struct Stored(pub(crate) Arc<Shared>);

impl Facts for Stored {
    fn leads(&self) -> Result<u64, AppError> {
        Ok(self.0.readers.take()?.snapshot(Db::known_leads)?)
    }

    fn slice(&self, after: LeadId, every: u32, rules: Rules<'_>) -> Result<Vec<LeadFacts>, AppError> {
        let facts = self.0.readers.take()?.snapshot(|db| {
            let leads = db.known_leads_after(after, every, SLICE_LEADS_MAX)?;
            let read = |lead, last, rules: Option<&Suspect>| -> Result<History, StoreError> {
                Ok(history::sifted(db, rules, lead, last)?.history)
            };
            let mut facts = Vec::with_capacity(leads.len());
            for one in leads {
                facts.push(LeadFacts {
                    lead: one.lead,
                    active: read(one.lead, one.last_fact, rules.active)?,
                    proposed: (rules.active != rules.proposed)
                        .then(|| read(one.lead, one.last_fact, rules.proposed))
                        .transpose()?,
                    handed_off_at: one.handed_off_at,
                });
            }
            Ok::<_, StoreError>(facts)
        });
        Ok(facts?)
    }
}
