//! Rows of leads and events as facts.

use bellwether_core::domain::{Event, EventKind, Timestamp, TraitSource, Traits, Value};
use bellwether_core::records::{CallKind, EventRecord, LeadRecord, RecordKeys};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::identity::{self, ANONYMOUS_ID, EMAIL, EXTERNAL, EXTERNAL_IDS_MAX, USER_ID};
use crate::{FactBody, IncomingFact, Keys};

/// What makes of a lead's or an event's row a fact.
pub(super) struct Drafted {
    pub(super) fact: IncomingFact,
    pub(super) more_keys: Vec<(String, String)>,
    pub(super) speaker: Option<TraitSource>,
    pub(super) known: Option<bool>,
}

/// A lead's row as a fact: who they are, as of when the row says so.
pub(super) fn draft_lead(lead: LeadRecord, at: Timestamp) -> Drafted {
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
pub(super) fn draft_event(event: EventRecord) -> Drafted {
    let message_id = match &event.id {
        Some(id) => {
            let kind = event
                .keys
                .external_ids
                .first()
                .map_or("", |(kind, _)| kind.as_str());
            // Two files may number their rows alike.
            let what = (kind, id, &event.name, event.ts.ms());
            format!("event-{}", content(&what))
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

pub(super) fn fact_of(
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
        seen_from: None,
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
pub(super) fn content(row: &impl Serialize) -> String {
    use std::fmt::Write as _;

    let bytes = serde_json::to_vec(row).unwrap_or_default();
    let mut text = String::with_capacity(32);
    for byte in Sha256::digest(&bytes).iter().take(16) {
        // Writing to a string can't fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
