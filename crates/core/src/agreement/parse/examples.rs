//! Examples and silenced lints.

use std::ops::Range;

use toml::de::DeValue;

use super::conditions::unknown_field_help;
use super::events::{example_event, value};
use super::unique;
use crate::agreement::limits::{EXAMPLE_EVENTS_MAX, TABLES_MAX};
use crate::agreement::lint;
use crate::agreement::model::{
    Disqualify, Example, ExampleEvent, Expectation, FieldType, Fields, Grades, Silenced,
};
use crate::agreement::problem::{Problems, did_you_mean, quoted};
use crate::agreement::read::{Node, Section, boolean, entries, integer, period, points, text, wrong_type};
use crate::agreement::shape;
use crate::domain::{Traits, Value};

/// What examples may name.
pub(super) struct Known<'k> {
    pub(super) fields: &'k Fields,
    pub(super) grades: Option<&'k Grades>,
    pub(super) exclusions: &'k [Disqualify],
}

/// `[[example]]`.
pub(super) fn examples(
    cx: &mut Problems<'_>,
    file: &Section<'_>,
    known: &Known<'_>,
) -> Vec<(Example, Range<usize>)> {
    let sections = file.tables(cx, "example", &shape::EXAMPLE, TABLES_MAX);
    unique(cx, "example", &sections, "name");
    sections
        .iter()
        .map(|section| {
            let name = section.text(cx, "name");
            let traits = section
                .get("lead")
                .map(|node| traits(cx, node, known.fields))
                .unwrap_or_default();
            let entries = section.tables(cx, "events", &shape::EXAMPLE_EVENT, TABLES_MAX);
            let events: Vec<ExampleEvent> = entries.iter().filter_map(|entry| event(cx, entry)).collect();
            let happened: u32 = events.iter().map(|event| event.times).sum();
            if happened > EXAMPLE_EVENTS_MAX {
                let message = format!("the example has {happened} events");
                let help = format!("keep to {EXAMPLE_EVENTS_MAX} altogether");
                cx.error("too-many", section.key_span("events"), message, help);
            }
            let expect = section
                .read(cx, "expect", |cx, node| expectation(cx, node, known))
                .unwrap_or_default();
            let line = cx.line_of(section.span.start);
            (
                Example {
                    name,
                    traits,
                    events,
                    expect,
                    line,
                },
                section.span.clone(),
            )
        })
        .collect()
}

fn traits(cx: &mut Problems<'_>, node: &Node<'_>, fields: &Fields) -> Traits {
    let DeValue::Table(table) = node.get_ref() else {
        wrong_type(
            cx,
            node,
            "a lead's traits",
            "write `{ title = \"…\", employees = 300 }`",
        );
        return Traits::new();
    };
    let mut traits = Traits::new();
    for (key, node) in entries(table) {
        let name = key.get_ref();
        let Some(of) = fields.type_of(name) else {
            let message = format!("there is no field {}", quoted(name));
            cx.error(
                "unknown-field",
                key.span(),
                message,
                unknown_field_help(name, fields),
            );
            continue;
        };
        let Some(value) = value(cx, node) else { continue };
        let fits = matches!(
            (&value, of),
            (
                Value::Text(_),
                FieldType::Text | FieldType::List | FieldType::Time
            ) | (Value::Number(_), FieldType::Number)
                | (Value::Bool(_), FieldType::Bool)
                | (Value::List(_), FieldType::List)
        );
        if !fits {
            let help = format!("`{name}` is declared as `{}`", of.as_str());
            wrong_type(cx, node, &format!("a value of type `{}`", of.as_str()), &help);
        }
        traits.insert(name.to_string(), value);
    }
    traits
}

fn event(cx: &mut Problems<'_>, entry: &Section<'_>) -> Option<ExampleEvent> {
    let event = entry.read(cx, "on", example_event);
    let times = entry.read(cx, "times", |cx, node| {
        integer(cx, node, &(1..=EXAMPLE_EVENTS_MAX))
    });
    let every = entry.read(cx, "every", period);
    let ago = entry.read(cx, "ago", period);
    entry.needs(cx, "every", "times", "say how many there were: `times = 10`");
    let mut event = event?;
    event.times = times.unwrap_or(event.times);
    event.every = every.unwrap_or(event.every);
    event.ago = ago.unwrap_or(event.ago);
    Some(event)
}

