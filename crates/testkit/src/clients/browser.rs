//! Debian's Chromium, without a window, behind its driver, which speaks the `WebDriver` protocol.

use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
};

use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::{http::Http, programs::found};

/// A running driver, ended with its browser when this is dropped.
pub struct Browser {
    driver: Child,
    url: String,
    chromium: PathBuf,
    profile: TempDir,
}

/// As root there is no sandbox to have, and without a network every background request would be an error.
const FLAGS: [&str; 9] = [
    "--headless",
    "--window-size=1280,900",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// A browser without a window says so in its name, by which it would be taken for the program that it is.
const USER_AGENT: &str = "--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
                          Chrome/142.0.0.0 Safari/537.36";

impl Browser {
    /// Starts the driver, if it and the browser are installed.
    ///
    /// # Panics
    /// When the driver ends before it listens.
    pub fn start() -> Option<Browser> {
        let chromium = found("chromium")?;
        let mut driver = Command::new(found("chromedriver")?)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the driver can be started");
        let stdout = driver.stdout.take().expect("standard output is piped");
        let profile = tempfile::tempdir().expect("a temporary folder can be made");
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let port = lines.find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        let port = port.expect("the driver says on which port it listens");
        thread::spawn(move || lines.for_each(drop));
        Some(Browser {
            driver,
            url: format!("http://127.0.0.1:{port}"),
            chromium,
            profile,
        })
    }

    /// Where the driver listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What a session must ask the driver for.
    pub fn capabilities(&self) -> Map<String, Value> {
        let mut arguments: Vec<String> = FLAGS.map(str::to_owned).into();
        arguments.push(USER_AGENT.to_owned());
        arguments.push(format!("--user-data-dir={}", self.profile.path().display()));
        let options = json!({ "binary": self.chromium, "args": arguments });
        Map::from_iter([
            ("browserName".to_owned(), "chrome".into()),
            ("goog:chromeOptions".to_owned(), options),
        ])
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Asked like this, the driver ends its browsers before itself. It may have ended already.
        let _ = Http::new(&self.url).try_send("GET", "/shutdown", &[], &[]);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
