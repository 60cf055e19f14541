//! One event of a table, in whatever format the table is.

use std::path::Path;

use bellwether_core::domain::EventKind;

use super::objects::Objects;
use super::{Refusal, Taken};
use crate::cells::read_time;
use crate::columns::{ColumnMap, EVENT, EVENT_LEAD, PATH, TS, single};
use crate::error::ReplayError;
use crate::history::{Actor, History};
use crate::limits::{EVENT_NAME_BYTES_MAX, LEAD_ID_BYTES_MAX};
use crate::rejects::Reason;
use crate::signatures::Given;

/// The name that page views have in tables.
pub(crate) const PAGE: &str = "page";

/// Which column of a table of events is what.
pub(crate) struct Layout {
    pub(crate) lead: usize,
    pub(crate) ts: usize,
    pub(crate) event: usize,
    pub(crate) path: Option<usize>,
    /// The columns of the properties that rules read, in the order of their paths.
    pub(crate) properties: Vec<Option<usize>>,
    /// What more there is where properties or traits are objects.
    pub(crate) objects: Option<Objects>,
}

/// An event of a table, unread.
pub(crate) struct EventRow<'r> {
    pub(crate) lead: &'r str,
    pub(crate) ts: &'r str,
    pub(crate) event: &'r str,
    pub(crate) path: Option<&'r str>,
}

impl Layout {
    pub(crate) fn new(
        file: &Path,
        names: &[String],
        is_list: &dyn Fn(usize) -> bool,
        map: &ColumnMap,
        read: &[String],
    ) -> Result<Self, ReplayError> {
        let single = single(names, is_list);
        let lead = EVENT_LEAD.require(file, &single, map.lead.as_deref())?;
        let ts = TS.require(file, &single, map.ts.as_deref())?;
        let event = EVENT.require(file, &single, map.event.as_deref())?;
        let path = PATH.find(file, &single, map.path.as_deref())?;
        let mut layout = Self {
            lead,
            ts,
            event,
            path,
            properties: Vec::new(),
            objects: Objects::among(&single),
        };
        let property = |name: &String| {
            let at = names.iter().position(|column| column == name);
            at.filter(|at| layout.is_property(*at))
        };
        layout.properties = read.iter().map(property).collect();
        Ok(layout)
    }
}

impl Layout {
    /// Whether a column is a property and means nothing else.
    pub(crate) fn is_property(&self, column: usize) -> bool {
        ![self.lead, self.ts, self.event].contains(&column)
            && self
                .objects
                .as_ref()
                .is_none_or(|objects| !objects.is_field(column))
    }
}

/// Whether an id and a name can be what they should be.
pub(crate) fn refusal(lead: &str, event: &str) -> Option<Refusal> {
    let reason = if lead.is_empty() {
        Reason::MissingLead
    } else if lead.len() > LEAD_ID_BYTES_MAX {
        Reason::LeadTooLong
    } else if event.is_empty() {
        Reason::MissingEvent
    } else if event.len() > EVENT_NAME_BYTES_MAX {
        Reason::EventTooLong
    } else {
        return None;
    };
    Some((reason, String::new()))
}

/// The kind of a table's event, by its name.
pub(crate) fn kind(event: &str) -> EventKind {
    if event == PAGE {
        EventKind::Page
    } else {
        EventKind::Track
    }
}

/// Takes an event into the history.
pub(crate) fn take(row: &EventRow<'_>, properties: Given<'_, '_>, history: &mut History<'_>) -> Taken {
    if let Some(refusal) = refusal(row.lead, row.event) {
        return Ok(Err(refusal));
    }
    let ts = match read_time(row.ts) {
        Ok(ts) => ts,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if history.exists(ts) {
        let signature = history
            .signatures
            .of(kind(row.event), row.event, row.path, properties)?;
        let id = history.id(row.lead)?;
        history.event(Actor { id, anonymous: false }, ts, signature, 0)?;
    }
    Ok(Ok(()))
}
