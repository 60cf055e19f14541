//! One call as it stands on the wire, before the rest of its batch is known: every member that means something is read
//! leniently, and what can't be used is noted with its reason.

use std::borrow::Cow;

use bellwether_core::domain::{Number, Properties, Timestamp, Traits, Value};
use bellwether_core::suspect::AGENT;

use super::agent;
use super::json::{Kind, Malformed, Reader};
use super::visitor::SentAddress;
use crate::limits::{ID_BYTES_MAX, PROPERTIES_MAX, PROPERTY_DEPTH_MAX};

/// The kinds of call that Segment's specification knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Something was done.
    Track,
    /// Who somebody is.
    Identify,
    /// A page was viewed.
    Page,
    /// An app screen was viewed.
    Screen,
    /// Which company somebody belongs to.
    Group,
    /// Somebody had another id before.
    Alias,
}

impl Call {
    /// The call of a `type` in a batch.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "track" => Self::Track,
            "identify" => Self::Identify,
            "page" => Self::Page,
            "screen" => Self::Screen,
            "group" => Self::Group,
            "alias" => Self::Alias,
            _ => return None,
        })
    }
}

/// A time as a client sends it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Sent {
    /// There is none.
    #[default]
    Missing,
    /// It is there and empty, or no time: a client's way to say that no clock is to be corrected.
    Void,
    /// A time.
    At(Timestamp),
}

/// Something that was left out of an event, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) path: String,
    pub(super) reason: &'static str,
}

/// What of `context` is used. A batch's own context fills in what an event's lacks.
#[derive(Debug, Clone, Default)]
pub(super) struct Context {
    pub(super) traits: Traits,
    pub(super) group_id: Option<String>,
    pub(super) external_ids: Vec<(String, String)>,
    pub(super) address: SentAddress,
    pub(super) page_path: Option<String>,
    pub(super) page_url: Option<String>,
    pub(super) page_search: Option<String>,
    /// Whether it says by which program the event was made. Which one, is carried where it is no person's browser.
    pub(super) names_agent: bool,
    /// What agreements may ask of where a visit came from, by dotted path.
    pub(super) carried: Properties,
}

/// One call, read.
#[derive(Debug, Default)]
pub(super) struct Draft<'a> {
    pub(super) call: Option<Cow<'a, str>>,
    pub(super) message_id: Option<Cow<'a, str>>,
    pub(super) write_key: Option<Cow<'a, str>>,
    pub(super) anonymous_id: Option<String>,
    pub(super) user_id: Option<String>,
    pub(super) previous_id: Option<String>,
    pub(super) group_id: Option<String>,
    pub(super) event: Option<String>,
    pub(super) name: Option<String>,
    pub(super) category: Option<String>,
    pub(super) timestamp: Sent,
    pub(super) original_timestamp: Sent,
    pub(super) sent_at: Sent,
    pub(super) properties: Properties,
    pub(super) traits: Traits,
    pub(super) context: Context,
    pub(super) notes: Vec<Note>,
    /// Where it stands in the body, in bytes.
    pub(super) span: std::ops::Range<usize>,
}

type Read<T> = Result<T, Malformed>;

/// Reads one call, which must be an object.
pub(super) fn draft<'a>(reader: &mut Reader<'a>) -> Read<Draft<'a>> {
    let mut draft = Draft::default();
    reader.kind()?;
    let start = reader.at();
    reader.object(&mut |reader, key| member(&mut draft, reader, &key))?;
    draft.span = start..reader.at();
    Ok(draft)
}

fn member<'a>(draft: &mut Draft<'a>, reader: &mut Reader<'a>, key: &str) -> Read<()> {
    let notes = &mut draft.notes;
    match key {
        "type" => draft.call = scalar(reader)?,
        "messageId" => draft.message_id = scalar(reader)?.filter(|id| !id.trim().is_empty()),
        "writeKey" => draft.write_key = scalar(reader)?,
        "anonymousId" => draft.anonymous_id = id(reader, "anonymousId", notes)?,
        "userId" => draft.user_id = id(reader, "userId", notes)?,
        "previousId" => draft.previous_id = id(reader, "previousId", notes)?,
        "groupId" => draft.group_id = id(reader, "groupId", notes)?,
        "event" => draft.event = scalar(reader)?.map(Cow::into_owned),
        "name" => draft.name = scalar(reader)?.map(Cow::into_owned),
        "category" => draft.category = scalar(reader)?.map(Cow::into_owned),
        "timestamp" => draft.timestamp = sent(reader, "timestamp", notes)?,
        "originalTimestamp" => draft.original_timestamp = sent(reader, "originalTimestamp", notes)?,
        "sentAt" => draft.sent_at = sent(reader, "sentAt", notes)?,
        "properties" => {
            draft.properties.clear();
            Flat::new(&mut draft.properties, notes, "properties").object(reader, false)?;
        }
        "traits" => {
            draft.traits.clear();
            Flat::new(&mut draft.traits, notes, "traits").object(reader, true)?;
        }
        "context" => draft.context = context(reader, notes)?,
        _ => {
            reader.skip()?;
        }
    }
    Ok(())
}

