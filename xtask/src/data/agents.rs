//! The list of known crawlers, HTTP libraries and headless browsers: npm's `crawler-user-agents`, without what people use.

use std::fs;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::shell;

const PACKAGE: &str = "crawler-user-agents";
const TARGET: &str = "crates/core/src/suspect/agents.tsv";

/// Programs that stand between a person and a mail or page, or that a person looks through: what they fetch, a person
/// asked for. The one build number is that of a telephone.
const OF_PEOPLE: [&str; 24] = [
    "GoogleImageProxy",
    "YahooMailProxy",
    "Shortwave Image Fetcher",
    "FastmailUA",
    "AP3A\\.240617\\.008",
    "MetaIAB Facebook",
    "Chrome Privacy Preserving Prefetch Proxy",
    "Fluid",
    "Sogou",
    "Viber",
    "WhatsApp",
    "Blackboard",
    "Goodreads",
    "Bluesky\\/",
    "Code\\/1\\.",
    "Trae\\/",
    "^Silk\\/",
    "Grammarly\\/",
    "Instapaper\\/",
    "Readable\\/",
    "ExodusMovement",
    "Anchor Browser",
    "PocketCasts\\/",
    "Overcast\\/",
];

/// A pattern with fewer letters and digits than these meets words that have nothing to do with it.
const LETTERS_MIN: usize = 4;

pub(super) fn refresh() -> Result<()> {
    let folder = shell::target().join("xtask/agents");
    fs::create_dir_all(&folder)?;
    let mut npm = shell::command("npm");
    npm.current_dir(&folder).args(["pack", "--silent", PACKAGE]);
    let archive = shell::output(&mut npm)?;
    let archive = archive.trim();
    shell::run(shell::command("tar").current_dir(&folder).args(["xzf", archive]))?;
    let read = |name: &str| -> Result<Value> {
        let text = fs::read_to_string(folder.join("package").join(name))
            .with_context(|| format!("cannot read {name} of {PACKAGE}"))?;
        Ok(serde_json::from_str(&text)?)
    };
    let package = read("package.json")?;
    let (version, license) = (&package["version"], &package["license"]);
    let (Some(version), Some("MIT")) = (version.as_str(), license.as_str()) else {
        bail!("{PACKAGE} is no longer under MIT; look at its licence before the list is taken");
    };
    let entries = read("crawler-user-agents.json")?;
    let patterns = entries.as_array().into_iter().flatten();
    let mut lines: Vec<String> = patterns
        .filter_map(|entry| entry["pattern"].as_str())
        .filter(|pattern| is_useful(pattern))
        .map(|pattern| format!("{}\t{pattern}", name(pattern)))
        .collect();
    lines.sort_unstable();
    lines.dedup();
    let heading = format!(
        "# Known crawlers, HTTP libraries and headless browsers: a name and a pattern each.\n\
         # From npm's {PACKAGE} {version}, MIT, Copyright (c) 2017 Martin Monperrus and contributors.\n\
         # Written by `cargo xtask data`, which leaves out what people use; don't edit.\n"
    );
    fs::write(shell::root().join(TARGET), heading + &lines.join("\n") + "\n")?;
    println!("wrote {} patterns to {TARGET}", lines.len());
    Ok(())
}

fn is_useful(pattern: &str) -> bool {
    let letters = pattern.chars().filter(char::is_ascii_alphanumeric).count();
    // A gap of any length costs memory, and the few patterns with one are rare machines.
    letters >= LETTERS_MIN
        && !pattern.contains("[\\s\\S]*")
        && !OF_PEOPLE.contains(&pattern)
        && !pattern.contains('\t')
}

/// What a pattern is called: its letters without what only matching needs, of two alternatives the first.
fn name(pattern: &str) -> String {
    let mut name = String::new();
    let mut chars = pattern.trim_start_matches("(^| )").chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('/') | None => break,
                Some('d' | 's') => {}
                Some(escaped) => name.push(escaped),
            },
            '[' => {
                name.extend(chars.next());
                chars.by_ref().find(|c| *c == ']');
            }
            '|' => break,
            '(' if !name.is_empty() => break,
            '(' | ')' | '^' | '$' | '+' | '?' | '*' => {}
            plain => name.push(plain),
        }
    }
    let name = name.trim();
    if name.is_empty() { pattern } else { name }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn patterns_are_called_by_their_letters() {
        for (pattern, called) in [
            ("Googlebot\\/", "Googlebot"),
            ("[cC]laude[bB]ot", "claudebot"),
            ("^curl", "curl"),
            ("(^| )sentry\\/", "sentry"),
            ("Ahrefs(Bot|SiteAudit)", "Ahrefs"),
            ("archive\\.org_bot", "archive.org_bot"),
        ] {
            assert_eq!(name(pattern), called, "{pattern}");
        }
    }
}
