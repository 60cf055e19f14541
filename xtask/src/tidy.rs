//! The rules of the house that neither the compiler nor clippy knows: which crate may know which, how long a file may be,
//! what may not stand in code or documents, and that links lead somewhere. Each finding names its place and the remedy.

mod directions;
mod layout;
mod length;
mod links;
mod marks;
mod source;
mod sql;

use std::fmt;

use anyhow::{Context as _, Result, bail};

use crate::shell;

/// One broken rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    /// Counted from 1; 0 where the whole file is meant.
    line: usize,
    what: String,
    remedy: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": {}\n    remedy: {}", self.what, self.remedy)
    }
}

/// A text file of the project.
struct File {
    /// From the root, with `/` between folders.
    path: String,
    text: String,
}

impl File {
    fn is_rust(&self) -> bool {
        self.has_extension("rs")
    }

    fn is_markdown(&self) -> bool {
        self.has_extension("md")
    }

    fn has_extension(&self, extension: &str) -> bool {
        self.path
            .rsplit_once('.')
            .is_some_and(|(_, found)| found == extension)
    }

    /// Whether the file as a whole is tests.
    fn is_test(&self) -> bool {
        let in_tests = self.path.starts_with("tests/") || self.path.contains("/tests/");
        in_tests || self.path.ends_with("/tests.rs")
    }
}

/// `cargo xtask tidy`.
pub(crate) fn run_task() -> Result<()> {
    let files = files()?;
    let mut findings = directions::check()?;
    findings.extend(layout::check(&files));
    for file in &files {
        findings.extend(check_file(file));
    }
    findings.extend(links::check(&files));
    findings.sort();
    for finding in &findings {
        eprintln!("{finding}");
    }
    if !findings.is_empty() {
        bail!("{} findings in {} files read", findings.len(), files.len());
    }
    println!("tidy: nothing to find in {} files", files.len());
    Ok(())
}

fn check_file(file: &File) -> Vec<Finding> {
    let mut findings = marks::check_paths(file);
    if file.is_rust() {
        let lines = source::lines(&file.text);
        findings.extend(length::check(file));
        findings.extend(marks::check_code(file, &lines));
        findings.extend(sql::check(file, &lines));
    } else {
        findings.extend(marks::check_text(file));
    }
    findings
}

/// Every text file that git knows or would take, read whole. Lock files belong to their tools and are left out.
fn files() -> Result<Vec<File>> {
    let listed = shell::output(shell::command("git").args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    let mut files = Vec::new();
    for path in listed.split_terminator('\0') {
        let is_lock = ["Cargo.lock", "package-lock.json"]
            .iter()
            .any(|lock| path.ends_with(lock));
        let full = shell::root().join(path);
        if is_lock || !full.is_file() {
            continue;
        }
        let bytes = std::fs::read(&full).with_context(|| format!("cannot read {path}"))?;
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(File {
                path: path.to_owned(),
                text,
            });
        }
    }
    Ok(files)
}
