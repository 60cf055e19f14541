//! The engine alone: an example of the replay crate makes a history in memory, runs it on one core and says how fast.

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::table::{grouped, print};
use crate::shell;

const COMMAND: [&str; 7] = [
    "run",
    "--quiet",
    "--release",
    "-p",
    "bellwether-replay",
    "--example",
    "bench_engine",
];

pub(super) fn run() -> Result<()> {
    let said = shell::output(&mut shell::cargo(COMMAND))?;
    let result: Value = serde_json::from_str(said.trim()).context("the example prints one line of JSON")?;
    let number = |name: &str| {
        let value = result.get(name).and_then(Value::as_u64);
        value
            .map(grouped)
            .with_context(|| format!("the example does not say `{name}`"))
    };
    let seconds = result.get("seconds").map_or_else(String::new, Value::to_string);
    let row = vec![
        number("events")?,
        number("leads")?,
        seconds,
        number("events_per_second")?,
    ];
    let heads = ["events", "leads", "seconds", "events/s"];
    print(
        "Engine alone, in memory, one core, best round",
        &format!("cargo {}", COMMAND.join(" ")),
        &heads,
        &[row],
    );
    Ok(())
}
