//! `on = …`: which events a rule is about, and which one an example speaks of.

use toml::de::{DeTable, DeValue};

use super::conditions::test;
use crate::agreement::limits::{CONDITION_DEPTH_MAX, LIST_MAX};
use crate::agreement::model::ExampleEvent;
use crate::agreement::pattern::{EventPattern, Glob};
use crate::agreement::problem::{Problems, quoted};
use crate::agreement::read::{Node, entries, items, number, text, texts, wrong_type};
use crate::domain::{EventKind, Period, Properties, Value, normalized_name};

/// The keys that say which kind of event is meant.
const KINDS: [&str; 3] = ["event", "page", "screen"];

/// A rule's `on`.
pub(super) fn pattern(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<EventPattern> {
    match node.get_ref() {
        DeValue::String(_) | DeValue::Array(_) => Some(EventPattern {
            names: names(cx, node)?,
            ..EventPattern::default()
        }),
        DeValue::Table(table) => table_pattern(cx, node, table),
        _ => {
            let help =
                "write an event's name, or `{ page = \"/pricing*\" }`, or `{ event = \"…\", property = … }`";
            wrong_type(cx, node, "a pattern of events", help);
            None
        }
    }
}

/// Names of track events, in the form that they are compared in.
pub(super) fn names(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<Vec<String>> {
    let mut names: Vec<String> = texts(cx, node)?
        .iter()
        .map(|name| normalized_name(name))
        .collect();
    names.sort_unstable();
    names.dedup();
    Some(names)
}

fn table_pattern(cx: &mut Problems<'_>, node: &Node<'_>, table: &DeTable<'_>) -> Option<EventPattern> {
    if table.is_empty() {
        let message = "an empty pattern would mean every event".to_owned();
        cx.error(
            "empty",
            node.span(),
            message,
            "name an event, a page, a screen or a property".to_owned(),
        );
        return None;
    }
    one_kind_only(cx, node, table);
    let mut pattern = EventPattern::default();
    for (key, value) in entries(table) {
        match key.get_ref().as_ref() {
            "event" => pattern.names = names(cx, value).unwrap_or_default(),
            "screen" => pattern.screens = names(cx, value).unwrap_or_default(),
            "page" => pattern.pages = pages(cx, value),
            property => property_tests(cx, property.to_owned(), value, 0, &mut pattern.properties),
        }
    }
    Some(pattern)
}

fn one_kind_only(cx: &mut Problems<'_>, node: &Node<'_>, table: &DeTable<'_>) {
    let kinds: Vec<&str> = KINDS
        .into_iter()
        .filter(|kind| table.contains_key(*kind))
        .collect();
    if let [first, second, ..] = kinds.as_slice() {
        let message = format!("an event has either `{first}` or `{second}`, not both");
        let help = "write two rules, or leave one of them out".to_owned();
        cx.error("contradiction", node.span(), message, help);
    }
}

fn pages(cx: &mut Problems<'_>, node: &Node<'_>) -> Vec<Glob> {
    let pages = texts(cx, node).unwrap_or_default();
    for page in &pages {
        if !page.starts_with(['/', '*']) {
            let message = format!("no page's path begins like {}", quoted(page));
            let help =
                "a page is known by its path, without scheme and host: begin with `/` or `*`".to_owned();
            cx.warn("page-path", node.span(), message, help);
        }
    }
    pages.iter().map(|page| Glob::new(page.trim())).collect()
}

/// Properties are flat, with dotted paths; in TOML `order.total = …` is a table in a table, which is told from a test
/// such as `{ min = 10 }` by its having no braces.
fn property_tests(
    cx: &mut Problems<'_>,
    path: String,
    node: &Node<'_>,
    depth: usize,
    into: &mut Vec<(String, crate::agreement::Test)>,
) {
    match node.get_ref() {
        DeValue::Table(inner) if !cx.is_braced(&node.span()) && depth < CONDITION_DEPTH_MAX => {
            for (key, value) in entries(inner) {
                property_tests(cx, format!("{path}.{}", key.get_ref()), value, depth + 1, into);
            }
        }
        _ => into.extend(test(cx, node, None, depth).map(|test| (path, test))),
    }
}

/// An example's `on`: one event, as it happens. Its time is left for the caller to fill in.
pub(super) fn example_event(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<ExampleEvent> {
    let mut event = ExampleEvent {
        kind: EventKind::Track,
        name: String::new(),
        path: None,
        properties: Properties::new(),
        ago: Period::from_ms(0),
        times: 1,
        every: Period::from_days(1),
    };
    match node.get_ref() {
        DeValue::String(_) => event.name = text(cx, node)?,
        DeValue::Table(table) => {
            one_kind_only(cx, node, table);
            if !KINDS.iter().any(|kind| table.contains_key(*kind)) {
                let message = "it isn't said what happened".to_owned();
                let help = "add `event = \"…\"`, `page = \"/…\"` or `screen = \"…\"`".to_owned();
                cx.error("missing-key", node.span(), message, help);
            }
            for (key, value) in entries(table) {
                example_part(cx, key.get_ref(), value, &mut event);
            }
        }
        _ => {
            wrong_type(
                cx,
                node,
                "one event",
                "write its name, or `{ page = \"/pricing\" }`",
            );
            return None;
        }
    }
    Some(event)
}

fn example_part(cx: &mut Problems<'_>, key: &str, value: &Node<'_>, event: &mut ExampleEvent) {
    match key {
        "event" => event.name = text(cx, value).unwrap_or_default(),
        "screen" => {
            event.kind = EventKind::Screen;
            event.name = text(cx, value).unwrap_or_default();
        }
        "page" => {
            event.kind = EventKind::Page;
            "page".clone_into(&mut event.name);
            event.path = text(cx, value);
            if event.path.as_deref().is_some_and(|path| path.contains('*')) {
                let message = "an example visits one page, not a pattern of them".to_owned();
                cx.error(
                    "not-one-event",
                    value.span(),
                    message,
                    "write a whole path without `*`".to_owned(),
                );
            }
        }
        property => property_values(cx, property.to_owned(), value, 0, &mut event.properties),
    }
}

fn property_values(
    cx: &mut Problems<'_>,
    path: String,
    node: &Node<'_>,
    depth: usize,
    into: &mut Properties,
) {
    match node.get_ref() {
        DeValue::Table(inner) if depth < CONDITION_DEPTH_MAX => {
            for (key, value) in entries(inner) {
                property_values(cx, format!("{path}.{}", key.get_ref()), value, depth + 1, into);
            }
        }
        _ => {
            if let Some(value) = value(cx, node) {
                into.insert(path, value);
            }
        }
    }
}

/// A value as a lead or an event has it.
pub(super) fn value(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<Value> {
    match node.get_ref() {
        DeValue::String(_) => text(cx, node).map(Value::Text),
        DeValue::Integer(_) | DeValue::Float(_) => number(cx, node).map(Value::Number),
        DeValue::Boolean(truth) => Some(Value::Bool(*truth)),
        DeValue::Datetime(time) => Some(Value::Text(time.to_string())),
        DeValue::Array(_) => {
            let all = items(cx, node, LIST_MAX)?;
            Some(Value::List(
                all.iter().filter_map(|item| text(cx, item)).collect(),
            ))
        }
        DeValue::Table(_) => {
            wrong_type(
                cx,
                node,
                "a value",
                "write a text, a number, `true`, `false` or a list of texts",
            );
            None
        }
    }
}
