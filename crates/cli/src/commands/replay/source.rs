//! Where a history comes from: files, or the database of a data directory.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bellwether_app::stored_history;
use bellwether_core::domain::Timestamp;
use bellwether_replay::outcomes::Outcomes;
use bellwether_replay::{Chronicle, Effort, Rejects, Source};
use bellwether_store::Readers;
use clap::ArgGroup;

use crate::commands::score::{FileArgs, bar_of};
use crate::console::Folder;

/// The history that is read.
#[derive(clap::Args)]
#[group(skip)]
pub(crate) struct SourceArgs {
    #[command(flatten)]
    files: FileArgs,
    /// The data directory whose history is read, with what became of its leads, instead of files.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["leads", "events", "map"])]
    data: Option<PathBuf>,
}

/// Says that a command can't do without a history.
pub(crate) fn needed() -> ArgGroup {
    let history = ArgGroup::new("history").required(true).multiple(true);
    history.args(["leads", "events", "data"])
}

/// A history that was read.
pub(crate) struct SourceHistory {
    pub(crate) chronicle: Arc<Chronicle>,
    pub(crate) outcomes: Arc<Outcomes>,
    /// How many people take leads, where the history knows.
    pub(crate) people: Option<NonZeroU32>,
    /// The instant to judge at, where nothing else is asked for.
    pub(crate) latest: Timestamp,
}

impl SourceArgs {
    /// The files that the arguments name.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.files()
    }

    /// Whether there is a history to read.
    pub(crate) fn is_given(&self) -> bool {
        self.data.is_some() || self.files().next().is_some()
    }

    /// Whether anything is said of how a history is to be read.
    pub(crate) fn says_how_to_read(&self) -> bool {
        self.files.says_how_to_read()
    }

    /// The instant that is asked for.
    pub(crate) fn as_of(&self) -> Option<Timestamp> {
        self.files.as_of()
    }

    /// Reads the history. Outcomes are those of a file, or the database's.
    pub(crate) fn read(
        &self,
        outcomes: Option<&Path>,
        effort: Effort,
        rejects: &mut Rejects,
    ) -> anyhow::Result<SourceHistory> {
        match &self.data {
            Some(directory) => self.read_database(directory),
            None => self.read_files(outcomes, effort, rejects),
        }
    }

    fn read_database(&self, directory: &Path) -> anyhow::Result<SourceHistory> {
        let folder = Folder::existing(directory)?;
        let history = stored_history(folder.path(), &Readers::new(folder.path()))?;
        eprintln!(
            "the history of `{}` has {} leads with {} events ({})",
            directory.display(),
            history.chronicle.leads(),
            history.chronicle.events(),
            history.reading
        );
        if self.as_of().is_some() {
            eprintln!("  who is who, and what was released, is as the database has it now");
        }
        if let Some(why) = &history.not_kept {
            eprintln!("  it couldn't be kept, and will be read again the next time: {why}");
        }
        Ok(SourceHistory {
            latest: self.as_of().unwrap_or_else(|| history.chronicle.latest()),
            people: NonZeroU32::new(history.salespeople),
            outcomes: history.outcomes,
            chronicle: history.chronicle,
        })
    }

    fn read_files(
        &self,
        outcomes: Option<&Path>,
        effort: Effort,
        rejects: &mut Rejects,
    ) -> anyhow::Result<SourceHistory> {
        let input = self.files.input()?;
        let outcomes = outcomes.map(Source::new).transpose()?;
        let files = [&input.leads, &input.events, &outcomes];
        let bar = bar_of(files.into_iter().flatten().map(Source::bytes).sum());
        let progress = |bytes| bar.inc(bytes);
        let outcomes = match &outcomes {
            Some(source) => Outcomes::read(source, &input.columns, rejects, &progress)?,
            None => Outcomes::default(),
        };
        let chronicle = Chronicle::read(&input, effort, rejects, &progress)?;
        bar.finish_and_clear();
        Ok(SourceHistory {
            latest: input.as_of.unwrap_or_else(|| chronicle.latest()),
            chronicle: Arc::new(chronicle),
            outcomes: Arc::new(outcomes),
            people: None,
        })
    }
}
