//! The real server as a child process, on a data folder and a port of its own, to be spoken to over HTTP, killed at any
//! moment and started again on the same data.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;

use crate::clients::http::Http;

/// What an API key is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// Sending events.
    Write,
    /// Everything else.
    Admin,
}

/// A running server. It is killed when this is dropped, and its data folder is removed.
pub struct TestServer {
    binary: PathBuf,
    words: Vec<String>,
    folder: TempDir,
    listen: SocketAddr,
    child: Option<Child>,
    said: Arc<Mutex<Vec<String>>>,
}

impl TestServer {
    /// Starts the server on an empty data folder and a free port, and waits until it listens. The binary is what
    /// `env!("CARGO_BIN_EXE_bellwether")` names in a test of the binary's crate.
    ///
    /// # Panics
    /// When the server ends before it listens.
    pub fn start(binary: impl AsRef<Path>) -> TestServer {
        TestServer::start_with(binary, &[])
    }

    /// The same, with more words for `serve`.
    ///
    /// # Panics
    /// When the server ends before it listens.
    pub fn start_with(binary: impl AsRef<Path>, words: &[&str]) -> TestServer {
        let mut server = TestServer {
            binary: binary.as_ref().to_path_buf(),
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            folder: tempfile::tempdir().expect("a temporary folder can be made"),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            child: None,
            said: Arc::default(),
        };
        server.restart();
        server
    }

    /// A database that nobody holds: the server was started on an empty data folder, and is gone.
    ///
    /// # Panics
    /// When the server ends before it listens.
    pub fn database(binary: impl AsRef<Path>, words: &[&str]) -> TestServer {
        let mut server = TestServer::start_with(binary, words);
        server.kill9();
        server
    }

    /// Where it listens, such as `http://127.0.0.1:40001`; the same after a restart.
    pub fn url(&self) -> String {
        format!("http://{}", self.listen)
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// What the server has printed on standard output since it was first started, line by line.
    ///
    /// # Panics
    /// When a reader of the output has panicked.
    pub fn said(&self) -> Vec<String> {
        self.said
            .lock()
            .expect("no reader of the output panicked")
            .clone()
    }

    /// Makes a new key with the program's own command.
    ///
    /// # Panics
    /// When the command fails.
    pub fn create_key(&self, kind: KeyKind) -> String {
        let kind = match kind {
            KeyKind::Write => "write",
            KeyKind::Admin => "admin",
        };
        let printed = self.run(&["key", "create", "--kind", kind]);
        printed
            .split_whitespace()
            .last()
            .expect("`key create` prints the key")
            .to_owned()
    }

    /// An HTTP client that signs in with a new key of this kind.
    pub fn client(&self, kind: KeyKind) -> Http {
        let key = self.create_key(kind);
        match kind {
            KeyKind::Write => Http::new(&self.url()).basic(&key),
            KeyKind::Admin => Http::new(&self.url()).bearer(&key),
        }
    }

    /// Runs a command of the program on this server's data folder; gives what it printed.
    ///
    /// # Panics
    /// When the command fails.
    pub fn run(&self, words: &[&str]) -> String {
        let output = Command::new(&self.binary)
            .args(words)
            .arg("--data")
            .arg(self.data())
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .expect("the program can be started");
        assert!(
            output.status.success(),
            "`{}` ended with {}",
            words.join(" "),
            output.status
        );
        String::from_utf8(output.stdout).expect("the program prints UTF-8")
    }

    /// Kills the server on the spot, as a power cut would: nothing of it runs any more when this returns.
    pub fn kill9(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself, which is what was asked for.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Asks the server to end, as an operator's service manager does, and waits until it has.
    ///
    /// # Panics
    /// When it ends with an error.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let id = i32::try_from(child.id()).expect("a process id is a positive number");
            kill(Pid::from_raw(id), Signal::SIGTERM).expect("a child of ours can be signalled");
            let status = child.wait().expect("a child of ours can be waited for");
            assert!(status.success(), "the server ended with {status}");
        }
    }

    /// Starts it again, on the same data and port, and waits until it listens. Kills it first where it still runs.
    ///
    /// # Panics
    /// When the server ends before it listens.
    pub fn restart(&mut self) {
        self.kill9();
        let mut child = Command::new(&self.binary)
            .args(["serve", "--listen", &self.listen.to_string(), "--data"])
            .arg(self.data())
            .args(&self.words)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server can be started");
        let stdout = child.stdout.take().expect("standard output is piped");
        self.child = Some(child);
        self.listen = self.wait_until_listening(stdout);
    }

    fn wait_until_listening(&self, stdout: ChildStdout) -> SocketAddr {
        let mut lines = BufReader::new(stdout).lines();
        let mut said = Vec::new();
        let listen = loop {
            let line = lines.next().and_then(Result::ok);
            let line =
                line.unwrap_or_else(|| panic!("the server ended before it listened; it said: {said:?}"));
            let address = line
                .split_once("listening on http://")
                .map(|(_, address)| address.trim().parse());
            said.push(line);
            if let Some(address) = address {
                break address.expect("the server prints the address it listens on");
            }
        };
        let all = Arc::clone(&self.said);
        all.lock().expect("no reader of the output panicked").extend(said);
        // Nobody may leave the pipe full, or the server would wait for it.
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                all.lock().expect("no reader of the output panicked").push(line);
            }
        });
        listen
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.kill9();
    }
}
