//! `bellwether account`: whose companies are.

use std::process::ExitCode;

use crate::console::{DataArgs, DeskRequest, Request, ask};

/// Arguments of `bellwether account`.
#[derive(clap::Args)]
pub(crate) struct AccountArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Give a company to somebody in sales: leads of it that qualify from now on are theirs.
    Owner {
        /// The company's domain.
        domain: String,
        /// The address that they sign in by; without one, the company is nobody's in particular.
        email: Option<String>,
        #[command(flatten)]
        data: DataArgs,
    },
}

/// Runs the command.
pub(crate) fn run(args: &AccountArgs) -> anyhow::Result<ExitCode> {
    let Action::Owner { domain, email, data } = &args.action;
    let request = DeskRequest::AccountOwner {
        domain: domain.clone(),
        email: email.clone(),
    };
    ask(&data.data, Request::Desk(request))?;
    match email {
        Some(email) => eprintln!("{domain} is {email}'s"),
        None => eprintln!("{domain} is nobody's in particular"),
    }
    Ok(ExitCode::SUCCESS)
}
