//! From one call to facts: whom it is about, when it happened, and what it says.

use std::borrow::Cow;
use std::fmt::Write as _;

use bellwether_app::{FactBody, IncomingFact, Keys};
use bellwether_core::domain::{Event, EventKind, Timestamp, Traits, Value};
use bellwether_core::profile::channel::{PageAround, carried_of_page};
use bellwether_core::profile::fill_known_fields;
use bellwether_core::suspect::AGENT;
use sha2::{Digest, Sha256};

use super::decode::Arrival;
use super::wire::{Call, Context, Draft, Note, Sent};
use crate::limits::{FUTURE_MS_MAX, MESSAGE_ID_BYTES_MAX, NAME_BYTES_MAX};

/// What a batch says for all its events.
#[derive(Debug)]
pub(super) struct Envelope<'a> {
    pub(super) arrival: Arrival<'a>,
    pub(super) sent_at: Sent,
    pub(super) context: Option<Context>,
}

/// The fact that a call states, and where it names a company beside (`context.groupId`), that one.
pub(super) fn fact(
    mut draft: Draft<'_>,
    index: usize,
    call: Option<Call>,
    envelope: &Envelope<'_>,
    notes: &mut Vec<Note>,
) -> Result<(IncomingFact, Option<IncomingFact>), String> {
    let call = call.map_or_else(|| named_call(draft.call.as_deref()), Ok)?;
    if let Some(shared) = &envelope.context {
        fill_in(&mut draft.context, shared);
    }
    let times = times(&draft, envelope, notes);
    let message_id = message_id(draft.message_id.take(), index, envelope.arrival.nonce);
    let mut context = std::mem::take(&mut draft.context);
    let context_traits = std::mem::take(&mut context.traits);
    let group_beside = context.group_id.take().filter(|_| call != Call::Group);
    let mut keys = Keys {
        anonymous_id: draft.anonymous_id.take(),
        user_id: draft.user_id.take(),
        email: None,
        external_ids: std::mem::take(&mut context.external_ids),
    };
    let (body, mut context_traits) = body(call, draft, context, context_traits, times.ts, notes)?;
    known_traits(&mut context_traits);
    keys.email = email(&body, &context_traits);
    require_keys(&keys, &body)?;
    let group = group_beside.map(|group_id| IncomingFact {
        message_id: format!("{message_id}/group"),
        ts: times.ts,
        original_at: times.original_at,
        sent_at: times.sent_at,
        keys: keys.clone(),
        seen_from: None,
        context_traits: Traits::new(),
        body: FactBody::Group {
            group_id,
            traits: Traits::new(),
        },
    });
    let main = IncomingFact {
        message_id,
        ts: times.ts,
        original_at: times.original_at,
        sent_at: times.sent_at,
        keys,
        seen_from: None,
        context_traits,
        body,
    };
    Ok((main, group))
}

fn named_call(name: Option<&str>) -> Result<Call, String> {
    const KNOWN: &str = "`track`, `identify`, `page`, `screen`, `group` or `alias`";
    let Some(name) = name else {
        return Err(format!("an event of a batch needs a `type`: {KNOWN}"));
    };
    Call::named(name).ok_or_else(|| format!("`{}` is not a type of call; known are {KNOWN}", excerpt(name)))
}

/// A batch's context stands in where an event's own says nothing.
fn fill_in(own: &mut Context, shared: &Context) {
    for (name, value) in &shared.traits {
        own.traits.entry(name.clone()).or_insert_with(|| value.clone());
    }
    for (name, value) in &shared.carried {
        // A batch's program isn't that of an event which names its own.
        if name == AGENT && own.names_agent {
            continue;
        }
        own.carried.entry(name.clone()).or_insert_with(|| value.clone());
    }
    if own.external_ids.is_empty() {
        own.external_ids.clone_from(&shared.external_ids);
    }
    for (own, shared) in [
        (&mut own.group_id, &shared.group_id),
        (&mut own.page_path, &shared.page_path),
        (&mut own.page_url, &shared.page_url),
        (&mut own.page_search, &shared.page_search),
    ] {
        if own.is_none() {
            own.clone_from(shared);
        }
    }
}

