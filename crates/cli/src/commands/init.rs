//! `bellwether init`.

use std::process::ExitCode;

/// Arguments of `bellwether init`.
#[derive(clap::Args)]
pub struct InitArgs {}

/// Runs the command.
pub fn run(_args: &InitArgs) -> anyhow::Result<ExitCode> {
    anyhow::bail!("`init` is being built")
}
