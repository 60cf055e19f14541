//! `bellwether message`: messages to leads as they would go out.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use bellwether_core::agreement::{Agreement, FieldType, check};
use bellwether_core::domain::{Number, Traits, Value};
use bellwether_core::message::{Correspondent, letter};

use super::agreement::read_checked;
use super::check::unknown;
use super::explain_route::print_text;
use crate::console::{Done, MailRequest, Request, ask, laid_out};

/// Arguments of `bellwether message`.
#[derive(clap::Args)]
pub(crate) struct MessageArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Show a message of an agreement as it would go out. Nothing is sent.
    Preview {
        /// The agreement.
        agreement: PathBuf,
        /// The message's name in it.
        name: String,
        /// The data directory of the lead.
        #[arg(long, value_name = "DIR", env = "BELLWETHER_DATA")]
        data: Option<PathBuf>,
        /// To which lead, by number; without it, to a made-up one.
        #[arg(long, value_name = "NUMBER", requires = "data")]
        lead: Option<i64>,
    },
}

/// Runs the command.
pub(crate) fn run(args: &MessageArgs) -> anyhow::Result<ExitCode> {
    let Action::Preview {
        agreement: file,
        name,
        data,
        lead,
    } = &args.action;
    let source = read_checked(file)?;
    let agreement = check(&source).agreement.context("the agreement has problems")?;
    if !agreement.messages.iter().any(|message| message.name == *name) {
        let names = agreement.messages.iter().map(|message| message.name.as_str());
        anyhow::bail!("{}", unknown("message", name, names));
    }
    let done = match (data, lead) {
        (Some(data), Some(lead)) => {
            let (name, lead) = (name.clone(), *lead);
            ask(data, Request::Mail(MailRequest::Preview { source, name, lead }))?
        }
        _ => Done::Text(sample(&agreement, name)?),
    };
    print_text(done)?;
    Ok(ExitCode::SUCCESS)
}

/// A message to somebody who is made up, and of whom all is known.
fn sample(agreement: &Agreement, name: &str) -> anyhow::Result<String> {
    let message = agreement.messages.iter().find(|message| message.name == name);
    let message = message.context("the agreement has no such message")?;
    let owner = Correspondent {
        name: "Sam Rivera",
        email: "sam@your-company.example",
        booking_url: "https://calendar.example/sam",
    };
    let mut steps = agreement.nurture.iter().flat_map(|track| &track.steps);
    let link = steps
        .any(|step| step.send == name)
        .then_some("https://bellwether.example/u/…");
    let made = letter(agreement, message, "1", &traits(agreement), Some(owner), link)?;
    Ok(laid_out(&made.subject, &made.text))
}

/// The built-in fields as somebody could have them, and a value of its type for each of the agreement's own.
fn traits(agreement: &Agreement) -> Traits {
    const KNOWN: [(&str, &str); 12] = [
        ("email", "ana.ruiz@acme.example"),
        ("first_name", "Ana"),
        ("last_name", "Ruiz"),
        ("name", "Ana Ruiz"),
        ("title", "VP Marketing"),
        ("phone", "+1 212 555 0147"),
        ("company", "Acme"),
        ("website", "https://www.acme.example"),
        ("industry", "Software"),
        ("country", "US"),
        ("region", "NY"),
        ("city", "New York"),
    ];
    // What these would be is derived from the others.
    const DERIVED: [&str; 4] = ["domain", "email_kind", "seniority", "department"];
    let fields = &agreement.fields;
    let value = |name: &str| {
        if let Some((_, text)) = KNOWN.iter().find(|(known, _)| *known == name) {
            return Some(Value::from(*text));
        }
        match fields.type_of(name)? {
            _ if DERIVED.contains(&name) => None,
            FieldType::Number => Number::new(300.0).map(Value::Number),
            FieldType::Bool => Some(Value::Bool(true)),
            FieldType::List => Some(Value::List(vec!["one".to_owned(), "another".to_owned()])),
            FieldType::Text | FieldType::Time => Some(Value::Text(format!("({name})"))),
        }
    };
    let names = fields.names();
    names
        .filter_map(|name| Some((name.to_owned(), value(name)?)))
        .collect()
}
