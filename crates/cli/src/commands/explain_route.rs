//! `bellwether explain-route`: why a lead's handoffs became whose.

use std::io::Write as _;
use std::process::ExitCode;

use crate::console::{DataArgs, DeskRequest, Done, Request, ask, harmless_lines};

/// Arguments of `bellwether explain-route`.
#[derive(clap::Args)]
pub(crate) struct ExplainRouteArgs {
    /// The lead's number or email address.
    lead: String,
    #[command(flatten)]
    data: DataArgs,
}

/// Runs the command.
pub(crate) fn run(args: &ExplainRouteArgs) -> anyhow::Result<ExitCode> {
    let request = DeskRequest::ExplainRoute {
        lead: args.lead.clone(),
    };
    print_text(ask(&args.data.data, Request::Desk(request))?)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints what was answered.
pub(super) fn print_text(done: Done) -> anyhow::Result<()> {
    let Done::Text(text) = done else {
        anyhow::bail!("the server that holds the data is of another version; restart it");
    };
    writeln!(std::io::stdout().lock(), "{}", harmless_lines(&text))?;
    Ok(())
}
