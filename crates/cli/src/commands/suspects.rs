//! `bellwether suspects`: what machines did in leads' names, held apart, and released where it is real.

use std::process::ExitCode;

use crate::console::{DataArgs, Done, Request, ask, print_rows};

/// Arguments of `bellwether suspects`.
#[derive(clap::Args)]
pub(crate) struct SuspectsArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// List events that are held, the 200 that came last.
    List {
        /// Only those that this rule holds: `agents`, `speed`, `burst` or `click_without_visit`.
        #[arg(long)]
        rule: Option<String>,
        /// Only those of this lead, by number.
        #[arg(long)]
        lead: Option<i64>,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Release an event that is real after all, or a lead's: it counts as if it had never been held.
    Release {
        /// The event, as the list numbers it.
        #[arg(required_unless_present = "lead", conflicts_with = "lead")]
        event: Option<i64>,
        /// All held events of this lead, by number.
        #[arg(long)]
        lead: Option<i64>,
        /// Of the lead's events only those that this rule holds.
        #[arg(long, requires = "lead")]
        rule: Option<String>,
        #[command(flatten)]
        data: DataArgs,
    },
}

/// Runs the command.
pub(crate) fn run(args: &SuspectsArgs) -> anyhow::Result<ExitCode> {
    match &args.action {
        Action::List { rule, lead, data } => {
            let (rule, lead) = (rule.clone(), *lead);
            let done = ask(&data.data, Request::Suspects { rule, lead })?;
            let heading = ["event", "when", "lead", "rule", "what", "why"];
            print_rows(&heading, done, "nothing is held");
        }
        Action::Release {
            event,
            lead,
            rule,
            data,
        } => {
            let (event, lead, rule) = (*event, *lead, rule.clone());
            if let Done::Released { events } = ask(&data.data, Request::Release { event, lead, rule })? {
                eprintln!("{events} released");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