struct Times {
    ts: Timestamp,
    original_at: Option<Timestamp>,
    sent_at: Option<Timestamp>,
}

/// When it happened: the sender's clock, corrected by how far it is off when it sends. An event's own `sentAt` goes
/// before its batch's, even where it is empty; without one there is nothing to correct by.
fn times(draft: &Draft<'_>, envelope: &Envelope<'_>, notes: &mut Vec<Note>) -> Times {
    let received = envelope.arrival.received_at;
    let original = match draft.original_timestamp {
        Sent::Missing => draft.timestamp,
        given => given,
    };
    let sent = match draft.sent_at {
        Sent::Missing => envelope.sent_at,
        given => given,
    };
    let (original_at, sent_at) = (at(original), at(sent));
    let ts = match (original_at, sent_at) {
        (Some(original), Some(sent)) => {
            Timestamp::from_ms_clamped(received.ms() - (sent.ms() - original.ms()))
        }
        (Some(original), None) => original,
        (None, _) => received,
    };
    let ts = if ts.ms() - received.ms() > FUTURE_MS_MAX {
        note(
            notes,
            "timestamp",
            "more than 23 hours ahead; the time of receipt stands in for it",
        );
        received
    } else {
        ts
    };
    Times {
        ts,
        original_at,
        sent_at,
    }
}

const fn at(sent: Sent) -> Option<Timestamp> {
    match sent {
        Sent::At(at) => Some(at),
        Sent::Missing | Sent::Void => None,
    }
}

fn message_id(id: Option<Cow<'_, str>>, index: usize, nonce: &str) -> String {
    match id {
        Some(id) if id.len() <= MESSAGE_ID_BYTES_MAX => id.into_owned(),
        Some(id) => {
            let mut hashed = "sha256-".to_owned();
            for byte in Sha256::digest(id.as_bytes()) {
                // Writing to a string can't fail.
                let _ = write!(hashed, "{byte:02x}");
            }
            hashed
        }
        None => format!("bw-{nonce}-{index}"),
    }
}

fn body(
    call: Call,
    mut draft: Draft<'_>,
    mut context: Context,
    context_traits: Traits,
    ts: Timestamp,
    notes: &mut Vec<Note>,
) -> Result<(FactBody, Traits), String> {
    let mut traits = std::mem::take(&mut draft.traits);
    Ok(match call {
        Call::Track => {
            let Some(name) = name(draft.event.take(), "event", notes) else {
                return Err("a track call needs the name of what was done in `event`".to_owned());
            };
            (
                event(EventKind::Track, name, None, draft, context, ts),
                context_traits,
            )
        }
        Call::Page => {
            let path = path(&draft, &mut context, notes);
            (
                event(EventKind::Page, "page".to_owned(), path, draft, context, ts),
                context_traits,
            )
        }
        Call::Screen => {
            let given = draft.name.take().or_else(|| text_of(&draft.properties, "name"));
            let Some(name) = name(given, "name", notes) else {
                return Err("a screen call needs the screen's `name`".to_owned());
            };
            (
                event(EventKind::Screen, name, None, draft, context, ts),
                context_traits,
            )
        }
        Call::Identify => {
            // Both say who they are; what the call itself says goes first.
            for (name, value) in context_traits {
                traits.entry(name).or_insert(value);
            }
            known_traits(&mut traits);
            (FactBody::Identify(traits), Traits::new())
        }
        Call::Group => {
            let Some(group_id) = draft.group_id.take().or(context.group_id.take()) else {
                return Err("a group call needs a `groupId`".to_owned());
            };
            known_traits(&mut traits);
            (FactBody::Group { group_id, traits }, context_traits)
        }
        Call::Alias => {
            let Some(previous_id) = draft.previous_id.take() else {
                return Err("an alias call needs a `previousId`".to_owned());
            };
            (FactBody::Alias { previous_id }, context_traits)
        }
    })
}

