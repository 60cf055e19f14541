//! Documents that the program writes about itself: they are committed, and the test command compares them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use crate::shell;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Write nothing; fail when a document is not what would be written
    #[arg(long)]
    check: bool,
    /// The program to ask, where it is built already.
    #[arg(skip)]
    built: Option<PathBuf>,
}

impl Arguments {
    /// Compares the documents with what the program says that the tests were run against. Cargo would build another one,
    /// and all that it depends on, as without tests the dependencies have fewer features.
    pub(crate) fn check() -> Arguments {
        Arguments {
            check: true,
            built: Some(shell::target().join("debug/bellwether")),
        }
    }

    fn program(&self) -> Command {
        match &self.built {
            Some(program) => shell::command(program),
            None => shell::cargo(["run", "--quiet", "-p", "bellwether", "--"]),
        }
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
        let text = shell::output(arguments.program().args(["generate", document.name]))
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
