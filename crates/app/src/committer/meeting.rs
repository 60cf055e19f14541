//! Meetings become facts of the lead that was invited, and what follows from them is done in the same transaction.

use bellwether_connect::meetings::{Meeting, MeetingKind};
use bellwether_core::domain::{Event, EventKind, Period, Timestamp, TraitSource, Traits, Value};
use bellwether_store::{HandoffRow, LeadId, SourceId, StoreError, UserRow};
use serde_json::json;

use super::Committer;
use super::contact::Contact;
use crate::identity::EMAIL;
use crate::{ContactKind, FactBody, IncomingFact, Keys, Submission};

/// What meetings come by: no write key.
const MEETINGS: SourceId = SourceId(-2);
/// How far ahead a tool's clock may be; beyond it the time of receipt counts.
const AHEAD_MAX: Period = Period::from_ms(23 * 3_600_000);

impl Committer {
    /// Takes a meeting. One that was told before changes nothing.
    pub(crate) fn take_meeting(
        &mut self,
        source: &str,
        meeting: &Meeting,
        received_at: Timestamp,
    ) -> Result<(), StoreError> {
        let ts = meeting
            .at
            .filter(|at| *at <= received_at.plus(AHEAD_MAX))
            .unwrap_or(received_at);
        let fact = fact(source, meeting, ts);
        let receipt = self.take_submission(Submission {
            source: MEETINGS,
            speaker: TraitSource::Stated,
            received_at,
            facts: vec![fact],
            findings: Vec::new(),
        })?;
        if receipt.accepted == 0 {
            return Ok(());
        }
        // What follows reads the lead's row.
        self.write_dirty()?;
        let Some(holder) = self.db.key_holder(EMAIL, &meeting.email)? else {
            return Ok(());
        };
        if meeting.kind.is_on() {
            return self.meets(holder.lead, meeting, ts, received_at);
        }
        match meeting.kind {
            MeetingKind::NoShow => self.tell_owner(holder.lead, meeting, "didn't come to", received_at),
            MeetingKind::Cancelled => self.tell_owner(holder.lead, meeting, "called off", received_at),
            _ => Ok(()),
        }
    }

    /// A lead meets one of ours: whoever holds the meeting has the lead from then on, and has been in touch with it.
    fn meets(
        &mut self,
        lead: LeadId,
        meeting: &Meeting,
        ts: Timestamp,
        received_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.load(lead)?;
        let Some(handoff) = self.leads.get(&lead).and_then(|lead| lead.row.handoff) else {
            return Ok(());
        };
        let Some(row) = self.db.handoff(handoff)? else {
            return Ok(());
        };
        let Some(host) = self.host_of(meeting, &row)? else {
            return Ok(());
        };
        let actor = format!("user {}", host.id);
        let source = format!("event {}", meeting.kind.event());
        if row.owner.as_ref().is_none_or(|(owner, _)| *owner != host.id) {
            let given = self.reassign(handoff, Some(host.id), "holds the meeting", &actor, received_at)?;
            if let Err(error) = given {
                self.find(
                    "host_without_lead",
                    &format!("handoff {handoff}"),
                    error.to_string(),
                    received_at,
                );
                return Ok(());
            }
        }
        let contact = Contact {
            lead,
            handoff: Some(handoff),
            kind: ContactKind::Meeting,
            at: ts.min(received_at),
            actor: &actor,
            note: None,
            source: &source,
        };
        self.contacted(&contact, received_at)
    }

    /// The user who holds a meeting, where the lead is theirs to have: its owner, or somebody of the team that it was given
    /// to.
    fn host_of(&self, meeting: &Meeting, row: &HandoffRow) -> Result<Option<UserRow>, StoreError> {
        for address in &meeting.hosts {
            let Some(host) = self.db.user_by_email(address)?.filter(|host| host.active) else {
                continue;
            };
            let owns = row.owner.as_ref().is_some_and(|(owner, _)| *owner == host.id);
            let on_team = match &row.team {
                Some(team) => self.db.is_member(team, host.id)?,
                None => false,
            };
            if owns || on_team {
                return Ok(Some(host));
            }
        }
        Ok(None)
    }

    /// Lists something that a tool sent and that isn't used.
    pub(crate) fn find_inbound(&mut self, kind: &'static str, source: &str, reason: &str, at: Timestamp) {
        self.find(kind, source, reason, at);
    }

    /// Has the owner of a lead told what became of a meeting.
    fn tell_owner(
        &mut self,
        lead: LeadId,
        meeting: &Meeting,
        did: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.load(lead)?;
        let Some(row) = self.leads.get(&lead).map(|lead| lead.row.clone()) else {
            return Ok(());
        };
        let owner = match row.owner {
            Some(owner) => self.db.user(owner)?,
            None => None,
        };
        let Some(owner) = owner else {
            let reason = format!(
                "{}: nobody has the lead, so that nobody was told",
                meeting.kind.event()
            );
            self.find("no_owner", &format!("lead {lead}"), reason, at);
            return Ok(());
        };
        let name = row.derived.name.as_deref().unwrap_or(&meeting.email);
        let text = |name: &str| meeting.properties.get(name).map(ToString::to_string);
        let title = text("title").unwrap_or_else(|| "the meeting".to_owned());
        let when = text("starts_at").map_or_else(String::new, |at| format!(" of {at}"));
        let data = json!({
            "about": meeting.kind.event(),
            "to": { "id": owner.id.to_string(), "name": owner.name, "email": owner.email },
            "subject": format!("{}: {name}", meeting.kind.event()),
            "text": format!("{name} {did} {title}{when}."),
            "lead": { "id": lead.to_string(), "name": name },
            "handoff": row.handoff.map(|handoff| handoff.to_string()),
        });
        let payload = json!({ "type": "notice", "timestamp": at.to_string(), "data": data }).to_string();
        self.promise(&format!("notice-{}", meeting.message_id), "notice", &payload, at)
    }
}

/// A meeting as a fact: an event, and what the lead wrote of themselves when they booked.
fn fact(source: &str, meeting: &Meeting, ts: Timestamp) -> IncomingFact {
    let stated = [
        ("name", &meeting.name),
        ("first_name", &meeting.first_name),
        ("last_name", &meeting.last_name),
        ("phone", &meeting.phone),
    ];
    let stated = stated.into_iter().filter_map(|(field, value)| {
        let value = value.clone().filter(|_| meeting.kind.is_on())?;
        Some((field.to_owned(), Value::Text(value)))
    });
    let mut properties = meeting.properties.clone();
    properties.insert("source".to_owned(), Value::Text(source.to_owned()));
    IncomingFact {
        message_id: format!("{source}/{}", meeting.message_id),
        ts,
        original_at: meeting.at,
        sent_at: None,
        keys: Keys {
            email: Some(meeting.email.clone()),
            ..Keys::default()
        },
        seen_from: None,
        context_traits: stated.collect::<Traits>(),
        body: FactBody::Event(Event {
            ts,
            kind: EventKind::Track,
            name: meeting.kind.event().to_owned(),
            path: None,
            properties,
        }),
    }
}
