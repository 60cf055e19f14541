//! Calls, mails, meetings and notes with a lead. The first one after the handoff stops its clock and closes its task,
//! whichever way it is told and however late; the clock may stand still meanwhile, for a reason of the agreement's.

use bellwether_core::domain::{Event, EventKind, Timestamp, normalized_name};
use bellwether_store::{ContactRow, HandoffId, LeadId, StoreError};

use super::Committer;
use super::clock::Clock;
use crate::{AppError, Change, ContactKind};

/// The longest note, in bytes.
const NOTE_BYTES_MAX: usize = 10_000;

/// Somebody was in touch with a lead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Contact<'a> {
    pub(crate) lead: LeadId,
    /// In which handoff; the lead's present one where nothing is said.
    pub(crate) handoff: Option<HandoffId>,
    pub(crate) kind: ContactKind,
    pub(crate) at: Timestamp,
    /// Who says so.
    pub(crate) actor: &'a str,
    pub(crate) note: Option<&'a str>,
    /// How it became known: `by hand`, `event Call Logged`.
    pub(crate) source: &'a str,
}

impl Committer {
    /// Keeps a contact. Of a handoff whose clock runs, it is the first contact, unless it was before the handoff; one that
    /// becomes known later but was earlier is the first one too.
    pub(crate) fn contacted(&mut self, contact: &Contact<'_>, now: Timestamp) -> Result<(), StoreError> {
        self.load(contact.lead)?;
        let present = self.leads.get(&contact.lead).and_then(|lead| lead.row.handoff);
        let handoff = contact.handoff.or(present);
        let place = match handoff {
            Some(handoff) => self.db.handoff_place(handoff)?,
            None => None,
        };
        self.db.insert_contact(
            contact.lead,
            &ContactRow {
                origin: place.map_or(contact.lead, |(origin, _)| origin),
                handoff,
                at: contact.at,
                recorded_at: now,
                kind: contact.kind.as_str().to_owned(),
                actor: contact.actor.to_owned(),
                note: contact.note.map(str::to_owned),
                source: contact.source.to_owned(),
            },
        )?;
        let Some(handoff) = handoff else { return Ok(()) };
        self.group.changes.push(Change::Handoff(handoff));
        let Some(mut clock) = Clock::load(&self.db, handoff)? else {
            return Ok(());
        };
        let first = match (clock.row.contacted_at, clock.row.ended_at) {
            (Some(known), _) => contact.at < known,
            (None, Some(ended)) => contact.at < ended,
            (None, None) => true,
        };
        if !first || contact.at < clock.row.started_at {
            return Ok(());
        }
        clock.row.contacted_at = Some(contact.at);
        clock.row.ended_at = Some(contact.at);
        clock.row.measured = Some(clock.measured(contact.at));
        self.stop(&mut clock, contact.actor, contact.at)?;
        self.db.close_task(handoff, contact.at)
    }

    /// Somebody says that they were in touch with the lead of a handoff.
    pub(crate) fn record_contact(
        &mut self,
        handoff: HandoffId,
        kind: ContactKind,
        when: Option<Timestamp>,
        note: Option<&str>,
        actor: &str,
        now: Timestamp,
    ) -> Result<Result<(), AppError>, StoreError> {
        let Some(row) = self.db.handoff(handoff)? else {
            return Ok(Err(no_handoff(handoff)));
        };
        let at = when.unwrap_or(now);
        if let Err(error) = check_contact(row.created_at, at, note, now) {
            return Ok(Err(error));
        }
        let contact = Contact {
            lead: row.lead,
            handoff: Some(handoff),
            kind,
            at,
            actor,
            note,
            source: "by hand",
        };
        self.contacted(&contact, now)?;
        Ok(Ok(()))
    }

    /// What an event says of a contact: its name, where the agreement names it among those that do.
    pub(super) fn tells_of_contact(&self, event: Option<&Event>) -> Option<String> {
        let named = &self.active.engine.agreement().handoff.first_contact;
        let event = event.filter(|event| !named.is_empty() && event.kind == EventKind::Track)?;
        let name = normalized_name(&event.name);
        named.contains(&name).then(|| event.name.clone())
    }

