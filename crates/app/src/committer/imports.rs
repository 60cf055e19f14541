//! Rows of other systems' files are taken: facts by the way of all facts, decisions of the other system as decided moves,
//! outcomes beside them.
//!
//! **Invariants:** a row that was taken once is never taken again, however long ago it was. An import hands nobody off
//! unless that is asked for: leads are noted to have been imported until an instant, and whoever reached the line by then
//! must be over it still when they do something next.

use std::collections::HashMap;

use bellwether_core::domain::{Event, EventKind, Period, Stage, Timestamp, TraitSource, Traits, Value};
use bellwether_core::lifecycle::{self, Move};
use bellwether_core::records::{
    AccountRecord, CallKind, EventRecord, LeadRecord, OutcomeRecord, Record, RecordKeys, RowOutcome,
};
use bellwether_store::{
    AccountId, AccountRecordRow, Holder, LeadId, OutcomeRow, Put, SourceId, StoreError, TransitionRow, UserId,
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::take::{COMPANY_TRAITS, Origin, Taken, company_traits};
use super::{Committer, seen};
use crate::identity::{self, ANONYMOUS_ID, EMAIL, EXTERNAL, EXTERNAL_IDS_MAX, Key, USER_ID};
use crate::imports::{Checked, ImportSettings};
use crate::{FactBody, IncomingFact, Keys, json};

/// Where facts of files come from; no write key has this number.
pub(crate) const IMPORTED: SourceId = SourceId(-1);
/// How far ahead of this machine's clock a row's time may lie.
const FUTURE_MAX: Period = Period::from_days(1);
/// How many leads of an account are told at once what is known of it.
const LEADS_SLICE: u32 = 500;

/// A row that is taken, and what is remembered while its chunk is.
struct Taking<'s> {
    settings: &'s ImportSettings,
    at: Timestamp,
    owners: HashMap<String, Option<UserId>>,
}

/// What makes of a lead's or an event's row a fact.
struct Drafted {
    fact: IncomingFact,
    more_keys: Vec<(String, String)>,
    speaker: Option<TraitSource>,
    known: Option<bool>,
}

impl Committer {
    /// Takes rows; gives what became of each.
    pub(crate) fn import(
        &mut self,
        records: Vec<Record>,
        settings: &ImportSettings,
        at: Timestamp,
    ) -> Result<Vec<RowOutcome>, StoreError> {
        let mut taking = Taking {
            settings,
            at,
            owners: HashMap::new(),
        };
        let mut outcomes = Vec::with_capacity(records.len());
        for record in records {
            let outcome = match record {
                Record::Lead(lead) => self.import_lead(*lead, &mut taking)?,
                Record::Event(event) => self.import_event(*event, &taking)?,
                Record::Account(account) => self.import_account(&account, &mut taking)?,
                Record::Outcome(outcome) => self.import_outcome(&outcome, at)?,
            };
            match outcome {
                RowOutcome::New | RowOutcome::Updated => self.group.accepted += 1,
                RowOutcome::AlreadyThere => self.group.duplicates += 1,
                RowOutcome::Rejected(_) => self.group.refused += 1,
            }
            outcomes.push(outcome);
        }
        let touched = std::mem::take(&mut self.group.touched);
        for lead in &touched {
            if settings.hand_off {
                self.settle(*lead, at)?;
            } else {
                self.settle_imported(*lead, at, settings.started_at)?;
            }
        }
        self.group.touched = touched;
        self.group.touched.clear();
        Ok(outcomes)
    }

    /// What would become of rows, without taking them.
    pub(crate) fn check_import(
        &mut self,
        records: &[Record],
        at: Timestamp,
    ) -> Result<Vec<Checked>, StoreError> {
        // What is noted of ids on the way isn't about anything that was taken.
        let findings = std::mem::take(&mut self.group.findings);
        let checked = records
            .iter()
            .map(|record| self.check_record(record, at))
            .collect();
        self.group.findings = findings;
        checked
    }

