//! The server under load: a fresh one on an empty data folder, the load from a process of its own on the same machine, so
//! both share its cores.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Stdio},
};

use anyhow::{Context as _, Result, bail};

use super::build;
use crate::shell;

#[derive(Clone, Copy)]
pub(super) enum Load {
    Throughput,
    Latency,
}

impl Load {
    fn name(self) -> &'static str {
        match self {
            Load::Throughput => "throughput",
            Load::Latency => "latency",
        }
    }
}

pub(super) fn run(load: Load) -> Result<()> {
    build()?;
    let mut server = Server::start(&[])?;
    server.load(&[load.name()])?;
    server.report()
}

/// A folder with an empty database, which no server holds any more.
pub(super) fn empty_database() -> Result<PathBuf> {
    let server = Server::start(&[])?;
    Ok(server.folder.clone())
}

/// Ingest with handoffs and without, by turns: the same load on two agreements that differ in their line alone, which
/// nobody reaches by the second.
pub(super) fn compare_handoffs() -> Result<()> {
    const ROUNDS: usize = 3;
    build()?;
    for round in 1..=ROUNDS {
        println!("\nround {round} of {ROUNDS}: with handoffs");
        throughput_by(&agreement("with handoffs", SCORE_LINE)?)?;
        println!("\nround {round} of {ROUNDS}: without");
        throughput_by(&agreement("without handoffs", "score  = 1000000")?)?;
    }
    Ok(())
}

/// The line of the starting agreement, as its template has it.
const SCORE_LINE: &str = "score  = 65 ";

/// The starting agreement with another line, and no way for those who raise their hand to pass it by.
fn agreement(name: &str, score: &str) -> Result<PathBuf> {
    let template = shell::root().join("examples/agreements/saas-fit-intent.toml");
    let text = fs::read_to_string(template).context("cannot read the starting agreement")?;
    if !text.contains(SCORE_LINE) {
        bail!("the starting agreement has no line `{SCORE_LINE}` any more");
    }
    let text = text.replacen(SCORE_LINE, &format!("{score} "), 1);
    // Its examples would be wrong by another line.
    let text = text.split("[[example]]").next().unwrap_or_default();
    let text: Vec<&str> = text
        .lines()
        .filter(|line| score == SCORE_LINE || !line.starts_with("fast "))
        .collect();
    let path = shell::target().join("bench").join(format!("{name}.toml"));
    fs::create_dir_all(shell::target().join("bench"))?;
    fs::write(&path, text.join("\n")).context("cannot write an agreement")?;
    Ok(path)
}

fn throughput_by(agreement: &Path) -> Result<()> {
    let agreement = agreement.to_string_lossy();
    let mut server = Server::start(&["--agreement", &agreement])?;
    server.staff()?;
    server.load(&["throughput"])?;
    server.report()
}

/// How soon a webhook hears of a handoff.
pub(super) fn notify() -> Result<()> {
    build()?;
    let mut server = Server::start(&["--allow-private-webhooks"])?;
    server.staff()?;
    // Taken and let go of again: nobody else asks for one meanwhile.
    let listen = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    server.bellwether(&["webhook", "set", &format!("http://{listen}/")])?;
    server.load(&["notify", "--listen", &listen])?;
    server.report()
}

/// The server as a child of this process; it ends with it.
struct Server {
    child: Child,
    url: String,
    folder: PathBuf,
}

impl Server {
    fn start(options: &[&str]) -> Result<Server> {
        let folder = shell::target().join("bench/server");
        if folder.exists() {
            fs::remove_dir_all(&folder).context("cannot empty the data folder")?;
        }
        fs::create_dir_all(&folder).context("cannot make the data folder")?;
        let mut command = shell::command(binary());
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(&folder)
            .args(options);
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the server")?;
        let stdout = child.stdout.take().context("the server has no standard output")?;
        let mut server = Server {
            child,
            url: String::new(),
            folder,
        };
        for line in BufReader::new(stdout).lines() {
            if let Some((_, url)) = line?.split_once("listening on ") {
                url.trim().clone_into(&mut server.url);
                return Ok(server);
            }
        }
        bail!("the server ended before it said where it listens")
    }

    /// Has a command of the product's work on the server's folder; gives what it printed.
    fn bellwether(&self, words: &[&str]) -> Result<String> {
        let mut command = shell::command(binary());
        command.args(words).arg("--data").arg(&self.folder);
        shell::output(&mut command)
    }

    /// Adds people to get the leads.
    fn staff(&self) -> Result<()> {
        for name in ["ann", "bob", "eve"] {
            let email = format!("{name}@seller.example");
            let person = ["user", "add", "--name", name, "--email", &email];
            self.bellwether(&[&person[..], &["--team", "sdr", "--team", "enterprise"]].concat())?;
        }
        Ok(())
    }

    /// Has the load generator send, in a process of its own.
    fn load(&self, words: &[&str]) -> Result<()> {
        let write_key = self.write_key()?;
        let mut command = shell::command(shell::target().join("release/xtask"));
        command.arg("load").args(words);
        command.args(["--url", &self.url, "--write-key", &write_key]);
        shell::run(&mut command)
    }

    fn write_key(&self) -> Result<String> {
        let printed = self.bellwether(&["key", "create", "--kind", "write"])?;
        let key = printed
            .split_whitespace()
            .last()
            .context("`key create` printed no key")?;
        Ok(key.to_owned())
    }

    /// What the server used, and what it left on disk.
    fn report(&mut self) -> Result<()> {
        let id = self.child.id();
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let peak = status
            .lines()
            .find(|line| line.starts_with("VmHWM"))
            .unwrap_or("VmHWM: unknown");
        println!("server: peak memory {}", peak.trim_start_matches("VmHWM:").trim());
        println!("server: {} MiB on disk", bytes_in(&self.folder)? >> 20);
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The child may have ended already; either way there is nothing left to do about an error.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn binary() -> PathBuf {
    shell::target().join("release/bellwether")
}

fn bytes_in(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        bytes += if entry.file_type()?.is_dir() {
            bytes_in(&entry.path())?
        } else {
            entry.metadata()?.len()
        };
    }
    Ok(bytes)
}
