//! Leads' facts from the database, a slice of leads in each read transaction: nobody who writes waits, and the log isn't
//! held.

use bellwether_core::agreement::Suspect;
use bellwether_core::domain::Timestamp;
use bellwether_core::explain::History;
use bellwether_store::{Db, LeadId, StoreError};

use crate::history;

/// How many leads are read in one transaction.
const SLICE_LEADS_MAX: u32 = 128;

/// By which rules either side holds apart what machines did.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) active: Option<&'a Suspect>,
    pub(super) proposed: Option<&'a Suspect>,
}

/// One lead's facts, in the order in which they are folded.
pub(super) struct LeadFacts {
    pub(super) lead: LeadId,
    /// Those that count by the active version's rules.
    pub(super) active: History,
    /// Those that count by the other's, where these are different rules.
    pub(super) proposed: Option<History>,
    /// Since when sales has it, in its present cycle.
    pub(super) handed_off_at: Option<Timestamp>,
}

/// The next leads after one whom one could reach, by number; none at the end.
pub(super) fn slice(db: &Db, after: LeadId, rules: Rules<'_>) -> Result<Vec<LeadFacts>, StoreError> {
    let leads = db.known_leads_after(after, 1, SLICE_LEADS_MAX)?;
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
    Ok(facts)
}
