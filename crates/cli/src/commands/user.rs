//! `bellwether user`: those who sign in.

use std::io::BufRead as _;
use std::process::ExitCode;

use anyhow::Context as _;
use bellwether_app::SystemEntropy;

use bellwether_core::domain::Timestamp;

use crate::console::{DataArgs, DeskRequest, Request, ask, password, print_rows};

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
        #[arg(long, conflicts_with = "marketing")]
        admin: bool,
        /// They are of marketing: they propose and sign agreements, and don't work the inbox.
        #[arg(long)]
        marketing: bool,
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
    /// Say that somebody is away: they get no leads meanwhile.
    Away {
        /// The address that they sign in by.
        email: String,
        /// From when, as `2026-08-03` or `2026-08-03T09:00:00+02:00`; now where nothing is said.
        #[arg(long, value_name = "TIME")]
        from: Option<Timestamp>,
        /// Until when; until `user back` where nothing is said.
        #[arg(long, value_name = "TIME")]
        until: Option<Timestamp>,
        /// Why, as their colleagues see it.
        #[arg(long, default_value = "")]
        reason: String,
        /// Give what waits for their answer to others at once, where they are away from now on.
        #[arg(long)]
        reassign: bool,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Say that somebody is back: what they are away for now ends.
    Back {
        /// The address that they sign in by.
        email: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Say that somebody left: they sign in no more and get no leads.
    Deactivate {
        /// The address that they sign in by.
        email: String,
        /// Give what waits for their answer to others.
        #[arg(long)]
        reassign: bool,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Say that somebody who had left is there again.
    Activate {
        /// The address that they sign in by.
        email: String,
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
            marketing,
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
                role: role(*admin, *marketing).to_owned(),
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
        other => presence(other)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Says whether somebody is there.
fn presence(action: &Action) -> anyhow::Result<()> {
    let (email, data, request, said) = match action {
        Action::Away {
            email,
            from,
            until,
            reason,
            reassign,
            data,
        } => {
            let request = DeskRequest::Away {
                email: email.clone(),
                from: from.map(Timestamp::ms),
                until: until.map(Timestamp::ms),
                reason: reason.clone(),
                reassign: *reassign,
            };
            (email, data, request, "is away")
        }
        Action::Back { email, data } => {
            let request = DeskRequest::Back { email: email.clone() };
            (email, data, request, "is back")
        }
        Action::Deactivate {
            email,
            reassign,
            data,
        } => (email, data, active(email, false, *reassign), "left"),
        Action::Activate { email, data } => (email, data, active(email, true, false), "is there again"),
        Action::Add { .. } | Action::List { .. } => return Ok(()),
    };
    ask(&data.data, Request::Desk(request))?;
    eprintln!("{email} {said}");
    Ok(())
}

fn role(admin: bool, marketing: bool) -> &'static str {
    match (admin, marketing) {
        (true, _) => "admin",
        (false, true) => "marketing",
        (false, false) => "sales",
    }
}

fn active(email: &str, active: bool, reassign: bool) -> DeskRequest {
    DeskRequest::Active {
        email: email.to_owned(),
        active,
        reassign,
    }
}

/// The first line of standard input.
pub(crate) fn first_line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .context("no password could be read from standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
