//! Where a trait stands in an answer: `company.metrics.employees`, `offices[0].country`, `company.tech[].name`.

use bellwether_core::domain::{Number, Value};
use serde_json::Value as Json;

/// The longest path, in steps.
const STEPS_MAX: usize = 20;
/// The longest text that a trait takes from an answer, in bytes.
const TEXT_BYTES_MAX: usize = 2_000;
/// The most elements that a trait takes from an answer.
const ELEMENTS_MAX: usize = 100;

/// A way through an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
    Each,
}

/// What a trait is made into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// As the answer has it: a text, number, bool or list of texts.
    AsGiven,
    Text,
    Number,
    Bool,
    List,
}

impl Kind {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "text" => Self::Text,
            "number" => Self::Number,
            "bool" => Self::Bool,
            "list" => Self::List,
            _ => return None,
        })
    }
}

impl Path {
    /// Reads a path; an error says what is wrong with it.
    pub(super) fn parse(source: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{source}` is not a path into the answer; write one like `company.employees`, `offices[0].country` or `tech[].name`"
            )
        };
        let mut steps = Vec::new();
        for part in source.trim().split('.') {
            let (key, mut indices) = part.split_at(part.find('[').unwrap_or(part.len()));
            if !key.is_empty() {
                steps.push(Step::Key(key.to_owned()));
            } else if indices.is_empty() {
                return Err(wrong());
            }
            while !indices.is_empty() {
                let inside = indices.strip_prefix('[').and_then(|rest| rest.split_once(']'));
                let Some((index, rest)) = inside else {
                    return Err(wrong());
                };
                steps.push(match index.trim() {
                    "" => Step::Each,
                    number => Step::Index(number.parse().map_err(|_| wrong())?),
                });
                indices = rest;
            }
        }
        (steps.len() <= STEPS_MAX)
            .then_some(Self(steps))
            .ok_or_else(wrong)
    }

    /// The trait that stands there; nothing where there is none, or nothing of that kind.
    pub(super) fn find(&self, answer: &Json, kind: Kind) -> Option<Value> {
        let mut found = vec![answer];
        let mut many = false;
        for step in &self.0 {
            found = match step {
                Step::Key(key) => found.into_iter().filter_map(|at| at.get(key)).collect(),
                Step::Index(index) => found.into_iter().filter_map(|at| at.get(index)).collect(),
                Step::Each => {
                    many = true;
                    found
                        .into_iter()
                        .filter_map(Json::as_array)
                        .flatten()
                        .take(ELEMENTS_MAX)
                        .collect()
                }
            };
        }
        let value = if many {
            Some(list(found.into_iter()))
        } else {
            of(found.first()?)
        };
        shaped(value?, kind).filter(|value| !value.view().is_empty())
    }
}

/// An answer's value as a trait; an object is none.
fn of(value: &Json) -> Option<Value> {
    match value {
        Json::Bool(b) => Some(Value::Bool(*b)),
        Json::Number(number) => Number::parse(&number.to_string()).map(Value::Number),
        Json::String(text) => Some(Value::Text(bounded(text))),
        Json::Array(elements) => Some(list(elements.iter())),
        Json::Null | Json::Object(_) => None,
    }
}

fn list<'a>(elements: impl Iterator<Item = &'a Json>) -> Value {
    let texts = elements.filter_map(|element| match element {
        Json::String(text) => Some(bounded(text)),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(b) => Some(b.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    });
    let texts = texts.filter(|text| !text.is_empty());
    Value::List(texts.take(ELEMENTS_MAX).collect())
}

/// A value made into what is wanted.
fn shaped(value: Value, kind: Kind) -> Option<Value> {
    match kind {
        Kind::AsGiven => Some(value),
        Kind::Text => Some(Value::Text(value.to_string())),
        Kind::Number => match &value {
            Value::Text(text) => number(text),
            other => other.view().as_number(),
        }
        .map(Value::Number),
        Kind::Bool => value.view().as_bool().map(Value::Bool),
        Kind::List => Some(match value {
            Value::List(_) => value,
            other => {
                let text = other.to_string();
                let parts = text.split([',', ';']).map(str::trim);
                Value::List(parts.filter(|part| !part.is_empty()).map(str::to_owned).collect())
            }
        }),
    }
}

/// A number as services write them: `1,200`, `1 200`, and the lower end of `201-500` or `10001+`.
fn number(text: &str) -> Option<Number> {
    let lower = text.trim().trim_end_matches('+');
    let lower = lower.split_once(['-', '–']).map_or(lower, |(from, to)| {
        if from.trim().is_empty() || to.trim().is_empty() {
            lower
        } else {
            from
        }
    });
    let plain: String = lower
        .chars()
        .filter(|c| !matches!(c, ',' | '\'' | '_') && !c.is_whitespace())
        .collect();
    Number::parse(&plain)
}

fn bounded(text: &str) -> String {
    let text = text.trim();
    text.get(..text.floor_char_boundary(TEXT_BYTES_MAX))
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"{
        "company": {
            "name": " Acme ", "metrics": { "employees": 420, "range": "201-500", "revenue": "1,200,000" },
            "tech": [ { "name": "Rust" }, { "name": null }, {}, { "name": "Kafka" } ], "tags": "saas, b2b; ",
            "public": "true", "nothing": null, "empty": "", "domains": ["acme.example", "acme.test"]
        },
        "offices": [ { "country": "DE" }, { "country": "AT" } ]
    }"#;

    #[track_caller]
    fn check(path: &str, kind: Kind, shown: Option<&str>) {
        let answer = serde_json::from_str(ANSWER).unwrap();
        let found = Path::parse(path).unwrap().find(&answer, kind);
        let found = found.map(|value| serde_json::to_string(&value).unwrap());
        assert_eq!(found.as_deref(), shown, "{path} as {kind:?}");
    }

    #[test]
    fn paths_lead_to_traits_of_the_kind_that_is_wanted() {
        check("company.name", Kind::AsGiven, Some(r#""Acme""#));
        check("company.metrics.employees", Kind::AsGiven, Some("420.0"));
        check("company.metrics.employees", Kind::Text, Some(r#""420""#));
        check("company.metrics.range", Kind::Number, Some("201.0"));
        check("company.metrics.revenue", Kind::Number, Some("1200000.0"));
        check("company.tech[].name", Kind::AsGiven, Some(r#"["Rust","Kafka"]"#));
        check("company.tags", Kind::List, Some(r#"["saas","b2b"]"#));
        check("company.public", Kind::Bool, Some("true"));
        check(
            "company.domains",
            Kind::AsGiven,
            Some(r#"["acme.example","acme.test"]"#),
        );
        check("company.domains[1]", Kind::AsGiven, Some(r#""acme.test""#));
        check("offices[0].country", Kind::AsGiven, Some(r#""DE""#));
        check("offices[].country", Kind::AsGiven, Some(r#"["DE","AT"]"#));
        for nowhere in [
            "company",
            "company.nothing",
            "company.empty",
            "company.name.first",
            "offices[9].country",
            "company.tech[].price",
            "x",
        ] {
            check(nowhere, Kind::AsGiven, None);
        }
        check("company.name", Kind::Number, None);
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for wrong in [
            "",
            "a..b",
            "a[",
            "a[x]",
            "a]b[",
            ".",
            "a[0",
            "[",
            &"a.".repeat(30),
        ] {
            assert!(Path::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_negative_number_is_not_taken_for_a_range() {
        assert_eq!(number("-5"), Number::new(-5.0));
        assert_eq!(number("10001+"), Number::new(10_001.0));
        assert_eq!(number("many"), None);
    }
}
