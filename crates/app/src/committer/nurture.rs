//! Leads that were sent back go along a track of the agreement's: its messages, one after the other, until it ends, they
//! want no more, or they aren't with marketing any more. Each step is a timer, and looks at what holds then.

use std::sync::Arc;

use bellwether_core::agreement::NurtureTrack;
use bellwether_core::domain::{Period, Stage, Timestamp, Traits, Value};
use bellwether_core::profile::Profile;
use bellwether_store::{LeadId, MailRow, NurtureRow, StoreError};

use super::Committer;
use super::decide::{SentBack, Standing};
use super::mail::Occasion;
use super::reason::named_reason;
use super::timers::{Timer, TimerKind};
use crate::Change;

/// The time within which nurture messages to an address are counted.
const WEEK: Period = Period::from_days(7);
/// The trait by which a site says that somebody wants no more mail.
const UNSUBSCRIBED: &str = "unsubscribed";
/// The kind of finding that lists messages without a link by which they are unsubscribed from.
const NO_WAY_OUT: &str = "nurture_without_unsubscribe";
/// Why they had none.
const NO_PUBLIC_URL: &str = "the server doesn't know its address; start it with --public-url";

/// What becomes of a step.
enum Step {
    /// It is sent to this address.
    Send(String),
    /// It isn't sent, and the track goes on.
    KeepBack(String),
    /// It waits until then.
    Wait(Timestamp, String),
    /// The track is over.
    Stop(String),
}

impl Committer {
    /// Puts a lead that was sent back on its track: the reason's, where sales gave one of the agreement's, else the one for
    /// those that came back otherwise.
    pub(super) fn begin_nurture(
        &mut self,
        standing: Standing,
        how: Option<&str>,
        back: &SentBack<'_>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.stop_nurture(standing.lead, "it was sent back again", at)?;
        let Some(how) = how else { return Ok(()) };
        let active = Arc::clone(&self.active);
        let agreement = active.engine.agreement();
        let agreed = back.given.and_then(|given| named_reason(agreement, given));
        let track = match agreed {
            Some(agreed) => agreed.nurture.as_ref(),
            None => agreement.handoff.nurture.as_ref(),
        };
        let Some(track) = track.and_then(|name| track_of(&agreement.nurture, name)) else {
            return Ok(());
        };
        let Some(first) = track.steps.first() else {
            return Ok(());
        };
        let due = at.plus(first.wait);
        let nurture = self.db.insert_nurture(&NurtureRow {
            id: 0,
            lead: standing.lead,
            origin: standing.origin,
            track: track.name.clone(),
            cause: format!("{how}: {}", back.reason),
            started_at: at,
            step: 0,
            next_at: Some(due),
            state: "running".to_owned(),
            why: None,
            ended_at: None,
        })?;
        self.set_timer(Timer {
            kind: TimerKind::Nurture,
            subject: nurture,
            at: due,
        })?;
        self.group.changes.push(Change::Leads);
        Ok(())
    }

    /// Takes a lead off the track that it is on, if it is on one.
    pub(super) fn stop_nurture(&mut self, id: LeadId, why: &str, at: Timestamp) -> Result<(), StoreError> {
        for row in self.db.nurture_running(id)? {
            self.end_nurture(row, "stopped", Some(why), at)?;
        }
        Ok(())
    }

    /// After two leads turned out to be one: only one track goes on, and only while the lead is with marketing.
    pub(super) fn unite_nurture(
        &mut self,
        id: LeadId,
        stage: Stage,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut running = self.db.nurture_running(id)?;
        if stage == Stage::Recycled {
            running.pop();
        }
        for row in running {
            let why = format!("joined with a lead that is {stage}");
            self.end_nurture(row, "stopped", Some(&why), at)?;
        }
        Ok(())
    }

    fn end_nurture(
        &mut self,
        mut row: NurtureRow,
        state: &str,
        why: Option<&str>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.clear_timer(TimerKind::Nurture, row.id)?;
        state.clone_into(&mut row.state);
        row.why = why.map(str::to_owned);
        row.next_at = None;
        row.ended_at = Some(at);
        self.db.put_nurture(&row)?;
        self.group.changes.push(Change::Leads);
        Ok(())
    }

