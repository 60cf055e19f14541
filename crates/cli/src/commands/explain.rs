//! `bellwether explain`.

use std::process::ExitCode;

/// Arguments of `bellwether explain`.
#[derive(clap::Args)]
pub struct ExplainArgs {}

/// Runs the command.
pub fn run(_args: &ExplainArgs) -> anyhow::Result<ExitCode> {
    anyhow::bail!("`explain` is being built")
}
