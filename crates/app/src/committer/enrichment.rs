//! What is to be asked about a lead is promised with the facts that ask for it, and an answer is taken as a fact of its
//! own, in the transaction that notes that it came.

use std::sync::Arc;

use bellwether_connect::companies::Company;
use bellwether_connect::enrich::{self, Outcome};
use bellwether_core::domain::{Period, Timestamp, TraitSource, Traits};
use bellwether_store::{EnrichmentRow, LeadId, SourceId, StoreError};
use sha2::{Digest as _, Sha256};

use super::Committer;
use crate::enrichers::Kept;
use crate::identity::{ANONYMOUS_ID, EMAIL, EXTERNAL, USER_ID};
use crate::outbox::next_attempt;
use crate::{FactBody, IncomingFact, Keys, Submission, json};

/// For how long a service that refuses to answer isn't asked.
pub(crate) const REFUSED_PERIOD: Period = Period::from_ms(3_600_000);

/// Write keys are counted upwards from 1 and imports are -1; enrichers bring facts too, and take the numbers below this.
const ENRICHERS_BELOW: i64 = -1_000;

/// A promise that was kept or not.
pub(crate) struct Asked {
    pub(crate) kept: Arc<Kept>,
    pub(crate) row: EnrichmentRow,
    pub(crate) came: Came,
}

/// What came of it.
pub(crate) enum Came {
    /// It isn't wanted any more.
    Skipped,
    /// It was answered before: these traits, or nothing known.
    Held(Option<Traits>),
    /// It was asked now.
    Now(Outcome),
}

impl Committer {
    /// Promises whatever an enricher is to be asked about a lead of which something was learned.
    pub(super) fn promise_enrichments(&mut self, id: LeadId, at: Timestamp) -> Result<(), StoreError> {
        let enrichers = self.shared.enrichers.kept();
        let Some(lead) = self.leads.peek(&id).filter(|_| !enrichers.is_empty()) else {
            return Ok(());
        };
        let (traits, known) = (lead.traits.current(), lead.row.known_from.is_some());
        for kept in enrichers.iter() {
            if !kept.settings.wants(&traits, known) {
                continue;
            }
            let Some(key) = enrich::key_of(&kept.settings, &traits) else {
                continue;
            };
            let key = serde_json::to_string(&key).unwrap_or_default();
            let stale_before = at.minus(Period::from_days(kept.settings.limits.cache_days));
            self.group.enrichments |= self.db.promise_enrichment(kept.id, id, &key, at, stale_before)?;
        }
        Ok(())
    }

    /// Notes what came of a promise; an answer becomes a fact.
    pub(crate) fn take_answer(&mut self, asked: Asked, at: Timestamp) -> Result<(), StoreError> {
        let Asked { kept, row, came } = asked;
        match came {
            Came::Skipped => self.db.enrichment_ended(row.id, "skipped", None, at),
            Came::Held(traits) => self.take_traits(&kept, &row, traits.unwrap_or_default(), at),
            Came::Now(Outcome::Known(traits)) => {
                self.keep_answer(&kept, &row, &traits, at)?;
                self.take_traits(&kept, &row, traits, at)
            }
            Came::Now(Outcome::Unknown) => {
                self.keep_answer(&kept, &row, &Traits::new(), at)?;
                self.take_traits(&kept, &row, Traits::new(), at)
            }
            Came::Now(Outcome::Later { why, retry_after_s }) => {
                let asked_for = retry_after_s.map_or(0, |s| i64::try_from(s).unwrap_or(0) * 1_000);
                self.ask_again(
                    &kept,
                    &row,
                    "enrichment_failed",
                    &why,
                    Period::from_ms(asked_for),
                    at,
                )
            }
            Came::Now(Outcome::Refused(why)) => {
                self.ask_again(&kept, &row, "enrichment_refused", &why, REFUSED_PERIOD, at)
            }
            Came::Now(Outcome::Never(why)) => self.give_up(&kept, &row, &why, at),
        }
    }

    /// Lists that an enricher isn't asked for a while.
    pub(crate) fn note_held(&mut self, kept: &Kept, kind: &'static str, why: &str, at: Timestamp) {
        self.find(kind, &kept.settings.name, why, at);
    }

    fn keep_answer(
        &self,
        kept: &Kept,
        row: &EnrichmentRow,
        traits: &Traits,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut buffer = Vec::new();
        let text = json::write(traits, &mut buffer);
        let until = at.plus(Period::from_days(kept.settings.limits.cache_days));
        self.db.keep_answer(kept.id, &row.key, text, at, until)
    }

