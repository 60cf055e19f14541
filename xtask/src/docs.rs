//! Documents that the program writes about itself: they are committed, and the test command compares them.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, bail};

use crate::shell;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Write nothing; fail when a document is not what would be written
    #[arg(long)]
    check: bool,
}

impl Arguments {
    pub(crate) fn check() -> Arguments {
        Arguments { check: true }
    }
}

struct Document {
    path: &'static str,
    /// What `bellwether generate` is asked for.
    name: &'static str,
}

const DOCUMENTS: [Document; 3] = [
    Document {
        path: "docs/cli.md",
        name: "cli",
    },
    Document {
        path: "docs/openapi.json",
        name: "openapi",
    },
    Document {
        path: "docs/agreement.schema.json",
        name: "agreement-schema",
    },
];

/// `cargo xtask docs`.
pub(crate) fn run_task(arguments: &Arguments) -> Result<()> {
    let mut stale = Vec::new();
    for document in &DOCUMENTS {
        let text = shell::output(
            shell::cargo(["run", "--quiet", "-p", "bellwether", "--", "generate"]).arg(document.name),
        )
        .with_context(|| format!("cannot generate {}", document.path))?;
        let path = shell::root().join(document.path);
        if fs::read_to_string(&path).is_ok_and(|committed| committed == text) {
            println!("{}: up to date", document.path);
        } else if arguments.check {
            stale.push(document.path);
        } else {
            write(&path, &text)?;
            println!("{}: written", document.path);
        }
    }
    if !stale.is_empty() {
        bail!(
            "not up to date: {}; run `cargo xtask docs` and commit what it writes",
            stale.join(", ")
        );
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().context("a document has a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
