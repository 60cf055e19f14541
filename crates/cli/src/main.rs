//! The one binary: commands, configuration and wiring.

mod commands;
mod console;
mod demo;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

/// Facts are made on one thread and let go on another, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Decides which leads sales should call now, and proves why.
#[derive(Parser)]
#[command(name = "bellwether", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check agreements: names, types, examples and lints, every problem in one go.
    Check(commands::check::CheckArgs),
    /// Write a starting agreement from a template.
    Init(commands::init::InitArgs),
    /// Score the leads of files by an agreement.
    Score(commands::score::ScoreArgs),
    /// Find points for an agreement's rules by what became of leads, tried on leads that they weren't made from.
    Calibrate(commands::calibrate::CalibrateArgs),
    /// Show the ledger behind one lead's score, and what is missing to qualify.
    Explain(commands::explain::ExplainArgs),
    /// Replay a history by an agreement: who would have gone to sales, what became of them, and how much work it is.
    Replay(commands::replay::ReplayArgs),
    /// Compare two agreements on a history: who newly goes to sales, who no longer, and which rules made the difference.
    Compare(commands::compare::CompareArgs),
    /// Add to the rows of a file what can be derived from them: domain, kind of mailbox, seniority, channel and more.
    Profile(commands::profile::ProfileArgs),
    /// Hold the agreement against what came of it in a quarter: the funnel, promises, rejections, the worth of each rule.
    Review(commands::review::ReviewArgs),
    /// Serve: take events, score, hand off, and show the pages.
    Serve(commands::serve::ServeArgs),
    /// Show a living example: a made-up company with eighteen months of history.
    Demo(commands::demo::DemoArgs),
    /// Take what other systems know: leads, what they did, accounts, and deals that were won or lost.
    Import(commands::import::ImportArgs),
    /// Give back what the database holds, in the forms that imports take.
    Export(commands::export::ExportArgs),
    /// API keys.
    Key(commands::key::KeyArgs),
    /// Show why a lead's handoffs became whose.
    ExplainRoute(commands::explain_route::ExplainRouteArgs),
    /// Whose companies are.
    Account(commands::account::AccountArgs),
    /// Those who sign in.
    User(commands::user::UserArgs),
    /// Who gets the leads of a team.
    Team(commands::team::TeamArgs),
    /// Where messages go, by webhook, to Slack or by mail, and what became of them.
    Destination(commands::destination::DestinationArgs),
    /// The one webhook of most: a destination in one line.
    Webhook(commands::webhook::WebhookArgs),
    /// Services that are asked what they know of leads.
    Enricher(commands::enricher::EnricherArgs),
    /// Who wants no more mail.
    Unsubscribe(commands::unsubscribe::UnsubscribeArgs),
    /// Messages to leads.
    Message(commands::message::MessageArgs),
    /// Move many leads at once, after a look at what comes of it.
    Move(commands::move_leads::MoveLeadsArgs),
    /// Scheduling tools whose meetings become facts.
    Inbound(commands::inbound::InboundArgs),
    /// Events that are held apart as those of machines.
    Suspects(commands::suspects::SuspectsArgs),
    /// The agreement that a database runs by.
    Agreement(commands::agreement::AgreementArgs),
    /// Write a document about the program itself.
    #[command(hide = true)]
    Generate(commands::generate::GenerateArgs),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match &cli.command {
        Command::Check(args) => commands::check::run(args),
        Command::Init(args) => commands::init::run(args),
        Command::Score(args) => commands::score::run(args),
        Command::Calibrate(args) => commands::calibrate::run(args),
        Command::Explain(args) => commands::explain::run(args),
        Command::Replay(args) => commands::replay::run(args),
        Command::Compare(args) => commands::compare::run(args),
        Command::Profile(args) => commands::profile::run(args),
        Command::Review(args) => commands::review::run(args),
        Command::Serve(args) => commands::serve::run(args),
        Command::Demo(args) => commands::demo::run(args),
        Command::Export(args) => commands::export::run(args),
        Command::Import(args) => commands::import::run(args),
        Command::Key(args) => commands::key::run(args),
        Command::ExplainRoute(args) => commands::explain_route::run(args),
        Command::Account(args) => commands::account::run(args),
        Command::User(args) => commands::user::run(args),
        Command::Team(args) => commands::team::run(args),
        Command::Destination(args) => commands::destination::run(args),
        Command::Webhook(args) => commands::webhook::run(args),
        Command::Enricher(args) => commands::enricher::run(args),
        Command::Unsubscribe(args) => commands::unsubscribe::run(args),
        Command::Message(args) => commands::message::run(args),
        Command::Move(args) => commands::move_leads::run(args),
        Command::Inbound(args) => commands::inbound::run(args),
        Command::Suspects(args) => commands::suspects::run(args),
        Command::Agreement(args) => commands::agreement::run(args),
        Command::Generate(args) => commands::generate::run(args, Cli::command()),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(1)
    })
}
