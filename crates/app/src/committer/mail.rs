//! Messages to leads: made when they are promised, in the transaction of what they answer or of the step that they are.

use std::sync::Arc;

use bellwether_core::agreement::Message;
use bellwether_core::domain::{Event, EventKind, Period, Timestamp, normalized_name};
use bellwether_core::message::{Correspondent, Letter, letter};
use bellwether_core::profile::{EmailKind, Profile};
use bellwether_store::{Db, HandoffId, LeadId, MailRow, StoreError, UserRow};

use super::Committer;
use super::leads::Lead;
use crate::{identity, outbox};

/// How old an event may be that is answered: nobody waits for an answer to what they asked days ago.
const REPLY_WITHIN: Period = Period::from_days(1);
/// How long after a reply the same message isn't sent to the same address again.
const REPLY_ONCE: Period = Period::from_days(1);
/// The kind of finding that lists replies that weren't sent.
const REPLY_KEPT_BACK: &str = "reply_kept_back";
/// The length of an unsubscribe link's token, in bytes before they are written in hex.
const TOKEN_BYTES: usize = 16;

/// An event that the agreement answers, until the submission's end.
#[derive(Debug, Clone, Copy)]
pub(super) struct ToAnswer {
    /// The event's fact.
    pub(super) event: i64,
    /// When it happened.
    pub(super) ts: Timestamp,
    /// The index of the agreement's reply.
    pub(super) reply: usize,
}

/// What a message is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Occasion {
    /// An answer.
    Reply,
    /// A step of a nurture track, from 1.
    Nurture { track: i64, step: u32 },
}

impl Lead {
    /// Notes that the agreement answers an event, if it does.
    pub(super) fn note_reply(
        &mut self,
        replies: &[bellwether_core::agreement::Reply],
        event: &Event,
        fact: i64,
    ) {
        if replies.is_empty() || event.kind != EventKind::Track {
            return;
        }
        let name = normalized_name(&event.name);
        for (reply, _) in replies
            .iter()
            .enumerate()
            .filter(|(_, reply)| reply.on.contains(&name))
        {
            self.to_answer.push(ToAnswer {
                event: fact,
                ts: event.ts,
                reply,
            });
        }
    }

    /// The address that may be written to, in lower case, or why there is none.
    pub(super) fn address(&self) -> Result<String, &'static str> {
        let traits = self.traits.current();
        let email = traits.get("email").map(ToString::to_string).unwrap_or_default();
        let Some(address) = identity::email(&email) else {
            return Err("the lead has no address");
        };
        let profile = Profile::new(&traits);
        let disposable = profile
            .field("email_kind")
            .is_some_and(|kind| kind.as_texts().any(|kind| kind == EmailKind::Disposable.as_str()));
        if disposable {
            return Err("the lead's address is a disposable one");
        }
        Ok(address.into_owned())
    }
}

impl Committer {
    /// Answers what a lead did in the present submission, after whatever followed from it.
    pub(super) fn answer(
        &mut self,
        id: LeadId,
        events: &[ToAnswer],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let active = Arc::clone(&self.active);
        let agreement = active.engine.agreement();
        let mut answered = Vec::new();
        for event in events {
            let Some(reply) = agreement.replies.get(event.reply) else {
                continue;
            };
            let Some(message) = agreement.messages.iter().find(|one| one.name == reply.send) else {
                continue;
            };
            if answered.contains(&message.name.as_str()) {
                continue;
            }
            answered.push(message.name.as_str());
            if at.since(event.ts) > REPLY_WITHIN {
                let reason = "the event is more than a day old";
                self.find(REPLY_KEPT_BACK, &message.name, reason, at);
                continue;
            }
            let address = self
                .leads
                .peek(&id)
                .map_or(Err("the lead is gone"), |lead| lead.address());
            let address = match address {
                Ok(address) => address,
                Err(reason) => {
                    self.find(REPLY_KEPT_BACK, &message.name, reason, at);
                    continue;
                }
            };
            if self
                .db
                .replied_since(&address, &message.name, at.minus(REPLY_ONCE))?
            {
                let reason = "the same was sent to the address within a day";
                self.find(REPLY_KEPT_BACK, &message.name, reason, at);
                continue;
            }
            if let Some(reason) = self.write_to(id, &address, message, Occasion::Reply, at)? {
                self.find(REPLY_KEPT_BACK, &message.name, reason, at);
            }
        }
        Ok(())
    }

