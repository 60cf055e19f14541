//! Rows that hold properties and traits as objects, as an export does: calls of every kind, of leads and of visitors.

use bellwether_core::domain::{EventKind, Properties, TraitSource, Traits, Value};
use bellwether_core::records::{CallKind, RecordKind};

use super::row::{Layout, PAGE, kind, refusal};
use super::{Refusal, Taken};
use crate::cells::{flatten, flatten_traits, list_of, object_in, read_time};
use crate::history::{Actor, History};
use crate::import;
use crate::rejects::Reason;
use crate::signatures::Given;

/// Which columns of such a file hold what, besides those that every file of events has.
pub(crate) struct Objects {
    properties: Option<usize>,
    pub(crate) traits: Option<usize>,
    /// The columns that mean something and so are no properties.
    fields: Vec<usize>,
    visitor: Option<usize>,
    call: Option<usize>,
    said_by: Option<usize>,
    known: Option<usize>,
}

/// A row of such a file, unread but for its objects.
pub(crate) struct ObjectRow<'r> {
    lead: &'r str,
    /// Whose it is where it names no lead.
    visitor: &'r str,
    ts: &'r str,
    /// The kind of call; where it is empty, the event's name says it.
    call: &'r str,
    event: &'r str,
    path: &'r str,
    said_by: &'r str,
    known: &'r str,
    /// What its object names. A property of its own is added where that doesn't name it.
    pub(crate) properties: Properties,
    traits: Traits,
}

impl Objects {
    /// The columns of a file that has at least one of the two kinds of objects, by the names that imports know.
    pub(crate) fn among(columns: &[String]) -> Option<Self> {
        let places = import::headers::places(RecordKind::Events, columns);
        let place = |field: &str| places.get(field).copied();
        let (properties, traits) = (place("properties"), place("traits"));
        properties.or(traits)?;
        Some(Self {
            properties,
            traits,
            fields: places.values().copied().collect(),
            visitor: place("anonymous_id"),
            call: place("type"),
            said_by: place("said_by"),
            known: place("known"),
        })
    }

    /// Whether a column means something that is no property.
    pub(crate) fn is_field(&self, column: usize) -> bool {
        self.fields.contains(&column)
    }

    /// Every column that isn't a property of its own and is read.
    pub(crate) fn columns(&self) -> impl Iterator<Item = usize> {
        let Self {
            properties,
            traits,
            visitor,
            call,
            said_by,
            known,
            ..
        } = *self;
        [properties, traits, visitor, call, said_by, known]
            .into_iter()
            .flatten()
    }

    /// A row with the properties that its object names.
    pub(crate) fn row<'r>(
        &self,
        layout: &Layout,
        cell: &dyn Fn(usize) -> &'r str,
    ) -> Result<ObjectRow<'r>, Refusal> {
        let text = |at: Option<usize>| at.map(cell).unwrap_or_default();
        Ok(ObjectRow {
            lead: cell(layout.lead),
            visitor: text(self.visitor),
            ts: cell(layout.ts),
            call: text(self.call),
            event: cell(layout.event),
            path: text(layout.path),
            said_by: text(self.said_by),
            known: text(self.known),
            properties: flatten(&object_in("properties", text(self.properties))?),
            traits: flatten_traits(&object_in("traits", text(self.traits))?),
        })
    }
}

impl ObjectRow<'_> {
    /// Adds the properties of `paths` that have a column of their own and aren't named by the row's object.
    pub(crate) fn add_own<'c>(
        &mut self,
        layout: &Layout,
        cell: &dyn Fn(usize) -> &'c str,
        is_list: &dyn Fn(usize) -> bool,
        paths: &[String],
    ) {
        for (path, at) in paths.iter().zip(&layout.properties) {
            let Some(at) = *at else { continue };
            let text = cell(at);
            if !text.is_empty() && !self.properties.contains_key(path) {
                let value = if is_list(at) {
                    Value::List(list_of(text))
                } else {
                    Value::from(text)
                };
                self.properties.insert(path.clone(), value);
            }
        }
    }
}

/// Takes what a row says into the history.
pub(crate) fn take_objects(row: ObjectRow<'_>, history: &mut History<'_>) -> Taken {
    let call = match call(&row) {
        Ok(call) => call,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let kind = match call {
        CallKind::Track => Some(EventKind::Track),
        CallKind::Page => Some(EventKind::Page),
        CallKind::Screen => Some(EventKind::Screen),
        CallKind::Identify | CallKind::Group | CallKind::Alias => None,
    };
    let name = if call == CallKind::Page { PAGE } else { row.event };
    let (id, anonymous) = if row.lead.is_empty() {
        (row.visitor, true)
    } else {
        (row.lead, false)
    };
    // What is no event needs no name.
    if let Some(refusal) = refusal(id, if kind.is_some() { name } else { call.as_str() }) {
        return Ok(Err(refusal));
    }
    let ts = match read_time(row.ts) {
        Ok(ts) => ts,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if !history.exists(ts) {
        return Ok(Ok(()));
    }
    let id = history.id(id)?;
    let actor = Actor { id, anonymous };
    if !row.known.is_empty() {
        let known = matches!(row.known, "true" | "1");
        history.reach.note(id, ts, known);
    }
    if let Some(kind) = kind {
        let path = Some(row.path).filter(|path| !path.is_empty());
        let signature = history
            .signatures
            .of(kind, name, path, Given::Map(&row.properties))?;
        history.event(actor, ts, signature, 0)?;
    }
    if !row.traits.is_empty() {
        let source = TraitSource::named(row.said_by).unwrap_or_default();
        history.write_traits(actor, ts, source, row.traits, 0)?;
    }
    Ok(Ok(()))
}

/// The kind of call that a row stands for.
fn call(row: &ObjectRow<'_>) -> Result<CallKind, Refusal> {
    if row.call.is_empty() {
        return Ok(match kind(row.event) {
            EventKind::Page => CallKind::Page,
            EventKind::Track | EventKind::Screen => CallKind::Track,
        });
    }
    CallKind::named(row.call).ok_or_else(|| (Reason::UnknownCall, format!("`{}`", row.call)))
}
