//! `bellwether team`: who gets the leads that the agreement's routes give to a team.

use std::process::ExitCode;

use crate::console::{DataArgs, Done, Request, ask, print_rows};

/// Arguments of `bellwether team`.
#[derive(clap::Args)]
pub(crate) struct TeamArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// List the teams that the active agreement names, and who is on them.
    List {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Put somebody on a team.
    AddMember {
        /// The team, as the agreement's routes name it.
        team: String,
        /// The address that they sign in by.
        email: String,
        /// Their share of the team's leads beside the others'.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000))]
        weight: u32,
        #[command(flatten)]
        data: DataArgs,
    },
}

/// Runs the command.
pub(crate) fn run(args: &TeamArgs) -> anyhow::Result<ExitCode> {
    match &args.action {
        Action::List { data } => {
            let Done::Teams(members) = ask(&data.data, Request::Teams)? else {
                anyhow::bail!("the server that holds the data is of another version; restart it");
            };
            let rows = members.into_iter().map(|member| {
                let name = member.member.unwrap_or_else(|| "(nobody)".to_owned());
                vec![member.team, member.weight.to_string(), name]
            });
            print_rows(
                &["team", "weight", "member"],
                Done::Rows(rows.collect()),
                "the active agreement has no routes, and so no teams",
            );
        }
        Action::AddMember {
            team,
            email,
            weight,
            data,
        } => {
            let (team, email, weight) = (team.clone(), email.clone(), *weight);
            ask(
                &data.data,
                Request::AddMember {
                    team: team.clone(),
                    email: email.clone(),
                    weight,
                },
            )?;
            eprintln!("{email} is on team {team}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
