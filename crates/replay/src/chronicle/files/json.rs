//! Traits and properties as an object of JSON, from which they are read again exactly.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bellwether_core::domain::{Number, Traits, Value};
use serde_json::value::RawValue;

/// An object with a member for each value.
pub(super) fn to_json(traits: &Traits) -> String {
    let mut text = String::from("{");
    for (name, value) in traits {
        if text.len() > 1 {
            text.push(',');
        }
        push_text(&mut text, name);
        text.push(':');
        // Writing to a string can't fail.
        let _ = match value {
            Value::Bool(value) => write!(text, "{value}"),
            Value::Number(number) => write!(text, "{number}"),
            Value::Text(value) => {
                push_text(&mut text, value);
                Ok(())
            }
            Value::List(list) => {
                text.push_str(&list_to_json(list));
                Ok(())
            }
        };
    }
    text.push('}');
    text
}

/// The values of an object; `None` where it isn't one that [`to_json`] writes.
pub(super) fn from_json(text: &str) -> Option<Traits> {
    // Numbers are read by ourselves: the reader of JSON may be off by the last bit.
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
    let read = members
        .into_iter()
        .map(|(name, raw)| Some((name, value_of(raw.get())?)));
    read.collect()
}

pub(super) fn list_to_json(list: &[String]) -> String {
    // A list of texts always has a form in JSON.
    serde_json::to_string(list).unwrap_or_default()
}

fn value_of(raw: &str) -> Option<Value> {
    match raw.as_bytes().first()? {
        b't' => Some(Value::Bool(true)),
        b'f' => Some(Value::Bool(false)),
        b'"' => serde_json::from_str(raw).ok().map(Value::Text),
        b'[' => serde_json::from_str(raw).ok().map(Value::List),
        _ => Number::parse(raw).map(Value::Number),
    }
}

fn push_text(text: &mut String, value: &str) {
    text.push_str(&serde_json::to_string(value).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_exactly() {
        let number = |number: f64| Value::Number(Number::new(number).expect("finite"));
        let traits = Traits::from([
            ("a \"quoted\" name\n".to_owned(), Value::from("ünï\u{0}\\")),
            ("cleared".to_owned(), Value::from("")),
            (
                "list".to_owned(),
                Value::List(vec!["x".to_owned(), String::new()]),
            ),
            ("none".to_owned(), Value::List(Vec::new())),
            ("true".to_owned(), Value::Bool(true)),
            ("tenth".to_owned(), number(0.1)),
            ("third".to_owned(), number(1.0 / 3.0)),
            ("big".to_owned(), number(f64::MAX)),
            ("small".to_owned(), number(-f64::MIN_POSITIVE)),
            ("whole".to_owned(), number(9_007_199_254_740_993.0)),
        ]);
        assert_eq!(from_json(&to_json(&traits)), Some(traits));
        assert_eq!(from_json("{}"), Some(Traits::new()));
        for text in ["", "[]", "{\"a\":null}", "{\"a\":{}}"] {
            assert_eq!(from_json(text), None, "{text}");
        }
    }
}
