//! Another agreement becomes active. Scores are worked out anew in the background, without handing anybody off; whom a
//! retroactive version would hand off is only listed.

use std::sync::Arc;

use bellwether_core::domain::Timestamp;
use bellwether_store::{AgreementRow, LeadId, ProposalId, StoreError};

use super::Committer;
use crate::agreement::Compiled;
use crate::signatures::Signatures;
use crate::{Actor, AgreementVersion, AppError, Basis, Change, PublishMode, signing};

/// How many leads are scored anew in one slice.
const SLICE_LEADS_MAX: u32 = 256;
/// What is found where a version was published without signatures.
const WITHOUT_SIGNATURES: &str = "unsigned_agreement";

/// What is published, and on what it stands.
pub(crate) struct Publication {
    pub(crate) compiled: Compiled,
    pub(crate) mode: PublishMode,
    pub(crate) basis: Basis,
    pub(crate) reason: Option<String>,
    pub(crate) proposal: Option<ProposalId>,
    pub(crate) back_to: Option<u32>,
}

impl Committer {
    /// Makes an agreement the active one that nobody signed: the first of a database, or one for which somebody who may
    /// says why.
    pub(crate) fn put_agreement(
        &mut self,
        compiled: Compiled,
        expected: Option<u32>,
        reason: Option<String>,
        actor: Actor,
        at: Timestamp,
    ) -> Result<Result<AgreementVersion, AppError>, StoreError> {
        let present = self.active.version;
        if let Some(expected) = expected.filter(|expected| *expected != present) {
            let message = format!(
                "version {present} is active, not {expected}; look at what changed and send yours again"
            );
            return Ok(Err(AppError::Conflict { message }));
        }
        if compiled.hash == self.active.hash {
            return Ok(Ok(self.active.as_ref().clone()));
        }
        let operator = !matches!(actor, Actor::User(_));
        let basis = if operator && self.active.basis != Basis::Signed && self.db.last_lead()? == 0 {
            Basis::First
        } else if reason.is_some() && signing::may_override(&self.db, actor)? {
            Basis::Override
        } else {
            return Ok(Err(unsigned()));
        };
        let publication = Publication {
            compiled,
            mode: PublishMode::Forward,
            basis,
            reason,
            proposal: None,
            back_to: None,
        };
        self.publish(publication, actor, at).map(Ok)
    }

    /// Makes an agreement the active one. Whoever calls has made sure that it may be.
    pub(super) fn publish(
        &mut self,
        publication: Publication,
        actor: Actor,
        at: Timestamp,
    ) -> Result<AgreementVersion, StoreError> {
        let Publication {
            compiled,
            mode,
            basis,
            reason,
            proposal,
            back_to,
        } = publication;
        let version = AgreementVersion {
            version: self.active.version.saturating_add(1),
            hash: compiled.hash,
            source: compiled.source,
            activated_at: at,
            by: actor.to_string(),
            mode,
            basis,
            reason,
            proposal,
            back_to,
            engine: compiled.engine,
        };
        let from_the_beginning = (mode == PublishMode::Retroactive).then_some(LeadId(0));
        self.db.insert_agreement(&row(&version, from_the_beginning))?;
        self.db.supersede_waiting(version.version, at)?;
        if basis == Basis::Override {
            let why = version.reason.clone().unwrap_or_default();
            let subject = format!("version {} by {}", version.version, version.by);
            self.find(WITHOUT_SIGNATURES, &subject, why, at);
        }
        self.leads.clear();
        self.active = Arc::new(version.clone());
        self.signatures = Signatures::new(&self.active.engine);
        self.rescore_after = Some(LeadId(0));
        self.group.changes.push(Change::Agreement);
        Ok(version)
    }

    /// Makes what the committer works by visible to everybody, once it is durable.
    pub(super) fn announce(&self) {
        self.shared.set_active(Arc::clone(&self.active));
    }

