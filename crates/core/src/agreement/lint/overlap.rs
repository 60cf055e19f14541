//! Rules that one and the same event feeds.
//!
//! Whether two patterns have an event in common isn't decided in general. Each rule's own pattern is turned into a few
//! events that it describes, and these are tried on the other rules. A pattern with a regular expression describes no
//! event that could be made up, so it is only met by the events of other rules.

use std::ops::Range;

use super::Finding;
use crate::agreement::condition::Test;
use crate::agreement::model::{IntentRule, RuleKind};
use crate::agreement::parse::Parsed;
use crate::agreement::pattern::{EventPattern, Glob};
use crate::agreement::problem::{listed, quoted};
use crate::domain::{EventKind, EventView, Number, Properties, Value};

/// How many events are made up for one rule.
const EVENTS_A_RULE_MAX: usize = 8;

pub(super) fn findings(parsed: &Parsed) -> Vec<Finding> {
    let mut found = overlaps(&parsed.agreement.intent, &parsed.places.intent);
    if let Some(account) = &parsed.agreement.account {
        found.extend(overlaps(&account.intent, &parsed.places.account_intent));
    }
    found
}

struct Candidate<'r> {
    rule: &'r IntentRule,
    on: &'r EventPattern,
    counts: bool,
    events: Vec<MadeUp>,
}

struct MadeUp {
    kind: EventKind,
    name: String,
    path: Option<String>,
    properties: Properties,
}

fn overlaps(rules: &[IntentRule], places: &[Range<usize>]) -> Vec<Finding> {
    let mut earlier: Vec<Candidate<'_>> = Vec::new();
    let mut found = Vec::new();
    for (rule, place) in rules.iter().zip(places) {
        let RuleKind::Matches(matches) = &rule.kind else {
            continue;
        };
        let events = made_up(&matches.on);
        let this = Candidate {
            rule,
            on: &matches.on,
            counts: matches.count.is_some(),
            events,
        };
        let others: Vec<&str> = earlier
            .iter()
            .filter(|other| other.counts == this.counts && (feeds(other, this.on) || feeds(&this, other.on)))
            .map(|other| other.rule.name.as_str())
            .collect();
        if !others.is_empty() {
            let message = format!(
                "one event feeds both {} and {}",
                quoted(&rule.name),
                listed(others.iter().copied(), "and")
            );
            found.push(Finding {
                lint: "overlapping-rules",
                rules: others
                    .into_iter()
                    .map(str::to_owned)
                    .chain([rule.name.clone()])
                    .collect(),
                span: place.clone(),
                message,
                help: "narrow one of them, or silence the lint if both are meant".to_owned(),
            });
        }
        earlier.push(this);
    }
    found
}

fn feeds(source: &Candidate<'_>, on: &EventPattern) -> bool {
    source.events.iter().any(|event| on.matches(&event.view()))
}

/// Some events that the pattern describes: one for each of its names, pages or screens.
fn made_up(on: &EventPattern) -> Vec<MadeUp> {
    let properties: Properties = on
        .properties
        .iter()
        .filter_map(|(path, test)| Some((path.clone(), passing(test)?)))
        .collect();
    let event = |kind, name: &str, path| MadeUp {
        kind,
        name: name.to_owned(),
        path,
        properties: properties.clone(),
    };
    let tracks = on.names.iter().map(|name| event(EventKind::Track, name, None));
    let screens = on.screens.iter().map(|name| event(EventKind::Screen, name, None));
    let pages = on
        .pages
        .iter()
        .map(|page| event(EventKind::Page, "page", Some(fitting(page))));
    let mut events: Vec<MadeUp> = tracks
        .chain(screens)
        .chain(pages)
        .take(EVENTS_A_RULE_MAX)
        .collect();
    if on.names.is_empty() && on.screens.is_empty() && on.pages.is_empty() {
        events.push(event(EventKind::Track, "any", None));
    }
    events.retain(|event| on.matches(&event.view()));
    events
}

/// A text that the pattern fits.
fn fitting(glob: &Glob) -> String {
    glob.source().replace('*', "")
}

/// A value that passes the test, where one is easily found; `None` is a missing value.
fn passing(test: &Test) -> Option<Value> {
    match test {
        Test::Text(globs) | Test::Country { texts: globs, .. } => globs.first().map(|glob| {
            let text = fitting(glob);
            Value::Text(if text.is_empty() { "any".to_owned() } else { text })
        }),
        Test::Number { min, max } | Test::Amount { min, max } => {
            min.or(*max).or_else(|| Number::parse("0")).map(Value::Number)
        }
        Test::Bool(truth) => Some(Value::Bool(*truth)),
        Test::Exists(true) => Some(Value::Text("any".to_owned())),
        Test::All(tests) => tests.iter().find_map(passing),
        Test::Exists(false) | Test::Not(_) | Test::Regex(_) => None,
    }
}

impl MadeUp {
    fn view(&self) -> EventView<'_> {
        EventView {
            kind: self.kind,
            name: &self.name,
            path: self.path.as_deref(),
            properties: &self.properties,
        }
    }
}
