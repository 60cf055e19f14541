//! Saying aloud that a test did not run. The test command collects what is said here and sums it up; in continuous
//! integration a test that lacks a tool fails it, and one that lacks data does not.

use std::{env, fs::OpenOptions, io::Write as _, thread};

/// What a test lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A program or package that `cargo xtask setup` installs.
    Tool,
    /// A data set that is not part of the project.
    Data,
}

/// The file that collects what was skipped; the test command sets it.
const SKIPS_VARIABLE: &str = "BELLWETHER_TEST_SKIPS";

/// Says that the calling test does not run, and why. The caller returns after it.
///
/// # Panics
/// When the file that collects the skips cannot be written: a skip must not get lost.
pub fn skip(missing: Missing, reason: &str) {
    let thread = thread::current();
    let test = thread.name().unwrap_or("a test");
    println!("SKIPPED {test}: {reason}");
    let Some(path) = env::var_os(SKIPS_VARIABLE) else {
        return;
    };
    let kind = match missing {
        Missing::Tool => "tool",
        Missing::Data => "data",
    };
    let line = format!("{kind}\t{test}\t{reason}\n");
    let written = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .and_then(|mut file| file.write_all(line.as_bytes()));
    written.expect("the list of skipped tests can be written");
}
