//! The real product on a database of its own, with the simulation's clock and random bytes, and what a power cut leaves of
//! it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};
use bellwether_app::{App, Options};
use bellwether_core::domain::Timestamp;
use rusqlite::{Connection, OpenFlags};
use tokio::runtime::Runtime;

use crate::ambient::{SimClock, SimEntropy};

const AGREEMENT: &str = include_str!("../agreement.toml");
/// The database's files: the second holds what was committed and isn't in the first yet.
const FILES: [&str; 2] = ["bellwether.db", "bellwether.db-wal"];

/// The product, and a connection that looks over its shoulder.
pub(crate) struct World {
    runtime: Runtime,
    root: PathBuf,
    generation: u32,
    clock: Arc<SimClock>,
    entropy: Arc<SimEntropy>,
    commits_fail: Arc<AtomicBool>,
    app: App,
    /// Reads what is committed; the simulation's own way to it, beside the product's.
    pub(crate) reader: Connection,
}

impl World {
    /// Opens the product on an empty folder.
    pub(crate) fn open(root: &Path, seed: u64, start: Timestamp) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .context("the runtime can't be started")?;
        let clock = Arc::new(SimClock::new(start));
        let entropy = Arc::new(SimEntropy::new(seed));
        let commits_fail = Arc::new(AtomicBool::new(false));
        let folder = root.join("0");
        let app = open_app(&folder, &clock, &entropy, &commits_fail)?;
        let reader = open_reader(&folder)?;
        Ok(Self {
            runtime,
            root: root.to_owned(),
            generation: 0,
            clock,
            entropy,
            commits_fail,
            app,
            reader,
        })
    }

    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    /// Waits for what the product is asked to do.
    pub(crate) fn wait<T>(&self, asked: impl Future<Output = T>) -> T {
        self.runtime.block_on(asked)
    }

    pub(crate) fn set_time(&self, at: Timestamp) {
        self.clock.set(at);
    }

    /// Whether commits fail from now on.
    pub(crate) fn fail_commits(&self, fail: bool) {
        self.commits_fail.store(fail, Ordering::SeqCst);
    }

    /// Cuts the power: the files as they are on disk are all that is left, and the product starts on them. What it had in
    /// memory goes with the files that it still holds open, which are thrown away.
    pub(crate) fn cut_power(&mut self) -> Result<()> {
        let before = self.root.join(self.generation.to_string());
        self.generation += 1;
        let after = self.root.join(self.generation.to_string());
        std::fs::create_dir_all(&after).context("no folder for what the power cut left")?;
        // The log last: whatever of it is in the database's file by then is in the copied log as well.
        for name in FILES {
            let from = before.join(name);
            if from.exists() {
                std::fs::copy(&from, after.join(name)).context("the database's files can't be copied")?;
            }
        }
        self.fail_commits(false);
        self.app = open_app(&after, &self.clock, &self.entropy, &self.commits_fail)?;
        self.reader = open_reader(&after)?;
        std::fs::remove_dir_all(&before).context("the old files can't be removed")
    }
}

fn open_app(
    folder: &Path,
    clock: &Arc<SimClock>,
    entropy: &Arc<SimEntropy>,
    commits_fail: &Arc<AtomicBool>,
) -> Result<App> {
    let mut options = Options::new(folder.to_owned(), AGREEMENT.to_owned());
    options.clock = Arc::<SimClock>::clone(clock);
    options.entropy = Arc::<SimEntropy>::clone(entropy);
    // Timers fire and messages go when the simulation says so.
    options.deliver = false;
    let fail = Arc::clone(commits_fail);
    options.commit_fault = Some(Arc::new(move || fail.load(Ordering::SeqCst)));
    App::open(options).context("the product doesn't start")
}

fn open_reader(folder: &Path) -> Result<Connection> {
    const STATEMENTS_MAX: usize = 64;
    let path = folder.join("bellwether.db");
    let reader = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    reader.pragma_update(None, "query_only", true)?;
    reader.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(reader)
}
