//! Installs what the tests need, where that can be done here, and says plainly what could not be. What is there already is
//! left alone, so that a second run takes no time.

mod cargo_tools;
mod debian;
mod node;
mod python;

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::shell;

/// One thing that the tests need.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    /// What is not tested without it.
    pub(crate) needed_for: &'static str,
    pub(crate) state: State,
}

pub(crate) enum State {
    Present,
    Installed,
    /// Absent, and why it could not be installed.
    Missing(String),
}

/// `cargo xtask setup`: fails when anything is missing.
pub(crate) fn run_task() -> Result<()> {
    let tools = set_up();
    let missing = missing(&tools);
    if !missing.is_empty() {
        bail!("missing: {}", missing.join(", "));
    }
    Ok(())
}

/// Installs what is missing and prints a line for each tool.
pub(crate) fn set_up() -> Vec<Tool> {
    let mut tools = debian::set_up();
    tools.extend(cargo_tools::set_up());
    tools.push(node::set_up());
    tools.push(python::set_up());
    for tool in &tools {
        match &tool.state {
            State::Present => println!("{}: there", tool.name),
            State::Installed => println!("{}: installed", tool.name),
            State::Missing(why) => {
                println!(
                    "{}: MISSING, so {} is not tested: {why}",
                    tool.name, tool.needed_for
                );
            }
        }
    }
    tools
}

/// The names of what could not be installed.
pub(crate) fn missing(tools: &[Tool]) -> Vec<&'static str> {
    tools
        .iter()
        .filter(|tool| matches!(tool.state, State::Missing(_)))
        .map(|tool| tool.name)
        .collect()
}

/// The Python that the tests of the Python client run.
pub(crate) fn test_python() -> PathBuf {
    shell::target().join("test-python/bin/python")
}

fn state_of(result: Result<State>) -> State {
    result.unwrap_or_else(|error| State::Missing(format!("{error:#}")))
}
