//! Conditions on fields and on properties, from their tables.

use regex::{Regex, RegexBuilder};
use toml::de::DeValue;

use crate::agreement::condition::{Condition, Test};
use crate::agreement::fields::derived_words;
use crate::agreement::limits::{
    CONDITION_DEPTH_MAX, LIST_MAX, REGEX_COMPILED_BYTES_MAX, REGEX_SOURCE_BYTES_MAX,
};
use crate::agreement::model::{FieldType, Fields};
use crate::agreement::pattern::Glob;
use crate::agreement::problem::{Problems, did_you_mean, listed, most_alike, nearest, quoted};
use crate::agreement::read::{Node, boolean, entries, items, number, text, texts, wrong_type};

/// The keys of a test that is written as a table.
const TEST_KEYS: [&str; 5] = ["exists", "not", "min", "max", "matches"];

const REGEX_HELP: &str = "put a `\\` before a sign that is meant as itself, and the whole in single quotes; \
                          a list of texts with `*` often does";

/// A condition on fields; holds for everybody, reported, where it is empty.
pub(super) fn condition(cx: &mut Problems<'_>, node: &Node<'_>, fields: &Fields) -> Option<Condition> {
    nested(cx, node, fields, 0)
}

fn nested(cx: &mut Problems<'_>, node: &Node<'_>, fields: &Fields, depth: usize) -> Option<Condition> {
    let DeValue::Table(table) = node.get_ref() else {
        wrong_type(
            cx,
            node,
            "a condition",
            "write a table of fields: `{ title = \"*manager*\" }`",
        );
        return None;
    };
    if table.is_empty() {
        let message = "an empty condition would hold for every lead".to_owned();
        cx.error(
            "empty",
            node.span(),
            message,
            "name a field, such as `{ email = { exists = true } }`".to_owned(),
        );
        return None;
    }
    if too_deep(cx, node, depth) {
        return None;
    }
    let mut all = Vec::with_capacity(table.len());
    for (key, value) in entries(table) {
        let part = match key.get_ref().as_ref() {
            "any" => several(cx, value, fields, depth).map(Condition::Any),
            "all" => several(cx, value, fields, depth).map(Condition::All),
            "not" => nested(cx, value, fields, depth + 1).map(|inner| Condition::Not(Box::new(inner))),
            name => field(cx, name, key.span(), value, fields, depth),
        };
        all.extend(part);
    }
    Some(if all.len() == 1 {
        all.pop().unwrap_or(Condition::All(Vec::new()))
    } else {
        Condition::All(all)
    })
}

fn several(cx: &mut Problems<'_>, node: &Node<'_>, fields: &Fields, depth: usize) -> Option<Vec<Condition>> {
    if !node.get_ref().is_array() {
        wrong_type(cx, node, "a list of conditions", "write `[ { … }, { … } ]`");
        return None;
    }
    let all = items(cx, node, LIST_MAX)?;
    Some(
        all.iter()
            .filter_map(|item| nested(cx, item, fields, depth + 1))
            .collect(),
    )
}

fn field(
    cx: &mut Problems<'_>,
    name: &str,
    name_span: std::ops::Range<usize>,
    value: &Node<'_>,
    fields: &Fields,
    depth: usize,
) -> Option<Condition> {
    let Some(of) = fields.type_of(name) else {
        cx.error(
            "unknown-field",
            name_span,
            format!("there is no field {}", quoted(name)),
            unknown_field_help(name, fields),
        );
        return None;
    };
    warn_of_underived_words(cx, name, value);
    let test = test(cx, value, Some(of), depth + 1)?;
    Some(Condition::Field {
        field: name.to_owned(),
        test: test.on_field(name),
    })
}