    /// Takes the next step of a track.
    pub(super) fn step_nurture(&mut self, nurture: i64, at: Timestamp) -> Result<(), StoreError> {
        let Some(mut row) = self.db.nurture(nurture)?.filter(|row| row.state == "running") else {
            return Ok(());
        };
        let active = Arc::clone(&self.active);
        let agreement = active.engine.agreement();
        let Some(track) = track_of(&agreement.nurture, &row.track) else {
            let why = "the agreement has no such track any more";
            return self.end_nurture(row, "stopped", Some(why), at);
        };
        let Some(step) = track.steps.get(row.step as usize) else {
            return self.end_nurture(row, "done", None, at);
        };
        let number = row.step.saturating_add(1);
        match self.what_becomes(row.lead, track, agreement.limits.messages_a_week, at)? {
            Step::Stop(why) => return self.end_nurture(row, "stopped", Some(&why), at),
            Step::Wait(until, why) => {
                row.why = Some(why);
                return self.go_on(row, until);
            }
            Step::KeepBack(why) => self.keep_back(&row, &step.send, number, &why, at)?,
            Step::Send(address) => {
                let occasion = Occasion::Nurture {
                    track: row.id,
                    step: number,
                };
                let message = agreement.messages.iter().find(|one| one.name == step.send);
                let unmade = match message {
                    Some(message) => self.write_to(row.lead, &address, message, occasion, at)?,
                    None => Some("the agreement has no such message any more".to_owned()),
                };
                match unmade {
                    Some(why) => self.keep_back(&row, &step.send, number, &why, at)?,
                    None if self.shared.public_url.is_none() => {
                        self.find(NO_WAY_OUT, &row.track, NO_PUBLIC_URL, at);
                    }
                    None => {}
                }
            }
        }
        row.step = number;
        row.why = None;
        match track.steps.get(number as usize) {
            Some(next) => self.go_on(row, at.plus(next.wait)),
            None => self.end_nurture(row, "done", None, at),
        }
    }

    fn go_on(&mut self, mut row: NurtureRow, at: Timestamp) -> Result<(), StoreError> {
        row.next_at = Some(at);
        self.db.put_nurture(&row)?;
        self.group.changes.push(Change::Leads);
        self.set_timer(Timer {
            kind: TimerKind::Nurture,
            subject: row.id,
            at,
        })
    }

    /// Looks at what holds now: whether the lead is still marketing's, wants mail, and was written to too often.
    fn what_becomes(
        &mut self,
        id: LeadId,
        track: &NurtureTrack,
        messages_a_week: u32,
        at: Timestamp,
    ) -> Result<Step, StoreError> {
        self.load(id)?;
        let active = Arc::clone(&self.active);
        let Some(lead) = self.leads.get(&id) else {
            return Ok(Step::Stop("the lead is gone".to_owned()));
        };
        if lead.row.stage != Stage::Recycled {
            return Ok(Step::Stop(format!("the lead is {} now", lead.row.stage)));
        }
        let excluded = lead.state.fit().disqualified_by;
        let mut exclusions = active.engine.agreement().disqualify.iter();
        if let Some(exclusion) = excluded.and_then(|index| exclusions.nth(index)) {
            return Ok(Step::Stop(format!("disqualified: {}", exclusion.name)));
        }
        let traits = lead.traits.current();
        if wants_none(&traits) {
            return Ok(Step::Stop("the site says that they unsubscribed".to_owned()));
        }
        let address = match lead.address() {
            Ok(address) => address,
            Err(why) => return Ok(Step::KeepBack(why.to_owned())),
        };
        if self.db.unsubscribed(&address)?.is_some() {
            return Ok(Step::Stop("unsubscribed".to_owned()));
        }
        let profile = Profile::new(&traits);
        let may = track.when.as_ref();
        if may.is_some_and(|when| !when.holds(&|field| profile.field(field))) {
            let why = "the track's `when` doesn't hold for the lead";
            return Ok(Step::KeepBack(why.to_owned()));
        }
        let sent = self.db.nurture_mails_since(&address, at.minus(WEEK))?;
        // The one that has to be a week old before there is room.
        if let Some(oldest) = sent.get(messages_a_week.saturating_sub(1) as usize) {
            let why = format!("{} messages went to the address within a week", sent.len());
            return Ok(Step::Wait(oldest.plus(WEEK), why));
        }
        Ok(Step::Send(address))
    }

    fn keep_back(
        &mut self,
        row: &NurtureRow,
        message: &str,
        step: u32,
        why: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.find("nurture_kept_back", &row.track, why, at);
        self.db.insert_mail(&MailRow {
            id: 0,
            lead: row.lead,
            origin: row.origin,
            at,
            kind: "nurture".to_owned(),
            name: message.to_owned(),
            address: None,
            nurture: Some(row.id),
            step: Some(step),
            kept_back: Some(why.to_owned()),
            token: None,
        })?;
        Ok(())
    }
}

fn track_of<'a>(tracks: &'a [NurtureTrack], name: &str) -> Option<&'a NurtureTrack> {
    tracks.iter().find(|track| track.name == name)
}

/// Whether a lead's traits say that they want no mail.
fn wants_none(traits: &Traits) -> bool {
    traits
        .get(UNSUBSCRIBED)
        .and_then(|value: &Value| value.view().as_bool())
        .unwrap_or(false)
}
