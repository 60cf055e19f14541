//! What is generated and committed: documents that the program writes about itself, and the tracker as browsers get it. The
//! test command compares them.

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

/// The tracker, as browsers get it.
const TRACKER: &str = "crates/server/tracker/t.min.js";

/// `cargo xtask docs`.
pub(crate) fn run_task(arguments: &Arguments) -> Result<()> {
    let mut generated = Vec::new();
    for document in &DOCUMENTS {
        let text = shell::output(arguments.program().args(["generate", document.name]))
            .with_context(|| format!("cannot generate {}", document.path))?;
        generated.push((document.path, text));
    }
    match minified_tracker()? {
        Some(text) => generated.push((TRACKER, text)),
        // In continuous integration the set-up fails without them.
        None if arguments.check => {
            println!("{TRACKER}: not compared; run `cargo xtask setup` for the packages");
        }
        None => bail!("cannot generate {TRACKER}: run `cargo xtask setup` for Node.js and its packages"),
    }
    let mut stale = Vec::new();
    for (name, text) in &generated {
        let path = shell::root().join(name);
        if fs::read_to_string(&path).is_ok_and(|committed| committed == *text) {
            println!("{name}: up to date");
        } else if arguments.check {
            stale.push(*name);
        } else {
            write(&path, text)?;
            println!("{name}: written");
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

/// The tracker's source without what only readers need; nothing where what makes it so isn't installed. The options are
/// those that gave the fewest bytes: docs/decisions has the figures.
fn minified_tracker() -> Result<Option<String>> {
    let terser = shell::root().join("crates/cli/tests/clients/node/node_modules/terser/bin/terser");
    if !terser.is_file() || shell::find_program("node").is_none() {
        return Ok(None);
    }
    let mut node = shell::command("node");
    node.arg(terser)
        .arg(shell::root().join("crates/server/tracker/t.js"))
        .args(["--compress", "passes=3,ecma=2017", "--mangle"]);
    shell::output(&mut node)
        .with_context(|| format!("cannot generate {TRACKER}"))
        .map(Some)
}

fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().context("a document has a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