    fn check_record(&mut self, record: &Record, at: Timestamp) -> Result<Checked, StoreError> {
        let (ts, drafted) = match record {
            Record::Account(account) => {
                let there = match places(account).first() {
                    Some((kind, value)) => self.db.account_there(kind, value)?,
                    None => None,
                };
                let same = match there {
                    Some(id) => self
                        .db
                        .account_record(id)?
                        .is_some_and(|held| held.hash == content(record)),
                    None => false,
                };
                return Ok(Checked::Read {
                    message: None,
                    taken: same,
                    held: there.is_some(),
                });
            }
            Record::Outcome(outcome) => {
                return Ok(match self.outcome_row(outcome, at)? {
                    Err(why) => Checked::Refused(why),
                    Ok(row) => {
                        let there = self.db.outcome_there(&row)?;
                        Checked::Read {
                            message: None,
                            taken: there == Some(true),
                            held: there.is_some(),
                        }
                    }
                });
            }
            Record::Lead(lead) => (lead.at.or(lead.created_at), draft_lead(lead.as_ref().clone(), at)),
            Record::Event(event) => (Some(event.ts), draft_event(event.as_ref().clone())),
        };
        if let Some(why) = ts.and_then(|ts| ahead(ts, at)) {
            return Ok(Checked::Refused(why));
        }
        let message = seen::message_id(IMPORTED, &drafted.fact.message_id);
        let taken = self.seen.is_known(&self.db, message)?;
        let person = self.person(&drafted.fact.keys, &drafted.fact.context_traits, at);
        if person.anonymous.is_none() && person.identified.is_empty() {
            return Ok(Checked::Refused(NO_KEY.to_owned()));
        }
        let mut held = false;
        for key in person.identified.iter().chain(&person.anonymous) {
            held |= self.holder(key)?.is_some();
        }
        Ok(Checked::Read {
            message: Some(message),
            taken,
            held,
        })
    }

    fn import_lead(
        &mut self,
        mut lead: LeadRecord,
        taking: &mut Taking<'_>,
    ) -> Result<RowOutcome, StoreError> {
        if let Some(why) = lead.at.or(lead.created_at).and_then(|at| ahead(at, taking.at)) {
            return Ok(RowOutcome::Rejected(why));
        }
        let (stage, owner, account) = (lead.stage, lead.owner.clone(), lead.account.take());
        let whole = LeadRecord {
            account: account.clone(),
            ..lead
        };
        let drafted = draft_lead(whole, taking.at);
        let (ts, message_id) = (drafted.fact.ts, drafted.fact.message_id.clone());
        let keys = drafted.fact.keys.clone();
        let before = self.next_lead;
        let id = match self.take_drafted(drafted, taking)? {
            Ok(id) => id,
            Err(outcome) => return Ok(outcome),
        };
        if let Some(group_id) = account {
            let body = FactBody::Group {
                group_id,
                traits: Traits::new(),
            };
            let fact = fact_of(format!("{message_id}:account"), ts, keys, Traits::new(), body);
            self.take_fact(taking.origin(None, None), fact)?;
        }
        // Taking it may have joined leads; the row's own is the one that its keys name now.
        self.become_known(id, taking.at)?;
        if let Some(stage) = stage {
            self.decide_stage(id, stage, taking)?;
        }
        if let Some(owner) = owner {
            self.decide_owner(id, &owner, taking)?;
        }
        Ok(if self.next_lead > before {
            RowOutcome::New
        } else {
            RowOutcome::Updated
        })
    }

    fn import_event(&mut self, event: EventRecord, taking: &Taking<'_>) -> Result<RowOutcome, StoreError> {
        if let Some(why) = ahead(event.ts, taking.at) {
            return Ok(RowOutcome::Rejected(why));
        }
        let taken = self.take_drafted(draft_event(event), taking)?;
        Ok(taken.map_or_else(|outcome| outcome, |_| RowOutcome::New))
    }

    /// Takes a row's fact; gives its lead, or what became of the row instead.
    fn take_drafted(
        &mut self,
        drafted: Drafted,
        taking: &Taking<'_>,
    ) -> Result<Result<LeadId, RowOutcome>, StoreError> {
        let ts = drafted.fact.ts;
        let origin = taking.origin(drafted.speaker, drafted.known);
        let lead = match self.take_fact(origin, drafted.fact)? {
            Taken::Kept(lead) => lead,
            Taken::Duplicate => return Ok(Err(RowOutcome::AlreadyThere)),
            Taken::Refused(reason) => return Ok(Err(RowOutcome::Rejected(reason.to_owned()))),
        };
        for (kind, value) in &drafted.more_keys {
            let key = Key {
                kind: kind.as_str().into(),
                value: value.as_str().into(),
            };
            match self.holder(&key)? {
                None => self.give(&key, Holder { lead, origin: lead }, ts)?,
                Some(other) if other.lead != lead => {
                    let reason = format!("as {kind}: it belongs to another lead");
                    self.find("contested_id", value, reason, taking.at);
                }
                Some(_) => {}
            }
        }
        Ok(Ok(lead))
    }

