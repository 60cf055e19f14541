//! Which columns of a table tell what fields are derived from, and which columns are added.

use std::str::FromStr;

use bellwether_core::records::RecordKind;

use crate::columns::listed;
use crate::error::ReplayError;
use crate::import::Table;
use crate::import::headers::{Meaning, guess, plain};

/// The columns that are added, in their order. A row's own column of such a name goes before what is derived.
pub const DERIVED_COLUMNS: [&str; 9] = [
    "domain",
    "email_kind",
    "seniority",
    "department",
    "country_code",
    "employees_number",
    "channel",
    "source",
    "campaign",
];

/// What columns may be mapped to: the fields that others are derived from.
pub const INPUT_FIELDS: [&str; 12] = [
    "email",
    "website",
    "title",
    "country",
    "employees",
    "referrer",
    "url",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "gclid",
    "fbclid",
];

/// Headers of columns about a visit, as they are compared.
const VISIT_HEADERS: [(&str, &[&str]); 7] = [
    (
        "referrer",
        &[
            "referrer",
            "referer",
            "referrerurl",
            "httpreferrer",
            "firstreferrer",
            "initialreferrer",
        ],
    ),
    (
        "url",
        &[
            "landingpage",
            "landingpageurl",
            "landingurl",
            "pageurl",
            "firstpage",
            "firstpageseen",
            "firsturl",
        ],
    ),
    ("utm_source", &["utmsource"]),
    ("utm_medium", &["utmmedium"]),
    ("utm_campaign", &["utmcampaign"]),
    ("gclid", &["gclid", "googleclickid"]),
    ("fbclid", &["fbclid", "facebookclickid"]),
];

/// Columns that the caller named: `title=Position,email=Mail`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inputs(Vec<(&'static str, String)>);

impl FromStr for Inputs {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut named = Vec::new();
        for part in text.split(',') {
            let (field, column) = part
                .split_once('=')
                .filter(|(_, column)| !column.is_empty())
                .ok_or_else(|| format!("`{part}` is not FIELD=COLUMN; write it like `title=Position`"))?;
            let field = field.trim();
            let known = INPUT_FIELDS.iter().find(|known| **known == field);
            let known = known.ok_or_else(|| format!("`{field}` is none of {}", INPUT_FIELDS.join(", ")))?;
            if named.iter().any(|(other, _)| other == known) {
                return Err(format!("`{field}` is named twice"));
            }
            named.push((*known, column.to_owned()));
        }
        Ok(Self(named))
    }
}

/// Which column each field stands in.
pub(super) struct Found {
    pub(super) fields: Vec<(&'static str, usize)>,
}

impl Found {
    /// What the caller named, and what the headers say of the rest.
    pub(super) fn in_table(table: &Table<'_>, named: &Inputs) -> Result<Self, ReplayError> {
        let columns = table.columns();
        let mut fields = Vec::new();
        for field in INPUT_FIELDS {
            let said = named.0.iter().find(|(known, _)| *known == field);
            let at = match said {
                Some((key, column)) => {
                    let at = columns.iter().position(|known| known == column);
                    Some(at.ok_or_else(|| ReplayError::UnknownColumn {
                        file: table.name().to_owned(),
                        key,
                        column: column.clone(),
                        found: listed(columns),
                    })?)
                }
                None => best(columns, field),
            };
            fields.extend(at.map(|at| (field, at)));
        }
        Ok(Self { fields })
    }

    pub(super) fn column(&self, field: &str) -> Option<usize> {
        self.fields
            .iter()
            .find(|(known, _)| *known == field)
            .map(|(_, at)| *at)
    }

    /// Which field was read from which column, and which from none.
    pub(super) fn in_words(&self, table: &Table<'_>) -> String {
        let read = self.fields.iter().filter_map(|(field, at)| {
            let column = table.columns().get(*at)?;
            Some(if *field == column.as_str() {
                format!("`{column}`")
            } else {
                format!("{field} from `{column}`")
            })
        });
        let read: Vec<String> = read.collect();
        let people = INPUT_FIELDS.iter().take(5);
        let missing: Vec<&str> = people
            .filter(|field| self.column(field).is_none())
            .copied()
            .collect();
        let mut words = if read.is_empty() {
            "no column is known by its header; name them with `--map title=COLUMN`".to_owned()
        } else {
            format!("reading {}", read.join(", "))
        };
        if !missing.is_empty() && !read.is_empty() {
            words = format!(
                "{words}; no column for {} (`--map` names one)",
                missing.join(", ")
            );
        }
        words
    }
}

/// The column whose header means the field best: its own name first, and then the names that others give it.
fn best(columns: &[String], field: &str) -> Option<usize> {
    let own = columns
        .iter()
        .position(|column| column == field && field != "url");
    let ranked = columns
        .iter()
        .enumerate()
        .filter_map(|(at, column)| Some((rank(column, field)?, at)));
    own.or_else(|| ranked.min().map(|(_, at)| at))
}

fn rank(column: &str, field: &str) -> Option<usize> {
    let visit = VISIT_HEADERS.iter().find(|(known, _)| *known == field);
    if let Some((_, headers)) = visit {
        let plain = plain(column);
        return headers.iter().position(|header| *header == plain);
    }
    match guess(RecordKind::Leads, column)? {
        (Meaning::Field(known) | Meaning::Trait(known), rank) if known == field => Some(rank),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Format;

    fn found(header: &str, named: &str) -> Vec<(&'static str, usize)> {
        let text = format!("{header}\n");
        let table = Table::of_bytes(text.as_bytes(), Format::Csv, None).expect("a table");
        let named = if named.is_empty() {
            Inputs::default()
        } else {
            named.parse().expect("a map")
        };
        Found::in_table(&table, &named).expect("columns").fields
    }

    #[test]
    fn headers_are_guessed_and_may_be_named() {
        assert_eq!(
            found("Name,E-Mail,Job Title,Land,Mitarbeiter,UTM Source", ""),
            [
                ("email", 1),
                ("title", 2),
                ("country", 3),
                ("employees", 4),
                ("utm_source", 5)
            ]
        );
        assert_eq!(
            found("mail,what they do", "title=what they do"),
            [("email", 0), ("title", 1)]
        );
        assert_eq!(found("landing_page,Referrer", ""), [("referrer", 1), ("url", 0)]);
        assert_eq!(found("shoe size", ""), []);
    }

    #[test]
    fn a_map_is_pairs_of_known_fields() {
        for text in ["", "title", "title=", "shoe=a", "title=a,title=b"] {
            assert!(text.parse::<Inputs>().is_err(), "{text}");
        }
    }
}
