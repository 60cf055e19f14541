//! `bellwether export`: what the database holds, in the forms that imports take.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use bellwether_app::{ExportColumn, ExportKind, export};
use bellwether_replay::{Format, ReplayError, TableWriter, WrittenColumn};
use bellwether_store::{Db, Readers};

use crate::console::{DataArgs, Folder};

/// Arguments of `bellwether export`.
#[derive(clap::Args)]
pub(crate) struct ExportArgs {
    /// What to give back: `leads`, `events`, `accounts`, `outcomes`, `handoffs`, `opportunities` or `decisions`.
    kind: ExportKind,
    #[command(flatten)]
    data: DataArgs,
    /// Where to: a .csv, .jsonl or .parquet file, the first two also with .gz; CSV to standard output without it.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs the command. What is committed meanwhile isn't in it: one state of the database is given back.
pub(crate) fn run(args: &ExportArgs) -> anyhow::Result<ExitCode> {
    let folder = Folder::existing(&args.data.data)?;
    let readers = Readers::new(folder.path());
    let reader = readers.take()?;
    let rows = match &args.out {
        None => {
            let stdout = BufWriter::new(std::io::stdout());
            reader
                .snapshot(|db| write(db, args.kind, stdout, Format::Csv, false))?
                .1
        }
        Some(path) => {
            let Some((format, gzip)) = Format::of(path) else {
                let file = path.display().to_string();
                eprintln!("error: {}", ReplayError::UnknownFormat { file });
                return Ok(ExitCode::from(2));
            };
            let folder = path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty())
                .unwrap_or(Path::new("."));
            let named = || format!("can't write `{}`", path.display());
            let file = tempfile::Builder::new()
                .prefix(".bellwether-")
                .tempfile_in(folder)
                .with_context(named)?;
            let (file, rows) =
                reader.snapshot(|db| write(db, args.kind, BufWriter::new(file), format, gzip))?;
            let file = file
                .into_inner()
                .map_err(std::io::IntoInnerError::into_error)
                .with_context(named)?;
            file.persist(path).with_context(named)?;
            rows
        }
    };
    eprintln!("{rows} {} written", args.kind.as_str());
    Ok(ExitCode::SUCCESS)
}

/// Writes every row; gives back what it was written to, and how many rows there were.
fn write<W: Write + Send>(
    db: &Db,
    kind: ExportKind,
    to: W,
    format: Format,
    gzip: bool,
) -> anyhow::Result<(W, u64)> {
    let columns = kind
        .columns()
        .iter()
        .map(|(name, is_json): &ExportColumn| WrittenColumn {
            name,
            is_json: *is_json,
        });
    let mut writer = TableWriter::new(to, format, gzip, columns.collect())?;
    let mut rows = 0;
    export(db, kind, &mut |row| -> anyhow::Result<()> {
        rows += 1;
        Ok(writer.row(&row)?)
    })?;
    let mut to = writer.finish()?;
    to.flush().context("the export can't be written to its end")?;
    Ok((to, rows))
}
