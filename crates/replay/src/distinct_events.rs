//! Distinct events with all that is said of them but their time, each kept once and numbered.

use bellwether_core::domain::{Event, EventKind, EventView, Property, Timestamp, ValueRef};

use crate::distinct::Combinations;
use crate::error::ReplayError;
use crate::limits::DISTINCT_EVENTS_MAX;
use crate::numbered::MISSING;
use crate::texts::Texts;

/// Distinct events.
#[derive(Default, Clone)]
pub(crate) struct DistinctEvents {
    pub(crate) names: Texts,
    pub(crate) paths: Texts,
    /// Each event's properties, marked with its kind and the numbers of its name and path.
    pub(crate) all: Combinations,
}

/// The properties of one event.
pub(crate) struct PropertiesOf<'e> {
    events: &'e DistinctEvents,
    number: u32,
}

impl DistinctEvents {
    /// The number of an event, a new one where it wasn't there.
    pub(crate) fn intern<'v>(
        &mut self,
        kind: EventKind,
        name: &str,
        path: Option<&str>,
        properties: impl Iterator<Item = (&'v str, ValueRef<'v>)>,
    ) -> Result<u32, ReplayError> {
        let path = path.map_or(MISSING, |path| self.paths.intern(path));
        let mark = [kind as u32, self.names.intern(name), path];
        let number = self.all.intern(mark, properties, DISTINCT_EVENTS_MAX);
        number.ok_or(ReplayError::TooMany {
            what: "distinct events",
            limit: DISTINCT_EVENTS_MAX as u64,
        })
    }

    /// The number of an event of another table, a new one where it wasn't there.
    pub(crate) fn take(&mut self, other: &Self, number: u32) -> Result<u32, ReplayError> {
        let (kind, name, path) = other.head(number);
        let properties = other.all.values(number);
        let values = properties
            .iter()
            .map(|(name, value)| (name.as_str(), value.view()));
        self.intern(kind, name, path, values)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// An event as it was at an instant.
    pub(crate) fn event(&self, number: u32, ts: Timestamp) -> Event {
        let (kind, name, path) = self.head(number);
        Event {
            ts,
            kind,
            name: name.to_owned(),
            path: path.map(str::to_owned),
            properties: self.all.values(number),
        }
    }

    /// An event's kind, name and path.
    pub(crate) fn head(&self, number: u32) -> (EventKind, &str, Option<&str>) {
        let [kind, name, path] = self.all.mark(number);
        let path = (path != MISSING).then(|| self.paths.get(path));
        (kind_of(kind), self.names.get(name), path)
    }

    /// An event's properties, to be looked up.
    pub(crate) fn properties(&self, number: u32) -> PropertiesOf<'_> {
        PropertiesOf { events: self, number }
    }

    /// An event as rules see it.
    pub(crate) fn view<'e>(&'e self, number: u32, properties: &'e PropertiesOf<'e>) -> EventView<'e> {
        let (kind, name, path) = self.head(number);
        EventView {
            kind,
            name,
            path,
            properties,
        }
    }
}

impl Property for PropertiesOf<'_> {
    fn property(&self, path: &str) -> Option<ValueRef<'_>> {
        self.events.all.value(self.number, path)
    }
}

fn kind_of(number: u32) -> EventKind {
    let all = [EventKind::Track, EventKind::Page, EventKind::Screen];
    all.into_iter()
        .find(|kind| *kind as u32 == number)
        .unwrap_or(EventKind::Track)
}