fn expectation(cx: &mut Problems<'_>, node: &Node<'_>, known: &Known<'_>) -> Option<Expectation> {
    let section = Section::open(cx, &shape::EXPECT, node)?;
    if !shape::EXPECT.keys.iter().any(|key| section.has(key.name)) {
        let message = "an example that expects nothing tests nothing".to_owned();
        cx.error(
            "empty",
            section.span.clone(),
            message,
            "add `qualified = true`, or points".to_owned(),
        );
    }
    Some(Expectation {
        qualified: section.read(cx, "qualified", boolean),
        fit: section.read(cx, "fit", points),
        intent: section.read(cx, "intent", points),
        score: section.read(cx, "score", points),
        grade: section.read(cx, "grade", |cx, node| grade(cx, node, known.grades)),
        disqualified_by: section.read(cx, "disqualified_by", |cx, node| {
            exclusion(cx, node, known.exclusions)
        }),
        trigger: section.read(cx, "trigger", text),
    })
}

fn grade(cx: &mut Problems<'_>, node: &Node<'_>, grades: Option<&Grades>) -> Option<String> {
    let grade = text(cx, node)?;
    let Some(grades) = grades else {
        let message = "the agreement gives no grades".to_owned();
        cx.error(
            "unknown-name",
            node.span(),
            message,
            "add a section `[grades]`".to_owned(),
        );
        return None;
    };
    let letters: Vec<&str> = grades
        .fit
        .iter()
        .map(|(letter, _)| letter.as_str())
        .chain(["D"])
        .collect();
    let numbers: Vec<&str> = grades
        .intent
        .iter()
        .map(|(number, _)| number.as_str())
        .chain(["4"])
        .collect();
    let all: Vec<String> = letters
        .iter()
        .flat_map(|letter| numbers.iter().map(move |number| format!("{letter}{number}")))
        .collect();
    if !all.contains(&grade) {
        let message = format!("there is no grade {}", quoted(&grade));
        let help = format!(
            "write a letter of {} and a number of {}",
            letters.join(" "),
            numbers.join(" ")
        );
        cx.error("unknown-name", node.span(), message, help);
    }
    Some(grade)
}

fn exclusion(cx: &mut Problems<'_>, node: &Node<'_>, exclusions: &[Disqualify]) -> Option<String> {
    let name = text(cx, node)?;
    let known = exclusions.iter().map(|exclusion| exclusion.name.as_str());
    if !known.clone().any(|one| one == name) {
        let message = format!("there is no exclusion {}", quoted(&name));
        cx.error("unknown-name", node.span(), message, did_you_mean(&name, known));
    }
    Some(name)
}

/// `[[silence]]`; `rules` are the names that one may be narrowed to.
pub(super) fn silences(
    cx: &mut Problems<'_>,
    file: &Section<'_>,
    rules: &[&str],
) -> Vec<(Silenced, Range<usize>)> {
    let sections = file.tables(cx, "silence", &shape::SILENCE, TABLES_MAX);
    sections
        .iter()
        .map(|section| {
            let lint = section.text(cx, "lint");
            let names = lint::names();
            if let Some(node) = section.get("lint")
                && !lint.is_empty()
                && !names.clone().any(|known| known == lint)
            {
                let message = format!("there is no lint {}", quoted(&lint));
                cx.error("unknown-lint", node.span(), message, did_you_mean(&lint, names));
            }
            let reason = section.text(cx, "reason");
            let rule = section.read(cx, "rule", text);
            if let (Some(rule), Some(node)) = (&rule, section.get("rule"))
                && !rules.contains(&rule.as_str())
            {
                let message = format!("there is no rule {}", quoted(rule));
                cx.error(
                    "unknown-name",
                    node.span(),
                    message,
                    did_you_mean(rule, rules.iter().copied()),
                );
            }
            (Silenced { lint, reason, rule }, section.span.clone())
        })
        .collect()
}
