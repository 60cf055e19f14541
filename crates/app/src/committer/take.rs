//! Facts are taken: refused where they can't be used, dropped where they came before, else kept and applied to whoever
//! they are about.

use bellwether_core::domain::{Event, EventKind, Period, Timestamp, TraitSource, Traits, Value};
use bellwether_core::engine::{Fact, apply};
use bellwether_store::{Holder, LeadId, NewFact, SourceId, StoreError};

use super::{Committer, IMPORTED, seen};
use crate::identity::{self, ANONYMOUS_ID, EMAIL, EXTERNAL, EXTERNAL_IDS_MAX, Key, Person, USER_ID};
use crate::{FactBody, IncomingFact, Keys, Receipt, Submission, history, json};

/// How long a message id is remembered.
pub(crate) const REMEMBERED: Period = Period::from_days(7);

/// Traits of a company that hold for its people, by the names that the agreement knows them by.
pub(super) const COMPANY_TRAITS: [(&str, &str); 6] = [
    ("name", "company"),
    ("employees", "employees"),
    ("industry", "industry"),
    ("revenue", "revenue"),
    ("website", "website"),
    ("technologies", "technologies"),
];

/// What became of one fact.
pub(super) enum Taken {
    Kept(Holder),
    Duplicate,
    Refused(&'static str),
}

/// Where a submission comes from.
#[derive(Clone, Copy)]
pub(super) struct Origin {
    pub(super) source: SourceId,
    pub(super) speaker: TraitSource,
    pub(super) received_at: Timestamp,
    /// Whether its facts show somebody whom one could reach; where nothing is said, that follows from their keys.
    pub(super) known: Option<bool>,
}

/// A fact, ready to be kept.
struct Ready {
    ts: Timestamp,
    kind: &'static str,
    event: Option<Event>,
    name: Option<String>,
    traits: Traits,
    known: bool,
}

impl Committer {
    /// Takes a submission: keeps its facts, and judges whoever they touched.
    pub(crate) fn take_submission(&mut self, submission: Submission) -> Result<Receipt, StoreError> {
        let mut receipt = Receipt::default();
        let origin = Origin {
            source: submission.source,
            speaker: submission.speaker,
            received_at: submission.received_at,
            known: None,
        };
        let received_at = origin.received_at;
        for (index, fact) in submission.facts.into_iter().enumerate() {
            match self.take_fact(origin, fact)? {
                Taken::Kept(_) => receipt.accepted += 1,
                Taken::Duplicate => receipt.duplicates += 1,
                Taken::Refused(reason) => {
                    self.find("refused_fact", reason, "", received_at);
                    receipt.refused.push((index, reason.to_owned()));
                }
            }
        }
        for noted in submission.findings {
            self.note(noted, received_at);
        }
        self.group.accepted += u64::from(receipt.accepted);
        self.group.duplicates += u64::from(receipt.duplicates);
        self.group.refused += receipt.refused.len() as u64;
        let touched = std::mem::take(&mut self.group.touched);
        for lead in &touched {
            self.settle(*lead, received_at)?;
        }
        self.group.touched = touched;
        self.group.touched.clear();
        Ok(receipt)
    }

    pub(super) fn take_fact(&mut self, from: Origin, fact: IncomingFact) -> Result<Taken, StoreError> {
        let Origin {
            source, received_at, ..
        } = from;
        let IncomingFact {
            message_id,
            ts,
            original_at,
            sent_at,
            keys,
            seen_from,
            context_traits,
            body,
        } = fact;
        let mut ready = make_ready(ts, &body, context_traits, &keys, from.speaker);
        let person = self.person(&keys, &ready.traits, received_at);
        let previous = match &body {
            FactBody::Alias { previous_id } => match identity::junk(previous_id) {
                Some(reason) => {
                    self.find("junk_id", previous_id, reason, received_at);
                    return Ok(Taken::Refused("the previous id can't be used"));
                }
                None => Some(previous_id.as_str()),
            },
            _ => None,
        };
        if person.anonymous.is_none() && person.identified.is_empty() {
            return Ok(Taken::Refused(
                "no anonymous id, user id, email or external id that can be used",
            ));
        }
        if !self.remember(source, &message_id, received_at)? {
            return Ok(Taken::Duplicate);
        }
        ready.known = from.known.unwrap_or(ready.known || !person.identified.is_empty());
        let mut holder = self.resolve(&person, ts, received_at)?;
        if let Some(previous) = previous {
            holder = self.join_alias(holder, previous, ts, received_at)?;
        }
        let lead = holder.lead;
        if let FactBody::Event(event) = body {
            ready.event = Some(event);
        } else if let FactBody::Group { group_id, traits } = &body {
            self.name_account(lead, group_id, traits, ts)?;
        }
        self.see_from(lead, seen_from, received_at)?;
        self.load(lead)?;
        self.keep_fact(holder, from, &message_id, [original_at, sent_at], ready)?;
        Ok(Taken::Kept(holder))
    }

