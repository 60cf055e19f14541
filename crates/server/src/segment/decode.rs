//! From the bytes of a request to facts: pure, so that the same bytes give the same facts, and made so that one bad
//! event, number or byte never costs the others.

use std::borrow::Cow;
use std::ops::Range;

use bellwether_app::{FactBody, IncomingFact};
use bellwether_core::domain::Timestamp;

use super::fact::{Envelope, fact};
use super::json::{Kind, Malformed, Reader};
use super::visitor::SentAddress;
use super::wire::{Call, Context, Draft, Note, Sent, context, draft, scalar, sent};
use crate::limits::{BATCH_EVENTS_MAX, EVENT_BYTES_MAX};

/// What a request's bytes are decoded with.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// When the request came.
    pub received_at: Timestamp,
    /// Unguessable text of which message ids are made for events that have none.
    pub nonce: &'a str,
}

/// What a route expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// One call of this kind, whatever its `type` says.
    One(Call),
    /// An object with a `batch`.
    Batch,
}

/// What became of a request's bytes.
#[derive(Debug, Default)]
pub struct Decoded {
    /// The write key in the body.
    pub write_key: Option<String>,
    /// The facts, in order.
    pub facts: Vec<IncomingFact>,
    /// For each fact, the event that it came from.
    pub origins: Vec<usize>,
    /// For each fact, what its call says of the visitor's address.
    pub addresses: Vec<SentAddress>,
    /// How many events there were.
    pub received: usize,
    /// Events that make no fact.
    pub refused: Vec<Refused>,
    /// What was left out of events that were kept.
    pub dropped: Vec<Dropped>,
    /// What was left out of what a batch says for all its events, by dotted path, and why.
    pub dropped_beside: Vec<(String, &'static str)>,
    /// How many events that were kept came without a message id.
    pub without_message_id: usize,
}

/// An event that makes no fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// Its id, where it has one.
    pub message_id: Option<String>,
    /// Why, and what would be right.
    pub reason: String,
}

/// Something that was left out of an event that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The event's place in the batch, from 0.
    pub index: usize,
    /// Where it stood in the event, as a dotted path.
    pub path: String,
    /// Why.
    pub reason: &'static str,
}

/// Why nothing of a request can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// It isn't JSON, or not of the form that the route expects.
    #[error("the body is not a call: {what} at byte {at}")]
    Malformed {
        /// What was expected.
        what: &'static str,
        /// Where, in bytes from the beginning.
        at: usize,
    },
    /// Its one event is too large.
    #[error("an event has at most 32 KB; this one has {bytes} bytes")]
    EventTooLarge {
        /// How large it is.
        bytes: usize,
    },
}

impl From<Malformed> for DecodeError {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed {
            what: malformed.what,
            at: malformed.at,
        }
    }
}

/// Decodes a body.
///
/// # Errors
///
/// Where the body as a whole isn't a call or batch of calls, or its only call is too large. Events of a batch that can't
/// be used are listed in [`Decoded::refused`] and cost the others nothing.
pub fn decode(body: &[u8], expected: Expected, arrival: Arrival<'_>) -> Result<Decoded, DecodeError> {
    let (text, broken) = readable(body);
    let mut reader = Reader::new(text.strip_prefix('\u{feff}').unwrap_or(&text));
    let shift = text.len() - reader.rest_len();
    let broken: Vec<Range<usize>> = broken
        .into_iter()
        .map(|b| b.start - shift..b.end - shift)
        .collect();
    let decoded = match expected {
        Expected::One(call) => one(&mut reader, call, &broken, arrival),
        Expected::Batch => batch(&mut reader, &broken, arrival),
    }?;
    if !reader.at_end() {
        return Err(DecodeError::Malformed {
            what: "expected the end of the body",
            at: reader.at(),
        });
    }
    Ok(decoded)
}

/// The body as text, with bytes that are no UTF-8 replaced, and where those were.
fn readable(body: &[u8]) -> (Cow<'_, str>, Vec<Range<usize>>) {
    if let Ok(text) = std::str::from_utf8(body) {
        return (Cow::Borrowed(text), Vec::new());
    }
    let mut text = String::with_capacity(body.len());
    let mut broken = Vec::new();
    for chunk in body.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            let start = text.len();
            text.push(char::REPLACEMENT_CHARACTER);
            broken.push(start..text.len());
        }
    }
    (Cow::Owned(text), broken)
}

fn one(
    reader: &mut Reader<'_>,
    call: Call,
    broken: &[Range<usize>],
    arrival: Arrival<'_>,
) -> Result<Decoded, DecodeError> {
    let event = draft(reader)?;
    if let Some(first) = broken.first() {
        return Err(DecodeError::Malformed {
            what: "expected UTF-8",
            at: first.start,
        });
    }
    if event.span.len() > EVENT_BYTES_MAX {
        return Err(DecodeError::EventTooLarge {
            bytes: event.span.len(),
        });
    }
    let mut decoded = Decoded {
        write_key: event.write_key.as_deref().map(str::to_owned),
        received: 1,
        ..Decoded::default()
    };
    let envelope = Envelope {
        arrival,
        sent_at: Sent::Missing,
        context: None,
    };
    decoded.take(0, event, Some(call), &envelope);
    Ok(decoded)
}

