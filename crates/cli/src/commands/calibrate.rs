//! `bellwether calibrate`: points from outcomes, as a new agreement with its evidence, or a refusal with its reasons.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use bellwether_core::agreement::Agreement;
use bellwether_replay::calibrate::{CalibrateOptions, Calibration, CalibrationReport, calibrate, html};
use bellwether_replay::{Effort, Rejects, ReplayError};

use super::check::print;
use super::replay::{SourceArgs, needed};
use super::score::{create, is_usage, read_engine, refuse_overwriting, rejects_in_words};

/// What the command ends with where it refuses.
const REFUSED: u8 = 3;

/// Arguments of `bellwether calibrate`.
#[derive(clap::Args)]
#[command(group = needed())]
pub(crate) struct CalibrateArgs {
    /// The agreement to find points for.
    agreement: PathBuf,
    #[command(flatten)]
    source: SourceArgs,
    /// What became of the leads: columns `lead` and `outcome` (won or lost), and `at` and `amount` where known.
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "data",
        conflicts_with = "data"
    )]
    outcomes: Option<PathBuf>,
    /// Look for rules that nobody wrote: bands of numbers, frequent values, what was done how lately.
    #[arg(long)]
    discover: bool,
    /// The most points, either way, that a rule may give.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    points_max: u32,
    /// Count a lead without an outcome as lost, instead of leaving it out.
    #[arg(long)]
    others_lost: bool,
    /// What chance is drawn by: the same seed gives the same result.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Where the new agreement goes; without it only what would change is shown.
    #[arg(long, value_name = "NEW.toml")]
    out: Option<PathBuf>,
    /// Where the report goes: a .html or .json file.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Where bad rows are listed, as CSV.
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

/// Runs the command: 0 when it is done, 1 where the work failed, 2 where the arguments can't be meant, 3 where points were
/// refused.
pub(crate) fn run(args: &CalibrateArgs) -> anyhow::Result<ExitCode> {
    if let Some(report) = &args.report
        && !is_html(report)
        && !has_extension(report, "json")
    {
        eprintln!(
            "error: `--report {}` must end in .html or .json",
            report.display()
        );
        return Ok(ExitCode::from(2));
    }
    let Some(engine) = read_engine(&args.agreement)? else {
        return Ok(ExitCode::from(1));
    };
    match calibrated(args, engine.agreement()) {
        Ok(found) => {
            let refused = !found.report.refusals.is_empty();
            Ok(ExitCode::from(if refused { REFUSED } else { 0 }))
        }
        Err(error) => {
            let usage = error.downcast_ref::<ReplayError>().is_some_and(is_usage);
            eprintln!("error: {error:#}");
            Ok(ExitCode::from(if usage { 2 } else { 1 }))
        }
    }
}

fn calibrated(args: &CalibrateArgs, agreement: &Agreement) -> anyhow::Result<Calibration> {
    let files = [Some(&args.agreement), args.outcomes.as_ref()]
        .into_iter()
        .flatten();
    let files: Vec<&Path> = files.map(PathBuf::as_path).chain(args.source.files()).collect();
    for (flag, path) in [
        ("--out", &args.out),
        ("--report", &args.report),
        ("--rejects", &args.rejects),
    ] {
        if let Some(path) = path {
            refuse_overwriting(flag, path, files.iter().copied())?;
        }
    }
    let listing = args.rejects.as_deref().map(create).transpose()?;
    let mut rejects = Rejects::new(listing, false)?;
    let history = args
        .source
        .read(args.outcomes.as_deref(), Effort::default(), &mut rejects)?;
    rejects.finish()?;
    eprint!("{}", rejects_in_words(&rejects));
    let named = args.agreement.display();
    let source = std::fs::read_to_string(&args.agreement).with_context(|| format!("can't read `{named}`"))?;
    let options = CalibrateOptions {
        points_max: args.points_max,
        discover: args.discover,
        others_lost: args.others_lost,
        as_of: args.source.as_of(),
        seed: args.seed,
    };
    let found = calibrate(
        &source,
        agreement,
        &*history.chronicle,
        &history.outcomes,
        &options,
    )?;
    deliver(args, &found)?;
    Ok(found)
}

/// Writes the report, and the agreement where there is one.
fn deliver(args: &CalibrateArgs, found: &Calibration) -> anyhow::Result<()> {
    print(&found.report.to_text())?;
    if let Some(path) = &args.report {
        write(path, &rendered(path, &found.report)?)?;
    }
    match (&args.out, &found.agreement) {
        (Some(path), Some(text)) => {
            write(path, text)?;
            eprintln!("wrote {}", path.display());
        }
        (Some(path), None) => eprintln!("{} is not written", path.display()),
        (None, _) => {}
    }
    Ok(())
}

fn rendered(path: &Path, report: &CalibrationReport) -> anyhow::Result<String> {
    if is_html(path) {
        return Ok(html(report));
    }
    let mut json = serde_json::to_string_pretty(report)?;
    json.push('\n');
    Ok(json)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("can't write `{}`", path.display()))
}

fn is_html(path: &Path) -> bool {
    has_extension(path, "html")
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension()
        .is_some_and(|found| found.eq_ignore_ascii_case(extension))
}