    /// Puts a lead where the other system says that it stands. What was decided here holds: a lead that was handed off
    /// once keeps its stage.
    fn decide_stage(&mut self, id: LeadId, to: Stage, taking: &Taking<'_>) -> Result<(), StoreError> {
        self.load(id)?;
        let Some(lead) = self.leads.get_mut(&id) else {
            return Ok(());
        };
        let from = lead.row.stage;
        if from == to {
            return Ok(());
        }
        if lead.row.handoff.is_some() || lead.row.cycle > 1 {
            let reason = format!("it is at `{from}` by what was decided here, not at `{to}`");
            self.find("imported_stage", &format!("lead {id}"), reason, taking.at);
            return Ok(());
        }
        match lifecycle::next(from, Move::Override(to)) {
            Ok(to) => {
                lead.row.stage = to;
                lead.whole = true;
                self.db.insert_transition(&TransitionRow {
                    lead: id,
                    at: taking.at,
                    from: Some(from),
                    to,
                    actor: taking.settings.actor.to_string(),
                    reason: "imported".to_owned(),
                    handoff: None,
                    origin: Some(id),
                })
            }
            Err(refused) => {
                self.find("imported_stage", &format!("lead {id}"), refused.reason, taking.at);
                Ok(())
            }
        }
    }

    fn decide_owner(&mut self, id: LeadId, owner: &str, taking: &mut Taking<'_>) -> Result<(), StoreError> {
        let Some(user) = self.owner(owner, taking)? else {
            return Ok(());
        };
        if let Some(lead) = self.leads.get_mut(&id)
            && lead.row.handoff.is_none()
            && lead.row.owner != Some(user)
        {
            lead.row.owner = Some(user);
            lead.whole = true;
        }
        Ok(())
    }

    /// Who signs in by an address; nobody is listed.
    fn owner(&mut self, address: &str, taking: &mut Taking<'_>) -> Result<Option<UserId>, StoreError> {
        let address = address.trim().to_lowercase();
        if let Some(known) = taking.owners.get(&address) {
            return Ok(*known);
        }
        let user = self.db.user_by_email(&address)?.map(|user| user.id);
        if user.is_none() {
            let reason = "nobody signs in by it, so what it owns has no owner";
            self.find("unknown_owner", &address, reason, taking.at);
        }
        taking.owners.insert(address, user);
        Ok(user)
    }

