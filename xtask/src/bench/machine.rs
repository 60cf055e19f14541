//! Where and when a figure was measured.

use std::{fs, thread};

use anyhow::Result;
use jiff::Timestamp;

/// One line: processor, cores, memory, kernel, date.
pub(super) fn describe() -> Result<String> {
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".to_owned());
    let cores = thread::available_parallelism()?;
    let memory = field("/proc/meminfo", "MemTotal").and_then(|text| gibibytes(&text));
    let memory = memory.map_or_else(
        || "unknown memory".to_owned(),
        |gibibytes| format!("{gibibytes} GiB"),
    );
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let date = today();
    Ok(format!(
        "machine: {processor}, {cores} cores, {memory}, Linux {}; {date}",
        kernel.trim()
    ))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark's table carries the day on which it ran"
)]
fn today() -> String {
    Timestamp::now().strftime("%Y-%m-%d").to_string()
}

fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn gibibytes(kilobytes: &str) -> Option<u64> {
    let kilobytes: u64 = kilobytes.split_whitespace().next()?.parse().ok()?;
    Some((kilobytes + (1 << 19)) >> 20)
}
