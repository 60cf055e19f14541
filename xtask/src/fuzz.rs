//! `cargo xtask fuzz`: throws text that nobody would write at what reads text, for a while. The targets are in `fuzz`, a
//! workspace of its own, because they need the nightly compiler.

use std::fs;

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;

use crate::shell;

/// What fuzzing needs, the command that is there when it is, and what installs it.
const NEEDED: [(&str, &[&str], &str); 2] = [
    (
        "the nightly compiler",
        &["run", "nightly", "rustc", "--version"],
        "rustup toolchain install nightly",
    ),
    (
        "cargo-fuzz",
        &["run", "nightly", "cargo", "fuzz", "--version"],
        "cargo install --locked cargo-fuzz",
    ),
];
/// How much memory a target may use.
const MEMORY_MIB_MAX: u32 = 2_048;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Which one; without it, all
    #[arg(value_enum)]
    targets: Vec<Target>,

    /// How long each runs
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Target {
    /// The bodies of Segment calls
    SegmentDecode,
    /// Agreement files
    Agreement,
    /// Job titles
    JobTitle,
    /// Files of rows from other systems
    ImportRows,
}

impl Target {
    const fn name(self) -> &'static str {
        match self {
            Self::SegmentDecode => "segment_decode",
            Self::Agreement => "agreement",
            Self::JobTitle => "job_title",
            Self::ImportRows => "import_rows",
        }
    }

    /// What must be built for it beside the core.
    const fn features(self) -> &'static str {
        match self {
            Self::SegmentDecode => "server",
            Self::ImportRows => "replay",
            Self::Agreement | Self::JobTitle => "",
        }
    }

    /// How long an input may be: enough for what the target reads, and short enough to be tried often.
    const fn input_bytes_max(self) -> u32 {
        match self {
            Self::SegmentDecode => 65_536,
            Self::Agreement => 16_384,
            Self::JobTitle => 512,
            Self::ImportRows => 4_096,
        }
    }
}

/// `cargo xtask fuzz`.
pub(crate) fn run_task(arguments: &Arguments) -> Result<()> {
    let missing: Vec<String> = NEEDED
        .iter()
        .filter(|(_, words, _)| shell::output(shell::command("rustup").args(*words)).is_err())
        .map(|(name, _, remedy)| format!("{name} is missing; install it with `{remedy}`"))
        .collect();
    if !missing.is_empty() {
        bail!("{}", missing.join("; "));
    }
    let targets = match arguments.targets.as_slice() {
        [] => Target::value_variants(),
        chosen => chosen,
    };
    for target in targets {
        run(*target, arguments.seconds)?;
    }
    Ok(())
}

/// Runs one target. What it learns is kept beside the build; the seeds in the repository stay as they are.
fn run(target: Target, seconds: u32) -> Result<()> {
    let name = target.name();
    let built = shell::target().join("fuzz");
    let learnt = built.join("corpus").join(name);
    fs::create_dir_all(&learnt).with_context(|| format!("cannot make `{}`", learnt.display()))?;
    let seeds = shell::root().join("fuzz/corpus").join(name);
    let mut command = shell::command("rustup");
    command
        // There is no unsafe code here for a sanitizer to watch, and without one it is twice as fast.
        .args([
            "run",
            "nightly",
            "cargo",
            "fuzz",
            "run",
            "--sanitizer",
            "none",
            "--target-dir",
        ])
        .arg(&built)
        .args(["--features", target.features()])
        .arg(name)
        .args([&learnt, &seeds])
        .arg("--")
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={}", target.input_bytes_max()))
        .arg(format!("-rss_limit_mb={MEMORY_MIB_MAX}"))
        .arg("-timeout=10")
        .arg("-print_final_stats=1");
    for variable in [
        "CARGO",
        "RUSTC",
        "RUSTDOC",
        "RUSTUP_TOOLCHAIN",
        "CARGO_TARGET_DIR",
    ] {
        command.env_remove(variable);
    }
    shell::run(&mut command)
}
