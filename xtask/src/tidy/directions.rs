//! Which crate may know which. The core must know nothing that does I/O, not even by way of another crate.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::Finding;
use crate::shell;

/// Our crates that each crate of ours may use. The binary may use any but those of the tests; a crate that isn't listed
/// may use none.
const MAY_USE: [(&str, &[&str]); 7] = [
    ("bellwether-store", &["bellwether-core"]),
    ("bellwether-replay", &["bellwether-core"]),
    ("bellwether-connect", &["bellwether-core"]),
    (
        "bellwether-app",
        &[
            "bellwether-core",
            "bellwether-store",
            "bellwether-connect",
            "bellwether-replay",
        ],
    ),
    (
        "bellwether-server",
        &[
            "bellwether-core",
            "bellwether-app",
            "bellwether-store",
            "bellwether-replay",
            "bellwether-connect",
        ],
    ),
    ("bellwether-testkit", &["bellwether-core"]),
    ("bellwether-sim", &["bellwether-core", "bellwether-app"]),
];

const BINARY: &str = "bellwether";
const CORE: &str = "bellwether-core";
const TESTKIT: &str = "bellwether-testkit";

/// What the core may not reach by any way.
const BANNED_IN_CORE: [&str; 11] = [
    "tokio",
    "async-std",
    "sqlx",
    "rusqlite",
    "axum",
    "hyper",
    "reqwest",
    "ureq",
    "arrow",
    "parquet",
    "rand",
];

/// The part of cargo's metadata that the rules look at.
struct Workspace {
    /// Each of our crates: its manifest's path from the root, and the crates it names in it.
    ours: BTreeMap<String, (String, Vec<Dependency>)>,
    /// What each package is built with, names only, tests left out.
    built_with: BTreeMap<String, BTreeSet<String>>,
}

struct Dependency {
    name: String,
    for_tests: bool,
}

pub(super) fn check() -> Result<Vec<Finding>> {
    let text = shell::output(&mut shell::cargo(["metadata", "--format-version=1"]))?;
    let metadata = serde_json::from_str(&text).context("cannot read cargo's metadata")?;
    let workspace = Workspace::read(&metadata).context("cargo's metadata lacks a field")?;
    Ok(workspace
        .findings()
        .into_iter()
        .map(Broken::at_its_line)
        .collect())
}

/// A direction that is broken.
#[derive(Debug, PartialEq, Eq)]
struct Broken {
    manifest: String,
    dependency: String,
    what: String,
    remedy: &'static str,
}

impl Broken {
    fn at_its_line(self) -> Finding {
        let manifest = fs::read_to_string(shell::root().join(&self.manifest)).unwrap_or_default();
        let line = (1..)
            .zip(manifest.lines())
            .find(|(_, line)| line.starts_with(&self.dependency));
        Finding {
            path: self.manifest,
            line: line.map_or(0, |(number, _)| number),
            what: self.what,
            remedy: self.remedy,
        }
    }
}

impl Workspace {
    fn read(metadata: &Value) -> Option<Workspace> {
        let root = metadata.get("workspace_root")?.as_str()?;
        let members: BTreeSet<&str> = ids(metadata.get("workspace_members")?)?.into_iter().collect();
        let mut names = BTreeMap::new();
        let mut ours = BTreeMap::new();
        for package in metadata.get("packages")?.as_array()? {
            let id = package.get("id")?.as_str()?;
            let name = package.get("name")?.as_str()?;
            names.insert(id, name.to_owned());
            if members.contains(id) {
                let manifest = package.get("manifest_path")?.as_str()?;
                let manifest = manifest
                    .strip_prefix(root)
                    .unwrap_or(manifest)
                    .trim_start_matches('/');
                ours.insert(name.to_owned(), (manifest.to_owned(), dependencies(package)?));
            }
        }
        let mut built_with = BTreeMap::new();
        for node in metadata.get("resolve")?.get("nodes")?.as_array()? {
            let name = names.get(node.get("id")?.as_str()?)?.clone();
            let uses = node
                .get("deps")?
                .as_array()?
                .iter()
                .filter(|used| !is_only_for_tests(used));
            let uses = uses.filter_map(|used| names.get(used.get("pkg")?.as_str()?).cloned());
            built_with.entry(name).or_insert_with(BTreeSet::new).extend(uses);
        }
        Some(Workspace { ours, built_with })
    }

    fn findings(&self) -> Vec<Broken> {
        let mut findings = Vec::new();
        for (name, (manifest, dependencies)) in &self.ours {
            for dependency in dependencies {
                if let Some((what, remedy)) = self.forbidden(name, dependency) {
                    let dependency = dependency.name.clone();
                    findings.push(Broken {
                        manifest: manifest.clone(),
                        dependency,
                        what,
                        remedy,
                    });
                }
            }
        }
        findings.extend(self.reached_by_core());
        findings
    }

