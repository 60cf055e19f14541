//! `bellwether score`: files in, decisions out.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, IsTerminal as _, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use bellwether_core::agreement::Agreement;
use bellwether_core::domain::Timestamp;
use bellwether_core::engine::Engine;
use bellwether_replay::{
    ColumnMap, Effort, Format, Input, Reason, Rejects, ReplayError, Run, Source, score, write, write_file,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Arguments of `bellwether score`.
#[derive(clap::Args)]
pub(crate) struct ScoreArgs {
    /// The agreement to score by.
    agreement: PathBuf,
    #[command(flatten)]
    input: InputArgs,
    /// Where the scores go: a .csv, .jsonl or .parquet file; CSV to standard output without it.
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

/// The files that leads and their events are read from.
#[derive(clap::Args)]
#[group(skip)]
#[command(group = clap::ArgGroup::new("files").required(true).multiple(true).args(["leads", "events"]))]
pub(crate) struct InputArgs {
    #[command(flatten)]
    files: FileArgs,
}

/// The same where there need be none.
#[derive(clap::Args)]
#[group(skip)]
pub(crate) struct FileArgs {
    /// The leads with their traits: .csv, .jsonl or .parquet; the first two also with .gz.
    #[arg(long, value_name = "FILE")]
    leads: Option<PathBuf>,
    /// What they did: a table, or Segment's calls as JSON lines.
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// The instant after which nothing is known [default: that of the latest event].
    #[arg(long, value_name = "TIME")]
    as_of: Option<Timestamp>,
    /// Which columns hold what, where their names don't say: `lead=COL,ts=COL,event=COL` (also `path`, `created_at`).
    #[arg(long, value_name = "KEY=COLUMN,…")]
    map: Option<ColumnMap>,
}

impl InputArgs {
    /// The files that the arguments name.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.files()
    }

    /// The input that the arguments name.
    pub(crate) fn input(&self) -> Result<Input, ReplayError> {
        self.files.input()
    }
}

impl FileArgs {
    /// The files that the arguments name.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        [&self.leads, &self.events]
            .into_iter()
            .flatten()
            .map(PathBuf::as_path)
    }

    /// Whether anything is said of how files are to be read.
    pub(crate) fn says_how_to_read(&self) -> bool {
        self.as_of.is_some() || self.map.is_some()
    }

    /// The instant that is asked for.
    pub(crate) fn as_of(&self) -> Option<Timestamp> {
        self.as_of
    }

    /// The input that the arguments name.
    pub(crate) fn input(&self) -> Result<Input, ReplayError> {
        let source = |path: &Option<PathBuf>| path.as_deref().map(Source::new).transpose();
        Ok(Input {
            leads: source(&self.leads)?,
            events: source(&self.events)?,
            columns: self.map.clone().unwrap_or_default(),
            as_of: self.as_of,
        })
    }
}

/// Runs the command: 0 when it is done, 1 where the work failed, 2 where the arguments can't be meant.
pub(crate) fn run(args: &ScoreArgs) -> anyhow::Result<ExitCode> {
    let Some(engine) = read_engine(&args.agreement)? else {
        return Ok(ExitCode::from(1));
    };
    match run_checked(args, &engine) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => {
            let usage = error.downcast_ref::<ReplayError>().is_some_and(is_usage);
            eprintln!("error: {error:#}");
            Ok(ExitCode::from(if usage { 2 } else { 1 }))
        }
    }
}

/// The agreement of a file, ready to run; `None` where it can't be used, which was said.
pub(crate) fn read_engine(path: &Path) -> anyhow::Result<Option<Engine>> {
    let named = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("can't read `{named}`"))?;
    match Agreement::parse(&text) {
        Ok(agreement) => Ok(Some(Engine::new(Arc::new(agreement)))),
        Err(problems) => {
            for problem in &problems {
                eprintln!("{named}:{}:{}: {}", problem.line, problem.column, problem.message);
            }
            eprintln!("error: `{named}` can't be used; `bellwether check {named}` shows what would be right");
            Ok(None)
        }
    }
}

/// Whether a failure is one of the arguments rather than of the work.
pub(crate) fn is_usage(error: &ReplayError) -> bool {
    matches!(
        error,
        ReplayError::UnknownFormat { .. } | ReplayError::UnknownColumn { .. }
    )
}

