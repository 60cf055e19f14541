//! `bellwether unsubscribe`: who wants no more mail.

use std::process::ExitCode;

use crate::console::{DataArgs, Done, MailRequest, Request, ask, harmless, print_rows};

/// Arguments of `bellwether unsubscribe`.
#[derive(clap::Args)]
pub(crate) struct UnsubscribeArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// List who wants no more mail, by address.
    List {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Somebody wants no more mail: no nurture track writes to the address again, whichever lead has it.
    Add {
        /// The address.
        address: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Somebody wants mail after all. A track that stopped by it doesn't go on.
    Remove {
        /// The address.
        address: String,
        #[command(flatten)]
        data: DataArgs,
    },
}

/// Runs the command.
pub(crate) fn run(args: &UnsubscribeArgs) -> anyhow::Result<ExitCode> {
    match &args.action {
        Action::List { data } => print_rows(
            &["address", "since", "how", "by"],
            ask(&data.data, Request::Mail(MailRequest::Unsubscribed))?,
            "nobody unsubscribed",
        ),
        Action::Add { address, data } => {
            let request = MailRequest::Unsubscribe {
                address: address.clone(),
            };
            let said = if counted(&ask(&data.data, Request::Mail(request))?)? {
                "gets no more mail"
            } else {
                "had unsubscribed before"
            };
            eprintln!("{} {said}", harmless(address));
        }
        Action::Remove { address, data } => {
            let request = MailRequest::Resubscribe {
                address: address.clone(),
            };
            let address = harmless(address);
            if !counted(&ask(&data.data, Request::Mail(request))?)? {
                anyhow::bail!("`{address}` hadn't unsubscribed; `bellwether unsubscribe list` shows who did");
            }
            eprintln!("{address} may be written to again");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether anything changed.
fn counted(done: &Done) -> anyhow::Result<bool> {
    let Done::Counted(changed) = done else {
        anyhow::bail!("the server that holds the data is of another version; restart it");
    };
    Ok(*changed > 0)
}