    /// Makes a message and promises it; gives why it couldn't be made, if it couldn't.
    pub(super) fn write_to(
        &mut self,
        id: LeadId,
        address: &str,
        message: &Message,
        occasion: Occasion,
        at: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        if !self.is_taken(outbox::MESSAGE)? {
            let why = "no destination takes mails; add one of kind `smtp`, or a webhook for `message.*`";
            return Ok(Some(why.to_owned()));
        }
        let active = Arc::clone(&self.active);
        let Some(lead) = self.leads.peek(&id) else {
            return Ok(Some("the lead is gone".to_owned()));
        };
        let traits = lead.traits.current();
        let owner = lead
            .row
            .owner
            .map(|owner| self.db.user(owner))
            .transpose()?
            .flatten();
        let page = booking_url(&self.db, owner.as_ref(), lead.row.handoff)?;
        let correspondent = owner.as_ref().map(|owner| Correspondent {
            name: &owner.name,
            email: &owner.email,
            booking_url: &page,
        });
        let token = self.token();
        let link = token
            .as_ref()
            .zip(self.shared.public_url.as_deref())
            .map(|(token, url)| format!("{}/u/{token}", url.trim_end_matches('/')));
        let (kind, nurture, step) = match occasion {
            Occasion::Reply => ("reply", None, None),
            Occasion::Nurture { track, step } => ("nurture", Some(track), Some(step)),
        };
        // An answer to what somebody asked for needs no way out; what comes by itself does.
        let shown = link.as_deref().filter(|_| nurture.is_some());
        let agreement = active.engine.agreement();
        let made = letter(agreement, message, &id.to_string(), &traits, correspondent, shown);
        let made = match made {
            Ok(made) => made,
            Err(error) => return Ok(Some(error.to_string())),
        };
        let reply_to = owner.as_ref().map(|owner| owner.email.clone());
        let mail = self.db.insert_mail(&MailRow {
            id: 0,
            lead: id,
            origin: id,
            at,
            kind: kind.to_owned(),
            name: message.name.clone(),
            address: Some(address.to_owned()),
            nurture,
            step,
            kept_back: None,
            token: token.filter(|_| shown.is_some()),
        })?;
        let Letter { subject, text, html } = &made;
        let payload = outbox::message(
            &outbox::Mail {
                to: address,
                subject,
                text,
                html,
                lead: id,
                kind,
                name: &message.name,
                reply_to: reply_to.as_deref(),
                unsubscribe_url: shown,
            },
            at,
        );
        self.promise(&format!("message.send-{mail}"), outbox::MESSAGE, &payload, at)?;
        Ok(None)
    }

    /// Something that nobody can guess, for a link; nothing where the system has no random bytes to give.
    fn token(&self) -> Option<String> {
        let mut bytes = [0_u8; TOKEN_BYTES];
        let filled = self.shared.entropy.fill(&mut bytes);
        filled.then(|| format!("{:032x}", u128::from_be_bytes(bytes)))
    }
}

/// Where a lead picks a time with its owner: the owner's own page, else that of the team that it was given to; empty where
/// there is none.
pub(crate) fn booking_url(
    db: &Db,
    owner: Option<&UserRow>,
    handoff: Option<HandoffId>,
) -> Result<String, StoreError> {
    if let Some(page) = owner.and_then(|owner| owner.booking_url.clone()) {
        return Ok(page);
    }
    let handoff = handoff.map(|handoff| db.handoff(handoff)).transpose()?.flatten();
    let team = handoff.and_then(|handoff| handoff.team);
    let team = team.map(|team| db.team(&team)).transpose()?.flatten();
    Ok(team.and_then(|team| team.booking_url).unwrap_or_default())
}