/// Reads a `context`; anything but an object is none.
pub(super) fn context(reader: &mut Reader<'_>, notes: &mut Vec<Note>) -> Read<Context> {
    let mut context = Context::default();
    if reader.kind()? != Kind::Object {
        reader.skip()?;
        return Ok(context);
    }
    reader.object(&mut |reader, key| {
        let kind = reader.kind()?;
        match (&*key, kind) {
            ("traits", Kind::Object) => {
                Flat::new(&mut context.traits, notes, "context.traits").object(reader, true)?;
            }
            ("ip", Kind::Text) => context.address = SentAddress::read(&reader.text()?),
            ("groupId", _) => context.group_id = id(reader, "context.groupId", notes)?,
            ("externalIds", Kind::Array) => {
                reader.array(&mut |reader| external_id(reader, &mut context.external_ids, notes))?;
            }
            ("page", Kind::Object) => page(reader, &mut context)?,
            ("userAgent" | "user_agent", Kind::Text) => {
                context.names_agent = true;
                if let Some(program) = agent::program(&reader.text()?) {
                    let program = Value::Text(program.to_owned());
                    context.carried.insert(AGENT.to_owned(), program);
                }
            }
            ("campaign", Kind::Object) => {
                let mut flat = Flat::new(&mut context.carried, notes, "");
                flat.path.push_str("context.campaign.");
                flat.object(reader, false)?;
            }
            _ => {
                reader.skip()?;
            }
        }
        Ok(())
    })?;
    Ok(context)
}

fn page(reader: &mut Reader<'_>, context: &mut Context) -> Read<()> {
    reader.object(&mut |reader, key| {
        match &*key {
            "path" => context.page_path = scalar(reader)?.map(Cow::into_owned),
            "url" => context.page_url = scalar(reader)?.map(Cow::into_owned),
            "search" => context.page_search = scalar(reader)?.map(Cow::into_owned),
            "referrer" => {
                if let Some(referrer) = scalar(reader)?.filter(|r| !r.is_empty()) {
                    let referrer = Value::Text(referrer.into_owned());
                    context
                        .carried
                        .insert("context.page.referrer".to_owned(), referrer);
                }
            }
            _ => {
                reader.skip()?;
            }
        }
        Ok(())
    })
}

/// Reads `{ "id": …, "type": … }`.
fn external_id(reader: &mut Reader<'_>, into: &mut Vec<(String, String)>, notes: &mut Vec<Note>) -> Read<()> {
    if reader.kind()? != Kind::Object {
        reader.skip()?;
        return Ok(());
    }
    let (mut kind, mut value) = (None, None);
    reader.object(&mut |reader, key| {
        match &*key {
            "type" => kind = id(reader, "context.externalIds.type", notes)?,
            "id" => value = id(reader, "context.externalIds.id", notes)?,
            _ => drop(reader.skip()?),
        }
        Ok(())
    })?;
    into.extend(kind.zip(value));
    Ok(())
}

/// A text, or a number or bool as text; nothing for `null`, objects and arrays.
pub(super) fn scalar<'a>(reader: &mut Reader<'a>) -> Read<Option<Cow<'a, str>>> {
    Ok(match reader.kind()? {
        Kind::Text => Some(reader.text()?),
        Kind::Number => Some(Cow::Borrowed(reader.number()?)),
        Kind::Bool => Some(Cow::Borrowed(if reader.bool()? { "true" } else { "false" })),
        Kind::Null | Kind::Object | Kind::Array => {
            reader.skip()?;
            None
        }
    })
}

