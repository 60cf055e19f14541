//! Texts with fields in double braces, `https://api.example/find?email={{ email }}`. A value is written as the place asks
//! that it stands in, so that none can be more than a value there.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The name that stands for the secret.
pub(super) const SECRET: &str = "secret";
/// The most fields that one text may name.
const FIELDS_MAX: usize = 20;

/// A text with fields, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Field(String),
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// In an address or a form: everything but letters, digits and `-._~` in percent.
    Percent,
    /// Within a JSON text's quotes.
    Json,
    /// As it is, without control characters.
    Plain,
}

impl Template {
    /// Reads a text; an error says what is wrong with it.
    pub(super) fn parse(source: &str) -> Result<Self, String> {
        let (mut parts, mut rest) = (Vec::new(), source);
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, after)) = after.split_once("}}") else {
                return Err("a `{{` has no `}}`; close it, as in `{{ email }}`".to_owned());
            };
            let name = name.trim();
            let plain = !name.is_empty() && name.bytes().all(is_name_byte);
            if !plain {
                return Err(format!(
                    "`{name}` is not a field's name; write one like `{{{{ email }}}}` or `{{{{ domain }}}}`"
                ));
            }
            parts.push(Part::Text(before.to_owned()));
            parts.push(Part::Field(name.to_owned()));
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        let template = Self(parts);
        if template.fields().count() > FIELDS_MAX {
            return Err(format!("it names more than {FIELDS_MAX} fields"));
        }
        Ok(template)
    }

    /// The fields that it names, the secret too, as often as they stand there.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Field(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// What stands before the first field.
    pub(super) fn beginning(&self) -> &str {
        match self.0.first() {
            Some(Part::Text(text)) => text,
            _ => "",
        }
    }

    /// The text with its fields filled in, in one pass; nothing where a field has no value.
    pub(super) fn fill(
        &self,
        values: &BTreeMap<String, String>,
        secret: Option<&str>,
        encoding: Encoding,
    ) -> Option<String> {
        let mut filled = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Field(name) if name == SECRET => encode(secret?, encoding, &mut filled),
                Part::Field(name) => encode(values.get(name)?, encoding, &mut filled),
            }
        }
        Some(filled)
    }
}

/// Writes a value as its place asks.
pub(super) fn encode(value: &str, encoding: Encoding, into: &mut String) {
    match encoding {
        Encoding::Percent => {
            for byte in value.bytes() {
                if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                    into.push(char::from(byte));
                } else {
                    // Writing to a string doesn't fail.
                    let _ = write!(into, "%{byte:02X}");
                }
            }
        }
        Encoding::Json => {
            let quoted = serde_json::Value::from(value).to_string();
            into.push_str(quoted.get(1..quoted.len() - 1).unwrap_or_default());
        }
        Encoding::Plain => into.extend(value.chars().filter(|c| !c.is_control())),
    }
}

/// Whether a part of an address's path is `.` or `..`, as it is or in percent.
pub(super) fn has_dot_segment(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let is_dots = |part: &str| matches!(part.replace("%2e", ".").replace("%2E", ".").as_str(), "." | "..");
    path.split('/').any(is_dots)
}

const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, value: &str, encoding: Encoding) -> Option<String> {
        let values = BTreeMap::from([("email".to_owned(), value.to_owned())]);
        Template::parse(template)
            .unwrap()
            .fill(&values, Some("s3cret"), encoding)
    }

    #[test]
    fn a_value_is_written_as_its_place_asks() {
        let nasty = "a b&c=d\"/\\\n{{ secret }}é";
        for (encoding, written) in [
            (
                Encoding::Percent,
                "a%20b%26c%3Dd%22%2F%5C%0A%7B%7B%20secret%20%7D%7D%C3%A9",
            ),
            (Encoding::Json, "a b&c=d\\\"/\\\\\\n{{ secret }}é"),
            (Encoding::Plain, "a b&c=d\"/\\{{ secret }}é"),
        ] {
            let text = filled("x={{email}};", nasty, encoding);
            assert_eq!(text, Some(format!("x={written};")), "{encoding:?}");
        }
    }

    #[test]
    fn braces_of_json_stay_and_a_field_without_a_value_leaves_no_text() {
        assert_eq!(
            filled(r#"{"a": {"b": "{{ email }}"}}"#, "x", Encoding::Json),
            Some(r#"{"a": {"b": "x"}}"#.to_owned())
        );
        assert_eq!(filled("{{ domain }}", "x", Encoding::Plain), None);
        assert_eq!(
            filled("Bearer {{ secret }}", "x", Encoding::Plain),
            Some("Bearer s3cret".to_owned())
        );
        for wrong in ["{{ email", "{{ }}", "{{ a b }}", "{{ x | upper }}"] {
            assert!(Template::parse(wrong).is_err(), "{wrong}");
        }
    }
}
