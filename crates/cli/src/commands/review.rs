//! `bellwether review`: the agreement held against what came of it in a quarter.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use bellwether_app::{Clock as _, Review, SystemClock, review};
use bellwether_core::hours::Quarter;
use bellwether_server::{notices, review_json, review_page};
use bellwether_store::Readers;

use crate::console::{DataArgs, Folder, harmless};

/// Arguments of `bellwether review`.
#[derive(clap::Args)]
pub(crate) struct ReviewArgs {
    /// Such as `2026-Q3`; the present one where nothing is said.
    #[arg(long, value_name = "QUARTER")]
    quarter: Option<Quarter>,
    /// Where to: a page to read, print and mail (.html), or the figures (.json). Without it, what to look at first is
    /// printed.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    data: DataArgs,
}

/// Runs the command.
pub(crate) fn run(args: &ReviewArgs) -> anyhow::Result<ExitCode> {
    let folder = Folder::existing(&args.data.data)?;
    let readers = Readers::new(folder.path());
    let made = readers
        .take()?
        .snapshot(|db| review(db, args.quarter, SystemClock.now()))?;
    let Some(path) = &args.out else {
        print!("{}", in_short(&made));
        return Ok(ExitCode::SUCCESS);
    };
    let text = match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => review_page(&made, None)?,
        Some("json") => format!("{:#}\n", review_json(&made)),
        _ => {
            eprintln!("error: `{}` is neither a .html nor a .json file", path.display());
            return Ok(ExitCode::from(2));
        }
    };
    std::fs::write(path, text).with_context(|| format!("can't write `{}`", path.display()))?;
    eprintln!("the review of {} is in `{}`", made.now.name, path.display());
    Ok(ExitCode::SUCCESS)
}

fn in_short(made: &Review) -> String {
    let funnel = &made.now.handoffs;
    let mut text = format!(
        "{} of {}: {} leads came, {} of them qualified; {} handoffs, {} accepted, {} rejected, {} SQL, {} deals, {} won\n",
        harmless(&made.agreement),
        made.now.name,
        made.now.leads,
        made.now.qualified,
        funnel.made,
        funnel.accepted,
        funnel.rejected,
        funnel.sql,
        funnel.deals,
        funnel.won,
    );
    for notice in notices(made) {
        let perhaps = if notice.sure {
            ""
        } else {
            " (may be luck: the numbers are small)"
        };
        // Writing to a string doesn't fail.
        let _ = writeln!(text, "- {}{perhaps}", harmless(&notice.text));
    }
    for one in made.proposals.iter().filter(|one| !one.missing.is_empty()) {
        let missing: Vec<&str> = one.missing.iter().map(|department| department.as_str()).collect();
        let note = one.note.as_deref().map(|note| format!(" ({})", harmless(note)));
        let _ = writeln!(
            text,
            "- Proposal {}{} waits to be signed for {}",
            one.id,
            note.unwrap_or_default(),
            missing.join(" and ")
        );
    }
    text
}
