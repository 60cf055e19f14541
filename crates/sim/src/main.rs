//! `cargo xtask sim`: one quarter after the other of the same seed, which must come to the same.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, ensure};
use bellwether_sim::{Plan, Report, run};
use clap::Parser;

// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Live through a simulated quarter and check what must be true after every step.
#[derive(Parser)]
struct Arguments {
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

    /// Where the databases go while it runs; without it, in memory where the machine has a file system for that
    #[arg(long)]
    folder: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let plan = Plan {
        leads: arguments.leads,
        steps_max: arguments.steps.unwrap_or(u64::MAX),
        ..Plan::quarter(arguments.seed)
    };
    println!("seed {}, {} leads, {} days", plan.seed, plan.leads, plan.days);
    let mut first: Option<Report> = None;
    for number in 1..=arguments.runs {
        let folder = tempfile::Builder::new()
            .prefix("bellwether-sim-")
            .tempdir_in(folder(arguments.folder.as_ref()))?;
        let began = Instant::now();
        let report = run(plan, folder.path())?;
        println!("run {number}: {:.1} s", began.elapsed().as_secs_f64());
        match &first {
            None => {
                show(&report);
                first = Some(report);
            }
            Some(first) => ensure!(
                *first == report,
                "seed {}: run {number} came to {report:?}, the first to {first:?}",
                plan.seed
            ),
        }
    }
    if arguments.runs > 1 {
        println!("every run came to the same");
    }
    Ok(())
}

fn show(report: &Report) {
    println!("{:>10}  steps", report.steps);
    for (what, count) in &report.counts {
        println!("{count:>10}  {what}");
    }
    println!("hash {}", report.hash);
}

/// The file system in memory where there is one: what is measured is the product, not the disk.
fn folder(asked: Option<&PathBuf>) -> PathBuf {
    let in_memory = PathBuf::from("/dev/shm");
    match asked {
        Some(folder) => folder.clone(),
        None if in_memory.is_dir() => in_memory,
        None => std::env::temp_dir(),
    }
}
