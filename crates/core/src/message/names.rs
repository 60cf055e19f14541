//! The names that a text may hold, by what it is for.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{Slip, Values};
use crate::agreement::{FieldType, Fields, nearest_or_all};

/// The names that a text may hold.
#[derive(Debug, Clone)]
pub struct Names {
    fields: Fields,
    /// What stands by itself (`grade`), and tables with their members (`owner.name`).
    roots: BTreeMap<&'static str, Vec<String>>,
}

impl Names {
    /// Those of a task's title.
    pub fn task(fields: &Fields) -> Self {
        Self::new(
            fields,
            &[
                ("owner", &["name"]),
                ("route", &["name", "team"]),
                ("trigger", &[]),
                ("score", &[]),
                ("grade", &[]),
            ],
        )
    }

    /// Those of the line that a call begins with.
    pub fn opening(fields: &Fields) -> Self {
        Self::new(
            fields,
            &[
                ("owner", &["name", "first_name"]),
                ("route", &["name", "team"]),
                ("account", &["name"]),
                ("did", &[]),
                ("again", &[]),
                ("trigger", &[]),
                ("score", &[]),
                ("grade", &[]),
            ],
        )
    }

    /// Those of a message to a lead.
    pub fn mail(fields: &Fields) -> Self {
        Self::new(
            fields,
            &[
                ("owner", &["name", "first_name", "email", "booking_url"]),
                ("unsubscribe_url", &[]),
            ],
        )
    }

    /// The lead's fields, and these: each with its members, or none where it stands by itself.
    pub fn new(fields: &Fields, others: &[(&'static str, &[&str])]) -> Self {
        let lead = fields.names().chain(["id"]).map(str::to_owned).collect();
        let mut roots = BTreeMap::from([("lead", lead)]);
        for (root, members) in others {
            roots.insert(root, members.iter().map(|one| (*one).to_owned()).collect());
        }
        Self {
            fields: fields.clone(),
            roots,
        }
    }

    /// The names of a text that aren't among these, in the order of their places.
    pub(super) fn unknown(&self, template: &str, used: &HashSet<String>) -> Vec<Slip> {
        let used: BTreeSet<&str> = used.iter().map(String::as_str).collect();
        let slips = used.into_iter().filter_map(|name| {
            let (root, member) = name
                .split_once('.')
                .map_or((name, None), |(root, member)| (root, Some(member)));
            let help = match (self.roots.get(root), member) {
                (None, _) => nearest_or_all(root, &self.all()),
                (Some(members), None) if members.is_empty() => return None,
                (Some(members), Some(member)) if members.iter().any(|one| one == member) => return None,
                // Fields with a dot in their names are written so: `lead["company.size"]`.
                (Some(_), None) if template.contains(&format!("{root}[")) => return None,
                (Some(members), _) => {
                    let members: Vec<&str> = members.iter().map(String::as_str).collect();
                    let help = nearest_or_all(member.unwrap_or_default(), &members);
                    let more = if root == "lead" {
                        "; further fields are declared under `[fields]`"
                    } else {
                        ""
                    };
                    format!("{help}{more}")
                }
            };
            let start = place_of(template, name);
            Some(Slip {
                range: start..start + name.len(),
                message: format!("there is no name `{name}` here"),
                help,
            })
        });
        let mut slips: Vec<Slip> = slips.collect();
        slips.sort_by_key(|slip| slip.range.start);
        slips
    }

    fn all(&self) -> Vec<&str> {
        self.roots.keys().copied().collect()
    }

    /// A value under every name, for trying a text out.
    pub(super) fn sample(&self) -> Values {
        use crate::domain::{Number, Value};
        let mut values = Values::default();
        for (root, members) in &self.roots {
            match (*root, members.as_slice()) {
                ("lead", _) => {
                    let text = |name: &str| Some(Value::Text(format!("a {name}")));
                    values.lead(&self.fields, "1", |name| match self.fields.type_of(name)? {
                        FieldType::Number => Number::new(300.0).map(Value::Number),
                        FieldType::Bool => Some(Value::Bool(true)),
                        FieldType::List => Some(Value::List(vec!["one".to_owned(), "two".to_owned()])),
                        FieldType::Text | FieldType::Time => text(name),
                    });
                }
                (root, []) => values.text(root, "some"),
                (root, members) => values.table(root, members.iter().map(|one| (one.as_str(), "some"))),
            }
        }
        values
    }
}

/// Where a name stands: as a whole word if it can be found so.
fn place_of(template: &str, name: &str) -> usize {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let found = template.match_indices(name).find(|(at, _)| {
        let before = template.get(..*at).and_then(|text| text.chars().next_back());
        let after = template
            .get(at + name.len()..)
            .and_then(|text| text.chars().next());
        !before.is_some_and(word) && !after.is_some_and(word)
    });
    found
        .or_else(|| template.match_indices(name).next())
        .map_or(0, |(at, _)| at)
}
