//! The one binary: commands, configuration and wiring.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Decides which leads sales should call now, and proves why.
#[derive(Parser)]
#[command(name = "bellwether", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check agreements: names, types, examples and lints, every problem in one go.
    Check(commands::check::CheckArgs),
    /// Write a starting agreement from a template.
    Init(commands::init::InitArgs),
    /// Score the leads of files by an agreement.
    Score(commands::score::ScoreArgs),
    /// Show the ledger behind one lead's score, and what is missing to qualify.
    Explain(commands::explain::ExplainArgs),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match &cli.command {
        Command::Check(args) => commands::check::run(args),
        Command::Init(args) => commands::init::run(args),
        Command::Score(args) => commands::score::run(args),
        Command::Explain(args) => commands::explain::run(args),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(1)
    })
}
