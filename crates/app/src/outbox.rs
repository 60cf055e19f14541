//! What messages say, and the workers that deliver them: at least once, under an id by which a receiver knows one that
//! comes twice, later and later after each failure, and kept as given up in the end. Each destination has a lane of its
//! own, so that one that is slow or dead delays nobody else.

mod breaker;
mod bucket;
mod by_hand;
mod lane;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use bellwether_connect::outgoing::{self, Carrier, Failure, Here, Message, Planned, Secrets};
use bellwether_core::domain::{Period, Timestamp};
use bellwether_core::engine::Qualification;
use bellwether_core::handoff::Packet;
use bellwether_store::{DestinationId, HandoffId, LeadId, OutboxRow, UserId};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::destinations::Kept;
use crate::shared::{Shared, Signal};

/// A lead was handed to sales.
pub(crate) const QUALIFIED: &str = "lead.qualified";
/// Somebody who buys already did what would have qualified a lead.
pub(crate) const ACTIVITY: &str = "lead.activity";

/// A mail to a lead.
pub(crate) const MESSAGE: &str = "message.send";
/// The time to first contact runs out, and somebody is to know.
pub(crate) const ESCALATED: &str = "sla.escalated";

/// How many times a message is tried.
const ATTEMPTS_MAX: u32 = 12;
/// How long after the first failure it is tried again.
const BACKOFF_FIRST: Period = Period::from_ms(5_000);
/// The longest time between two attempts.
const BACKOFF_MAX: Period = Period::from_ms(6 * 3_600_000);
/// How often a lane looks at the clock, in milliseconds: retries are due by it.
const LOOK_MS: u64 = 500;
/// How often is looked for destinations without a lane though nobody asked, in milliseconds.
const SUPERVISE_MS: u64 = 5_000;

/// The body that tells of a handoff.
pub(crate) fn qualified(handoff: HandoffId, packet: &Packet, at: Timestamp) -> String {
    let mut data = serde_json::to_value(packet).unwrap_or_default();
    if let Some(data) = data.as_object_mut() {
        data.insert("handoff".to_owned(), json!(handoff.to_string()));
    }
    json!({ "type": QUALIFIED, "timestamp": at.to_string(), "data": data }).to_string()
}

/// A body of a type, with what it tells.
pub(crate) fn body(event_type: &str, data: &serde_json::Value, at: Timestamp) -> String {
    json!({ "type": event_type, "timestamp": at.to_string(), "data": data }).to_string()
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

/// The lanes that deliver, by destination.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    /// Wakes whoever starts and ends lanes.
    changed: Signal,
    signals: Mutex<BTreeMap<DestinationId, Arc<Signal>>>,
    states: Mutex<BTreeMap<DestinationId, &'static str>>,
}

impl Lanes {
    /// Messages were promised to these destinations.
    pub(crate) fn wake(&self, destinations: &BTreeSet<DestinationId>) {
        let signals = self.signals();
        for signal in destinations.iter().filter_map(|id| signals.get(id)) {
            signal.wake();
        }
    }

    /// The destinations may be other ones, or anything may be due.
    pub(crate) fn wake_all(&self) {
        self.changed.wake();
        for signal in self.signals().values() {
            signal.wake();
        }
    }

    /// Nothing more is to be delivered.
    pub(crate) fn stop(&self) {
        self.changed.stop();
        for signal in self.signals().values() {
            signal.stop();
        }
    }

    /// Whether calls of a destination are held off: `closed`, `open` or `half_open`.
    pub(crate) fn state(&self, id: DestinationId) -> &'static str {
        let states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        states.get(&id).copied().unwrap_or("closed")
    }

    fn tell_state(&self, id: DestinationId, state: &'static str) {
        self.states
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id, state);
    }

    fn signals(&self) -> MutexGuard<'_, BTreeMap<DestinationId, Arc<Signal>>> {
        self.signals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps a lane for each destination until it is told to stop.
pub(crate) fn run(shared: &Arc<Shared>, private_allowed: bool) {
    let carrier = Carrier::new(private_allowed);
    let mut threads: BTreeMap<DestinationId, JoinHandle<()>> = BTreeMap::new();
    loop {
        let found = shared.destinations.kept();
        for kept in found.iter() {
            if threads.contains_key(&kept.id) {
                continue;
            }
            match begin(shared, kept, &carrier) {
                Ok(thread) => drop(threads.insert(kept.id, thread)),
                Err(error) => {
                    tracing::error!(%error, "a destination isn't delivered to: there is no thread for it");
                }
            }
        }
        let gone: Vec<DestinationId> = threads
            .keys()
            .filter(|id| !found.iter().any(|kept| kept.id == **id))
            .copied()
            .collect();
        for id in gone {
            // It ends by itself, when what it has under way is done.
            threads.remove(&id);
            if let Some(signal) = shared.outbox.signals().remove(&id) {
                signal.stop();
            }
        }
        if !shared.outbox.changed.wait(Duration::from_millis(SUPERVISE_MS)) {
            break;
        }
    }
    shared.outbox.stop();
    for (_, thread) in threads {
        if thread.join().is_err() {
            tracing::error!("a lane had ended badly");
        }
    }
}

fn begin(shared: &Arc<Shared>, kept: &Arc<Kept>, carrier: &Carrier) -> std::io::Result<JoinHandle<()>> {
    let signal = Arc::new(Signal::default());
    shared.outbox.signals().insert(kept.id, Arc::clone(&signal));
    let (shared, kept, carrier) = (Arc::clone(shared), Arc::clone(kept), carrier.clone());
    let lane = std::thread::Builder::new().name(format!("to {}", kept.settings.name));
    lane.spawn(move || lane::run(&shared, &signal, kept, carrier))
}

/// What is sent of a message to a destination; without its keys where it is only shown.
pub(crate) fn planned(
    shared: &Shared,
    kept: &Kept,
    row: &OutboxRow,
    signed: bool,
) -> Result<Planned, Failure> {
    let active = shared.active();
    let agreement = active.engine.agreement();
    let reasons = agreement.rejections.iter().filter(|agreed| !agreed.note);
    let reasons: Vec<String> = reasons.map(|agreed| agreed.reason.clone()).collect();
    let here = Here {
        public_url: shared.public_url.as_deref(),
        link_key: signed.then_some(shared.link_key.as_slice()),
        timezone: &agreement.timezone,
        reasons: &reasons,
    };
    let message = Message {
        id: &row.message_id,
        event_type: &row.event_type,
        payload: &row.payload,
        recipient: row.recipient.as_deref(),
        created_at: row.created_at,
    };
    let secrets = Secrets {
        secret: kept.secret.as_deref(),
        takes_answers: kept.signing_secret.is_some(),
    };
    outgoing::plan(&kept.settings, secrets, message, here, shared.clock.now())
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