    /// An event told of a contact. It counts for the handoff that the lead is in, if it came after that.
    pub(super) fn contacted_by_event(
        &mut self,
        lead: LeadId,
        name: &str,
        at: Timestamp,
        received_at: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(handoff) = self.leads.get(&lead).and_then(|lead| lead.row.handoff) else {
            return Ok(());
        };
        let since = self.db.clock(handoff)?.map(|clock| clock.started_at);
        if since.is_none_or(|since| at < since) {
            return Ok(());
        }
        let contact = Contact {
            lead,
            handoff: Some(handoff),
            kind: ContactKind::of_event(name),
            // A sender's clock may be fast; nobody was called in the future.
            at: at.min(received_at),
            actor: "event",
            note: None,
            source: &format!("event {name}"),
        };
        self.contacted(&contact, received_at)
    }

    /// A handoff's clock stands still, for a reason of its SLA's.
    pub(crate) fn pause_clock(
        &mut self,
        handoff: HandoffId,
        reason: &str,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<(), AppError>, StoreError> {
        let mut clock = match self.running_clock(handoff)? {
            Ok(clock) => clock,
            Err(error) => return Ok(Err(error)),
        };
        if let Some(since) = clock.row.paused_at {
            let message = format!("the clock of handoff {handoff} stands still since {since} already");
            return Ok(Err(AppError::Conflict { message }));
        }
        let agreed = match agreed_pause(&clock, reason) {
            Ok(agreed) => agreed,
            Err(error) => return Ok(Err(error)),
        };
        self.db.begin_pause(handoff, at, &agreed, actor)?;
        clock.row.paused_at = Some(at);
        self.db.put_clock(&clock.row)?;
        self.schedule(&clock)?;
        self.group.changes.push(Change::Handoff(handoff));
        Ok(Ok(()))
    }

    /// A handoff's clock goes on.
    pub(crate) fn resume_clock(
        &mut self,
        handoff: HandoffId,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<(), AppError>, StoreError> {
        let clock = match self.running_clock(handoff)? {
            Ok(clock) => clock,
            Err(error) => return Ok(Err(error)),
        };
        if clock.row.paused_at.is_none() {
            let message =
                format!("the clock of handoff {handoff} runs; only one that stands still can go on");
            return Ok(Err(AppError::Conflict { message }));
        }
        self.db.end_pause(handoff, at, actor)?;
        self.clock_goes_on(handoff)?;
        self.group.changes.push(Change::Handoff(handoff));
        Ok(Ok(()))
    }

    /// The clock of a handoff that hasn't ended.
    fn running_clock(&self, handoff: HandoffId) -> Result<Result<Clock, AppError>, StoreError> {
        let Some(clock) = Clock::load(&self.db, handoff)? else {
            return Ok(Err(no_handoff(handoff)));
        };
        let Some(ended) = clock.row.ended_at else {
            return Ok(Ok(clock));
        };
        let why = match clock.row.contacted_at {
            Some(_) => "with first contact",
            None => "with the handoff",
        };
        let message = format!("the clock of handoff {handoff} ended {why}, at {ended}");
        Ok(Err(AppError::Conflict { message }))
    }
}

fn no_handoff(handoff: HandoffId) -> AppError {
    AppError::NotFound {
        what: "handoff",
        id: handoff.to_string(),
    }
}

fn check_contact(
    handed_off: Timestamp,
    at: Timestamp,
    note: Option<&str>,
    now: Timestamp,
) -> Result<(), AppError> {
    let invalid = |field: &'static str, message: String| Err(AppError::Invalid { field, message });
    if at > now {
        return invalid("at", format!("{at} is in the future; give when it was"));
    }
    if at < handed_off {
        return invalid(
            "at",
            format!("{at} is before the handoff, which was at {handed_off}"),
        );
    }
    if note.is_some_and(|note| note.len() > NOTE_BYTES_MAX) {
        let message = format!("the note is longer than {NOTE_BYTES_MAX} bytes; shorten it");
        return invalid("note", message);
    }
    Ok(())
}

/// The SLA's own reason for a pause that is meant.
fn agreed_pause(clock: &Clock, reason: &str) -> Result<String, AppError> {
    let agreed = &clock.terms.pause;
    if agreed.is_empty() {
        let policy = clock.terms.policy.as_deref().unwrap_or("none");
        let message = format!(
            "the clock of SLA `{policy}` may not stand still; where it should, `pause` in its [[sla]] lists for what"
        );
        return Err(AppError::Refused { message });
    }
    let meant = reason.trim().to_lowercase();
    let found = agreed.iter().find(|agreed| agreed.trim().to_lowercase() == meant);
    found.cloned().ok_or_else(|| {
        let known: Vec<String> = agreed.iter().map(|agreed| format!("`{agreed}`")).collect();
        AppError::Invalid {
            field: "reason",
            message: format!(
                "`{reason}` is not a reason of the SLA's; give one of {}",
                known.join(", ")
            ),
        }
    })
}
