//! `bellwether inbound`: scheduling tools whose meetings become facts.

use std::io::Read as _;
use std::process::ExitCode;

use anyhow::Context as _;

use crate::console::{DataArgs, Request, ask, print_rows};

/// The most that is read of standard input, in bytes: more than a secret may have.
const SECRET_BYTES_MAX: u64 = 4 * 1024;

/// Arguments of `bellwether inbound`.
#[derive(clap::Args)]
pub(crate) struct InboundArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Take what a scheduling tool sends to `/hooks/TOOL/SOURCE` from now on, known by this secret.
    Set {
        /// Which tool: `calendly` or `chili-piper`.
        tool: String,
        /// What the source is called: lower-case letters, digits and hyphens.
        #[arg(long, default_value = "main")]
        source: String,
        /// Read the tool's signing key, or the token of the address, from standard input.
        #[arg(long, required = true)]
        secret_stdin: bool,
        #[command(flatten)]
        data: DataArgs,
    },
    /// List the sources of meetings.
    List {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Take nothing more from a source. What it brought stays.
    Remove {
        /// Which tool: `calendly` or `chili-piper`.
        tool: String,
        /// What the source is called.
        #[arg(long, default_value = "main")]
        source: String,
        #[command(flatten)]
        data: DataArgs,
    },
}

/// Runs the command.
pub(crate) fn run(args: &InboundArgs) -> anyhow::Result<ExitCode> {
    match &args.action {
        Action::Set {
            tool, source, data, ..
        } => {
            let mut secret = String::new();
            std::io::stdin()
                .take(SECRET_BYTES_MAX)
                .read_to_string(&mut secret)
                .context("standard input can't be read")?;
            let (tool, source) = (tool.clone(), source.clone());
            let path = format!("/hooks/{tool}/{source}");
            ask(&data.data, Request::SetInbound { tool, source, secret })?;
            eprintln!("have the tool send its webhooks to `{path}` of this server");
        }
        Action::List { data } => print_rows(
            &["tool", "source", "path"],
            ask(&data.data, Request::Inbound)?,
            "no tool's meetings are taken; `bellwether inbound set TOOL --secret-stdin` changes that",
        ),
        Action::Remove { tool, source, data } => {
            let (tool, source) = (tool.clone(), source.clone());
            let name = format!("{tool}/{source}");
            ask(&data.data, Request::RemoveInbound { tool, source })?;
            eprintln!("nothing more is taken from `{name}`");
        }
    }
    Ok(ExitCode::SUCCESS)
}
