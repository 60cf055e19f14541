//! `bellwether import`: another system's export is looked at, what becomes of its columns is shown, and its rows are taken.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufWriter, IsTerminal as _, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, bail};
use bellwether_app::{DryRun, ImportId};
use bellwether_core::domain::{Stage, TraitSource};
use bellwether_core::records::{RecordKind, RowCounts};
use bellwether_replay::Source;
use bellwether_replay::import::dates::DateForm;
use bellwether_replay::import::{
    Encoding, ImportOptions, MISSING, Plan, PlannedColumn, RejectsFile, RunError, Survey, Table,
    run as run_import, survey,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::score::{own_file, refuse_overwriting};
use crate::console::{DataArgs, Session, Taking, harmless};

/// How many columns are shown before anything is written; the others are counted.
const COLUMNS_SHOWN_MAX: usize = 200;
/// After how many rows how far an import is is kept.
const ROWS_BETWEEN_NOTES: u64 = 50_000;

/// Arguments of `bellwether import`.
#[derive(clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct ImportArgs {
    /// What the rows are: `leads`, `events`, `accounts` or `outcomes`.
    kind: RecordKind,
    /// The file: .csv, .jsonl or .parquet; the first two also with .gz.
    file: PathBuf,
    #[command(flatten)]
    data: DataArgs,
    /// Which column holds what, where its header doesn't say: `email=Mail`, `seats=Number of seats`; repeatable.
    #[arg(long, value_name = "FIELD=COLUMN")]
    map: Vec<String>,
    /// Leave out the columns that nothing is known of, instead of keeping them under their own names.
    #[arg(long)]
    only_mapped: bool,
    /// The system that the file's own ids come from, such as `crm` [default: import].
    #[arg(long, value_name = "KIND")]
    id_kind: Option<String>,
    /// How dates are written, where the file doesn't show it: iso, dmy, mdy, epoch-s or epoch-ms.
    #[arg(long, value_name = "FORM")]
    dates: Option<DateForm>,
    /// The zone of times that name none [default: UTC].
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// The encoding of the text, where its bytes don't show it: utf-8 or latin-1.
    #[arg(long, value_name = "ENCODING")]
    encoding: Option<Encoding>,
    /// The stage of all leads that name none, such as `mql`; sales isn't told of leads that come so far.
    #[arg(long, value_name = "STAGE", value_parser = stage_named)]
    stage: Option<Stage>,
    /// What a word of the file for a stage or an outcome stands for: `Working=sal`; repeatable.
    #[arg(long, value_name = "WORD=MEANING")]
    word: Vec<String>,
    /// Who says the traits: stated, crm or enrichment.
    #[arg(long = "as", value_name = "SOURCE", default_value = "crm", value_parser = source_named)]
    speaker: TraitSource,
    /// Hand leads off to sales that reach the line by what is imported.
    #[arg(long)]
    hand_off: bool,
    /// Show what would become of the rows, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Go on without asking.
    #[arg(long)]
    yes: bool,
    /// Where rows that are left out are listed [default: FILE.rejects.csv, only when there are any].
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

fn stage_named(name: &str) -> Result<Stage, String> {
    let known = name
        .parse::<Stage>()
        .ok()
        .filter(|stage| *stage != Stage::Visitor);
    known.ok_or_else(|| {
        let names: Vec<&str> = Stage::ALL.iter().skip(1).map(|stage| stage.as_str()).collect();
        format!("`{name}` is no stage of a lead; use one of {}", names.join(", "))
    })
}

fn source_named(name: &str) -> Result<TraitSource, String> {
    let known = TraitSource::named(name).filter(|source| *source != TraitSource::Derived);
    known.ok_or_else(|| format!("`{name}` says no traits; use stated, crm or enrichment"))
}

impl ImportArgs {
    fn options(&self) -> anyhow::Result<ImportOptions> {
        let pairs = |texts: &[String], like: &str| -> anyhow::Result<Vec<(String, String)>> {
            texts
                .iter()
                .map(|text| {
                    let pair = text
                        .split_once('=')
                        .filter(|(a, b)| !a.trim().is_empty() && !b.trim().is_empty());
                    let (a, b) =
                        pair.with_context(|| format!("`{text}` is no pair; write it like `{like}`"))?;
                    Ok((a.trim().to_owned(), b.trim().to_owned()))
                })
                .collect()
        };
        Ok(ImportOptions {
            maps: pairs(&self.map, "email=Mail address")?,
            id_kind: self.id_kind.clone(),
            only_mapped: self.only_mapped,
            dates: self.dates,
            timezone: self.timezone.clone(),
            stage: self.stage,
            words: pairs(&self.word, "Working=sal")?,
            encoding: self.encoding,
        })
    }

    fn rejects_path(&self) -> PathBuf {
        self.rejects.clone().unwrap_or_else(|| {
            let mut name = self.file.clone().into_os_string();
            name.push(".rejects.csv");
            PathBuf::from(name)
        })
    }
}

/// Runs the command: 0 when every row was taken or there before, 1 where some were left out or the work failed, 2 where
/// the arguments can't be meant.
pub(crate) fn run(args: &ImportArgs) -> anyhow::Result<ExitCode> {
    let usage = |error: anyhow::Error| {
        eprintln!("error: {error:#}");
        ExitCode::from(2)
    };
    let source = match Source::new(&args.file) {
        Ok(source) => source,
        Err(error) => return Ok(usage(error.into())),
    };
    let options = match args.options() {
        Ok(options) => options,
        Err(error) => return Ok(usage(error)),
    };
    if let Err(error) = refuse_overwriting("--rejects", &args.rejects_path(), [args.file.as_path()]) {
        return Ok(usage(error));
    }
    let table = Table::open(&source, options.encoding)?;
    let bar = progress_bar(table.bytes());
    let looked = survey(&table, &|bytes| bar.inc(bytes));
    bar.finish_and_clear();
    let looked = looked?;
    let plan = match Plan::new(args.kind, &looked, &options) {
        Ok(plan) => plan,
        Err(error) => return Ok(usage(error.into())),
    };
    eprint!("{}", shown(&table, &looked, &plan));
    let session = Session::open(&args.data.data)?;
    let dry_run = args.dry_run || !agreed(args)?;
    let (counts, would_qualify) = take(args, &table, &plan, &session, looked.rows, dry_run)?;
    println!("{}", in_words(&counts, args, dry_run, would_qualify));
    Ok(if counts.rejects() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

/// Whether the rows are to be taken. Without a terminal and without `--yes` it is a dry run.
fn agreed(args: &ImportArgs) -> anyhow::Result<bool> {
    if args.dry_run || args.yes {
        return Ok(args.yes);
    }
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        eprintln!("Nobody can be asked here, so this is a dry run; `--yes` takes the rows.\n");
        return Ok(false);
    }
    eprint!("Take the rows so? [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if matches!(
        answer.trim().to_lowercase().as_str(),
        "y" | "yes" | "j" | "ja" | "o" | "oui"
    ) {
        return Ok(true);
    }
    bail!("nothing was written; name columns with --map and try again");
}

/// Takes the rows, or looks at what would become of them.
fn take(
    args: &ImportArgs,
    table: &Table<'_>,
    plan: &Plan,
    session: &Session,
    rows: u64,
    dry_run: bool,
) -> anyhow::Result<(RowCounts, Option<u64>)> {
    let name = args
        .file
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let (id, started_at) = session.begin(args.kind, &name, dry_run)?;
    let taking = Taking {
        speaker: args.speaker,
        hand_off: args.hand_off,
        started_at,
    };
    let path = args.rejects_path();
    let mut rejects = RejectsFile::new(table, || Ok(Box::new(BufWriter::new(own_file(&path)?))));
    let bar = progress_bar(rows);
    bar.set_style(style("{bar:40} {human_pos}/{human_len} rows {eta}"));
    let mut would = DryRun::default();
    let began = Instant::now();
    let mut last = RowCounts::default();
    let mut noted = 0;
    let outcome = run_import(
        table,
        plan,
        &mut rejects,
        &|_| (),
        &mut |records| {
            if !dry_run {
                return session.import(records, taking);
            }
            let (records, checked) = session.check(records)?;
            Ok(records
                .iter()
                .zip(checked)
                .map(|(record, checked)| would.outcome(record, checked))
                .collect())
        },
        &mut |counts: &RowCounts| {
            bar.set_position(counts.rows);
            last = counts.clone();
            if counts.rows >= noted + ROWS_BETWEEN_NOTES {
                noted = counts.rows;
                // What can't be kept now is kept with the next note.
                let _ = session.note(id, counts, Vec::new(), None);
            }
        },
    );
    bar.finish_and_clear();
    let listed = rejects.is_open();
    let kept = rejects
        .take_kept()
        .into_iter()
        .map(|reject| (reject.line, reject.reason, reject.row))
        .collect();
    let (counts, would_qualify) = ended(session, id, outcome, &last, kept)?;
    eprintln!("{} rows in {:.1} s", counts.rows, began.elapsed().as_secs_f64());
    if listed {
        eprintln!("rows that were left out are in `{}`", path.display());
    }
    Ok((counts, would_qualify))
}

/// Keeps how an import ended; `last` is how far it came.
fn ended(
    session: &Session,
    id: ImportId,
    outcome: Result<RowCounts, RunError<anyhow::Error>>,
    last: &RowCounts,
    kept: Vec<(u64, String, Vec<String>)>,
) -> anyhow::Result<(RowCounts, Option<u64>)> {
    match outcome {
        Ok(counts) => {
            let would_qualify = session.note(id, &counts, kept, Some(Ok(())))?;
            Ok((counts, would_qualify))
        }
        Err(error) => {
            let error = match error {
                RunError::File(error) => anyhow::Error::from(error),
                RunError::Sink(error) => error,
            };
            // The first failure is what there is to tell.
            let _ = session.note(id, last, kept, Some(Err(format!("{error:#}"))));
            Err(error.context(format!(
                "the import stopped after {} rows; what was taken stays, and importing the file again goes on from there",
                last.rows
            )))
        }
    }
}

/// A bar on a terminal, and nothing elsewhere.
fn progress_bar(length: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
    bar.with_style(style("{bar:40} {bytes}/{total_bytes} {eta}"))
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// What was found in the file, and what becomes of it.
fn shown(table: &Table<'_>, looked: &Survey, plan: &Plan) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    let _ = write!(text, "{}: {} rows of {}", table.name(), looked.rows, plan.kind());
    if let Some(separator) = table.separator() {
        let name = match separator {
            '\t' => "tabs".to_owned(),
            other => format!("`{other}`"),
        };
        let _ = write!(text, ", separated by {name}");
    }
    if table.encoding() == Encoding::Latin1 {
        text.push_str(", not UTF-8 and so read as Latin-1 (Windows-1252)");
    }
    text.push_str("\n\n");
    let rows: Vec<[String; 5]> = plan.columns().iter().take(COLUMNS_SHOWN_MAX).map(line).collect();
    let heading = ["column", "becomes", "why", "values", "first values"].map(str::to_owned);
    text.push_str(&aligned(&heading, &rows));
    if let more @ 1.. = plan.columns().len().saturating_sub(COLUMNS_SHOWN_MAX) {
        let _ = writeln!(text, "… and {more} more columns");
    }
    let _ = writeln!(
        text,
        "\nIds of this file are of the kind `{}` (--id-kind).",
        plan.id_kind()
    );
    let _ = writeln!(
        text,
        "Times that name no zone are in {} (--timezone).",
        plan.timezone()
    );
    let words: Vec<&str> = MISSING.iter().copied().filter(|word| !word.is_empty()).collect();
    let _ = writeln!(text, "Empty cells are missing, and so are {}.", words.join(" "));
    for (header, name) in table.renamed() {
        let (header, name) = (harmless(header), harmless(name));
        let _ = writeln!(
            text,
            "The header `{header}` is there twice or empty; one column is called `{name}`."
        );
    }
    text.push('\n');
    text
}

fn line(column: &PlannedColumn) -> [String; 5] {
    let values = match column.dates {
        Some(form) => format!("{} as {}", column.values, form.as_str()),
        None => column.values.to_owned(),
    };
    [
        harmless(&column.column).chars().take(40).collect(),
        column.target.as_deref().map_or_else(|| "—".to_owned(), harmless),
        column.how.as_str().to_owned(),
        format!("{} {values}", column.filled),
        harmless(&column.samples.join(" | ")),
    ]
}

fn aligned(heading: &[String; 5], rows: &[[String; 5]]) -> String {
    let lines: Vec<&[String; 5]> = std::iter::once(heading).chain(rows).collect();
    let width = |at: usize| {
        lines
            .iter()
            .map(|line| line[at].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: [usize; 5] = std::array::from_fn(width);
    let mut text = String::new();
    for line in lines {
        let cells: Vec<String> = line
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// What became of every row.
fn in_words(counts: &RowCounts, args: &ImportArgs, dry_run: bool, would_qualify: Option<u64>) -> String {
    let would = if dry_run { "would be " } else { "" };
    let (new, updated) = match args.kind {
        RecordKind::Leads => ("new leads", "about leads that were there"),
        RecordKind::Events => ("taken", "about events that were there"),
        RecordKind::Accounts => ("new accounts", "about accounts that were there"),
        RecordKind::Outcomes => ("new outcomes", "about outcomes that were there"),
    };
    let mut text = format!("{} rows:\n  {:>9} {would}{new}\n", counts.rows, counts.new);
    if args.kind != RecordKind::Events {
        let _ = writeln!(text, "  {:>9} {would}{updated}", counts.updated);
    }
    let _ = writeln!(
        text,
        "  {:>9} taken before, or twice in the file",
        counts.already_there
    );
    let _ = write!(text, "  {:>9} {would}left out", counts.rejects());
    for (reason, count) in &counts.rejected {
        let _ = write!(text, "\n  {:>9}   {count} {reason}", "");
    }
    if let Some(would_qualify) = would_qualify
        && !args.hand_off
        && matches!(args.kind, RecordKind::Leads | RecordKind::Events)
    {
        let _ = write!(
            text,
            "\n{would_qualify} leads reached the line by it and weren't handed off (--hand-off does that); they are judged when \
             they do something next"
        );
    }
    if dry_run {
        text.push_str("\nNothing was written.");
    }
    text
}

#[cfg(test)]
mod tests {
    use bellwether_replay::import::How;

    use super::{PlannedColumn, line};

    #[test]
    fn what_stands_in_a_file_does_not_steer_the_terminal() {
        let shown = line(&PlannedColumn {
            column: "Mail\u{1b}[2J".to_owned(),
            target: Some("Mail\u{1b}[2J".to_owned()),
            how: How::Kept,
            values: "text",
            dates: None,
            filled: 2,
            samples: vec!["a\nforged  row".to_owned(), "\u{9b}1A".to_owned()],
        });
        assert_eq!(
            shown,
            [
                "Mail\u{fffd}[2J",
                "Mail\u{fffd}[2J",
                How::Kept.as_str(),
                "2 text",
                "a\u{fffd}forged  row | \u{fffd}1A",
            ]
        );
    }
}