fn event(
    kind: EventKind,
    name: String,
    path: Option<String>,
    draft: Draft<'_>,
    mut context: Context,
    ts: Timestamp,
) -> FactBody {
    let mut properties = draft.properties;
    for (field, value) in [("name", draft.name), ("category", draft.category)] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            properties.entry(field.to_owned()).or_insert(Value::Text(value));
        }
    }
    if !properties.contains_key("url") {
        let page = PageAround {
            url: context.page_url.as_deref(),
            search: context.page_search.as_deref(),
            referrer: match context.carried.get("context.page.referrer") {
                Some(Value::Text(referrer)) => Some(referrer),
                _ => None,
            },
        };
        for (name, value) in carried_of_page(kind, page) {
            context.carried.entry(name.to_owned()).or_insert(value);
        }
    }
    for (name, value) in context.carried {
        properties.entry(name).or_insert(value);
    }
    FactBody::Event(Event {
        ts,
        kind,
        name,
        path,
        properties,
    })
}

fn name(given: Option<String>, member: &str, notes: &mut Vec<Note>) -> Option<String> {
    let mut name = given?;
    cut(&mut name, member, notes);
    let trimmed = name.trim();
    if trimmed.len() == name.len() {
        return (!name.is_empty()).then_some(name);
    }
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

/// A page's path: what the call says before what the page around it says, and a path before a whole address.
fn path(draft: &Draft<'_>, context: &mut Context, notes: &mut Vec<Note>) -> Option<String> {
    let full = |text: String| (!text.trim().is_empty()).then_some(text);
    let mut path = text_of(&draft.properties, "path")
        .and_then(full)
        .or_else(|| context.page_path.take().and_then(full))
        .or_else(|| text_of(&draft.properties, "url").as_deref().and_then(path_of_url))
        .or_else(|| context.page_url.as_deref().and_then(path_of_url))?;
    if let Some(end) = path.find(['?', '#']) {
        path.truncate(end);
    }
    cut(&mut path, "path", notes);
    Some(path)
}

fn path_of_url(url: &str) -> Option<String> {
    let (_, after) = url.split_once("://")?;
    let path = after
        .find('/')
        .and_then(|slash| after.get(slash..))
        .unwrap_or("/");
    Some(path.to_owned())
}

fn text_of(properties: &Traits, field: &str) -> Option<String> {
    match properties.get(field) {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    }
}

/// Adds the built-in fields that traits state under Segment's own names, and lower-cases the email address.
fn known_traits(traits: &mut Traits) {
    if traits.is_empty() {
        return;
    }
    fill_known_fields(traits);
    if let Some(Value::Text(email)) = traits.get_mut("email") {
        let plain = email.trim().to_lowercase();
        *email = plain;
    }
}

fn email(body: &FactBody, context_traits: &Traits) -> Option<String> {
    let traits = match body {
        FactBody::Identify(traits) => traits,
        _ => context_traits,
    };
    text_of(traits, "email").filter(|email| !email.is_empty() && email.len() <= crate::limits::ID_BYTES_MAX)
}

/// Every fact is about somebody, but for a company's traits and an alias of two ids, one of which may be all there is.
fn require_keys(keys: &Keys, body: &FactBody) -> Result<(), String> {
    let somebody = keys.anonymous_id.is_some()
        || keys.user_id.is_some()
        || keys.email.is_some()
        || !keys.external_ids.is_empty();
    if somebody || matches!(body, FactBody::Group { .. } | FactBody::Alias { .. }) {
        return Ok(());
    }
    Err("nobody is named; give a `userId` or an `anonymousId`".to_owned())
}

/// Cuts a name at its limit, between characters.
fn cut(text: &mut String, member: &str, notes: &mut Vec<Note>) {
    if text.len() > NAME_BYTES_MAX {
        text.truncate(text.floor_char_boundary(NAME_BYTES_MAX));
        note(notes, member, "cut to 1,024 bytes");
    }
}

fn note(notes: &mut Vec<Note>, path: &str, reason: &'static str) {
    notes.push(Note {
        path: path.to_owned(),
        reason,
    });
}

fn excerpt(text: &str) -> String {
    text.chars()
        .take(40)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
