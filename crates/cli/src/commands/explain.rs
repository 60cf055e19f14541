//! `bellwether explain`: the ledger behind one lead's score, and what is missing to qualify.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use bellwether_core::domain::Event;
use bellwether_core::engine::Engine;
use bellwether_core::explain::{explain, ways};
use bellwether_core::suspect::Held;
use bellwether_replay::{Effort, LeadHistory, Rejects, ReplayError, lead_history};

use super::score::{InputArgs, is_usage, progress_bar, read_engine, rejects_in_words};

/// How many ways to qualify are shown.
const WAYS_MAX: usize = 5;

/// Arguments of `bellwether explain`.
#[derive(clap::Args)]
pub(crate) struct ExplainArgs {
    /// The agreement to score by.
    agreement: PathBuf,
    #[command(flatten)]
    input: InputArgs,
    /// Whose score is to be explained.
    #[arg(long, value_name = "ID")]
    lead: String,
    /// Print one JSON object instead of text.
    #[arg(long)]
    json: bool,
}

/// Runs the command: 0 when it is done, 1 where the lead isn't there or the work failed, 2 where the arguments can't be
/// meant.
pub(crate) fn run(args: &ExplainArgs) -> anyhow::Result<ExitCode> {
    let Some(engine) = read_engine(&args.agreement)? else {
        return Ok(ExitCode::from(1));
    };
    match read(args, &engine) {
        Ok(Some(found)) => print(args, &engine, &found),
        Ok(None) => anyhow::bail!(
            "no row names the lead `{}`; ids are compared to the letter",
            args.lead
        ),
        Err(error) if is_usage(&error) => {
            eprintln!("error: {error}");
            Ok(ExitCode::from(2))
        }
        Err(error) => Err(error.into()),
    }
}

fn read(args: &ExplainArgs, engine: &Engine) -> Result<Option<LeadHistory>, ReplayError> {
    let input = args.input.input()?;
    let mut rejects = Rejects::new(None, false)?;
    let bar = progress_bar(&input);
    let found = lead_history(
        engine,
        &input,
        Effort::default(),
        &args.lead,
        &mut rejects,
        &|bytes| bar.inc(bytes),
    );
    bar.finish_and_clear();
    eprint!("{}", rejects_in_words(&rejects));
    found
}

fn print(args: &ExplainArgs, engine: &Engine, found: &LeadHistory) -> anyhow::Result<ExitCode> {
    let ledger = explain(engine, &found.facts, found.t);
    let ways = ways(engine, &found.facts, found.t, WAYS_MAX);
    let mut stdout = std::io::stdout().lock();
    if args.json {
        let mut whole = serde_json::json!({ "lead": found.id, "ledger": ledger, "to_qualify": ways });
        if let Some(members) = whole.as_object_mut().filter(|_| !found.held.is_empty()) {
            members.insert("held".to_owned(), found.held.iter().map(held_as_json).collect());
        }
        writeln!(stdout, "{whole:#}")?;
    } else {
        writeln!(
            stdout,
            "{}\n\n{ledger}\n{ways}{}",
            found.id,
            held_in_words(&found.held)
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

fn held_as_json((event, held): &(Event, Held)) -> serde_json::Value {
    serde_json::json!({
        "ts": event.ts.to_string(),
        "event": event.name,
        "path": event.path,
        "rule": held.rule.as_str(),
        "reason": held.reason,
    })
}

/// What the agreement holds apart, which gives no points; empty where there is nothing.
fn held_in_words(held: &[(Event, Held)]) -> String {
    let mut text = String::new();
    for (place, (event, held)) in held.iter().enumerate() {
        if place == 0 {
            text.push_str("\nheld apart, and not scored:\n");
        }
        let what = event.path.as_deref().unwrap_or(&event.name);
        // Writing to a string can't fail.
        let _ = writeln!(
            text,
            "  {} {what}: {} ({})",
            event.ts,
            held.reason,
            held.rule.as_str()
        );
    }
    text
}
