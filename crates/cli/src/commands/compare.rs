//! `bellwether compare`: what differs between two agreements on the same history.

mod text;

use std::path::PathBuf;
use std::process::ExitCode;

use super::replay::{Form, HistoryArgs};
use super::score::read_engine;

/// Arguments of `bellwether compare`.
#[derive(clap::Args)]
pub(crate) struct CompareArgs {
    /// The agreement as it is.
    first: PathBuf,
    /// The agreement as it might be.
    second: PathBuf,
    #[command(flatten)]
    history: HistoryArgs,
}

/// Runs the command: 0 when it is done, 1 where the work failed, 2 where the arguments can't be meant.
pub(crate) fn run(args: &CompareArgs) -> anyhow::Result<ExitCode> {
    let (first, second) = (read_engine(&args.first)?, read_engine(&args.second)?);
    let (Some(first), Some(second)) = (first, second) else {
        return Ok(ExitCode::from(1));
    };
    args.history.run(&[&args.first, &args.second], &first, |read| {
        let comparison = read.comparison(&first, &second);
        Ok(match args.history.form() {
            Form::Text => text::text(&comparison),
            Form::Json => format!("{}\n", serde_json::to_string_pretty(&comparison)?),
        })
    })
}
