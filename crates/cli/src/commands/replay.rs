//! `bellwether replay`: what an agreement would have done with a history, and what became of those leads.

mod grid;
mod history;
mod source;
mod text;

use std::path::PathBuf;
use std::process::ExitCode;

pub(crate) use self::grid::{Grid, add, count, counted, heading, number, paragraph, percent, rate};
pub(crate) use self::history::{Form, HistoryArgs};
pub(crate) use self::source::{SourceArgs, SourceHistory, needed};
pub(crate) use self::text::without_time;
use super::score::read_engine;

/// Arguments of `bellwether replay`.
#[derive(clap::Args)]
pub(crate) struct ReplayArgs {
    /// The agreement to replay.
    agreement: PathBuf,
    #[command(flatten)]
    history: HistoryArgs,
}

/// Runs the command: 0 when it is done, 1 where the work failed, 2 where the arguments can't be meant.
pub(crate) fn run(args: &ReplayArgs) -> anyhow::Result<ExitCode> {
    let Some(engine) = read_engine(&args.agreement)? else {
        return Ok(ExitCode::from(1));
    };
    args.history.run(&[&args.agreement], &engine, |read| {
        let report = read.report(&engine);
        Ok(match args.history.form() {
            Form::Text => text::text(&report),
            Form::Json => format!("{}\n", serde_json::to_string_pretty(&report)?),
        })
    })
}
