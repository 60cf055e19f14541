//! What messages say, and the worker that delivers them: at least once, under an id by which a receiver knows one that
//! comes twice, later and later after each failure, and kept as given up in the end.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bellwether_connect::destination::Kind;
use bellwether_connect::webhook::{self, Destination, Message, Sender};
use bellwether_core::domain::{Period, Timestamp};
use bellwether_core::engine::Qualification;
use bellwether_core::handoff::Packet;
use bellwether_store::{DestinationId, HandoffId, LeadId, OutboxRow, StoreError, UserId};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::AppError;
use crate::destinations::Kept;
use crate::shared::{Shared, Signal, not_committed};

/// A lead was handed to sales.
pub(crate) const QUALIFIED: &str = "lead.qualified";
/// Somebody who buys already did what would have qualified a lead.
pub(crate) const ACTIVITY: &str = "lead.activity";

/// A mail to a lead.
pub(crate) const MESSAGE: &str = "message.send";

/// How many times a message is tried.
const ATTEMPTS_MAX: u32 = 12;
/// How long after the first failure it is tried again.
const BACKOFF_FIRST: Period = Period::from_ms(5_000);
/// The longest time between two attempts.
const BACKOFF_MAX: Period = Period::from_ms(6 * 3_600_000);
/// How many messages are fetched at once.
const MESSAGES_MAX: u32 = 32;
/// How often the worker looks at the clock, in milliseconds: retries are due by it.
const LOOK_MS: u64 = 500;

/// The body that tells of a handoff.
pub(crate) fn qualified(handoff: HandoffId, packet: &Packet, at: Timestamp) -> String {
    let mut data = serde_json::to_value(packet).unwrap_or_default();
    if let Some(data) = data.as_object_mut() {
        data.insert("handoff".to_owned(), json!(handoff.to_string()));
    }
    json!({ "type": QUALIFIED, "timestamp": at.to_string(), "data": data }).to_string()
}

/// The body that tells of a customer's activity.
pub(crate) fn activity(
    lead: LeadId,
    cycle: u32,
    owner: Option<UserId>,
    qualified: &Qualification,
    at: Timestamp,
) -> String {
    let data = json!({
        "lead": lead.to_string(),
        "cycle": cycle,
        "owner": owner.map(|owner| owner.to_string()),
        "trigger": qualified.trigger,
        "at": qualified.at.to_string(),
    });
    json!({ "type": ACTIVITY, "timestamp": at.to_string(), "data": data }).to_string()
}

/// A mail to a lead, as it is sent.
pub(crate) struct Mail<'a> {
    pub(crate) to: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) text: &'a str,
    pub(crate) html: &'a str,
    pub(crate) lead: LeadId,
    /// `reply` or `nurture`.
    pub(crate) kind: &'a str,
    /// The agreement's message.
    pub(crate) name: &'a str,
    /// Who in sales an answer goes to.
    pub(crate) reply_to: Option<&'a str>,
    pub(crate) unsubscribe_url: Option<&'a str>,
}

/// The body that has a mail sent.
pub(crate) fn message(mail: &Mail<'_>, at: Timestamp) -> String {
    let data = json!({
        "to": mail.to,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "lead": mail.lead.to_string(),
        "kind": mail.kind,
        "name": mail.name,
        "reply_to": mail.reply_to,
        "unsubscribe_url": mail.unsubscribe_url,
    });
    json!({ "type": MESSAGE, "timestamp": at.to_string(), "data": data }).to_string()
}

/// When to try again after an attempt failed; nothing after the last. Doubles each time, give or take a quarter by the
/// message's id, so that what failed together isn't tried together.
pub(crate) fn next_attempt(message_id: &str, attempts_before: u32, now: Timestamp) -> Option<Timestamp> {
    let attempt = attempts_before.saturating_add(1);
    if attempt >= ATTEMPTS_MAX {
        return None;
    }
    let doubled = BACKOFF_FIRST
        .ms()
        .saturating_mul(1_i64 << attempts_before.min(20));
    let wait = doubled.min(BACKOFF_MAX.ms());
    let digest = Sha256::new()
        .chain_update(message_id)
        .chain_update(attempt.to_le_bytes())
        .finalize();
    let draw = i64::from(digest.first().copied().unwrap_or(128)) - 128;
    Some(now.plus(Period::from_ms(wait + wait / 4 * draw / 128)))
}

