//! What is derived from one row.

use bellwether_core::domain::{EventKind, EventView, Properties, Traits, Value, ValueRef};
use bellwether_core::profile::channel::touch_of;
use bellwether_core::profile::{Profile, amount, country_code};

use super::columns::{DERIVED_COLUMNS, Found};

/// The columns of what is written: the table's own, and those added that it doesn't have.
pub(super) struct Layout {
    found: Found,
    pub(super) names: Vec<String>,
    /// Where each derived column is written.
    places: Vec<usize>,
}

impl Layout {
    pub(super) fn new(own: &[String], found: Found) -> Self {
        let mut names = own.to_vec();
        let places = DERIVED_COLUMNS.map(|derived| {
            names.iter().position(|name| name == derived).unwrap_or_else(|| {
                names.push(derived.to_owned());
                names.len() - 1
            })
        });
        Self {
            found,
            names,
            places: places.to_vec(),
        }
    }

    /// Adds to a row what is derived from it, where the row doesn't say it itself.
    pub(super) fn fill(&self, cells: &mut Vec<Option<Value>>) {
        let derived = self.derived(cells);
        cells.resize(self.names.len(), None);
        for (place, value) in self.places.iter().zip(derived) {
            if let Some(cell) = cells.get_mut(*place).filter(|cell| cell.is_none()) {
                *cell = value;
            }
        }
    }

    /// What is derived from a row, in the order of [`DERIVED_COLUMNS`].
    fn derived(&self, cells: &[Option<Value>]) -> [Option<Value>; DERIVED_COLUMNS.len()] {
        let cell = |field: &str| cells.get(self.found.column(field)?)?.clone();
        let named = |fields: &[&str]| -> Traits {
            let filled = fields
                .iter()
                .filter_map(|field| Some(((*field).to_owned(), cell(field)?)));
            filled.collect()
        };
        let traits = named(&["email", "website", "title"]);
        let profile = Profile::new(&traits);
        let text = |field: &str| profile.field(field).map(ValueRef::to_value);
        let country = cell("country").and_then(|value| country_code(&value.to_string()));
        let employees = cell("employees").and_then(|value| match value {
            Value::Text(text) => amount(&text),
            value => value.view().as_number(),
        });
        let visit: Properties = named(&[
            "referrer",
            "url",
            "utm_source",
            "utm_medium",
            "utm_campaign",
            "gclid",
            "fbclid",
        ]);
        let event = EventView {
            // A table without referrers doesn't say that there was none.
            kind: if self.found.column("referrer").is_some() {
                EventKind::Page
            } else {
                EventKind::Track
            },
            name: "page",
            path: None,
            properties: &visit,
        };
        let touch = touch_of(&event);
        let channel = touch.as_ref().map(|touch| Value::from(touch.channel.as_str()));
        let (source, campaign) = touch
            .map(|touch| (touch.source, touch.campaign))
            .unwrap_or_default();
        [
            text("domain"),
            text("email_kind"),
            text("seniority"),
            text("department"),
            country.map(Value::from),
            employees.map(Value::Number),
            channel,
            source.map(Value::Text),
            campaign.map(Value::Text),
        ]
    }
}