    /// Keeps traits that are learned of a lead as a fact of its own.
    pub(super) fn keep_traits(
        &mut self,
        holder: Holder,
        from: Origin,
        message_id: &str,
        ts: Timestamp,
        traits: Traits,
    ) -> Result<(), StoreError> {
        let ready = Ready {
            ts,
            kind: "identify",
            event: None,
            name: None,
            traits,
            known: false,
        };
        self.keep_fact(holder, from, message_id, [None, None], ready)
    }

    /// Keeps a fact of a lead that is in memory, and applies it.
    fn keep_fact(
        &mut self,
        holder: Holder,
        from: Origin,
        message_id: &str,
        [original_at, sent_at]: [Option<Timestamp>; 2],
        ready: Ready,
    ) -> Result<(), StoreError> {
        let Origin {
            source,
            speaker,
            received_at,
            ..
        } = from;
        let Holder { lead, origin } = holder;
        let ts = ready.ts;
        let [properties, traits] = &mut self.buffers;
        let event = ready.event.as_ref();
        let kept = self.db.insert_fact(&NewFact {
            lead: origin,
            previous: self.leads.peek(&lead).and_then(|lead| lead.row.last_fact),
            ts,
            received_at,
            original_at,
            sent_at,
            source,
            message_id,
            kind: ready.kind,
            name: event.map(|event| event.name.as_str()).or(ready.name.as_deref()),
            path: event.and_then(|event| event.path.as_deref()),
            properties: event.and_then(|event| json::write(&event.properties, properties)),
            traits: json::write(&ready.traits, traits),
            said_by: speaker,
            known: ready.known,
        })?;
        self.group.kept += 1;
        let tells_of_contact = self.tells_of_contact(event);
        let held = self.apply(lead, kept, speaker, ready)?;
        match tells_of_contact.filter(|_| !held) {
            Some(name) => self.contacted_by_event(lead, &name, ts, received_at),
            None => Ok(()),
        }
    }

    /// The keys of a fact that can be used; those that can't are listed.
    pub(super) fn person<'a>(&mut self, keys: &'a Keys, traits: &'a Traits, at: Timestamp) -> Person<'a> {
        let mut person = Person::default();
        let mut usable = |id: &'a str, kind: &'static str| {
            let reason = identity::junk(id);
            if let Some(reason) = reason {
                self.find("junk_id", id, format!("as {kind}: {reason}"), at);
            }
            reason.is_none()
        };
        if let Some(id) = keys.anonymous_id.as_deref().filter(|id| usable(id, ANONYMOUS_ID)) {
            person.anonymous = Some(Key {
                kind: ANONYMOUS_ID.into(),
                value: id.trim().into(),
            });
        }
        if let Some(id) = keys.user_id.as_deref().filter(|id| usable(id, USER_ID)) {
            person.identified.push(Key {
                kind: USER_ID.into(),
                value: id.trim().into(),
            });
        }
        let sent = keys.email.as_deref().or(match traits.get(EMAIL) {
            Some(Value::Text(address)) => Some(address.as_str()),
            _ => None,
        });
        if let Some(address) = sent.filter(|address| usable(address, EMAIL)) {
            match identity::email(address) {
                Some(address) => person.identified.push(Key {
                    kind: EMAIL.into(),
                    value: address,
                }),
                None => self.find("junk_id", address, "as email: it is not an email address", at),
            }
        }
        for (kind, id) in keys.external_ids.iter().take(EXTERNAL_IDS_MAX) {
            let reason = identity::junk(id).or_else(|| identity::junk(kind));
            match reason {
                None => {
                    let kind = format!("{EXTERNAL}{}", kind.trim());
                    person.identified.push(Key {
                        kind: kind.into(),
                        value: id.trim().into(),
                    });
                }
                Some(reason) => self.find("junk_id", id, format!("as external id: {reason}"), at),
            }
        }
        for (kind, _) in keys.external_ids.iter().skip(EXTERNAL_IDS_MAX) {
            self.find("junk_id", kind, "a fact carries more than 16 external ids", at);
        }
        person
    }

