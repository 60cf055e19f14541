//! A quarter of the product's life, from one seed: leads come, salespeople answer, time passes, the power fails. It runs the
//! real product on a real database, with a clock and random bytes of its own, and holds what the product keeps against
//! what must be true after every step.
//!
//! A crate of its own, since it is built with the product: what other crates test themselves with must not be.

mod agenda;
mod ambient;
mod audit;
mod content;
mod desks;
mod dice;
mod quarter;
mod receiver;
mod sales;
mod staff;
mod visits;
mod watch;
mod world;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};

/// How much of a quarter to live through.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// What everything follows from.
    pub seed: u64,
    /// How many leads come.
    pub leads: u64,
    /// How many days it lasts.
    pub days: u32,
    /// After how many steps to stop, where it isn't over by then.
    pub steps_max: u64,
    /// How often the power fails.
    pub power_cuts: u32,
}

impl Plan {
    /// The whole quarter.
    pub const fn quarter(seed: u64) -> Self {
        Self {
            seed,
            leads: 20_000,
            days: 91,
            steps_max: u64::MAX,
            power_cuts: 2,
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How many steps were made.
    pub steps: u64,
    /// How often each thing happened.
    pub counts: BTreeMap<&'static str, u64>,
    /// The hash of all that the database holds.
    pub hash: String,
}

/// Lives through it on an empty folder, which is full afterwards.
pub fn run(plan: Plan, folder: &Path) -> Result<Report> {
    let mut quarter = quarter::Quarter::begin(plan, folder).context("before the first step")?;
    quarter
        .live()
        .with_context(|| format!("seed {}, step {}", plan.seed, quarter.steps()))
}
