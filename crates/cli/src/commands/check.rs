//! `bellwether check`.

use std::process::ExitCode;

/// Arguments of `bellwether check`.
#[derive(clap::Args)]
pub struct CheckArgs {}

/// Runs the command.
pub fn run(_args: &CheckArgs) -> anyhow::Result<ExitCode> {
    anyhow::bail!("`check` is being built")
}