/// What stands beside the events of a batch, which may come after them.
#[derive(Default)]
struct Root<'a> {
    write_key: Option<Cow<'a, str>>,
    sent_at: Sent,
    context: Option<Context>,
    drafts: Vec<Result<Draft<'a>, Refused>>,
    notes: Vec<Note>,
    has_batch: bool,
}

fn batch(
    reader: &mut Reader<'_>,
    broken: &[Range<usize>],
    arrival: Arrival<'_>,
) -> Result<Decoded, DecodeError> {
    let mut root = Root::default();
    reader.object(&mut |reader, key| root_member(&mut root, reader, &key, broken))?;
    if !root.has_batch {
        return Err(DecodeError::Malformed {
            what: "expected a `batch` of events",
            at: 0,
        });
    }
    let mut decoded = Decoded {
        received: root.drafts.len(),
        ..Decoded::default()
    };
    decoded.facts.reserve(root.drafts.len());
    decoded.origins.reserve(root.drafts.len());
    decoded.write_key = root.write_key.map(Cow::into_owned);
    let beside = root.notes.into_iter().map(|Note { path, reason }| (path, reason));
    decoded.dropped_beside.extend(beside);
    let envelope = Envelope {
        arrival,
        sent_at: root.sent_at,
        context: root.context,
    };
    for (index, event) in root.drafts.into_iter().enumerate() {
        match event {
            Ok(event) => {
                if let (None, Some(key)) = (&decoded.write_key, &event.write_key) {
                    decoded.write_key = Some(key.clone().into_owned());
                }
                decoded.take(index, event, None, &envelope);
            }
            Err(refused) => decoded.refused.push(refused),
        }
    }
    Ok(decoded)
}

fn root_member<'a>(
    root: &mut Root<'a>,
    reader: &mut Reader<'a>,
    key: &str,
    broken: &[Range<usize>],
) -> Result<(), Malformed> {
    match key {
        "batch" => {
            root.has_batch = true;
            root.drafts.clear();
            reader.array(&mut |reader| {
                let index = root.drafts.len();
                root.drafts.push(element(reader, index, broken)?);
                Ok(())
            })?;
        }
        "writeKey" => root.write_key = scalar(reader)?,
        "sentAt" => root.sent_at = sent(reader, "sentAt", &mut root.notes)?,
        "context" => root.context = Some(context(reader, &mut root.notes)?),
        _ => {
            reader.skip()?;
        }
    }
    Ok(())
}

/// One element of a batch; what makes it unusable refuses it alone.
fn element<'a>(
    reader: &mut Reader<'a>,
    index: usize,
    broken: &[Range<usize>],
) -> Result<Result<Draft<'a>, Refused>, Malformed> {
    let refuse = |message_id, reason: String| {
        Ok(Err(Refused {
            index,
            message_id,
            reason,
        }))
    };
    if reader.kind()? != Kind::Object {
        reader.skip()?;
        return refuse(None, "an event must be an object".to_owned());
    }
    if index >= BATCH_EVENTS_MAX {
        reader.skip()?;
        return refuse(
            None,
            format!("a batch has at most {BATCH_EVENTS_MAX} events; send the rest in another"),
        );
    }
    let event = draft(reader)?;
    let message_id = || event.message_id.as_deref().map(str::to_owned);
    if event.span.len() > EVENT_BYTES_MAX {
        return refuse(
            message_id(),
            format!(
                "an event has at most 32 KB; this one has {} bytes",
                event.span.len()
            ),
        );
    }
    let after = broken.partition_point(|bad| bad.start < event.span.start);
    if broken.get(after).is_some_and(|bad| bad.start < event.span.end) {
        return refuse(message_id(), "it holds bytes that are not UTF-8".to_owned());
    }
    Ok(Ok(event))
}

impl Decoded {
    /// Makes facts of one event, or notes why not.
    fn take(&mut self, index: usize, mut event: Draft<'_>, call: Option<Call>, envelope: &Envelope<'_>) {
        let mut notes = std::mem::take(&mut event.notes);
        let message_id = event.message_id.as_deref().map(str::to_owned);
        let address = match (event.context.address, &envelope.context) {
            (SentAddress::Missing, Some(shared)) => shared.address,
            (own, _) => own,
        };
        match fact(event, index, call, envelope, &mut notes) {
            Ok((main, group)) => {
                self.without_message_id += usize::from(message_id.is_none());
                self.dropped
                    .extend(
                        notes
                            .into_iter()
                            .map(|Note { path, reason }| Dropped { index, path, reason }),
                    );
                self.facts.push(main);
                self.origins.push(index);
                self.addresses.push(address);
                if let Some(group) = group {
                    self.facts.push(group);
                    self.origins.push(index);
                    self.addresses.push(address);
                }
            }
            Err(reason) => self.refused.push(Refused {
                index,
                message_id,
                reason,
            }),
        }
    }

    /// How many facts are events, for figures.
    pub fn events(&self) -> usize {
        self.facts
            .iter()
            .filter(|fact| matches!(fact.body, FactBody::Event(_)))
            .count()
    }
}
