//! Accounts of other systems' files: kept, and told to the leads that are under them, now and later.

use bellwether_core::domain::{Timestamp, TraitSource, Traits, Value};
use bellwether_core::records::{AccountRecord, Record, RowOutcome};
use bellwether_store::{AccountId, AccountRecordRow, Holder, LeadId, StoreError};

use super::draft::content;
use super::{IMPORTED, Taking};
use crate::committer::Committer;
use crate::committer::take::{COMPANY_TRAITS, Origin, company_traits};
use crate::{identity, json};

/// How many leads of an account are told at once what is known of it.
const LEADS_SLICE: u32 = 500;

impl Committer {
    pub(super) fn import_account(
        &mut self,
        account: &AccountRecord,
        taking: &mut Taking<'_>,
    ) -> Result<RowOutcome, StoreError> {
        let hash = content(&Record::Account(Box::new(account.clone())));
        let owner = match &account.owner {
            Some(owner) => self.owner(owner, taking)?,
            None => None,
        };
        let mut traits = account.traits.clone();
        if let Some(name) = &account.name {
            traits.insert("name".to_owned(), Value::Text(name.clone()));
        }
        let mut outcome = None;
        for (kind, value) in places(account) {
            if let Some(reason) = identity::junk(&value) {
                return Ok(RowOutcome::Rejected(format!(
                    "an id that can't be used: {reason}"
                )));
            }
            let there = self.db.account_there(kind, &value)?;
            let id = self.db.account(kind, &value, taking.at)?;
            let same = self.db.account_record(id)?.is_some_and(|held| held.hash == hash);
            let put = match (there, same) {
                (_, true) => RowOutcome::AlreadyThere,
                (Some(_), false) => RowOutcome::Updated,
                (None, false) => RowOutcome::New,
            };
            outcome.get_or_insert(put);
            if let Some(owner) = owner {
                self.db.give_account(id, owner)?;
            }
            if same {
                continue;
            }
            if let Some(name) = &account.name {
                self.db.name_account(id, name)?;
            }
            let mut buffer = Vec::new();
            let traits = json::write(&traits, &mut buffer).unwrap_or("{}").to_owned();
            let record = AccountRecordRow {
                traits,
                hash: hash.clone(),
                at: taking.at,
            };
            self.db.put_account_record(id, &record)?;
            self.tell_leads_under(id, taking)?;
        }
        Ok(outcome.unwrap_or_else(|| RowOutcome::Rejected("no account is named".to_owned())))
    }

    /// Tells every lead of an account what is known of it.
    fn tell_leads_under(&mut self, account: AccountId, taking: &Taking<'_>) -> Result<(), StoreError> {
        // Leads of this group must be found, too.
        self.write_dirty()?;
        let mut after = LeadId(0);
        loop {
            let leads = self.db.leads_under(account, after, LEADS_SLICE)?;
            let Some(last) = leads.last() else { return Ok(()) };
            after = *last;
            for lead in leads {
                self.load(lead)?;
                self.tell_company(lead, account, taking.at)?;
            }
        }
    }

    /// Tells a lead what a file said of its company, as of the newest that is known of the lead.
    pub(in crate::committer) fn tell_company(
        &mut self,
        id: LeadId,
        account: AccountId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(record) = self.db.account_record(account)? else {
            return Ok(());
        };
        let known = json::read(Some(&record.traits));
        let mut traits = Traits::new();
        company_traits(&known, &mut traits);
        // What isn't among those that every company has keeps its own name.
        let own = known
            .iter()
            .filter(|(name, _)| COMPANY_TRAITS.iter().all(|(theirs, _)| theirs != name));
        traits.extend(own.map(|(name, value)| (name.clone(), value.clone())));
        let Some(ts) = self.leads.peek(&id).map(|lead| lead.row.last_seen) else {
            return Ok(());
        };
        if traits.is_empty() {
            return Ok(());
        }
        let message_id = format!("company-{account}-{}-{id}", record.hash);
        let origin = Origin {
            source: IMPORTED,
            speaker: TraitSource::Crm,
            received_at: at,
            known: None,
        };
        if !self.remember(IMPORTED, &message_id, at)? {
            return Ok(());
        }
        let holder = Holder {
            lead: id,
            origin: self.under(id, account)?,
        };
        self.keep_traits(holder, origin, &message_id, ts, traits)
    }

    /// Of the leads that are one, the one that was under an account before they were joined; else the one that stays.
    fn under(&self, root: LeadId, account: AccountId) -> Result<LeadId, StoreError> {
        let joinings = self.db.joinings_into(root)?;
        let first = joinings.iter().find(|joining| joining.into == root);
        if first.is_none_or(|joining| joining.into_account == Some(account)) {
            return Ok(root);
        }
        for joining in &joinings {
            let joined = self.db.lead(joining.lead)?;
            if joined.is_some_and(|row| row.account == Some(account)) {
                return Ok(joining.lead);
            }
        }
        Ok(root)
    }
}

/// By what an account is found: kind and value.
pub(super) fn places(account: &AccountRecord) -> Vec<(&'static str, String)> {
    let id = account.id.as_deref().map(|id| ("group", id.trim().to_owned()));
    let domain = account
        .domain
        .as_deref()
        .map(|domain| ("domain", domain.trim().to_lowercase()));
    [id, domain].into_iter().flatten().collect()
}
