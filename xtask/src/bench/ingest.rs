//! The server under load: a fresh one on an empty data folder, the load from a process of its own on the same machine, so
//! both share its cores.

use std::{
    fs,
    io::{BufRead as _, BufReader},
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
    let mut server = Server::start()?;
    let write_key = server.write_key()?;
    let generator = shell::target().join("release/xtask");
    let mut command = shell::command(generator);
    command.args([
        "load",
        load.name(),
        "--url",
        &server.url,
        "--write-key",
        &write_key,
    ]);
    shell::run(&mut command)?;
    server.report()
}

/// A folder with an empty database, which no server holds any more.
pub(super) fn empty_database() -> Result<PathBuf> {
    let server = Server::start()?;
    Ok(server.folder.clone())
}

/// The server as a child of this process; it ends with it.
struct Server {
    child: Child,
    url: String,
    folder: PathBuf,
}

impl Server {
    fn start() -> Result<Server> {
        let folder = shell::target().join("bench/server");
        if folder.exists() {
            fs::remove_dir_all(&folder).context("cannot empty the data folder")?;
        }
        fs::create_dir_all(&folder).context("cannot make the data folder")?;
        let mut command = shell::command(binary());
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(&folder);
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

    fn write_key(&self) -> Result<String> {
        let mut command = shell::command(binary());
        command
            .args(["key", "create", "--kind", "write", "--data"])
            .arg(&self.folder);
        let printed = shell::output(&mut command)?;
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