    fn ask_again(
        &mut self,
        kept: &Kept,
        row: &EnrichmentRow,
        kind: &'static str,
        why: &str,
        not_within: Period,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.find(kind, &kept.settings.name, why, at);
        let name = format!("{}-{}", kept.settings.name, row.id);
        match next_attempt(&name, row.attempts, at) {
            Some(next) => self
                .db
                .enrichment_failed(row.id, why, next.max(at.plus(not_within))),
            None => self.give_up(kept, row, why, at),
        }
    }

    fn give_up(
        &mut self,
        kept: &Kept,
        row: &EnrichmentRow,
        why: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.find("enrichment_given_up", &kept.settings.name, why, at);
        self.db.enrichment_ended(row.id, "dead", Some(why), at)
    }

    /// Takes what is known of a lead as a fact, under an id by which one that comes twice is known.
    fn take_traits(
        &mut self,
        kept: &Kept,
        row: &EnrichmentRow,
        traits: Traits,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        if traits.is_empty() {
            return self.db.enrichment_ended(row.id, "unknown", None, at);
        }
        let Some(keys) = self.keys_to_tell(row.lead)? else {
            return self.db.enrichment_ended(row.id, "skipped", None, at);
        };
        let mut buffer = Vec::new();
        let text = json::write(&traits, &mut buffer).unwrap_or_default();
        let digest = Sha256::new()
            .chain_update(&row.key)
            .chain_update([0])
            .chain_update(text)
            .finalize();
        let hash = digest
            .iter()
            .take(16)
            .fold(0_u128, |hash, byte| (hash << 8) | u128::from(*byte));
        let fact = IncomingFact {
            message_id: format!("{}/{}/{hash:032x}", kept.settings.name, row.lead),
            ts: at,
            original_at: None,
            sent_at: None,
            keys,
            seen_from: None,
            context_traits: Traits::new(),
            body: FactBody::Identify(traits),
        };
        self.take_submission(Submission {
            source: SourceId(ENRICHERS_BELOW - kept.id.0),
            speaker: TraitSource::Enrichment,
            received_at: at,
            facts: vec![fact],
            findings: Vec::new(),
        })?;
        self.db.enrichment_ended(row.id, "answered", None, at)
    }

    /// Puts a lead under the account of the company whose network it came from, where nothing better names one yet: a
    /// group call or a company's mail go before it, also later.
    pub(super) fn see_from(
        &mut self,
        id: LeadId,
        company: Option<Company>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(company) = company else {
            return Ok(());
        };
        self.load(id)?;
        if self.leads.peek(&id).is_none_or(|lead| lead.row.account.is_some()) {
            return Ok(());
        }
        let account = self.db.account("domain", &company.domain, at)?;
        if let Some(name) = &company.name {
            self.db.name_account_if_none(account, name)?;
        }
        if let Some(lead) = self.leads.get_mut(&id) {
            lead.row.account = Some(account);
            lead.account_new = true;
            lead.whole = true;
        }
        Ok(())
    }

    /// A key by which a lead is found, or whoever it was joined into.
    fn keys_to_tell(&self, lead: LeadId) -> Result<Option<Keys>, StoreError> {
        let Some(root) = self.db.root(lead)? else {
            return Ok(None);
        };
        let mut held = self.db.keys_of(root)?;
        // What was asked about a lead that was joined since is that one's, also on the day on which it is parted.
        if held.iter().any(|key| key.origin == lead) {
            held.retain(|key| key.origin == lead);
        }
        let of = |kind: &str| {
            held.iter()
                .find(|key| key.kind == kind)
                .map(|key| key.value.clone())
        };
        let mut keys = Keys::default();
        if let Some(email) = of(EMAIL) {
            keys.email = Some(email);
        } else if let Some(id) = of(USER_ID) {
            keys.user_id = Some(id);
        } else if let Some(key) = held.iter().find(|key| key.kind.starts_with(EXTERNAL)) {
            let kind = key.kind.trim_start_matches(EXTERNAL).to_owned();
            keys.external_ids.push((kind, key.value.clone()));
        } else if let Some(id) = of(ANONYMOUS_ID) {
            keys.anonymous_id = Some(id);
        } else {
            return Ok(None);
        }
        Ok(Some(keys))
    }
}
