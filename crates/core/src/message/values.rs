//! What stands in a text under its names. A lead's values come from strangers, who may have written anything into a form:
//! they are cut short, put on one line, and what looks like a link to elsewhere isn't passed on.

use std::collections::BTreeMap;

use minijinja::Value as Filled;

use crate::agreement::{FieldType, Fields};
use crate::domain::Value;

/// The longest value of a lead in a text, in characters.
const VALUE_CHARS_MAX: usize = 200;
/// The most entries of a list of a lead's.
const ENTRIES_MAX: usize = 50;
/// Fields that are addresses by what they are.
const ADDRESSES: [&str; 3] = ["domain", "email", "website"];

/// Values by name.
#[derive(Debug, Clone, Default)]
pub struct Values(BTreeMap<String, Filled>);

impl Values {
    /// The lead's fields, each of its declared type, as `look_up` knows them.
    pub fn lead(&mut self, fields: &Fields, id: &str, look_up: impl Fn(&str) -> Option<Value>) {
        let known = fields.names().filter_map(|name| {
            let value = filled(name, fields.type_of(name)?, &look_up(name)?)?;
            Some((name.to_owned(), value))
        });
        let mut lead: BTreeMap<String, Filled> = known.collect();
        lead.insert("id".to_owned(), Filled::from(id));
        self.0.insert("lead".to_owned(), Filled::from(lead));
    }

    /// A text that stands by itself.
    pub fn text(&mut self, name: &str, text: &str) {
        self.0.insert(name.to_owned(), Filled::from(text));
    }

    /// Texts under a common name: `owner.name`.
    pub fn table<'a>(&mut self, name: &str, members: impl IntoIterator<Item = (&'a str, &'a str)>) {
        let members: BTreeMap<String, Filled> = members
            .into_iter()
            .map(|(member, text)| (member.to_owned(), Filled::from(text)))
            .collect();
        self.0.insert(name.to_owned(), Filled::from(members));
    }

    pub(super) fn context(&self) -> Filled {
        Filled::from(self.0.clone())
    }
}

/// A value of the declared type; nothing where it isn't of that.
fn filled(name: &str, of: FieldType, value: &Value) -> Option<Filled> {
    let view = value.view();
    match of {
        FieldType::Number => {
            let number = view.as_number()?;
            // Whole numbers are written without a point.
            Some(
                number
                    .to_string()
                    .parse::<i64>()
                    .map_or_else(|_| Filled::from(number.get()), Filled::from),
            )
        }
        FieldType::Bool => view.as_bool().map(Filled::from),
        FieldType::List => {
            let entries = view.as_texts().filter_map(|entry| tame(name, &entry));
            Some(Filled::from(
                entries.take(ENTRIES_MAX).map(Filled::from).collect::<Vec<_>>(),
            ))
        }
        FieldType::Text | FieldType::Time => tame(name, &value.to_string()).map(Filled::from),
    }
}

fn tame(name: &str, text: &str) -> Option<String> {
    let line: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let line = line.join(" ");
    let lower = line.to_lowercase();
    let linked = ["://", "www.", "//"].iter().any(|mark| lower.contains(mark));
    if line.is_empty() || (linked && !ADDRESSES.contains(&name)) {
        return None;
    }
    Some(line.chars().take(VALUE_CHARS_MAX).collect())
}
