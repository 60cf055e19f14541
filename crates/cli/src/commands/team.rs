//! `bellwether team`: who gets the leads that the agreement's routes give to a team.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use super::explain_route::print_text;
use crate::console::{DataArgs, DeskRequest, Done, Request, TeamSaid, ask, print_rows};

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
        /// The most leads that the team gives them on one day of theirs.
        #[arg(long, value_name = "LEADS")]
        day_max: Option<u32>,
        /// The most leads that may wait for their answer.
        #[arg(long, value_name = "LEADS")]
        open_max: Option<u32>,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Take somebody off a team; they keep the leads that they have.
    RemoveMember {
        /// The team.
        team: String,
        /// The address that they sign in by.
        email: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Show a team as it stands: who is there, who is passed over and why, and whose turn is next.
    Show {
        /// The team.
        team: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Say when a team works, who manages it, and where leads book a time with it. An empty text takes away what there is.
    Set {
        /// The team, as the agreement's routes name it.
        team: String,
        /// When it works: `mon-fri 09:00-12:30 13:30-18:00; sat 10:00-14:00`.
        #[arg(long, value_name = "SHIFTS")]
        hours: Option<String>,
        /// Its time zone, by its IANA name; the agreement's where nothing is said.
        #[arg(long, value_name = "ZONE")]
        zone: Option<String>,
        /// The calendar of its holidays.
        #[arg(long, value_name = "CALENDAR")]
        holidays: Option<String>,
        /// The address of whoever is told of what nobody could take.
        #[arg(long, value_name = "EMAIL")]
        manager: Option<String>,
        /// Where leads book a time with it.
        #[arg(long, value_name = "URL")]
        booking_url: Option<String>,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Make the days of a file a calendar's holidays: one `2026-12-25 Christmas Day` a line.
    Holidays {
        /// The calendar; teams name it with `team set --holidays`.
        calendar: String,
        /// The file.
        file: PathBuf,
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
            day_max,
            open_max,
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
            if day_max.is_some() || open_max.is_some() {
                let request = DeskRequest::Limit {
                    team: team.clone(),
                    email: email.clone(),
                    day_max: *day_max,
                    open_max: *open_max,
                };
                ask(&data.data, Request::Desk(request))?;
            }
            eprintln!("{email} is on team {team}");
        }
        other => return run_other(other),
    }
    Ok(ExitCode::SUCCESS)
}

fn run_other(action: &Action) -> anyhow::Result<ExitCode> {
    match action {
        Action::RemoveMember { team, email, data } => {
            let (team, email) = (team.clone(), email.clone());
            let said = format!("{email} is no longer on team {team}");
            ask(
                &data.data,
                Request::Desk(DeskRequest::RemoveMember { team, email }),
            )?;
            eprintln!("{said}");
        }
        Action::Show { team, data } => {
            let request = DeskRequest::ShowTeam { team: team.clone() };
            print_text(ask(&data.data, Request::Desk(request))?)?;
        }
        Action::Set {
            team,
            hours,
            zone,
            holidays,
            manager,
            booking_url,
            data,
        } => {
            let request = DeskRequest::PutTeam {
                team: team.clone(),
                said: TeamSaid {
                    zone: zone.clone(),
                    hours: hours.clone(),
                    holidays: holidays.clone(),
                    manager: manager.clone(),
                    booking_url: booking_url.clone(),
                },
            };
            ask(&data.data, Request::Desk(request))?;
            eprintln!("team {team} is set");
        }
        Action::Holidays { calendar, file, data } => {
            let days = read_days(file)?;
            let count = days.len();
            let request = DeskRequest::PutHolidays {
                calendar: calendar.clone(),
                days,
            };
            ask(&data.data, Request::Desk(request))?;
            eprintln!("calendar {calendar} has {count} days");
        }
        Action::List { .. } | Action::AddMember { .. } => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// A file's days: a date and a name each, lines that begin with `#` and empty ones apart.
fn read_days(file: &Path) -> anyhow::Result<Vec<(String, String)>> {
    const FILE_BYTES_MAX: u64 = 1 << 20;
    let size = std::fs::metadata(file).with_context(|| format!("`{}` can't be read", file.display()))?;
    if size.len() > FILE_BYTES_MAX {
        anyhow::bail!(
            "`{}` has more than {FILE_BYTES_MAX} bytes; give a list of days",
            file.display()
        );
    }
    let text =
        std::fs::read_to_string(file).with_context(|| format!("`{}` can't be read", file.display()))?;
    let lines = text.lines().map(str::trim);
    let days = lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (date, name) = line.split_once([' ', '\t', ',']).unwrap_or((line, ""));
            (date.to_owned(), name.trim().to_owned())
        });
    Ok(days.collect())
}
