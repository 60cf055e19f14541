//! `bellwether score` as a user runs it: from Parquet sorted by lead, the whole process, reading and writing included.

use std::fs;

use anyhow::Result;

use super::{
    build,
    measure::{Usage, measured},
    table::{grouped, per_second, print},
};
use crate::shell;

/// One lead has 20 events on average.
const EVENTS_PER_LEAD: u64 = 20;
const RUNS: usize = 5;
/// Its rules are about the events that the history is made of.
const AGREEMENT: &str = "crates/replay/examples/bench_agreement.toml";

pub(super) fn run(millions: u64) -> Result<()> {
    build()?;
    let events = millions * 1_000_000;
    let leads = events / EVENTS_PER_LEAD;
    let (leads_file, events_file) = history(events, leads)?;
    let binary = path(&["release", "bellwether"]);
    let out = path(&["bench", "scores.parquet"]);
    let words = [
        binary.as_str(),
        "score",
        AGREEMENT,
        "--leads",
        &leads_file,
        "--events",
        &events_file,
        "--out",
        &out,
    ];
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        runs.push(measured(&words)?.1);
    }
    runs.sort_by_key(|usage| usage.wall_us);
    let heads = ["run", "wall ms", "user ms", "system ms", "events/s", "peak MiB"];
    let rows: Vec<Vec<String>> = runs
        .iter()
        .zip(1..)
        .map(|(usage, number)| row(number, events, usage))
        .collect();
    let title = format!(
        "Score: {} events of {} leads from Parquet, fastest first",
        grouped(events),
        grouped(leads)
    );
    print(&title, &words.join(" "), &heads, &rows);
    Ok(())
}

/// Makes the files once; they are the same each time.
pub(super) fn history(events: u64, leads: u64) -> Result<(String, String)> {
    let name = format!("history-{events}-{leads}");
    let folder = path(&["bench", &name]);
    let (leads_file, events_file) = (
        path(&["bench", &name, "leads.csv"]),
        path(&["bench", &name, "events.parquet"]),
    );
    // The leads are written last, so a run that was broken off is made good by the next.
    if fs::metadata(&leads_file).is_err() {
        let mut cargo = shell::cargo([
            "run",
            "--quiet",
            "--release",
            "-p",
            "bellwether-replay",
            "--example",
        ]);
        let (events, leads) = (events.to_string(), leads.to_string());
        cargo.args([
            "generate_history",
            "--",
            "--events",
            &events,
            "--leads",
            &leads,
            "--out",
            &folder,
        ]);
        shell::run(&mut cargo)?;
    }
    Ok((leads_file, events_file))
}

pub(super) fn path(parts: &[&str]) -> String {
    parts
        .iter()
        .fold(shell::target(), |path, part| path.join(part))
        .to_string_lossy()
        .into_owned()
}

fn row(number: usize, events: u64, usage: &Usage) -> Vec<String> {
    vec![
        number.to_string(),
        (usage.wall_us / 1_000).to_string(),
        usage.user_ms.to_string(),
        usage.system_ms.to_string(),
        grouped(per_second(events, usage.wall_us)),
        (usage.memory_peak_kib / 1_024).to_string(),
    ]
}
