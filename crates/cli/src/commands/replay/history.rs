//! The history that a replay and a comparison run over: which files, which time, and where what is said goes.

use std::io::Write as _;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use bellwether_core::domain::Timestamp;
use bellwether_core::engine::Engine;
use bellwether_core::hours::LocalDate;
use bellwether_replay::compare::Comparison;
use bellwether_replay::report::{
    Asked, Background, Dates, Depth, ReplayReport, Window, comparison, replay_report,
};
use bellwether_replay::{Effort, Rejects, ReplayError};

use super::source::{SourceArgs, SourceHistory, needed};
use crate::commands::score::{create, is_usage, own_file, refuse_overwriting, rejects_in_words};

/// What is replayed, and how it is shown.
#[derive(clap::Args)]
#[command(group = needed())]
pub(crate) struct HistoryArgs {
    #[command(flatten)]
    source: SourceArgs,
    /// What became of leads: a table with `lead`, `outcome` (won, lost, accepted, sql, rejected), and `at`, `amount`,
    /// `currency`, `reason` where they are known; `--map` names these, too.
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    outcomes: Option<PathBuf>,
    /// The first day that is looked at, in the agreement's time zone; who had qualified before is left out.
    #[arg(long, value_name = "DATE")]
    from: Option<LocalDate>,
    /// The last day that is looked at; what leads did later isn't known.
    #[arg(long, value_name = "DATE")]
    to: Option<LocalDate>,
    /// Count a lead whose fate isn't known as lost, instead of leaving it out of precision and lift.
    #[arg(long)]
    others_lost: bool,
    /// How many leads sales can work a week; the line that gives at most that is looked for.
    #[arg(long, value_name = "N")]
    capacity: Option<NonZeroU32>,
    /// How many salespeople there are [default: with --data, everybody who takes leads].
    #[arg(long, value_name = "N")]
    people: Option<NonZeroU32>,
    /// How it is written.
    #[arg(long, value_name = "FORM", value_enum, default_value_t)]
    format: Form,
    /// Where it goes instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Where bad rows are listed, as CSV.
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Stop at the first bad row.
    #[arg(long)]
    strict: bool,
    /// How many threads work [default: one a core].
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Form {
    /// Sentences and tables.
    #[default]
    Text,
    /// One JSON object.
    Json,
}

/// A history that was read, and what is asked of it.
pub(crate) struct ReadHistory {
    history: SourceHistory,
    asked: Asked,
    judged_at: Timestamp,
    threads: NonZeroUsize,
}

impl HistoryArgs {
    /// How the report is written.
    pub(crate) fn form(&self) -> Form {
        self.format
    }

    /// Reads the history, has it told of, and writes that. Days are those of the first agreement's time zone.
    pub(crate) fn run(
        &self,
        agreements: &[&PathBuf],
        engine: &Engine,
        tell: impl Fn(&ReadHistory) -> anyhow::Result<String>,
    ) -> anyhow::Result<ExitCode> {
        match self.run_checked(agreements, engine, tell) {
            Ok(()) => Ok(ExitCode::SUCCESS),
            Err(error) if error.downcast_ref::<ReplayError>().is_some_and(is_usage) => {
                eprintln!("error: {error:#}");
                Ok(ExitCode::from(2))
            }
            Err(error) => Err(error),
        }
    }

    fn run_checked(
        &self,
        agreements: &[&PathBuf],
        engine: &Engine,
        tell: impl Fn(&ReadHistory) -> anyhow::Result<String>,
    ) -> anyhow::Result<()> {
        let inputs = || {
            let agreements = agreements.iter().map(|path| path.as_path());
            agreements
                .chain(self.source.files())
                .chain(self.outcomes.as_deref())
        };
        for (flag, path) in [("--out", &self.out), ("--rejects", &self.rejects)] {
            if let Some(path) = path {
                refuse_overwriting(flag, path, inputs())?;
            }
        }
        let listing = self.rejects.as_deref().map(create).transpose()?;
        let mut rejects = Rejects::new(listing, self.strict)?;
        let read = self.read(engine, &mut rejects);
        rejects.finish()?;
        eprint!("{}", rejects_in_words(&rejects));
        let text = tell(&read?)?;
        match &self.out {
            Some(path) => write(path, &text),
            None => std::io::stdout()
                .lock()
                .write_all(text.as_bytes())
                .context("can't write to standard output"),
        }
    }

    fn read(&self, engine: &Engine, rejects: &mut Rejects) -> anyhow::Result<ReadHistory> {
        let window = Window::of_days(&Dates::of(engine.agreement()), self.from, self.to)
            .context("`--to` is before `--from`")?;
        // Everything is read, so that who came after the last day is known not to have been there.
        let mut effort = Effort::default();
        effort.threads = self.threads.unwrap_or(effort.threads);
        let history = self.source.read(self.outcomes.as_deref(), effort, rejects)?;
        Ok(ReadHistory {
            judged_at: window.judged_at(history.latest),
            asked: Asked {
                window,
                others_lost: self.others_lost,
                capacity: self.capacity,
                people: self.people.or(history.people),
                depth: Depth::Whole,
            },
            history,
            threads: effort.threads,
        })
    }
}

impl ReadHistory {
    fn background(&self) -> Background<'_> {
        Background::new(&self.history.chronicle, &self.history.outcomes, self.judged_at)
    }

    /// What one agreement would have done.
    pub(crate) fn report(&self, engine: &Engine) -> ReplayReport {
        let background = self.background();
        replay_report(&background, engine, &self.asked, self.threads)
    }

    /// What differs between two.
    pub(crate) fn comparison(&self, first: &Engine, second: &Engine) -> Comparison {
        let background = self.background();
        comparison(&background, first, second, &self.asked, self.threads)
    }
}

/// Reports may list leads, who are people: nobody else may read them.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let named = path.display();
    let mut file = own_file(path).with_context(|| format!("can't write `{named}`"))?;
    file.write_all(text.as_bytes())
        .with_context(|| format!("can't write `{named}`"))
}
