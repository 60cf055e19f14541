//! `bellwether profile`: rows in, the same rows out with what is derived from them.

use std::io::BufWriter;
use std::path::PathBuf;
use std::process::ExitCode;

use bellwether_replay::import::{Encoding, Table};
use bellwether_replay::profiled::{Inputs, profile, profile_file};
use bellwether_replay::{Format, Rejects, ReplayError, Source};

use super::score::{bar_of, create, is_usage, refuse_overwriting, rejects_in_words};

/// Arguments of `bellwether profile`.
#[derive(clap::Args)]
pub(crate) struct ProfileArgs {
    /// The rows: a .csv, .jsonl or .parquet file; the first two also with .gz.
    file: PathBuf,
    /// Where the rows go: a .csv, .jsonl or .parquet file; CSV to standard output without it.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Which columns hold what, where their headers don't say: `title=COL,email=COL` (also `website`, `country`, `employees`,
    /// `referrer`, `url`, `utm_source`, `utm_medium`, `utm_campaign`, `gclid`, `fbclid`).
    #[arg(long, value_name = "FIELD=COLUMN,…")]
    map: Option<Inputs>,
    /// How the text is encoded: `utf-8` or `latin-1` [default: as its bytes show].
    #[arg(long, value_name = "NAME")]
    encoding: Option<Encoding>,
    /// Where bad rows are listed, as CSV.
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Stop at the first bad row.
    #[arg(long)]
    strict: bool,
}

/// Runs the command: 0 when it is done, 1 where the work failed, 2 where the arguments can't be meant.
pub(crate) fn run(args: &ProfileArgs) -> anyhow::Result<ExitCode> {
    match run_checked(args) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) if error.downcast_ref::<ReplayError>().is_some_and(is_usage) => {
            eprintln!("error: {error:#}");
            Ok(ExitCode::from(2))
        }
        Err(error) => Err(error),
    }
}

fn run_checked(args: &ProfileArgs) -> anyhow::Result<()> {
    let source = Source::new(&args.file)?;
    if let Some(out) = args.out.as_deref() {
        if !matches!(Format::of(out), Some((_, false))) {
            let file = out.display().to_string();
            return Err(ReplayError::UnknownFormat { file }.into());
        }
        refuse_overwriting("--out", out, [args.file.as_path()])?;
    }
    if let Some(rejects) = args.rejects.as_deref() {
        refuse_overwriting("--rejects", rejects, [args.file.as_path()])?;
    }
    let table = Table::open(&source, args.encoding)?;
    let named = args.map.clone().unwrap_or_default();
    eprintln!("{}", named.in_words(&table)?);
    let listing = args.rejects.as_deref().map(create).transpose()?;
    let mut rejects = Rejects::new(listing, args.strict)?;
    let bar = bar_of(table.bytes());
    let progress = |bytes| bar.inc(bytes);
    let done = if let Some(out) = args.out.as_deref() {
        profile_file(out, &table, &named, &mut rejects, &progress)
    } else {
        let mut stdout = BufWriter::new(std::io::stdout());
        profile(&mut stdout, Format::Csv, &table, &named, &mut rejects, &progress)
    };
    bar.finish_and_clear();
    rejects.finish()?;
    let rows = done.inspect_err(|_| eprint!("{}", rejects_in_words(&rejects)))?;
    eprint!("profiled {rows} rows\n{}", rejects_in_words(&rejects));
    Ok(())
}
