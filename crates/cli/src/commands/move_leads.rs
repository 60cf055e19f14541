//! `bellwether move`: many leads are moved at once, after a look at what comes of it.

use std::process::ExitCode;

use crate::console::{DataArgs, Done, MoveArgs, Request, ask, print_rows};

/// Arguments of `bellwether move`.
#[derive(clap::Args)]
pub(crate) struct MoveLeadsArgs {
    /// `accept`, `reject`, `disqualify` or `override`.
    #[arg(value_name = "MOVE")]
    by: String,
    /// To which stage an override puts them.
    #[arg(long, value_name = "STAGE")]
    to: Option<String>,
    /// Why; one of the agreement's rejection reasons where they are rejected.
    #[arg(long)]
    reason: Option<String>,
    /// This lead, by number; may be given many times.
    #[arg(long = "lead", value_name = "NUMBER")]
    leads: Vec<i64>,
    /// Instead of numbers: those at this stage.
    #[arg(long, conflicts_with = "leads")]
    stage: Option<String>,
    /// Instead of numbers: those of this owner, by email address.
    #[arg(long, value_name = "EMAIL", conflicts_with = "leads")]
    owner: Option<String>,
    /// Instead of numbers: those of this account, by number.
    #[arg(long, value_name = "NUMBER", conflicts_with = "leads")]
    account: Option<i64>,
    /// Instead of numbers: those whose name, email or company contains this.
    #[arg(long, value_name = "TEXT", conflicts_with = "leads")]
    search: Option<String>,
    /// Only show what it would come to, and the token that the deed asks for.
    #[arg(long)]
    dry_run: bool,
    /// What the dry run gave; nobody is moved where it would come to anything else now.
    #[arg(long, conflicts_with = "dry_run")]
    token: Option<String>,
    #[command(flatten)]
    data: DataArgs,
}

/// Runs the command.
pub(crate) fn run(args: &MoveLeadsArgs) -> anyhow::Result<ExitCode> {
    if !args.dry_run && args.token.is_none() {
        anyhow::bail!(
            "look at what it would come to with --dry-run first; that gives the --token to do it with"
        );
    }
    let request = Request::MoveLeads(MoveArgs {
        by: args.by.clone(),
        to: args.to.clone(),
        reason: args.reason.clone().unwrap_or_default(),
        leads: args.leads.clone(),
        stage: args.stage.clone(),
        owner: args.owner.clone(),
        account: args.account,
        search: args.search.clone(),
        token: args.token.clone(),
    });
    let done = ask(&args.data.data, request)?;
    let Done::Moves { token, rows } = done else {
        anyhow::bail!("the server that holds the data answered something else");
    };
    let refused = rows
        .iter()
        .filter(|row| row.last().is_some_and(|why| !why.is_empty()))
        .count();
    let moved = rows.len().saturating_sub(refused);
    let heading = ["lead", "name", "from", "to", "why not"];
    print_rows(&heading, Done::Rows(rows), "no lead is meant");
    match token {
        Some(token) => eprintln!(
            "{moved} would be moved, {refused} not; to do it, say --token {token} instead of --dry-run"
        ),
        None => eprintln!("{moved} moved, {refused} not"),
    }
    Ok(ExitCode::SUCCESS)
}