    /// Finds what is left to do in the background: after a start, or where it was interrupted.
    pub(super) fn resume_background(&mut self) -> Result<(), StoreError> {
        self.confirmed_left = !self.db.confirmed(1)?.is_empty();
        self.rescore_after = match self.active.mode {
            PublishMode::Forward => Some(LeadId(0)),
            PublishMode::Retroactive => match self.db.agreement(self.active.version)? {
                Some(row) if row.rescored_at.is_some() => Some(LeadId(0)),
                Some(row) => row.rescored_to.or(Some(LeadId(0))),
                None => Some(LeadId(0)),
            },
        };
        Ok(())
    }

    /// The same, where the database may still not be read: then the next group tries again.
    pub(super) fn resume_after_interruption(&mut self) {
        if let Err(error) = self.resume_background() {
            tracing::error!(store.error = %error, "the background work isn't taken up again");
            self.background_interrupted = true;
        }
    }

    /// Does the next piece of what is done between groups: scoring anew, then handing off what was confirmed.
    pub(super) fn background_slice(&mut self) {
        let begun = self.db.begin();
        if let Some(after) = self.rescore_after {
            let outcome = begun.and_then(|()| self.rescore(after));
            self.rescore_after = self.end_slice(outcome).flatten();
        } else {
            let outcome = begun.and_then(|()| self.hand_off_confirmed());
            self.confirmed_left = self.end_slice(outcome).unwrap_or_default();
        }
    }

    /// Commits a slice; after an error, the background work begins anew once a group was committed.
    fn end_slice<T>(&mut self, outcome: Result<T, StoreError>) -> Option<T> {
        let outcome = outcome.and_then(|done| self.finish_group().map(|()| done));
        match outcome {
            Ok(done) => {
                let committed = self.end_group(Ok(()), Vec::new());
                self.background_interrupted |= !committed;
                committed.then_some(done)
            }
            Err(error) => {
                self.end_group(Err(error), Vec::new());
                self.background_interrupted = true;
                None
            }
        }
    }

    fn rescore(&mut self, after: LeadId) -> Result<Option<LeadId>, StoreError> {
        let active = Arc::clone(&self.active);
        let anew = self.judges_anew()?;
        let ids = if anew {
            self.db.lead_numbers_after(after, SLICE_LEADS_MAX)?
        } else {
            self.db.leads_to_rescore(after, active.version, SLICE_LEADS_MAX)?
        };
        let at = self.shared.clock.now();
        for id in &ids {
            self.load(*id)?;
            if let Some(lead) = self.leads.get_mut(id) {
                super::leads::score(&active, lead);
                self.db.put_lead(&lead.row)?;
            }
            if anew {
                self.list_anew(*id, at)?;
            }
        }
        let whole = ids.len() >= SLICE_LEADS_MAX as usize;
        let next = ids.last().copied().filter(|_| whole);
        if anew {
            self.db
                .put_rescored(active.version, next.unwrap_or(after), (!whole).then_some(at))?;
            self.group.changes.push(Change::Agreement);
        }
        Ok(next)
    }

    /// Whether leads are still to be judged anew by the active version.
    fn judges_anew(&self) -> Result<bool, StoreError> {
        if self.active.mode == PublishMode::Forward {
            return Ok(false);
        }
        let row = self.db.agreement(self.active.version)?;
        Ok(row.is_some_and(|row| row.rescored_at.is_none()))
    }
}

/// A version as it is kept.
pub(crate) fn row(version: &AgreementVersion, rescored_to: Option<LeadId>) -> AgreementRow {
    AgreementRow {
        version: version.version,
        hash: version.hash.clone(),
        source: version.source.clone(),
        activated_at: version.activated_at,
        published_by: version.by.clone(),
        mode: version.mode.as_str().to_owned(),
        basis: version.basis.as_str().to_owned(),
        reason: version.reason.clone(),
        proposal: version.proposal,
        back_to: version.back_to,
        rescored_to,
        rescored_at: None,
    }
}

fn unsigned() -> AppError {
    AppError::Forbidden {
        message: "an agreement is published once somebody of marketing and somebody of sales signed it: propose it, \
                  and have both sign; an operator or admin may publish it without, and says why"
            .to_owned(),
    }
}
