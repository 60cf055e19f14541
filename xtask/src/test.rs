//! The whole test command: set-up, formatting, lints, tests, licences, and the rules of the house. Every step runs, also
//! after one has failed; the table at the end says how each went.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use crate::{
    docs,
    setup::{self, Tool},
    shell,
    steps::{Outcome, Steps},
    tidy,
};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Leave out the tests that need a browser or other people's clients, and those that kill the product
    #[arg(long)]
    quick: bool,
}

/// The tests that `--quick` leaves out. `.config/nextest.toml` keeps those of the binary from running side by side.
const SLOW: &str = "(package(bellwether) & test(/^(browser|clients|crash|tracker)::/)) \
                    | (package(bellwether-app) & test(/^crash::/))";

/// Where a test that cannot run here writes its reason (`bellwether_testkit::skip` does).
const SKIPS_VARIABLE: &str = "BELLWETHER_TEST_SKIPS";

/// Which Python has Segment's client.
const PYTHON_VARIABLE: &str = "BELLWETHER_TEST_PYTHON";

pub(crate) fn run_task(arguments: &Arguments) -> Result<()> {
    let mut steps = Steps::default();
    steps.run("setup", || Ok(set_up()));
    steps.run("format", || {
        passes(&mut shell::cargo(["fmt", "--all", "--check"]))
    });
    steps.run("tidy", || tidy::run_task().map(|()| Outcome::Passed));
    steps.run("licences, bans, sources", || {
        passes(&mut shell::cargo([
            "deny",
            "--all-features",
            "check",
            "--hide-inclusion-graph",
            "licenses",
            "bans",
            "sources",
        ]))
    });
    steps.run("advisories", advisories);
    steps.run("clippy", || {
        passes(shell::cargo(["clippy", "--workspace", "--all-targets"]).args(["--", "-D", "warnings"]))
    });
    steps.run("tests", || passes(&mut tests(arguments)?));
    steps.run("documentation tests", documentation_tests);
    steps.run("generated documents", || {
        docs::run_task(&docs::Arguments::check()).map(|()| Outcome::Passed)
    });
    steps.run("skipped tests", skipped_tests);
    steps.finish()
}

fn passes(command: &mut Command) -> Result<Outcome> {
    shell::run(command).map(|()| Outcome::Passed)
}

/// A tool that is missing leaves tests out. In continuous integration that would be a hole nobody sees, so it fails there.
fn set_up() -> Outcome {
    let tools: Vec<Tool> = setup::set_up();
    let missing = setup::missing(&tools).join(", ");
    match (missing.is_empty(), shell::is_ci()) {
        (true, _) => Outcome::Passed,
        (false, true) => Outcome::Failed(format!("missing: {missing}")),
        (false, false) => Outcome::Skipped(format!("tests that need {missing}")),
    }
}

fn tests(arguments: &Arguments) -> Result<Command> {
    let skips = skips_file();
    fs::create_dir_all(shell::target()).context("cannot make the target folder")?;
    fs::write(&skips, "").context("cannot begin the list of skipped tests")?;
    let mut cargo = shell::cargo(["nextest", "run", "--workspace", "--no-fail-fast"]);
    cargo
        .env(SKIPS_VARIABLE, skips)
        .env(PYTHON_VARIABLE, setup::test_python());
    if arguments.quick {
        cargo.args(["-E", &format!("not ({SLOW})")]);
    }
    Ok(cargo)
}

fn skips_file() -> PathBuf {
    shell::target().join("skipped-tests.txt")
}

/// Sums up what the tests said they could not do. Each line is `tool` or `data`, a tab, the test, a tab, and the reason.
fn skipped_tests() -> Result<Outcome> {
    let text = fs::read_to_string(skips_file()).context("the tests left no list of what they skipped")?;
    Ok(judge_skips(&text, shell::is_ci()))
}

fn judge_skips(text: &str, is_ci: bool) -> Outcome {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.dedup();
    for line in &lines {
        println!("SKIPPED {}", line.replace('\t', ": "));
    }
    let for_tools = lines.iter().filter(|line| line.starts_with("tool\t")).count();
    if for_tools > 0 && is_ci {
        return Outcome::Failed(format!("{for_tools} tests were skipped for want of a tool"));
    }
    if lines.is_empty() {
        Outcome::Passed
    } else {
        Outcome::Skipped(format!("{} tests", lines.len()))
    }
}

/// The advisories come from a repository on the network. Where it cannot be reached, nothing is known, and that is said.
fn advisories() -> Result<Outcome> {
    let mut cargo = shell::cargo(["deny", "--all-features", "check", "advisories"]);
    let output = cargo.output().context("cannot start cargo deny")?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        return Ok(Outcome::Passed);
    }
    if said.contains("failed to fetch advisory database") {
        return Ok(Outcome::Skipped(
            "the database of advisories cannot be fetched from here".to_owned(),
        ));
    }
    eprintln!("{said}");
    Ok(Outcome::Failed("a dependency has an advisory".to_owned()))
}

/// Examples in doc comments are built one by one, so the step costs nothing where there are none.
fn documentation_tests() -> Result<Outcome> {
    let crates = shell::root().join("crates");
    if !any_file_below(&crates, &|text| has_example(text))? {
        println!("no doc comment holds an example");
        return Ok(Outcome::Passed);
    }
    passes(&mut shell::cargo(["test", "--doc", "--workspace"]))
}

fn any_file_below(folder: &Path, holds: &dyn Fn(&str) -> bool) -> Result<bool> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let found = if path.is_dir() {
            !path.ends_with("node_modules") && any_file_below(&path, holds)?
        } else {
            path.extension().is_some_and(|found| found == "rs") && holds(&fs::read_to_string(&path)?)
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a doc comment opens a fence that rustdoc would run.
fn has_example(text: &str) -> bool {
    let mut open = false;
    for line in text.lines() {
        let comment = line
            .trim_start()
            .strip_prefix("///")
            .or_else(|| line.trim_start().strip_prefix("//!"));
        let Some(info) = comment.and_then(|comment| comment.trim().strip_prefix("```")) else {
            continue;
        };
        open = !open;
        if open && (info.is_empty() || info.starts_with("rust") || info.starts_with("should_panic")) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_tool_fails_only_in_continuous_integration() {
        let text = "tool\tbrowser::inbox\tchromedriver is not here\n";
        assert!(matches!(judge_skips(text, true), Outcome::Failed(_)));
        assert!(matches!(judge_skips(text, false), Outcome::Skipped(_)));
    }

    #[test]
    fn missing_data_never_fails() {
        let text = "data\tloans\tthe history is not here\n";
        assert!(matches!(judge_skips(text, true), Outcome::Skipped(_)));
        assert!(matches!(judge_skips("", true), Outcome::Passed));
    }

    #[test]
    fn only_fences_that_run_are_examples() {
        assert!(has_example("/// ```\n/// let a = 1;\n/// ```\n"));
        assert!(!has_example(
            "/// ```toml\n/// a = 1\n/// ```\n/// ```text\n/// ```\n"
        ));
    }
}
