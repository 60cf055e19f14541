//! What is derived from mail addresses, web addresses, visits, countries and sizes: tables of an input and what must come of
//! it, in `tests/profile/*/*.txt`.

use std::fs;
use std::path::Path;

use bellwether_core::domain::{EventKind, EventView, Properties, Traits, Value, ValueRef};
use bellwether_core::profile::channel::{Touch, touch_of};
use bellwether_core::profile::{Profile, amount, country_code, matching_address};

/// Every row of every table of a folder, tried; all that differ are named at once.
fn check(folder: &str, derive: &dyn Fn(&str, &str) -> Option<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/profile")
        .join(folder);
    let mut wrong = Vec::new();
    let mut rows = 0;
    for entry in fs::read_dir(&root).expect("the folder is there") {
        let path = entry.expect("an entry").path();
        let table = path
            .file_stem()
            .and_then(|name| name.to_str())
            .expect("a name")
            .to_owned();
        for line in fs::read_to_string(&path).expect("a table").lines() {
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            rows += 1;
            let (input, expected) = line.rsplit_once('|').expect("a row has a bar");
            let found = derive(&table, input.trim()).unwrap_or_else(|| "-".to_owned());
            if found != expected.trim() {
                wrong.push(format!(
                    "{folder}/{table}: `{}` is {found}, not {}",
                    input.trim(),
                    expected.trim()
                ));
            }
        }
    }
    assert!(rows > 0, "{folder} has no rows");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn field(traits: &[(&str, &str)], name: &str) -> Option<String> {
    let traits: Traits = traits
        .iter()
        .map(|(name, text)| ((*name).to_owned(), Value::from(*text)))
        .collect();
    match Profile::new(&traits).field(name)? {
        ValueRef::Text(text) => Some(text.to_owned()),
        other => Some(other.to_value().to_string()),
    }
}

#[test]
fn mail_addresses_have_a_kind_and_a_form_to_match_by() {
    check("mail", &|table, email| match table {
        "matching" => matching_address(email),
        _ => field(&[("email", email)], "email_kind"),
    });
}

#[test]
fn domains_are_what_somebody_can_own() {
    check("domain", &|table, text| match table {
        "website" => field(&[("website", text)], "domain"),
        _ => field(&[("email", text)], "domain"),
    });
}

/// Reads `name=value name=value`; a value may hold spaces, a name can't.
fn properties(text: &str) -> Properties {
    let mut properties = Properties::new();
    for part in text.split(' ') {
        let (name, value) = part.split_once('=').expect("a name and a value");
        properties.insert(name.to_owned(), Value::from(value));
    }
    properties
}

#[test]
fn visits_have_a_channel_a_source_and_perhaps_a_campaign() {
    check("channel", &|_, text| {
        let properties = properties(text);
        let page = EventView {
            kind: EventKind::Page,
            name: "page",
            path: None,
            properties: &properties,
        };
        let Touch {
            channel,
            source,
            campaign,
        } = touch_of(&page)?;
        let mut found = format!("{} {}", channel.as_str(), source.as_deref().unwrap_or("-"));
        found.extend(campaign.map(|campaign| format!(" {campaign}")));
        Some(found)
    });
}

#[test]
fn countries_are_known_by_their_codes_and_names() {
    check("country", &|_, text| country_code(text).map(str::to_owned));
}

#[test]
fn sizes_are_numbers_however_they_are_written() {
    check("employees", &|_, text| {
        amount(text).map(|number| number.to_string())
    });
}
