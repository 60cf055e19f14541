//! What merging or unmerging leads would come to: it is done and undone, so that the preview can't tell another story than
//! the deed.

use bellwether_core::domain::Timestamp;
use bellwether_store::{HandoffFilter, LeadId, StoreError};

use super::Committer;
use super::seen::{self, Seen};
use crate::reads::{handoff_summary, identities, lead_summary};
use crate::{AppError, MergePreview, MergeSide};

/// How many handoffs of a lead a preview shows.
const HANDOFFS_MAX: u32 = 100;

impl Committer {
    /// What merging two leads would come to.
    pub(crate) fn try_merge(
        &mut self,
        one: LeadId,
        other: LeadId,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<MergePreview, AppError>, StoreError> {
        let involved = [one, other];
        let before = self.sides(&involved)?;
        self.tried(&involved, |committer| {
            match committer.merge(one, other, actor, at)? {
                Ok(stays) => {
                    let after = committer.sides(&[stays])?;
                    Ok(Ok(MergePreview { before, after }))
                }
                Err(error) => Ok(Err(error)),
            }
        })
    }

    /// What parting a lead from the one that it was joined into would come to.
    pub(crate) fn try_unmerge(
        &mut self,
        id: LeadId,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<MergePreview, AppError>, StoreError> {
        let before = self.sides(&[id])?;
        self.tried(&[id], |committer| match committer.unmerge(id, actor, at)? {
            Ok(root) => {
                let after = committer.sides(&[root, id])?;
                Ok(Ok(MergePreview { before, after }))
            }
            Err(error) => Ok(Err(error)),
        })
    }

    /// Does something and undoes it, in the database and in memory.
    fn tried<T>(
        &mut self,
        involved: &[LeadId],
        work: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut leads = Vec::new();
        for lead in involved {
            leads.push(*lead);
            leads.extend(self.db.root(*lead)?);
        }
        let group = self.group.clone();
        let ids = self.seen.gathered();
        let (next_lead, next_handoff, any_apart) = (self.next_lead, self.next_handoff, self.any_apart);
        self.db.begin_trial()?;
        let outcome = work(self);
        self.db.undo_trial()?;
        self.group = group;
        if self.seen.gathered() != ids {
            self.seen = Seen::load(&self.db, seen::GATHERED_MAX)?;
        }
        (self.next_lead, self.next_handoff, self.any_apart) = (next_lead, next_handoff, any_apart);
        for lead in leads {
            self.leads.pop(&lead);
            self.recall_keys(lead)?;
        }
        outcome
    }

    /// Leads as they are in the database; of several numbers that lead to one lead, that one once.
    fn sides(&self, leads: &[LeadId]) -> Result<Vec<MergeSide>, StoreError> {
        let now = self.shared.clock.now();
        let mut sides: Vec<MergeSide> = Vec::new();
        for lead in leads {
            let Some(row) = self
                .db
                .root(*lead)?
                .map(|root| self.db.lead(root))
                .transpose()?
                .flatten()
            else {
                continue;
            };
            if sides.iter().any(|side| side.lead.id == row.id) {
                continue;
            }
            let owner = row.owner.map(|owner| self.db.user(owner)).transpose()?.flatten();
            let account = row
                .account
                .map(|account| self.db.account_name(account))
                .transpose()?;
            let handoffs = self.db.list_handoffs(&HandoffFilter {
                owner: None,
                team: None,
                state: None,
                lead: Some(row.id),
                after: None,
                limit: HANDOFFS_MAX,
            })?;
            sides.push(MergeSide {
                identities: identities(&self.db, row.id)?,
                facts: match row.last_fact {
                    Some(last) => self.db.fact_count(last)?,
                    None => 0,
                },
                handoffs: handoffs
                    .into_iter()
                    .map(|row| handoff_summary(row, now))
                    .collect::<Result<_, _>>()?,
                lead: lead_summary(row, owner.map(|owner| owner.name), account.flatten()),
            });
        }
        Ok(sides)
    }
}