    /// Why the crate may not name the dependency, and the remedy.
    fn forbidden(&self, name: &str, dependency: &Dependency) -> Option<(String, &'static str)> {
        let used = dependency.name.as_str();
        if !self.ours.contains_key(used) || (used == TESTKIT && dependency.for_tests) {
            return None;
        }
        if used == TESTKIT {
            return Some((
                format!("{name} is built with {TESTKIT}"),
                "make it a dev-dependency",
            ));
        }
        let allowed = MAY_USE
            .iter()
            .find(|(listed, _)| *listed == name)
            .map_or(&[][..], |(_, allowed)| allowed);
        if name == BINARY || dependency.for_tests || allowed.contains(&used) {
            return None;
        }
        let what = format!("{name} may not know {used}");
        Some((
            what,
            "move what is shared down into a crate that both may use, or what calls it up",
        ))
    }

    fn reached_by_core(&self) -> Option<Broken> {
        let (manifest, _) = self.ours.get(CORE)?;
        let mut ways = vec![vec![CORE]];
        let mut seen = BTreeSet::new();
        while let Some(way) = ways.pop() {
            let last = *way.last()?;
            if BANNED_IN_CORE.contains(&last) {
                return Some(Broken {
                    manifest: manifest.clone(),
                    dependency: (*way.get(1)?).to_owned(),
                    what: format!("the core reaches {last}: {}", way.join(" -> ")),
                    remedy: "keep I/O, randomness and the network outside the core",
                });
            }
            if seen.insert(last) {
                let next = self.built_with.get(last).into_iter().flatten();
                ways.extend(next.map(|used| [&way[..], &[used.as_str()]].concat()));
            }
        }
        None
    }
}

fn dependencies(package: &Value) -> Option<Vec<Dependency>> {
    let listed = package.get("dependencies")?.as_array()?;
    let read = listed.iter().map(|dependency| {
        let name = dependency.get("name")?.as_str()?.to_owned();
        let for_tests = dependency.get("kind").and_then(Value::as_str) == Some("dev");
        Some(Dependency { name, for_tests })
    });
    read.collect()
}

fn is_only_for_tests(used: &Value) -> bool {
    let kinds = used.get("dep_kinds").and_then(Value::as_array);
    kinds.is_some_and(|kinds| {
        kinds
            .iter()
            .all(|kind| kind.get("kind").and_then(Value::as_str) == Some("dev"))
    })
}

fn ids(list: &Value) -> Option<Vec<&str>> {
    list.as_array()?.iter().map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace(crates: &[(&str, &[&str])], built_with: &[(&str, &[&str])]) -> Workspace {
        let ours = crates.iter().map(|(name, uses)| {
            let uses = uses.iter().map(|used| {
                let for_tests = used.starts_with("test:");
                Dependency {
                    name: used.trim_start_matches("test:").to_owned(),
                    for_tests,
                }
            });
            ((*name).to_owned(), (format!("{name}/Cargo.toml"), uses.collect()))
        });
        let sets = built_with.iter().map(|(name, uses)| {
            (
                (*name).to_owned(),
                uses.iter().map(|used| (*used).to_owned()).collect(),
            )
        });
        Workspace {
            ours: ours.collect(),
            built_with: sets.collect(),
        }
    }

    fn found(crates: &[(&str, &[&str])]) -> Vec<String> {
        workspace(crates, &[])
            .findings()
            .into_iter()
            .map(|broken| broken.what)
            .collect()
    }

    #[test]
    fn the_directions_as_drawn_are_allowed() {
        let crates: [(&str, &[&str]); 4] = [
            ("bellwether-core", &["serde", "test:bellwether-testkit"]),
            ("bellwether-store", &["bellwether-core", "rusqlite"]),
            ("bellwether-testkit", &["bellwether-core"]),
            ("bellwether", &["bellwether-core", "bellwether-store"]),
        ];
        assert_eq!(found(&crates), Vec::<String>::new());
    }

    #[test]
    fn a_crate_that_looks_upwards_is_found() {
        let crates: [(&str, &[&str]); 2] =
            [("bellwether-store", &["bellwether-app"]), ("bellwether-app", &[])];
        assert_eq!(found(&crates), ["bellwether-store may not know bellwether-app"]);
    }

    #[test]
    fn the_testkit_is_for_tests_only() {
        let crates: [(&str, &[&str]); 2] = [
            ("bellwether", &["bellwether-testkit"]),
            ("bellwether-testkit", &[]),
        ];
        assert_eq!(found(&crates), ["bellwether is built with bellwether-testkit"]);
    }

    #[test]
    fn a_crate_that_is_not_listed_may_use_none_of_ours() {
        let crates: [(&str, &[&str]); 2] = [("xtask", &["bellwether-core"]), ("bellwether-core", &[])];
        assert_eq!(found(&crates), ["xtask may not know bellwether-core"]);
    }

    #[test]
    fn the_core_may_not_reach_io_by_any_way() {
        let reached = workspace(
            &[("bellwether-core", &["nice"])],
            &[
                ("bellwether-core", &["nice"]),
                ("nice", &["nicer"]),
                ("nicer", &["tokio"]),
            ],
        );
        let what: Vec<String> = reached.findings().into_iter().map(|broken| broken.what).collect();
        assert_eq!(
            what,
            ["the core reaches tokio: bellwether-core -> nice -> nicer -> tokio"]
        );
    }
}