/// The remedy for a field that isn't known: the nearest one, and how to declare a field of one's own.
pub(super) fn unknown_field_help(name: &str, fields: &Fields) -> String {
    let shown: String = name.chars().take(40).collect();
    let declare = format!("a field of your own is declared in `[fields]`: `{shown} = \"text\"`");
    match nearest(name, fields.names()) {
        Some(known) => format!("did you mean {}? If not, {declare}", quoted(known)),
        None => match most_alike(&shown, fields.names()) {
            Some(known) => format!("the nearest known field is {}; {declare}", quoted(known)),
            None => declare,
        },
    }
}

/// A derived field can be overridden by a trait, so that an unknown word is possible; mostly it is a slip.
fn warn_of_underived_words(cx: &mut Problems<'_>, field: &str, value: &Node<'_>) {
    let Some(words) = derived_words(field) else { return };
    let written: Vec<&Node<'_>> = match value.get_ref() {
        DeValue::String(_) => vec![value],
        DeValue::Array(all) => all.iter().collect(),
        DeValue::Table(table) => match table.get("not") {
            Some(inner) => return warn_of_underived_words(cx, field, inner),
            None => return,
        },
        _ => return,
    };
    for node in written {
        let Some(word) = node.get_ref().as_str() else {
            continue;
        };
        let glob = Glob::new(word);
        if !words.iter().any(|known| glob.matches(known)) {
            let message = format!("`{field}` is never derived as {}", quoted(word));
            cx.warn(
                "underived-word",
                node.span(),
                message,
                did_you_mean(word, words.iter().copied()),
            );
        }
    }
}

fn too_deep(cx: &mut Problems<'_>, node: &Node<'_>, depth: usize) -> bool {
    if depth <= CONDITION_DEPTH_MAX {
        return false;
    }
    let message = format!("the condition is nested more than {CONDITION_DEPTH_MAX} deep");
    cx.error(
        "too-deep",
        node.span(),
        message,
        "split it into several cases".to_owned(),
    );
    true
}

/// A test of one value: of a field's type, or, for a property (`None`), of the type that the test speaks of.
pub(super) fn test(
    cx: &mut Problems<'_>,
    node: &Node<'_>,
    of: Option<FieldType>,
    depth: usize,
) -> Option<Test> {
    if too_deep(cx, node, depth) {
        return None;
    }
    match (node.get_ref(), of) {
        (DeValue::Table(_), _) => table_test(cx, node, of, depth),
        (DeValue::String(_) | DeValue::Array(_), None | Some(FieldType::Text | FieldType::List)) => {
            globs(cx, node).map(Test::Text)
        }
        (DeValue::Integer(_) | DeValue::Float(_), None) | (_, Some(FieldType::Number)) => {
            number_test(cx, node)
        }
        (DeValue::Boolean(_), None) | (_, Some(FieldType::Bool)) => boolean(cx, node).map(Test::Bool),
        (_, Some(FieldType::Time)) => {
            wrong_type(
                cx,
                node,
                "a test of a time",
                "a time can be tested by `{ exists = true }` only",
            );
            None
        }
        (_, Some(FieldType::Text | FieldType::List)) => {
            wrong_type(
                cx,
                node,
                "a text or a list of texts",
                "write `\"…\"` or `[\"…\", \"…\"]`",
            );
            None
        }
        (_, None) => {
            wrong_type(
                cx,
                node,
                "a test",
                "write a text, a list of texts, a number, `true`, `false` or `{ min = 10 }`",
            );
            None
        }
    }
}