/// An id: a scalar, trimmed; an empty one is none.
fn id(reader: &mut Reader<'_>, path: &str, notes: &mut Vec<Note>) -> Read<Option<String>> {
    let nested = matches!(reader.kind()?, Kind::Object | Kind::Array);
    let Some(text) = scalar(reader)? else {
        if nested {
            notes.push(Note {
                path: path.to_owned(),
                reason: "an id must be a text or a number",
            });
        }
        return Ok(None);
    };
    let text = text.trim();
    if text.len() > ID_BYTES_MAX {
        notes.push(Note {
            path: path.to_owned(),
            reason: "an id has at most 512 bytes",
        });
        return Ok(None);
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// A time: RFC 3339 or an ISO date, or a number of milliseconds (or, below 10¹¹, of seconds) since 1970.
pub(super) fn sent(reader: &mut Reader<'_>, path: &str, notes: &mut Vec<Note>) -> Read<Sent> {
    let kind = reader.kind()?;
    let Some(text) = scalar(reader)? else {
        return Ok(Sent::Missing);
    };
    let text = text.trim();
    let at = match kind {
        Kind::Number => epoch(text),
        _ => text.parse().ok(),
    };
    if at.is_none() && !text.is_empty() {
        let reason = "not a time between 1970 and 2199; the time of receipt stands in for it";
        notes.push(Note {
            path: path.to_owned(),
            reason,
        });
    }
    Ok(at.map_or(Sent::Void, Sent::At))
}

fn epoch(number: &str) -> Option<Timestamp> {
    const SECONDS_BELOW: i64 = 100_000_000_000;
    let whole: i64 = number.split('.').next()?.parse().ok()?;
    let ms = if whole < SECONDS_BELOW {
        whole.checked_mul(1_000)?
    } else {
        whole
    };
    Timestamp::from_ms(ms)
}

/// Flattens nested objects to dotted paths.
struct Flat<'m> {
    into: &'m mut Properties,
    notes: &'m mut Vec<Note>,
    /// The member of the event that this is, for notes.
    member: &'static str,
    /// The path of the object being read, with its dot.
    path: String,
    depth: usize,
}

impl<'m> Flat<'m> {
    fn new(into: &'m mut Properties, notes: &'m mut Vec<Note>, member: &'static str) -> Self {
        Self {
            into,
            notes,
            member,
            path: String::new(),
            depth: 0,
        }
    }

    /// Reads an object's members; `null` is kept as an empty text where `clears` (a trait that is taken back) and is
    /// nothing elsewhere.
    fn object(&mut self, reader: &mut Reader<'_>, clears: bool) -> Read<()> {
        if reader.kind()? != Kind::Object {
            let null = reader.kind()? == Kind::Null;
            reader.skip()?;
            if !null {
                self.note("", "must be an object");
            }
            return Ok(());
        }
        reader.object(&mut |reader, key| self.value(reader, &key, clears))
    }

    fn value(&mut self, reader: &mut Reader<'_>, key: &str, clears: bool) -> Read<()> {
        let value = match reader.kind()? {
            Kind::Text => Value::Text(reader.text()?.into_owned()),
            Kind::Bool => Value::Bool(reader.bool()?),
            Kind::Number => match Number::parse(reader.number()?) {
                Some(number) => Value::Number(number),
                None => return self.drop_it(key, "not a finite number"),
            },
            Kind::Null => {
                reader.null()?;
                if !clears {
                    return Ok(());
                }
                Value::Text(String::new())
            }
            Kind::Array => list(reader)?,
            Kind::Object => return self.nested(reader, key, clears),
        };
        let path = if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}{key}", self.path)
        };
        if self.into.len() >= PROPERTIES_MAX && !self.into.contains_key(&path) {
            return self.drop_it(key, "an event has at most 500 properties");
        }
        self.into.insert(path, value);
        Ok(())
    }

    fn nested(&mut self, reader: &mut Reader<'_>, key: &str, clears: bool) -> Read<()> {
        if self.depth + 1 >= PROPERTY_DEPTH_MAX {
            reader.skip()?;
            return self.drop_it(key, "nested deeper than 8 levels");
        }
        let outer = self.path.len();
        self.path.push_str(key);
        self.path.push('.');
        self.depth += 1;
        self.object(reader, clears)?;
        self.depth -= 1;
        self.path.truncate(outer);
        Ok(())
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "so that dropping a value ends its reading"
    )]
    fn drop_it(&mut self, key: &str, reason: &'static str) -> Read<()> {
        self.note(key, reason);
        Ok(())
    }

    fn note(&mut self, key: &str, reason: &'static str) {
        let dot = if key.is_empty() || self.member.is_empty() {
            ""
        } else {
            "."
        };
        self.notes.push(Note {
            path: format!("{}{dot}{}{key}", self.member, self.path),
            reason,
        });
    }
}

/// An array of scalars as a list of texts; any other as the text of its JSON, so that nothing of it is lost.
fn list(reader: &mut Reader<'_>) -> Read<Value> {
    let mut ahead = reader.clone();
    let mut texts = Vec::new();
    let mut flat = true;
    ahead.array(&mut |ahead| {
        match ahead.kind()? {
            Kind::Object | Kind::Array => {
                flat = false;
                ahead.skip()?;
            }
            _ => texts.extend(scalar(ahead)?.map(Cow::into_owned)),
        }
        Ok(())
    })?;
    if flat {
        *reader = ahead;
        return Ok(Value::List(texts));
    }
    Ok(Value::Text(reader.skip()?.to_owned()))
}
