//! A million pending timers: an example of the app's crate keeps them, measures what it uses while it idles, and how late
//! clocks that run out are noticed.

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::table::{grouped, print};
use crate::shell;

const COMMAND: [&str; 7] = [
    "run",
    "--quiet",
    "--release",
    "-p",
    "bellwether-app",
    "--example",
    "bench_timers",
];

/// Each column: its head, and what the example calls it.
const COLUMNS: [(&str, &str); 9] = [
    ("pending", "pending"),
    ("idle, permille of a core", "idle_cpu_permille"),
    ("without any", "idle_cpu_permille_without"),
    ("fired in 20 s", "fired"),
    ("late p50 ms", "late_ms_p50"),
    ("late p99 ms", "late_ms_p99"),
    ("late max ms", "late_ms_max"),
    ("at one instant", "burst"),
    ("late max ms", "burst_late_ms_max"),
];

pub(super) fn run() -> Result<()> {
    let said = shell::output(&mut shell::cargo(COMMAND))?;
    let result: Value = serde_json::from_str(said.trim()).context("the example prints one line of JSON")?;
    let cell = |(_, name): (&str, &str)| {
        let value = result.get(name).and_then(Value::as_u64).map(grouped);
        value.with_context(|| format!("the example does not say `{name}`"))
    };
    let row: Result<Vec<String>> = COLUMNS.into_iter().map(cell).collect();
    print(
        "Timers: idle, and late when due",
        &format!("cargo {}", COMMAND.join(" ")),
        &COLUMNS.map(|(head, _)| head),
        &[row?],
    );
    Ok(())
}