fn number_test(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<Test> {
    if node.get_ref().is_array() {
        wrong_type(
            cx,
            node,
            "a number or bounds",
            "write `50` or `{ min = 50, max = 500 }`",
        );
        return None;
    }
    let exactly = number(cx, node)?;
    Some(Test::Number {
        min: Some(exactly),
        max: Some(exactly),
    })
}

fn globs(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<Vec<Glob>> {
    texts(cx, node).map(|all| all.iter().map(|one| Glob::new(one.trim())).collect())
}

fn table_test(cx: &mut Problems<'_>, node: &Node<'_>, of: Option<FieldType>, depth: usize) -> Option<Test> {
    let DeValue::Table(table) = node.get_ref() else {
        return None;
    };
    if table.is_empty() {
        let help = format!("write one or more of {}", listed(TEST_KEYS, "and"));
        cx.error(
            "empty",
            node.span(),
            "an empty test asks nothing".to_owned(),
            help,
        );
        return None;
    }
    let (mut all, mut bounded) = (Vec::new(), false);
    for (key, value) in entries(table) {
        match key.get_ref().as_ref() {
            "exists" => all.extend(boolean(cx, value).map(Test::Exists)),
            "not" => all.extend(test(cx, value, of, depth + 1).map(|inner| Test::Not(Box::new(inner)))),
            bound @ ("min" | "max") if matches!(of, None | Some(FieldType::Number)) => {
                let _ = bound;
                if !bounded {
                    bounded = true;
                    all.extend(bounds(cx, node));
                }
            }
            "matches" if matches!(of, None | Some(FieldType::Text | FieldType::List)) => {
                all.extend(matches_test(cx, value));
            }
            known @ ("min" | "max" | "matches") => {
                let kind = of.map_or("property", FieldType::as_str);
                let message = format!("`{known}` doesn't test a {kind}");
                cx.error("wrong-test", key.span(), message, test_help(of).to_owned());
            }
            other => {
                let message = format!("a test has no key {}", quoted(other));
                cx.error("unknown-key", key.span(), message, did_you_mean(other, TEST_KEYS));
            }
        }
    }
    if all.len() == 1 {
        all.pop()
    } else {
        Some(Test::All(all))
    }
}

fn test_help(of: Option<FieldType>) -> &'static str {
    match of {
        Some(FieldType::Text | FieldType::List) => "write a text, a list of texts, or `{ matches = \"…\" }`",
        Some(FieldType::Number) => "write a number, or `{ min = 50, max = 500 }`",
        Some(FieldType::Bool) => "write `true` or `false`",
        Some(FieldType::Time) | None => "write `{ exists = true }`",
    }
}

fn bounds(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<Test> {
    let bound = |key: &str| node.get_ref().as_table().and_then(|table| table.get(key));
    let mut read = |key: &str| bound(key).and_then(|value| number(cx, value));
    let (min, max) = (read("min"), read("max"));
    if let (Some(least), Some(most)) = (min, max)
        && least > most
    {
        let message = format!("`min` {least} is above `max` {most}, so that nothing passes");
        cx.error(
            "contradiction",
            node.span(),
            message,
            "exchange the two".to_owned(),
        );
        return None;
    }
    Some(Test::Number { min, max })
}

fn matches_test(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<Test> {
    let source = text(cx, node)?;
    if source.len() > REGEX_SOURCE_BYTES_MAX {
        let message = format!("the regular expression has {} bytes", source.len());
        let help =
            format!("keep to {REGEX_SOURCE_BYTES_MAX} bytes; a list of texts with `*` is easier to read");
        cx.error("too-long", node.span(), message, help);
        return None;
    }
    match compile(&source) {
        Ok(regex) => Some(Test::Regex(regex)),
        Err(why) => {
            let message = format!("{} is no regular expression: {why}", quoted(&source));
            cx.error("bad-regex", node.span(), message, REGEX_HELP.to_owned());
            None
        }
    }
}

fn compile(source: &str) -> Result<Regex, String> {
    RegexBuilder::new(source)
        .case_insensitive(true)
        .size_limit(REGEX_COMPILED_BYTES_MAX)
        .dfa_size_limit(REGEX_COMPILED_BYTES_MAX)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "it would take too much memory".to_owned(),
            other => {
                let all = other.to_string();
                let last = all.lines().last().unwrap_or_default().trim();
                last.strip_prefix("error: ").unwrap_or(last).to_owned()
            }
        })
}
