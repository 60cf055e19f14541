//! What a lead did, in the form that rules are evaluated on.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Timestamp, Value, ValueRef};

/// Which kind of Segment call an event came by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Something was done; it has a name.
    Track,
    /// A web page was viewed; it has a path.
    Page,
    /// An app screen was viewed; it has a name.
    Screen,
}

/// An event's properties, nested objects flattened to dotted paths.
pub type Properties = BTreeMap<String, Value>;

/// Something that a lead did at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When it was done.
    pub ts: Timestamp,
    /// The kind of call it came by.
    pub kind: EventKind,
    /// The track event's or screen's name as it came; for a page view, `page`.
    pub name: String,
    /// The page's path.
    pub path: Option<String>,
    /// Its properties.
    pub properties: Properties,
}

/// How conditions look up a property, whatever form the event is held in (a map, a row of columns).
pub trait Property {
    /// The property at a dotted path; `None` where it is missing or empty.
    fn property(&self, path: &str) -> Option<ValueRef<'_>>;
}

impl Property for Properties {
    fn property(&self, path: &str) -> Option<ValueRef<'_>> {
        self.get(path).map(Value::view).filter(|value| !value.is_empty())
    }
}

/// An event as rules see it: borrowed, without its time, which no condition may depend on.
#[derive(Clone, Copy)]
pub struct EventView<'a> {
    /// The kind of call it came by.
    pub kind: EventKind,
    /// The track event's or screen's name as it came; for a page view, `page`.
    pub name: &'a str,
    /// The page's path.
    pub path: Option<&'a str>,
    /// Its properties.
    pub properties: &'a dyn Property,
}

impl Event {
    /// This event as rules see it.
    pub fn view(&self) -> EventView<'_> {
        EventView {
            kind: self.kind,
            name: &self.name,
            path: self.path.as_deref(),
            properties: &self.properties,
        }
    }
}

/// An event's name in the form that names are compared in: lower case, with `_` and `-` as spaces.
pub fn normalized_name(name: &str) -> String {
    name.trim().to_lowercase().replace(['_', '-'], " ")
}

#[cfg(test)]
mod tests {
    use super::normalized_name;

    #[test]
    fn names_are_compared_without_case_and_with_any_separator() {
        assert_eq!(
            normalized_name("Demo Requested"),
            normalized_name("demo_requested")
        );
        assert_eq!(
            normalized_name("DEMO-Requested "),
            normalized_name("Demo Requested")
        );
        assert_ne!(
            normalized_name("DemoRequested"),
            normalized_name("Demo Requested")
        );
    }
}
