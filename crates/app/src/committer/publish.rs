//! Another agreement becomes active. It holds forward: scores are worked out anew in the background, without handing
//! anybody off.

use std::sync::Arc;

use bellwether_core::domain::Timestamp;
use bellwether_store::{AgreementRow, LeadId, StoreError};

use super::Committer;
use crate::agreement::Compiled;
use crate::signatures::Signatures;
use crate::{AgreementVersion, AppError, Change};

/// How many leads are scored anew in one slice.
const SLICE_LEADS_MAX: u32 = 256;

impl Committer {
    /// Makes an agreement the active one.
    pub(crate) fn publish(
        &mut self,
        compiled: &Compiled,
        expected: Option<u32>,
        by: &str,
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
        let version = AgreementVersion {
            version: present.saturating_add(1),
            hash: compiled.hash.clone(),
            source: compiled.source.clone(),
            activated_at: at,
            by: by.to_owned(),
            engine: Arc::clone(&compiled.engine),
        };
        self.db.insert_agreement(&AgreementRow {
            version: version.version,
            hash: version.hash.clone(),
            source: version.source.clone(),
            activated_at: at,
            published_by: version.by.clone(),
        })?;
        self.leads.clear();
        self.active = Arc::new(version.clone());
        self.signatures = Signatures::new(&self.active.engine);
        self.rescore_after = Some(LeadId(0));
        self.group.changes.push(Change::Agreement);
        Ok(Ok(version))
    }

    /// Makes what the committer works by visible to everybody, once it is durable.
    pub(super) fn announce(&self) {
        self.shared.set_active(Arc::clone(&self.active));
    }

    /// Scores the next leads anew that were scored under an older agreement.
    pub(super) fn rescore_slice(&mut self) {
        let Some(after) = self.rescore_after else { return };
        let outcome = self.db.begin().and_then(|()| self.rescore(after));
        match outcome {
            Ok(next) => {
                self.end_group(Ok(()), Vec::new());
                self.rescore_after = next;
            }
            Err(error) => {
                self.end_group(Err(error), Vec::new());
                self.rescore_after = None;
                self.rescore_interrupted = true;
            }
        }
    }

    fn rescore(&mut self, after: LeadId) -> Result<Option<LeadId>, StoreError> {
        let ids = self
            .db
            .leads_to_rescore(after, self.active.version, SLICE_LEADS_MAX)?;
        let active = Arc::clone(&self.active);
        for id in &ids {
            self.load(*id)?;
            if let Some(lead) = self.leads.get_mut(id) {
                super::leads::score(&active, lead);
                self.db.put_lead(&lead.row)?;
            }
        }
        Ok(ids.last().copied())
    }
}
