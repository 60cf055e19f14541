//! `bellwether webhook`: where handoffs are delivered to.

use std::process::ExitCode;

use crate::console::{DataArgs, Done, Request, ask, print_rows};

/// Arguments of `bellwether webhook`.
#[derive(clap::Args)]
pub(crate) struct WebhookArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Deliver each handoff to this address from now on, signed with a new secret that is printed this once.
    Set {
        /// The address.
        url: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// List where handoffs are delivered to.
    List {
        #[command(flatten)]
        data: DataArgs,
    },
}

/// Runs the command.
pub(crate) fn run(args: &WebhookArgs) -> anyhow::Result<ExitCode> {
    match &args.action {
        Action::Set { url, data } => {
            if let Done::Webhook { secret } = ask(&data.data, Request::SetWebhook { url: url.clone() })? {
                eprintln!("handoffs go to {url}; check their signatures with this secret, shown this once:");
                println!("{secret}");
            }
        }
        Action::List { data } => print_rows(
            &["webhook", "address"],
            ask(&data.data, Request::Webhooks)?,
            "handoffs are delivered nowhere; `bellwether webhook set URL` changes that",
        ),
    }
    Ok(ExitCode::SUCCESS)
}