fn run_checked(args: &ScoreArgs, engine: &Engine) -> anyhow::Result<()> {
    let input = args.input.input()?;
    if let Some(out) = args.out.as_deref() {
        if !matches!(Format::of(out), Some((_, false))) {
            return Err(ReplayError::UnknownFormat {
                file: out.display().to_string(),
            }
            .into());
        }
        refuse_overwriting("--out", out, inputs(args))?;
    }
    if let Some(rejects) = args.rejects.as_deref() {
        refuse_overwriting("--rejects", rejects, inputs(args))?;
    }
    let mut effort = Effort::default();
    effort.threads = args.threads.unwrap_or(effort.threads);
    let listing = args.rejects.as_deref().map(create).transpose()?;
    let mut rejects = Rejects::new(listing, args.strict)?;
    let bar = progress_bar(&input);
    let run = score(engine, &input, effort, &mut rejects, &|bytes| bar.inc(bytes));
    bar.finish_and_clear();
    rejects.finish()?;
    let run = run.inspect_err(|_| eprint!("{}", rejects_in_words(&rejects)))?;
    if let Some(out) = args.out.as_deref() {
        write_file(out, &run.scored, engine, effort)?;
    } else {
        let mut stdout = BufWriter::new(std::io::stdout());
        write(&mut stdout, Format::Csv, &run.scored, engine, effort)?;
    }
    eprint!("{}{}", run_in_words(&run), rejects_in_words(&rejects));
    Ok(())
}

fn inputs(args: &ScoreArgs) -> impl Iterator<Item = &Path> {
    std::iter::once(args.agreement.as_path()).chain(args.input.files())
}

/// Results or rejects in place of what they were made from can't be meant.
pub(crate) fn refuse_overwriting<'p>(
    flag: &str,
    path: &Path,
    inputs: impl IntoIterator<Item = &'p Path>,
) -> anyhow::Result<()> {
    let Ok(target) = path.canonicalize() else {
        return Ok(());
    };
    for input in inputs {
        if input.canonicalize().is_ok_and(|input| input == target) {
            anyhow::bail!("`{flag} {}` is an input, too; name another file", path.display());
        }
    }
    Ok(())
}

/// A file for rows as they were, which are people's: nobody else may read it.
pub(crate) fn own_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A list of rejects.
pub(crate) fn create(path: &Path) -> anyhow::Result<Box<dyn Write + Send>> {
    let file = own_file(path).with_context(|| format!("can't write `{}`", path.display()))?;
    Ok(Box::new(BufWriter::new(file)))
}

/// A bar on a terminal, and nothing elsewhere.
pub(crate) fn progress_bar(input: &Input) -> ProgressBar {
    let files = [&input.leads, &input.events].into_iter().flatten();
    bar_of(files.map(Source::bytes).sum())
}

/// The same for so many bytes.
pub(crate) fn bar_of(bytes: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {eta}");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn run_in_words(run: &Run) -> String {
    let mut text = format!(
        "scored {} leads as of {}: {} qualified, {} events\n",
        run.scored.len(),
        run.t,
        run.scored.qualified(),
        run.counts.events
    );
    for (count, what) in [
        (run.counts.trait_writes, "writes of traits"),
        (run.counts.after_as_of, "facts later than that, which don't count"),
        (
            run.counts.duplicate_messages,
            "copies of messages, which count once",
        ),
        (
            run.counts.groups_ignored,
            "group calls, which say nothing of a lead",
        ),
    ] {
        if count > 0 {
            // Writing to a string can't fail.
            let _ = writeln!(text, "  {count} {what}");
        }
    }
    for (rule, count) in run.counts.held.by_rule() {
        let _ = writeln!(text, "  {count} events held apart by `{}`", rule.as_str());
    }
    text
}

/// How many rows were left out or taken with a doubt, by reason; empty where there were none.
pub(crate) fn rejects_in_words(rejects: &Rejects) -> String {
    let mut text = String::new();
    let mut list = |title: String, warning: bool| {
        let mut found = rejects
            .counts()
            .iter()
            .filter(|(reason, _)| reason.is_warning() == warning)
            .peekable();
        if found.peek().is_some() {
            let reasons: Vec<String> = found
                .map(|(reason, count): (&Reason, &u64)| format!("{count} {reason}"))
                .collect();
            let _ = writeln!(text, "{title}{}", reasons.join(", "));
        }
    };
    list(format!("left out {} rows: ", rejects.rows()), false);
    list("taken with a doubt: ".to_owned(), true);
    text
}
