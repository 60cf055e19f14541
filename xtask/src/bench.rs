//! The benchmarks: each prints a table with the machine, the date and the command that made it, so that a figure never
//! travels without them. They build in release mode and measure whole processes from outside.

mod engine;
mod import;
mod ingest;
mod machine;
pub(crate) mod measure;
mod replay;
mod score;
pub(crate) mod table;
mod timers;
mod titles;

use anyhow::Result;
use clap::ValueEnum;

use crate::shell;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Which one; without it, all
    #[arg(value_enum)]
    names: Vec<Name>,

    /// How many events the files and the batches hold in all, in millions
    #[arg(long, default_value_t = 10)]
    millions: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// The engine alone, in memory, on one core
    Engine,
    /// `bellwether score` from Parquet, as a whole process
    Score,
    /// The same job by other engines in the same run, and what-ifs on a history in memory
    Replay,
    /// Events a second over HTTP in batches, durable
    Ingest,
    /// A million events from a file into an empty database
    Import,
    /// How long one single event takes to its answer, under a steady load
    Latency,
    /// Ingest with handoffs beside ingest without
    Handoffs,
    /// How soon a webhook hears of who qualified, while others come in
    Notify,
    /// What a million pending timers cost, and how late they fire
    Timers,
    /// How well job titles are read, held against labelled ones
    Titles,
}

/// `cargo xtask bench`.
pub(crate) fn run_task(arguments: &Arguments) -> Result<()> {
    let chosen = |name| arguments.names.is_empty() || arguments.names.contains(&name);
    println!("{}", machine::describe()?);
    if chosen(Name::Engine) {
        engine::run()?;
    }
    if chosen(Name::Score) {
        score::run(arguments.millions)?;
    }
    if chosen(Name::Replay) {
        replay::run(arguments.millions)?;
    }
    if chosen(Name::Ingest) {
        ingest::run(ingest::Load::Throughput)?;
    }
    if chosen(Name::Import) {
        import::run()?;
    }
    if chosen(Name::Latency) {
        ingest::run(ingest::Load::Latency)?;
    }
    if chosen(Name::Handoffs) {
        ingest::compare_handoffs()?;
    }
    if chosen(Name::Notify) {
        ingest::notify()?;
    }
    if chosen(Name::Timers) {
        timers::run()?;
    }
    if chosen(Name::Titles) {
        titles::run()?;
    }
    Ok(())
}

/// Builds what is measured, and the program that measures.
fn build() -> Result<()> {
    shell::run(&mut shell::cargo([
        "build",
        "--quiet",
        "--release",
        "-p",
        "bellwether",
        "-p",
        "xtask",
    ]))
}
