//! Segment's JavaScript clients, and what minifies the tracker, from the npm registry, as the committed lock file says.

use std::fs;

use anyhow::{Context as _, Result, bail};

use super::{State, Tool, state_of};
use crate::shell;

const FOLDER: &str = "crates/cli/tests/clients/node";

pub(super) fn set_up() -> Tool {
    Tool {
        name: "Segment's JavaScript clients",
        needed_for: "the wire form as those clients speak it",
        state: state_of(set_up_clients()),
    }
}

fn set_up_clients() -> Result<State> {
    let folder = shell::root().join(FOLDER);
    let lock = fs::read(folder.join("package-lock.json")).context("cannot read package-lock.json")?;
    let stamp = folder.join("node_modules/.installed-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(State::Present);
    }
    if shell::find_program("npm").is_none() {
        bail!("there is no npm here; install Node.js with npm");
    }
    // Install scripts are other people's programs, and none of these packages needs one.
    let mut npm = shell::command("npm");
    npm.current_dir(&folder).args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]);
    shell::run(&mut npm)?;
    fs::write(&stamp, lock).context("cannot remember what was installed")?;
    Ok(State::Installed)
}