    /// Whether a message comes for the first time.
    pub(super) fn remember(
        &mut self,
        source: SourceId,
        message_id: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let id = seen::message_id(source, message_id);
        if source == IMPORTED {
            // A file may come again after years.
            return self.seen.is_new(&self.db, id, Timestamp::MAX, Timestamp::MIN);
        }
        self.seen.is_new(&self.db, id, at, at.minus(REMEMBERED))
    }

    /// Applies a fact to its lead's state; one that comes late only marks the state as one to be folded anew. Gives
    /// whether it is an event that is held.
    fn apply(
        &mut self,
        id: LeadId,
        kept: i64,
        speaker: TraitSource,
        ready: Ready,
    ) -> Result<bool, StoreError> {
        let engine = &self.active.engine;
        let Some(lead) = self.leads.get_mut(&id) else {
            return Ok(false);
        };
        let mut is_held = false;
        let ts = ready.ts;
        lead.whole |= lead.row.first_fact.is_none();
        lead.row.first_fact.get_or_insert(kept);
        lead.row.last_fact = Some(kept);
        if !lead.touched {
            lead.touched = true;
            self.group.touched.push(id);
        }
        let created = history::created_in(&ready.traits, ts);
        let (known_before, last_seen) = (lead.row.known_from, lead.row.last_seen);
        lead.seen(ts, created, ready.known);
        if speaker == TraitSource::Enrichment {
            // What a service says of somebody is nothing that they did.
            lead.row.last_seen = last_seen;
        }
        let mut facts: [Option<(Timestamp, Fact)>; 4] = [None, None, None, None];
        if let Some(created) =
            created.filter(|created| lead.created_fact.is_none_or(|known| *created < known))
        {
            // Of several creations only the oldest counts.
            lead.stale |= lead.created_fact.is_some();
            lead.created_fact = Some(created);
            facts[0] = Some((created, Fact::Created));
        }
        if ready.known && known_before.is_none_or(|known| ts < known) {
            lead.stale |= known_before.is_some();
            facts[1] = Some((ts, Fact::Known));
        }
        if let Some(event) = &ready.event {
            let (signature, act) = self.signatures.of(engine, event);
            if let Some(held) = lead.judge(engine, event, &signature, act, kept) {
                self.db.hold(kept, id, held.rule.as_str(), &held.reason)?;
                is_held = true;
            } else {
                lead.note_reply(&engine.agreement().replies, event, kept);
                facts[2] = Some((ts, Fact::Event(signature)));
            }
        }
        if !ready.traits.is_empty() {
            facts[3] = Some((ts, Fact::Traits(speaker, ready.traits)));
            lead.learned = true;
        }
        for (ts, fact) in facts.iter().flatten() {
            lead.stale = lead.stale || !apply(engine, &mut lead.state, &mut lead.traits, *ts, fact);
        }
        Ok(is_held)
    }
}

/// Adds what is known of a company to the traits of its people.
pub(super) fn company_traits(company: &Traits, traits: &mut Traits) {
    for (theirs, ours) in COMPANY_TRAITS {
        if let Some(value) = company.get(theirs) {
            traits.insert(ours.to_owned(), value.clone());
        }
    }
}

fn make_ready(
    ts: Timestamp,
    body: &FactBody,
    mut traits: Traits,
    keys: &Keys,
    speaker: TraitSource,
) -> Ready {
    let (kind, name) = match body {
        FactBody::Event(event) => match event.kind {
            EventKind::Track => ("track", None),
            EventKind::Page => ("page", None),
            EventKind::Screen => ("screen", None),
        },
        FactBody::Identify(given) => {
            traits.extend(given.iter().map(|(name, value)| (name.clone(), value.clone())));
            ("identify", None)
        }
        FactBody::Group {
            group_id,
            traits: company,
        } => {
            company_traits(company, &mut traits);
            ("group", Some(group_id.clone()))
        }
        FactBody::Alias { previous_id } => ("alias", Some(previous_id.clone())),
    };
    // An address by which somebody is known is also one that rules may read; a service is only told it.
    if speaker != TraitSource::Enrichment
        && let Some(address) = keys.email.as_deref().and_then(identity::email)
        && !traits.contains_key(EMAIL)
    {
        traits.insert(EMAIL.to_owned(), Value::Text(address.into_owned()));
    }
    let known = traits.get("phone").is_some_and(|phone| !phone.view().is_empty());
    Ready {
        ts,
        kind,
        event: None,
        name,
        traits,
        known,
    }
}
