//! `cargo xtask sim`: a simulated quarter of the real product, built for speed. What it does and checks stands in
//! `crates/sim`, which this crate doesn't know: it would build the product for every other task.

use anyhow::Result;

use crate::shell;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What everything follows from
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// After how many steps to stop; without it, at the quarter's end
    #[arg(long)]
    steps: Option<u64>,

    /// How many leads come
    #[arg(long, default_value_t = 20_000)]
    leads: u64,

    /// How often it is lived through; every time must come to the same bytes
    #[arg(long, default_value_t = 2)]
    runs: u32,
}

pub(crate) fn run_task(arguments: &Arguments) -> Result<()> {
    let mut command = shell::cargo(["run", "--release", "--quiet", "--package=bellwether-sim", "--"]);
    command.arg(format!("--seed={}", arguments.seed));
    command.arg(format!("--leads={}", arguments.leads));
    command.arg(format!("--runs={}", arguments.runs));
    if let Some(steps) = arguments.steps {
        command.arg(format!("--steps={steps}"));
    }
    shell::run(&mut command)
}