    fn import_account(
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
            if same {
                continue;
            }
            if let Some(name) = &account.name {
                self.db.name_account(id, name)?;
            }
            if let Some(owner) = owner {
                self.db.give_account(id, owner)?;
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
    pub(super) fn tell_company(
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
        self.keep_traits(id, origin, &message_id, ts, traits)
    }

    fn import_outcome(&mut self, outcome: &OutcomeRecord, at: Timestamp) -> Result<RowOutcome, StoreError> {
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
    fn outcome_row(
        &mut self,
        outcome: &OutcomeRecord,
        at: Timestamp,
    ) -> Result<Result<OutcomeRow, String>, StoreError> {
        if let Some(why) = ahead(outcome.at, at) {
            return Ok(Err(why));
        }
        let Some(lead) = self.lead_of(&outcome.lead, outcome.lead_kind.as_deref())? else {
            let shown: String = outcome.lead.chars().take(60).collect();
            return Ok(Err(format!("no lead is known by that id or address: `{shown}`")));
        };
        Ok(Ok(OutcomeRow {
            lead,
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
    fn lead_of(&mut self, id: &str, kind: Option<&str>) -> Result<Option<LeadId>, StoreError> {
        let said = kind.map(|kind| format!("{EXTERNAL}{kind}"));
        let address = identity::email(id);
        let own = [
            said.as_deref().map(|kind| (kind, id)),
            Some((USER_ID, id)),
            address.as_deref().map(|address| (EMAIL, address)),
        ];
        for (kind, value) in own.into_iter().flatten() {
            if let Some(lead) = self.holder(&Key {
                kind: kind.into(),
                value: value.into(),
            })? {
                return Ok(Some(lead.lead));
            }
        }
        for kind in self.db.key_kinds()? {
            if let Some(lead) = self.holder(&Key {
                kind: kind.into(),
                value: id.into(),
            })? {
                return Ok(Some(lead.lead));
            }
        }
        Ok(None)
    }
}

const NO_KEY: &str = "no anonymous id, user id, email or external id that can be used";

impl Taking<'_> {
    fn origin(&self, speaker: Option<TraitSource>, known: Option<bool>) -> Origin {
        Origin {
            source: IMPORTED,
            speaker: speaker.unwrap_or(self.settings.speaker),
            received_at: self.at,
            known,
        }
    }
}

/// Why a time can't be.
fn ahead(ts: Timestamp, at: Timestamp) -> Option<String> {
    (ts > at.plus(FUTURE_MAX)).then(|| format!("a time that lies ahead: {ts}"))
}

/// By what an account is found: kind and value.
fn places(account: &AccountRecord) -> Vec<(&'static str, String)> {
    let id = account.id.as_deref().map(|id| ("group", id.trim().to_owned()));
    let domain = account
        .domain
        .as_deref()
        .map(|domain| ("domain", domain.trim().to_lowercase()));
    [id, domain].into_iter().flatten().collect()
}

/// A lead's row as a fact: who they are, as of when the row says so.
fn draft_lead(lead: LeadRecord, at: Timestamp) -> Drafted {
    let message_id = format!("lead-{}", content(&lead));
    let created = lead.created_at;
    let ts = lead
        .at
        .or(created)
        .unwrap_or(at)
        .max(created.unwrap_or(Timestamp::MIN));
    let mut traits = lead.traits;
    if let Some(created) = created {
        traits.insert("created_at".to_owned(), Value::Text(created.to_string()));
    }
    let (keys, more_keys) = all_keys(lead.keys, lead.more_keys);
    Drafted {
        fact: fact_of(message_id, ts, keys, Traits::new(), FactBody::Identify(traits)),
        more_keys,
        speaker: None,
        known: None,
    }
}

/// An event's row as a fact.
fn draft_event(event: EventRecord) -> Drafted {
    let message_id = match &event.id {
        Some(id) => {
            let kind = event
                .keys
                .external_ids
                .first()
                .map_or("", |(kind, _)| kind.as_str());
            format!("event-{}", content(&(kind, id)))
        }
        None => format!("event-{}", content(&event)),
    };
    let (keys, more_keys) = all_keys(event.keys, Vec::new());
    let of_kind = |kind| {
        FactBody::Event(Event {
            ts: event.ts,
            kind,
            name: event.name.clone(),
            path: event.path,
            properties: event.properties,
        })
    };
    let (body, traits) = match event.kind {
        CallKind::Track => (of_kind(EventKind::Track), event.traits),
        CallKind::Page => (of_kind(EventKind::Page), event.traits),
        CallKind::Screen => (of_kind(EventKind::Screen), event.traits),
        CallKind::Identify => (FactBody::Identify(event.traits), Traits::new()),
        CallKind::Group => {
            let group_id = event.name;
            (
                FactBody::Group {
                    group_id,
                    traits: Traits::new(),
                },
                event.traits,
            )
        }
        CallKind::Alias => (
            FactBody::Alias {
                previous_id: event.name,
            },
            event.traits,
        ),
    };
    Drafted {
        fact: fact_of(message_id, event.ts, keys, traits, body),
        more_keys,
        speaker: event.said_by,
        known: event.known,
    }
}

fn fact_of(
    message_id: String,
    ts: Timestamp,
    keys: Keys,
    context_traits: Traits,
    body: FactBody,
) -> IncomingFact {
    IncomingFact {
        message_id,
        ts,
        original_at: None,
        sent_at: None,
        keys,
        context_traits,
        body,
    }
}

/// The keys that a fact can carry, and those beside them.
fn all_keys(keys: RecordKeys, more: Vec<(String, String)>) -> (Keys, Vec<(String, String)>) {
    let mut carried = Keys {
        anonymous_id: keys.anonymous_id,
        user_id: keys.user_id,
        email: keys.email,
        external_ids: keys.external_ids,
    };
    let mut beside = Vec::new();
    for (kind, value) in more {
        if identity::junk(&value).is_some() {
            continue;
        }
        let place = match kind.as_str() {
            ANONYMOUS_ID => Some(&mut carried.anonymous_id),
            USER_ID => Some(&mut carried.user_id),
            EMAIL => Some(&mut carried.email),
            _ => None,
        };
        match (place, kind.strip_prefix(EXTERNAL)) {
            (Some(empty @ None), _) => *empty = Some(value),
            (Some(Some(held)), _) if *held == value => {}
            (None, Some(external)) if carried.external_ids.len() < EXTERNAL_IDS_MAX => {
                carried.external_ids.push((external.to_owned(), value));
            }
            (Some(_), _) | (None, Some(_)) => beside.push((kind, value)),
            // A kind that no lead has.
            (None, None) => {}
        }
    }
    (carried, beside)
}

/// The hash of what a row says, in hex.
fn content(row: &impl Serialize) -> String {
    use std::fmt::Write as _;

    let bytes = serde_json::to_vec(row).unwrap_or_default();
    let mut text = String::with_capacity(32);
    for byte in Sha256::digest(&bytes).iter().take(16) {
        // Writing to a string can't fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
