//! Replay: the final score and the first crossing of each lead, from Parquet on disk, by `bellwether score` and by engines
//! for queries from `PyPI` at the same job in the same run; and one agreement after the other on a history in memory.
//!
//! The others sum in floating point and round nothing, so that of 500,000 leads a few at the very line fall otherwise.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use super::{
    build,
    measure::{Usage, measured},
    score::{history, path},
    table::{grouped, per_second, print},
};
use crate::shell;

/// One lead has 20 events on average.
const EVENTS_PER_LEAD: u64 = 20;
const RUNS: usize = 3;
const WHAT_IF_ROUNDS: &str = "9";

/// What is asked, by which agreement we answer it, and how the others' scripts call it.
const JOBS: [Job; 3] = [
    Job {
        name: "plain",
        agreement: "crates/replay/examples/bench_plain.toml",
        asks: "first crossing, points that stay",
    },
    Job {
        name: "fading",
        agreement: "crates/replay/examples/bench_fading.toml",
        asks: "first crossing, half-lives and a window of time",
    },
    Job {
        name: "all",
        agreement: "crates/replay/examples/bench_fading.toml",
        asks: "first crossing and final score, half-lives and a window of time",
    },
];

const OTHERS: [Other; 3] = [
    Other {
        name: "DuckDB",
        package: "duckdb==2.0.0",
        script: "xtask/src/bench/replay/job_duckdb.py",
    },
    Other {
        name: "Polars",
        package: "polars==2.1.0",
        script: "xtask/src/bench/replay/job_polars.py",
    },
    Other {
        name: "ClickHouse (chdb)",
        package: "chdb==4.4.0",
        script: "xtask/src/bench/replay/job_chdb.py",
    },
];

struct Job {
    name: &'static str,
    agreement: &'static str,
    asks: &'static str,
}

struct Other {
    name: &'static str,
    package: &'static str,
    script: &'static str,
}

pub(super) fn run(millions: u64) -> Result<()> {
    build()?;
    let events = millions * 1_000_000;
    let (leads_file, events_file) = history(events, events / EVENTS_PER_LEAD)?;
    let python = path(&["bench-python", "bin", "python"]);
    let others: Vec<(&Other, Result<()>)> = OTHERS
        .iter()
        .map(|other| (other, install(&python, other)))
        .collect();
    for job in &JOBS {
        compare(job, events, &events_file, &python, &others)?;
    }
    what_if(&leads_file, &events_file)
}

/// Installs a package into the benchmark's own environment, where it isn't yet.
fn install(python: &str, other: &Other) -> Result<()> {
    let folder = path(&["bench-python"]);
    if fs::metadata(python).is_err() {
        if shell::find_program("python3").is_none() {
            bail!("there is no python3 here");
        }
        shell::run(
            shell::command("python3")
                .args(["-m", "venv", "--clear"])
                .arg(&folder),
        )?;
    }
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        other.package,
    ];
    shell::run(shell::command(python).args(pip))
}

/// Each at one job: its fastest run, how many leads qualified, and how much longer it took than we did.
fn compare(
    job: &Job,
    events: u64,
    events_file: &str,
    python: &str,
    others: &[(&Other, Result<()>)],
) -> Result<()> {
    let binary = path(&["release", "bellwether"]);
    let out = path(&["bench", "replayed.parquet"]);
    let score = [
        binary.as_str(),
        "score",
        job.agreement,
        "--events",
        events_file,
        "--out",
        &out,
    ];
    let (_, ours) = fastest(&score)?;
    let mut rows = vec![row(
        "bellwether score",
        &qualified_of_ours(&score)?,
        &ours,
        ours.wall_us,
    )];
    for (other, installed) in others {
        let theirs = path(&["bench", "replayed-elsewhere.parquet"]);
        let words = [python, other.script, job.name, events_file, &theirs];
        let measured = match installed {
            Ok(()) => fastest(&words),
            Err(error) => Err(anyhow::anyhow!("could not be installed: {error}")),
        };
        rows.push(match measured {
            Ok((qualified, usage)) => row(other.name, &qualified, &usage, ours.wall_us),
            Err(error) => vec![other.name.to_owned(), format!("not measured: {error}")],
        });
    }
    let heads = [
        "",
        "wall ms",
        "user ms",
        "system ms",
        "peak MiB",
        "leads qualified",
        "times our wall",
    ];
    let title = format!(
        "Replay of {} events from Parquet: {}; whole processes, the fastest of {RUNS}",
        grouped(events),
        job.asks
    );
    print(&title, &score.join(" "), &heads, &rows);
    Ok(())
}

