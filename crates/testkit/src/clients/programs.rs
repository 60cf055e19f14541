//! Other people's clients, run as programs. Where one is not installed the test says so and does not run.

use std::{
    env,
    io::{BufRead as _, BufReader, Lines},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use serde_json::Value;

use crate::skip::{Missing, skip};

/// Which Python has the packages of other people's that tests use; the test command sets it.
const PYTHON_VARIABLE: &str = "BELLWETHER_TEST_PYTHON";

/// Node.js, if it and the packages in this folder are installed.
pub fn node(folder: &Path) -> Option<PathBuf> {
    let packages = folder.join("node_modules/@segment");
    if !packages.is_dir() {
        skip(
            Missing::Tool,
            "Segment's JavaScript clients are not installed; run `cargo xtask setup`",
        );
        return None;
    }
    found("node")
}

/// The Python that has Segment's client, a mail server, a verifier of webhooks and `DuckDB`.
pub fn python() -> Option<PathBuf> {
    let python = env::var_os(PYTHON_VARIABLE)
        .map(PathBuf::from)
        .filter(|python| python.is_file());
    if python.is_none() {
        let reason = "Python's packages for tests are not installed or not named; run `cargo xtask test`";
        skip(Missing::Tool, reason);
    }
    python
}

/// A client's script as a running program. It is killed when this is dropped.
pub struct RunningClient {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    script: String,
}

impl RunningClient {
    /// Starts the script.
    ///
    /// # Panics
    /// When the program can't be started.
    pub fn start(program: &Path, script: &Path, arguments: &[&str]) -> RunningClient {
        let mut child = Command::new(program)
            .arg(script)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the client can be started");
        let stdout = child.stdout.take().expect("standard output is piped");
        RunningClient {
            child,
            lines: BufReader::new(stdout).lines(),
            script: script.display().to_string(),
        }
    }

    /// Waits until the script has printed this line so many times.
    ///
    /// # Panics
    /// When it ends before that.
    pub fn wait_for(&mut self, line: &str, times: usize) {
        let said = self
            .lines
            .by_ref()
            .map_while(Result::ok)
            .filter(|said| said == line)
            .take(times);
        assert_eq!(
            said.count(),
            times,
            "{} ended before it said `{line}` {times} times",
            self.script
        );
    }

    /// The next thing that the script says; waits for it.
    ///
    /// # Panics
    /// When it ends before that, or what it says is no JSON.
    pub fn next_json(&mut self) -> Value {
        let line = self.lines.next().and_then(Result::ok);
        let line = line.unwrap_or_else(|| panic!("{} ended before it said anything more", self.script));
        serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("{} said what is no JSON ({error}): {line}", self.script))
    }

    /// Waits for the script's end.
    ///
    /// # Panics
    /// When it fails.
    pub fn finish(mut self) {
        let rest: Vec<String> = self.lines.by_ref().map_while(Result::ok).collect();
        let status = self.child.wait().expect("a child of ours can be waited for");
        assert!(
            status.success(),
            "{} ended with {status}; it printed: {rest:?}",
            self.script
        );
    }
}

impl Drop for RunningClient {
    fn drop(&mut self) {
        // It has ended already where the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where a program is on the search path; a test that needs it is skipped without it.
pub(super) fn found(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let program = env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file());
    if program.is_none() {
        skip(
            Missing::Tool,
            &format!("`{name}` is not installed; run `cargo xtask setup`"),
        );
    }
    program
}
