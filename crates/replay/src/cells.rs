//! Cells of tables and values of JSON, read as what they should be.

use bellwether_core::domain::{Number, Timestamp, TimestampError, Traits, Value};
use bellwether_core::profile::fill_known_fields;
use serde_json::{Map, Value as Json};

use crate::limits::PROPERTY_DEPTH_MAX;
use crate::rejects::Reason;

/// Reads a time: text as [`Timestamp`] reads it, ten digits as seconds and thirteen as milliseconds since 1970.
pub(crate) fn read_time(text: &str) -> Result<Timestamp, (Reason, String)> {
    let text = text.trim();
    if text.is_empty() {
        return Err((Reason::MissingTime, String::new()));
    }
    if let Some(ms) = epoch_ms(text) {
        return time_of_ms(ms);
    }
    text.parse().map_err(|error: TimestampError| {
        let reason = match error {
            TimestampError::Malformed(_) => Reason::UnreadableTime,
            TimestampError::OutOfRange(_) => Reason::TimeOutOfRange,
        };
        (reason, error.to_string())
    })
}

/// The instant of milliseconds since 1970.
pub(crate) fn time_of_ms(ms: i64) -> Result<Timestamp, (Reason, String)> {
    Timestamp::from_ms(ms).ok_or_else(|| (Reason::TimeOutOfRange, format!("`{ms}` ms since 1970")))
}

fn epoch_ms(text: &str) -> Option<i64> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match text.len() {
        10 => text.parse::<i64>().ok()?.checked_mul(1_000),
        13 => text.parse().ok(),
        _ => None,
    }
}

/// A line as an object of JSON, or why it is none.
pub(crate) fn parse_object(line: &[u8]) -> Result<Map<String, Json>, (Reason, String)> {
    let text = std::str::from_utf8(line).map_err(|_| (Reason::InvalidUtf8, String::new()))?;
    match serde_json::from_str(text) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_) => Err((Reason::NotAnEvent, "not an object".to_owned())),
        Err(error) if error.to_string().starts_with("number out of range") => {
            Err((Reason::NumberOutOfRange, String::new()))
        }
        Err(error) => Err((Reason::BrokenJson, error.to_string())),
    }
}

/// The object that a cell of a column holds; null where the cell is empty.
pub(crate) fn object_in(column: &str, cell: &str) -> Result<Json, (Reason, String)> {
    if cell.is_empty() {
        return Ok(Json::Null);
    }
    parse_object(cell.as_bytes())
        .map(Json::Object)
        .map_err(|(reason, detail)| match reason {
            Reason::NumberOutOfRange => (reason, format!("in `{column}`")),
            _ => (
                Reason::BrokenJson,
                format!("in `{column}`: {detail}; write an object such as `{{\"plan\": \"pro\"}}`, or rename the column"),
            ),
        })
}

/// The object that a member of a line is, or holds as a text.
pub(crate) fn object_of(name: &str, member: &Json) -> Result<Json, (Reason, String)> {
    match member {
        Json::Object(_) | Json::Null => Ok(member.clone()),
        Json::String(text) => object_in(name, text.trim()),
        other => object_in(name, &other.to_string()),
    }
}

/// Flattens an object to dotted paths. Lists keep their scalars, as text. What is null is missing.
pub(crate) fn flatten(object: &Json) -> Traits {
    let mut flat = Traits::new();
    if let Json::Object(members) = object {
        for (name, value) in members {
            flatten_into(&mut flat, name, value, 1);
        }
    }
    flat
}

/// Flattens the traits of a call, in which null takes a trait away; adds the built-in fields that they state under
/// Segment's own names.
pub(crate) fn flatten_traits(object: &Json) -> Traits {
    let mut flat = flatten(object);
    if let Json::Object(members) = object {
        let cleared = members.iter().filter(|(_, value)| value.is_null());
        flat.extend(cleared.map(|(name, _)| (name.clone(), Value::Text(String::new()))));
    }
    fill_known_fields(&mut flat);
    flat
}

fn flatten_into(flat: &mut Traits, path: &str, value: &Json, depth: usize) {
    if let Json::Object(members) = value {
        if depth < PROPERTY_DEPTH_MAX {
            for (name, value) in members {
                flatten_into(flat, &format!("{path}.{name}"), value, depth + 1);
            }
        }
    } else if let Some(value) = scalar(value) {
        flat.insert(path.to_owned(), value);
    }
}

fn scalar(value: &Json) -> Option<Value> {
    match value {
        Json::Bool(value) => Some(Value::Bool(*value)),
        Json::Number(number) => Some(Value::Number(Number::new(number.as_f64()?)?)),
        Json::String(text) => Some(Value::Text(text.clone())),
        Json::Array(elements) => {
            let texts = elements.iter().filter_map(|element| match scalar(element)? {
                Value::List(_) => None,
                value => Some(value.to_string()),
            });
            Some(Value::List(texts.collect()))
        }
        Json::Null | Json::Object(_) => None,
    }
}

/// Texts of a list as one text, from which [`list_of`] reads them again.
pub(crate) fn text_of_list(elements: &[&str]) -> String {
    serde_json::to_string(elements).unwrap_or_default()
}

/// The texts of a list; none where the cell is empty.
pub(crate) fn list_of(cell: &str) -> Vec<String> {
    serde_json::from_str(cell).unwrap_or_default()
}

/// A scalar of JSON as a table's cell would hold it.
pub(crate) fn json_text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(value) => Some(value.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_texts_or_epochs_and_the_others_have_their_reasons() {
        assert_eq!(read_time("1700000000").map(Timestamp::ms), Ok(1_700_000_000_000));
        assert_eq!(
            read_time(" 1700000000123 ").map(Timestamp::ms),
            Ok(1_700_000_000_123)
        );
        assert_eq!(
            read_time("2026-01-31").map(|ts| ts.to_string()),
            Ok("2026-01-31T00:00:00.000Z".to_owned())
        );
        for (text, reason) in [
            ("", Reason::MissingTime),
            ("soon", Reason::UnreadableTime),
            ("170000000", Reason::UnreadableTime),
            ("9999-12-31T23:59:59Z", Reason::TimeOutOfRange),
            ("9999999999999", Reason::TimeOutOfRange),
        ] {
            assert_eq!(
                read_time(text).map_err(|(reason, _)| reason),
                Err(reason),
                "{text}"
            );
        }
    }

    #[test]
    fn objects_become_dotted_paths_and_segments_names_ours() {
        let sent = serde_json::json!({
            "firstName": "Ana", "company": {"name": "Acme", "employee_count": 120}, "tools": ["a", 2, null], "x": null
        });
        let traits = flatten_traits(&sent);
        let text = |name: &str| traits.get(name).map(ToString::to_string);
        assert_eq!(text("first_name").as_deref(), Some("Ana"));
        assert_eq!(text("company").as_deref(), Some("Acme"));
        assert_eq!(text("employees").as_deref(), Some("120"));
        assert_eq!(text("tools").as_deref(), Some("a, 2"));
        assert_eq!(text("x").as_deref(), Some(""));
    }
}