fn fastest(words: &[&str]) -> Result<(String, Usage)> {
    let mut best: Option<(String, Usage)> = None;
    for _ in 0..RUNS {
        let (printed, usage) = measured(words)?;
        if best.as_ref().is_none_or(|(_, best)| usage.wall_us < best.wall_us) {
            let last = printed.lines().last().unwrap_or_default().to_owned();
            best = Some((last, usage));
        }
    }
    best.context("there was no run")
}

/// How many leads qualified, as the command says on standard error.
fn qualified_of_ours(words: &[&str]) -> Result<String> {
    let (program, arguments) = words.split_first().context("a command is needed")?;
    let output = shell::command(program).args(arguments).output()?;
    let said =
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    let before = said.split(" qualified").next().unwrap_or_default();
    Ok(before.rsplit([' ', ':']).next().unwrap_or_default().to_owned())
}

fn row(name: &str, qualified: &str, usage: &Usage, ours_us: u128) -> Vec<String> {
    let hundredths = usage.wall_us * 100 / ours_us.max(1);
    vec![
        name.to_owned(),
        (usage.wall_us / 1_000).to_string(),
        usage.user_ms.to_string(),
        usage.system_ms.to_string(),
        (usage.memory_peak_kib / 1_024).to_string(),
        qualified.to_owned(),
        format!("{}.{:02}", hundredths / 100, hundredths % 100),
    ]
}

/// A history in memory, judged by one agreement after the other.
fn what_if(leads_file: &str, events_file: &str) -> Result<()> {
    let mut cargo = shell::cargo([
        "build",
        "--quiet",
        "--release",
        "-p",
        "bellwether-replay",
        "--example",
        "what_if",
    ]);
    shell::run(&mut cargo)?;
    let program: PathBuf = [path(&["release", "examples", "what_if"])].iter().collect();
    let mut words = vec![
        "--rounds",
        WHAT_IF_ROUNDS,
        "--leads",
        leads_file,
        "--events",
        events_file,
    ];
    words.push("crates/replay/examples/bench_agreement.toml");
    words.extend(JOBS.iter().take(2).map(|job| job.agreement));
    let printed = shell::output(shell::command(&program).args(&words))?;
    let mut rows = Vec::new();
    for line in printed.lines() {
        let said: serde_json::Value =
            serde_json::from_str(line).context("`what_if` printed something else")?;
        let number = |name: &str| said[name].as_f64().unwrap_or_default();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "times and counts, shown whole"
        )]
        let micros = |name: &str| (number(name) * 1e6) as u128;
        let count = |name: &str| said[name].as_u64().unwrap_or_default();
        rows.push(vec![
            said["agreement"].as_str().unwrap_or_default().to_owned(),
            (micros("read_seconds") / 1_000).to_string(),
            (micros("first_seconds") / 1_000).to_string(),
            (micros("seconds") / 1_000).to_string(),
            grouped(per_second(count("events"), micros("seconds"))),
            count("qualified").to_string(),
        ]);
    }
    let heads = [
        "agreement",
        "reading ms",
        "first judging ms",
        "fastest judging ms",
        "events/s",
        "leads qualified",
    ];
    let command = format!("{} {}", program.display(), words.join(" "));
    print(
        "What-if on a history in memory, all cores",
        &command,
        &heads,
        &rows,
    );
    Ok(())
}