/// Wakes whoever delivers.
#[derive(Debug, Default)]
pub(crate) struct Lanes(Signal);

impl Lanes {
    /// Messages were promised to these destinations.
    pub(crate) fn wake(&self, _: &BTreeSet<DestinationId>) {
        self.0.wake();
    }

    /// The destinations may be other ones.
    pub(crate) fn wake_all(&self) {
        self.0.wake();
    }

    /// Nothing more is to be delivered.
    pub(crate) fn stop(&self) {
        self.0.stop();
    }
}

/// Delivers until it is told to stop.
pub(crate) fn run(shared: &Arc<Shared>, private_allowed: bool) {
    let sender = Sender::new(private_allowed);
    loop {
        match deliver_due(shared, &sender) {
            Ok(true) if !shared.outbox.0.stopped() => continue,
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "messages wait: the store doesn't give them"),
        }
        if !shared.outbox.0.wait(Duration::from_millis(LOOK_MS)) {
            return;
        }
    }
}

/// Tries what is due; whether there may be more.
fn deliver_due(shared: &Arc<Shared>, sender: &Sender) -> Result<bool, AppError> {
    let now = shared.clock.now();
    let mut more = false;
    for kept in shared.destinations.kept().iter().filter(|kept| kept.is_on()) {
        let due = shared
            .readers
            .take()?
            .snapshot(|db| db.messages_due(kept.id, now, MESSAGES_MAX))?;
        more |= due.len() >= MESSAGES_MAX as usize;
        for message in due {
            if shared.outbox.0.stopped() {
                return Ok(false);
            }
            deliver(shared, sender, kept, message)?;
        }
    }
    Ok(more)
}

fn deliver(shared: &Arc<Shared>, sender: &Sender, kept: &Kept, row: OutboxRow) -> Result<(), AppError> {
    let Kind::Webhook { url } = &kept.settings.kind else {
        return Ok(());
    };
    let to = Destination {
        url,
        secret: kept.secret.as_deref().unwrap_or_default(),
    };
    let message = Message {
        id: &row.message_id,
        payload: &row.payload,
    };
    let outcome = webhook::plan(message, to, shared.clock.now()).and_then(|request| sender.send(&request));
    let now = shared.clock.now();
    let noted = shared.submit(move |committer| -> Result<_, StoreError> {
        match outcome {
            Ok(()) => committer.db.message_delivered(row.id, now)?,
            Err(error) => {
                let next = next_attempt(&row.message_id, row.attempts, now);
                tracing::warn!(
                    message.id = row.message_id,
                    message.attempts = row.attempts + 1,
                    message.given_up = next.is_none(),
                    %error,
                    "a message didn't arrive"
                );
                let error = error.to_string();
                committer.db.message_failed(row.id, now, &error, next)?;
                if next.is_none() {
                    committer
                        .db
                        .add_finding("message_given_up", &row.message_id, &error, 1, now)?;
                }
            }
        }
        Ok(Ok(()))
    })?;
    noted.blocking_recv().map_err(|_| not_committed())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_come_later_and_later_and_end() {
        let now = Timestamp::from_ms_clamped(1_790_000_000_000);
        let waits: Vec<i64> = (0..ATTEMPTS_MAX)
            .map_while(|before| next_attempt("m", before, now))
            .map(|next| next.since(now).ms())
            .collect();
        assert_eq!(waits.len(), ATTEMPTS_MAX as usize - 1);
        for (attempt, wait) in waits.iter().enumerate() {
            let plain = (5_000_i64 << attempt).min(6 * 3_600_000);
            assert!(
                (plain * 3 / 4..=plain * 5 / 4).contains(wait),
                "{attempt}: {wait}"
            );
        }
        assert_ne!(next_attempt("m", 3, now), next_attempt("n", 3, now));
        assert_eq!(next_attempt("m", 3, now), next_attempt("m", 3, now));
    }
}
