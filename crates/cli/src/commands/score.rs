//! `bellwether score`.

use std::process::ExitCode;

/// Arguments of `bellwether score`.
#[derive(clap::Args)]
pub struct ScoreArgs {}

/// Runs the command.
pub fn run(_args: &ScoreArgs) -> anyhow::Result<ExitCode> {
    anyhow::bail!("`score` is being built")
}
