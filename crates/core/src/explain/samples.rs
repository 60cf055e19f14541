//! Events and traits that would meet a pattern or condition, to try on the engine. A sample is only ever used once the
//! pattern or condition itself says that it fits; where none is found, that way isn't offered.

use crate::agreement::{Condition, EventPattern, Glob, Test};
use crate::domain::{Event, EventKind, Number, Properties, Timestamp, Traits, Value};

/// An event at `ts` that meets the pattern.
pub(super) fn event_that_meets(on: &EventPattern, ts: Timestamp) -> Option<Event> {
    let mut properties = Properties::new();
    for (path, test) in &on.properties {
        if let Some(value) = value_that_passes(test, properties.get(path)) {
            properties.insert(path.clone(), value);
        }
    }
    let named = |kind, name: &str| Event {
        ts,
        kind,
        name: name.to_owned(),
        path: None,
        properties: properties.clone(),
    };
    let track = on.names.first().map(|name| named(EventKind::Track, name));
    let page = on.pages.first().map(|glob| Event {
        path: Some(unstarred(glob)),
        ..named(EventKind::Page, "page")
    });
    let screen = on.screens.first().map(|name| named(EventKind::Screen, name));
    let any = || named(EventKind::Track, "Any event");
    let sample = track.or(page).or(screen).unwrap_or_else(any);
    on.matches(&sample.view()).then_some(sample)
}

/// A track event of this name.
pub(super) fn track(name: &str, ts: Timestamp) -> Event {
    Event {
        ts,
        kind: EventKind::Track,
        name: name.to_owned(),
        path: None,
        properties: Properties::new(),
    }
}

/// Traits that would help the condition to hold; the caller checks whether they do.
pub(super) fn traits_that_meet(condition: &Condition) -> Option<Traits> {
    let mut traits = Traits::new();
    meet(condition, &mut traits)?;
    Some(traits)
}

fn meet(condition: &Condition, traits: &mut Traits) -> Option<()> {
    match condition {
        Condition::All(all) => all.iter().try_for_each(|condition| meet(condition, traits)),
        Condition::Any(any) => any.iter().find_map(|condition| {
            let mut tried = traits.clone();
            meet(condition, &mut tried)?;
            *traits = tried;
            Some(())
        }),
        // What must not be there can't be learned.
        Condition::Not(_) => Some(()),
        Condition::Field { field, test } => {
            if let Some(value) = value_that_passes(test, traits.get(field)) {
                traits.insert(field.clone(), value);
            }
            Some(())
        }
    }
}

/// A value that passes the test; `None` where a missing one does, or where none is found.
fn value_that_passes(test: &Test, present: Option<&Value>) -> Option<Value> {
    if test.holds(present.map(Value::view)) {
        return present.cloned();
    }
    let candidates = match test {
        Test::All(tests) => tests.iter().filter_map(candidate).collect(),
        test => Vec::from_iter(candidate(test)),
    };
    candidates
        .into_iter()
        .find(|value| !value.view().is_empty() && test.holds(Some(value.view())))
}

fn candidate(test: &Test) -> Option<Value> {
    match test {
        Test::Text(globs) | Test::Country { texts: globs, .. } => globs
            .iter()
            .map(unstarred)
            .find(|text| !text.trim().is_empty())
            .map(Value::Text),
        Test::Regex(regex) => Some(Value::Text(regex.as_str().to_owned())),
        Test::Number { min, max } | Test::Amount { min, max } => {
            min.or(*max).or_else(|| Number::new(0.0)).map(Value::Number)
        }
        Test::Bool(expected) => Some(Value::Bool(*expected)),
        Test::Exists(true) => Some(Value::from("known")),
        Test::Exists(false) | Test::Not(_) | Test::All(_) => None,
    }
}

/// A pattern with its stars taken as nothing.
fn unstarred(glob: &Glob) -> String {
    glob.source().replace('*', "")
}
