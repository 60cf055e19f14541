//! Rows of other systems' files are taken: facts by the way of all facts, decisions of the other system as decided moves,
//! outcomes beside them.
//!
//! **Invariants:** a row that was taken once is never taken again, however long ago it was. An import hands nobody off
//! unless that is asked for: leads are noted to have been imported until an instant, and whoever reached the line by then
//! must be over it still when they do something next.

mod accounts;
mod draft;
mod outcomes;

use std::collections::HashMap;

use bellwether_core::domain::{Period, Stage, Timestamp, TraitSource, Traits};
use bellwether_core::lifecycle::{self, Move};
use bellwether_core::records::{EventRecord, LeadRecord, Record, RowOutcome};
use bellwether_store::{Holder, LeadId, SourceId, StoreError, TransitionRow, UserId};

use self::accounts::places;
use self::draft::{Drafted, content, draft_event, draft_lead, fact_of};
use super::take::{Origin, Taken};
use super::{Committer, seen};
use crate::FactBody;
use crate::identity::Key;
use crate::imports::{Checked, ImportSettings};

/// Where facts of files come from; no write key has this number.
pub(crate) const IMPORTED: SourceId = SourceId(-1);
/// How far ahead of this machine's clock a row's time may lie.
const FUTURE_MAX: Period = Period::from_days(1);
/// A row that is taken, and what is remembered while its chunk is.
struct Taking<'s> {
    settings: &'s ImportSettings,
    at: Timestamp,
    owners: HashMap<String, Option<UserId>>,
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
        let holder = match self.take_drafted(drafted, taking)? {
            Ok(holder) => holder,
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
        let id = holder.lead;
        self.become_known(id, taking.at)?;
        if let Some(stage) = stage {
            self.decide_stage(holder, stage, taking)?;
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
    ) -> Result<Result<Holder, RowOutcome>, StoreError> {
        let ts = drafted.fact.ts;
        let origin = taking.origin(drafted.speaker, drafted.known);
        let holder = match self.take_fact(origin, drafted.fact)? {
            Taken::Kept(holder) => holder,
            Taken::Duplicate => return Ok(Err(RowOutcome::AlreadyThere)),
            Taken::Refused(reason) => return Ok(Err(RowOutcome::Rejected(reason.to_owned()))),
        };
        for (kind, value) in &drafted.more_keys {
            let key = Key {
                kind: kind.as_str().into(),
                value: value.as_str().into(),
            };
            match self.holder(&key)? {
                None => self.give(&key, holder, ts)?,
                Some(other) if other.lead != holder.lead => {
                    let reason = format!("as {kind}: it belongs to another lead");
                    self.find("contested_id", value, reason, taking.at);
                }
                Some(_) => {}
            }
        }
        Ok(Ok(holder))
    }

    /// Puts a lead where the other system says that it stands. What was decided here holds: a lead that was handed off
    /// once keeps its stage.
    fn decide_stage(&mut self, holder: Holder, to: Stage, taking: &Taking<'_>) -> Result<(), StoreError> {
        let id = holder.lead;
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
                    origin: Some(holder.origin),
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
