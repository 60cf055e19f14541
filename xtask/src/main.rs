//! What the project runs on itself: set-up, the whole test command, the checks of the house, generated documents and
//! benchmarks. `cargo xtask help` lists them.

mod bench;
mod data;
mod docs;
mod fuzz;
mod load;
mod setup;
mod shell;
mod sim;
mod steps;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What the project runs on itself.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what the tests need, where that can be done, and say what could not
    Setup,
    /// Set up, then run every check and every test
    Test(test::Arguments),
    /// Check the rules of the house that neither the compiler nor clippy knows
    Tidy,
    /// Write the generated documents anew
    Docs(docs::Arguments),
    /// Fetch the lists of mail domains and countries anew and say what changed
    Data,
    /// Run the benchmarks and print their tables
    Bench(bench::Arguments),
    /// Run the fuzz targets for a while
    Fuzz(fuzz::Arguments),
    /// Live through a simulated quarter and check what must be true after every step
    Sim(sim::Arguments),
    /// Send Segment events to a running server and print what it took
    Load(load::Arguments),
    /// Run one command and print the time and memory that it used (the benchmarks call this)
    #[command(hide = true)]
    Measure(bench::measure::Arguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Setup => setup::run_task(),
        Task::Test(arguments) => test::run_task(&arguments),
        Task::Tidy => tidy::run_task(),
        Task::Docs(arguments) => docs::run_task(&arguments),
        Task::Data => data::run_task(),
        Task::Bench(arguments) => bench::run_task(&arguments),
        Task::Fuzz(arguments) => fuzz::run_task(&arguments),
        Task::Sim(arguments) => sim::run_task(&arguments),
        Task::Load(arguments) => load::run_task(&arguments),
        Task::Measure(arguments) => bench::measure::run_task(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
