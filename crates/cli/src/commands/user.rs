//! `bellwether user`: those who sign in.

use std::io::BufRead as _;
use std::process::ExitCode;

use anyhow::Context as _;
use bellwether_app::SystemEntropy;

use crate::console::{DataArgs, Request, ask, password, print_rows};

/// Arguments of `bellwether user`.
#[derive(clap::Args)]
pub(crate) struct UserArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Add somebody who signs in. Without `--password-stdin` a password is made and printed this once.
    Add {
        /// Their email address, by which they sign in.
        #[arg(long, value_name = "ADDRESS")]
        email: String,
        /// Their name, as others see it.
        #[arg(long, value_name = "NAME")]
        name: String,
        /// A team that they get leads with; may be given more than once.
        #[arg(long = "team", value_name = "TEAM")]
        teams: Vec<String>,
        /// They may do everything, not only work the inbox.
        #[arg(long)]
        admin: bool,
        /// Read their password from the first line of standard input.
        #[arg(long)]
        password_stdin: bool,
        #[command(flatten)]
        data: DataArgs,
    },
    /// List those who sign in.
    List {
        #[command(flatten)]
        data: DataArgs,
    },
}

/// Runs the command.
pub(crate) fn run(args: &UserArgs) -> anyhow::Result<ExitCode> {
    match &args.action {
        Action::Add {
            email,
            name,
            teams,
            admin,
            password_stdin,
            data,
        } => {
            let password = if *password_stdin {
                first_line()?
            } else {
                password(&SystemEntropy)?
            };
            let request = Request::AddUser {
                name: name.clone(),
                email: email.clone(),
                password: password.clone(),
                role: if *admin { "admin" } else { "sales" }.to_owned(),
                teams: teams.clone(),
            };
            ask(&data.data, request)?;
            if *password_stdin {
                eprintln!("{name} signs in as {email}");
            } else {
                eprintln!("{name} signs in as {email} with this password, shown this once:");
                println!("{password}");
            }
        }
        Action::List { data } => print_rows(
            &["user", "role", "email", "name"],
            ask(&data.data, Request::Users)?,
            "nobody signs in; `bellwether user add` adds somebody",
        ),
    }
    Ok(ExitCode::SUCCESS)
}

fn first_line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .context("no password could be read from standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
