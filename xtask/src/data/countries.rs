//! Countries: one line each, with its codes of two and three letters and its names.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::package::Package;

/// The languages in which every country is named.
const LANGUAGES: [&str; 3] = ["en", "de", "fr"];

pub(super) fn lines(names: &Package, languages: &Package) -> Result<BTreeSet<String>> {
    let codes = names.json("codes.json")?;
    let spoken = languages.json("countries.min.json")?;
    let mut lines = BTreeSet::new();
    for row in codes.as_array().context("codes.json is a list")? {
        let [Some(two), Some(three)] = [row[0].as_str(), row[1].as_str()] else {
            continue;
        };
        let country = &spoken[two];
        let own = country["languages"].as_array().into_iter().flatten();
        let mut called: Vec<String> = Vec::new();
        for language in LANGUAGES.into_iter().chain(own.filter_map(Value::as_str)) {
            // Not every language has a file.
            if let Ok(file) = names.json(&format!("langs/{language}.json")) {
                add(&mut called, &file["countries"][two]);
            }
        }
        add(&mut called, &country["native"]);
        lines.insert(format!("{two}|{three}|{}", called.join("|")));
    }
    Ok(lines)
}

/// Adds a name, or each of several, that isn't there yet.
fn add(called: &mut Vec<String>, names: &Value) {
    let all = names.as_array().cloned().unwrap_or_else(|| vec![names.clone()]);
    for name in all.iter().filter_map(Value::as_str).map(str::trim) {
        if !name.is_empty() && !name.contains('|') && !called.iter().any(|known| known == name) {
            called.push(name.to_owned());
        }
    }
}
