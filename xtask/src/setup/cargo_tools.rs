//! Cargo's own additions that the test command calls, built from source when absent.

use anyhow::Result;

use super::{State, Tool, state_of};
use crate::shell;

pub(super) fn set_up() -> Vec<Tool> {
    vec![
        Tool {
            name: "cargo-nextest",
            needed_for: "anything",
            state: state_of(set_up_one("cargo-nextest")),
        },
        Tool {
            name: "cargo-deny",
            needed_for: "what the dependencies are allowed to be",
            state: state_of(set_up_one("cargo-deny")),
        },
    ]
}

fn set_up_one(name: &str) -> Result<State> {
    if shell::find_program(name).is_some() {
        return Ok(State::Present);
    }
    println!("building {name} from source: this takes some minutes, once");
    shell::run(&mut shell::cargo(["install", "--locked", "--quiet", name]))?;
    Ok(State::Installed)
}
