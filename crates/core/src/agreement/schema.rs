//! The agreement's JSON schema, which editors complete and check files by. It is made from the same tables of keys as
//! the checker; what a schema can't say (that a name exists, that two keys exclude each other) is left to the checker.

use std::fmt::Write as _;

use super::fields::derived_words;
use super::limits::POINTS_MAX;
use super::lint;
use super::model::{FieldType, Fields};
use super::shape::{FILE, Holds, Key, Shape, type_names};

/// The schema as indented JSON with a newline at its end.
pub fn json_schema() -> String {
    let mut root = vec![
        ("$schema", text("http://json-schema.org/draft-07/schema#")),
        ("title", text("Agreement")),
        (
            "description",
            text("What marketing and sales agreed: who is a lead for sales, and what happens then."),
        ),
    ];
    root.extend(of_shape(&FILE));
    root.push(("definitions", Json::Object(definitions())));
    let mut written = String::new();
    write(&mut written, &object(root), 0);
    written.push('\n');
    written
}

#[derive(Clone)]
enum Json {
    Text(String),
    Number(i64),
    Bool(bool),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

fn text(value: &str) -> Json {
    Json::Text(value.to_owned())
}

fn object(entries: Vec<(&str, Json)>) -> Json {
    Json::Object(
        entries
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

fn of_type(name: &str) -> Json {
    object(vec![("type", text(name))])
}

fn reference(name: &str) -> Json {
    object(vec![("$ref", text(&format!("#/definitions/{name}")))])
}

fn list_of(items: Json) -> Json {
    object(vec![
        ("type", text("array")),
        ("items", items),
        ("minItems", Json::Number(1)),
    ])
}

fn either(choices: Vec<Json>) -> Json {
    object(vec![("anyOf", Json::Array(choices))])
}

fn words(all: &[&str]) -> Json {
    object(vec![(
        "enum",
        Json::Array(all.iter().map(|word| text(word)).collect()),
    )])
}

/// The members of a table's schema.
fn of_shape(shape: &Shape) -> Vec<(&'static str, Json)> {
    let keys = shape
        .keys
        .iter()
        .map(|key| (key.name.to_owned(), described(key)))
        .collect();
    let required: Vec<Json> = shape
        .keys
        .iter()
        .filter(|key| key.required)
        .map(|key| text(key.name))
        .collect();
    let mut members = vec![
        ("type", text("object")),
        ("additionalProperties", Json::Bool(false)),
        ("properties", Json::Object(keys)),
    ];
    if !required.is_empty() {
        members.push(("required", Json::Array(required)));
    }
    members
}

/// A key's schema with its meaning; a bare reference would hide what stands beside it.
fn described(key: &Key) -> Json {
    object(vec![
        ("description", text(key.means)),
        ("allOf", Json::Array(vec![of_key(key.holds)])),
    ])
}

fn of_key(holds: Holds) -> Json {
    match holds {
        Holds::Text => reference("text"),
        Holds::Texts => reference("texts"),
        Holds::Points => reference("points"),
        Holds::PointsList => either(vec![reference("points"), list_of(reference("points"))]),
        Holds::Period => reference("period"),
        Holds::Days => reference("days"),
        Holds::Count => object(vec![("type", text("integer")), ("minimum", Json::Number(1))]),
        Holds::Bool => of_type("boolean"),
        Holds::Word(all) => words(all),
        Holds::Lint => words(&lint::names().collect::<Vec<_>>()),
        Holds::Condition => reference("condition"),
        Holds::SlaCondition => reference("sla_condition"),
        Holds::Pattern => reference("pattern"),
        Holds::Event => reference("event"),
        Holds::Values => reference("values"),
        Holds::FieldTypes => object(vec![
            ("type", text("object")),
            ("additionalProperties", words(&type_names().collect::<Vec<_>>())),
        ]),
        Holds::OrFalse(holds) => {
            let off = object(vec![("enum", Json::Array(vec![Json::Bool(false)]))]);
            either(vec![off, of_key(*holds)])
        }
        Holds::Table(shape) => object(of_shape(shape)),
        Holds::Tables(shape) => object(vec![("type", text("array")), ("items", object(of_shape(shape)))]),
    }
}

fn definitions() -> Vec<(String, Json)> {
    let period = |units: &str| {
        object(vec![
            ("type", text("string")),
            ("pattern", text(&format!("^[0-9]+ ?[{units}]$"))),
        ])
    };
    let filled = object(vec![("type", text("string")), ("minLength", Json::Number(1))]);
    let all = vec![
        ("text", filled),
        (
            "texts",
            either(vec![reference("text"), list_of(reference("text"))]),
        ),
        (
            "points",
            object(vec![
                ("type", text("number")),
                ("minimum", Json::Number(-POINTS_MAX.millis() / 1_000)),
                ("maximum", Json::Number(POINTS_MAX.millis() / 1_000)),
            ]),
        ),
        ("period", period("smhdw")),
        ("days", period("smhdw")),
        (
            "text_test",
            either(vec![reference("texts"), reference("test_table")]),
        ),
        (
            "number_test",
            either(vec![of_type("number"), reference("test_table")]),
        ),
        (
            "bool_test",
            either(vec![of_type("boolean"), reference("test_table")]),
        ),
        (
            "test",
            either(vec![
                reference("texts"),
                of_type("number"),
                of_type("boolean"),
                reference("test_table"),
            ]),
        ),
        ("test_table", test_table()),
        ("condition", condition(&[])),
        ("sla_condition", condition(&sla_measures())),
        ("pattern", either(vec![reference("texts"), pattern()])),
        ("event", either(vec![reference("text"), event()])),
        ("values", values()),
    ];
    all.into_iter()
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect()
}

fn sla_measures() -> Vec<(&'static str, Json)> {
    let mut measures = vec![
        ("trigger", reference("texts")),
        ("recycled", of_type("boolean")),
        ("grade", reference("text_test")),
    ];
    measures.extend(["score", "fit", "intent", "cycle"].map(|measure| (measure, reference("number_test"))));
    measures
}

fn test_table() -> Json {
    let keys = vec![
        ("exists", of_type("boolean")),
        ("not", reference("test")),
        ("min", of_type("number")),
        ("max", of_type("number")),
        ("matches", reference("text")),
    ];
    object(vec![
        ("type", text("object")),
        ("minProperties", Json::Number(1)),
        ("additionalProperties", Json::Bool(false)),
        ("properties", object(keys)),
    ])
}

/// A condition's schema: the built-in fields by their types, and any other by what it is compared with.
fn condition(more: &[(&'static str, Json)]) -> Json {
    let several = || list_of(reference("condition"));
    let mut keys = vec![
        ("any".to_owned(), several()),
        ("all".to_owned(), several()),
        ("not".to_owned(), reference("condition")),
    ];
    keys.extend(
        more.iter()
            .map(|(name, schema)| ((*name).to_owned(), schema.clone())),
    );
    let built_in = Fields::built_in();
    keys.extend(
        built_in
            .0
            .iter()
            .map(|(name, of)| (name.clone(), field_test(name, *of))),
    );
    object(vec![
        ("type", text("object")),
        ("minProperties", Json::Number(1)),
        ("properties", Json::Object(keys)),
        ("additionalProperties", reference("test")),
    ])
}

fn field_test(name: &str, of: FieldType) -> Json {
    match (derived_words(name), of) {
        (Some(known), _) => either(vec![words(known), reference("text_test")]),
        (None, FieldType::Number) => reference("number_test"),
        (None, FieldType::Bool) => reference("bool_test"),
        (None, FieldType::Text | FieldType::List) => reference("text_test"),
        (None, FieldType::Time) => reference("test_table"),
    }
}

fn pattern() -> Json {
    let kinds = ["event", "page", "screen"].map(|kind| (kind, reference("texts")));
    let nested = either(vec![reference("test"), of_type("object")]);
    object(vec![
        ("type", text("object")),
        ("minProperties", Json::Number(1)),
        ("properties", object(kinds.into())),
        ("additionalProperties", nested),
    ])
}

fn event() -> Json {
    let kinds = ["event", "page", "screen"].map(|kind| (kind, reference("text")));
    object(vec![
        ("type", text("object")),
        ("properties", object(kinds.into())),
    ])
}

fn values() -> Json {
    let value = either(vec![reference("texts"), of_type("number"), of_type("boolean")]);
    object(vec![("type", text("object")), ("additionalProperties", value)])
}

fn write(out: &mut String, json: &Json, depth: usize) {
    match json {
        Json::Text(value) => write_text(out, value),
        Json::Number(value) => {
            // Writing to a string can't fail.
            let _ = write!(out, "{value}");
        }
        Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Json::Array(items) => {
            let items = items.iter().map(|item| (None, item));
            write_all(out, ['[', ']'], items, depth);
        }
        Json::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| (Some(key.as_str()), value));
            write_all(out, ['{', '}'], entries, depth);
        }
    }
}

fn write_all<'j>(
    out: &mut String,
    [open, close]: [char; 2],
    items: impl Iterator<Item = (Option<&'j str>, &'j Json)>,
    depth: usize,
) {
    out.push(open);
    let mut first = true;
    for (key, value) in items {
        out.push_str(if first { "\n" } else { ",\n" });
        first = false;
        out.push_str(&"  ".repeat(depth + 1));
        if let Some(key) = key {
            write_text(out, key);
            out.push_str(": ");
        }
        write(out, value, depth + 1);
    }
    if !first {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    }
    out.push(close);
}

fn write_text(out: &mut String, value: &str) {
    out.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
