//! Domains of free and of throw-away mailboxes.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};

use super::{ours, package::Package};

pub(super) struct Lists {
    pub(super) free: BTreeSet<String>,
    pub(super) disposable: BTreeSet<String>,
}

impl Lists {
    pub(super) fn new(free: &Package, disposable: &Package, newer: &Package) -> Result<Self> {
        let (ours, not_free) = (ours("free_domains.txt")?, ours("not_free_domains.txt")?);
        let mut thrown_away = domains(disposable, "index.json")?;
        thrown_away.extend(domains(disposable, "wildcard.json")?);
        thrown_away.extend(domains(newer, "dist/dict/disposable_email_blocklist.json")?);
        thrown_away.retain(|domain| !ours.contains(domain) && !not_free.contains(domain));
        let mut given_away = domains(free, "domains.json")?;
        given_away.extend(ours);
        // What is thrown away is tested first, so that it needn't stand here too.
        given_away.retain(|domain| !not_free.contains(domain) && !thrown_away.contains(domain));
        Ok(Self {
            free: given_away,
            disposable: thrown_away,
        })
    }
}

fn domains(package: &Package, path: &str) -> Result<BTreeSet<String>> {
    let list = package.json(path)?;
    let list = list.as_array().with_context(|| format!("{path} is no list"))?;
    let texts = list.iter().filter_map(|domain| domain.as_str());
    let plain = texts.map(|domain| domain.trim().trim_matches('.').to_lowercase());
    Ok(plain
        .filter(|domain| domain.contains('.') && !domain.contains(char::is_whitespace))
        .filter(|domain| !is_registry(domain))
        .collect())
}

/// Whether everybody's domains lie under this one, so that it says nothing of any of them.
fn is_registry(domain: &str) -> bool {
    psl::suffix(domain.as_bytes()).is_none_or(|suffix| {
        suffix.as_bytes() == domain.as_bytes() && suffix.typ() != Some(psl::Type::Private)
    })
}
