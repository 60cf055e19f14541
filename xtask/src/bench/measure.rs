//! The time and memory of one finished child process, as the kernel counted them. It runs in a process of its own, because
//! the kernel gives the highest memory of any child so far, and a compiler has been one of the outer process's children.

use std::{ffi::OsString, time::Instant};

use anyhow::{Context as _, Result, bail};
use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeVal,
};

use crate::shell;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

/// What one process used.
pub(super) struct Usage {
    pub(super) wall_us: u128,
    pub(super) user_ms: u64,
    pub(super) system_ms: u64,
    pub(super) memory_peak_kib: u64,
}

const MARK: &str = "usage:";

/// Runs the command and prints what it used, as the last line.
pub(crate) fn run_task(arguments: &Arguments) -> Result<()> {
    let (program, words) = arguments.command.split_first().context("a command is needed")?;
    let start = Instant::now();
    shell::run(shell::command(program).args(words))?;
    let wall = start.elapsed();
    let used = getrusage(UsageWho::RUSAGE_CHILDREN).context("the kernel does not say what the child used")?;
    let (user, system) = (millis(used.user_time()), millis(used.system_time()));
    println!("{MARK} {} {user} {system} {}", wall.as_micros(), used.max_rss());
    Ok(())
}

/// Has the command run in a measuring process. Gives its output without the measuring line, and what it used.
pub(super) fn measured(words: &[&str]) -> Result<(String, Usage)> {
    let measurer = shell::target().join("release/xtask");
    let printed = shell::output(shell::command(measurer).arg("measure").arg("--").args(words))?;
    let (output, last) = printed
        .trim_end()
        .rsplit_once('\n')
        .unwrap_or(("", printed.trim_end()));
    match parse(last) {
        Some(usage) => Ok((output.to_owned(), usage)),
        None => bail!("the measuring process ended with `{last}`"),
    }
}

fn parse(line: &str) -> Option<Usage> {
    let mut figures = line.strip_prefix(MARK)?.split_whitespace();
    let wall_us = figures.next()?.parse().ok()?;
    let mut next = || figures.next()?.parse().ok();
    Some(Usage {
        wall_us,
        user_ms: next()?,
        system_ms: next()?,
        memory_peak_kib: next()?,
    })
}

fn millis(time: TimeVal) -> i64 {
    time.tv_sec() * 1_000 + time.tv_usec() / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_measuring_line_is_read_back() {
        let usage = parse("usage: 1500000 900 30 204800");
        assert_eq!(
            usage.map(|usage| (usage.wall_us, usage.user_ms, usage.memory_peak_kib)),
            Some((1_500_000, 900, 204_800))
        );
        assert!(parse("usage: 1 2").is_none());
    }
}
