//! The engine alone: an example of the replay crate makes a history in memory, runs it and prints its own table.

use anyhow::Result;

use crate::shell;

const EXAMPLE: &str = "bench_engine";

pub(super) fn run() -> Result<()> {
    let mut cargo = shell::cargo([
        "run",
        "--quiet",
        "--release",
        "-p",
        "bellwether-replay",
        "--example",
        EXAMPLE,
    ]);
    println!("\n### Engine\n\n`cargo run --release -p bellwether-replay --example {EXAMPLE}`\n");
    print!("{}", shell::output(&mut cargo)?);
    Ok(())
}
