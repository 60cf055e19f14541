//! `bellwether destination`: where messages go, and what became of them.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use crate::console::{
    DataArgs, DestinationRequest, Done, Request, ask, harmless, harmless_lines, print_rows,
};

/// The largest file that is read, in bytes: more than a destination's file or secret may have.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// Arguments of `bellwether destination`.
#[derive(clap::Args)]
pub(crate) struct DestinationArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Add a destination by its file, or change the one of the same name.
    Put {
        /// The destination's file.
        file: PathBuf,
        /// The file that holds the secret: what a webhook's messages are signed with, what stands for `{{ secret }}` in the
        /// address of Slack, the password of a mail server; `-` reads it from standard input. Without it, the secret that was
        /// put before stays where the destination is at the same place; a webhook without any is given a new one.
        #[arg(long, value_name = "FILE")]
        secret_file: Option<PathBuf>,
        /// The file that holds Slack's signing secret, which makes buttons work.
        #[arg(long, value_name = "FILE")]
        signing_secret_file: Option<PathBuf>,
        #[command(flatten)]
        data: DataArgs,
    },
    /// List the destinations, and how each does.
    List {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Remove a destination. What waits for it is given up.
    Remove {
        /// Its name.
        name: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Send a destination a notice now, and say what came of it.
    Test {
        /// Its name.
        name: String,
        /// The address that a mail goes to; without it, whom mails come from.
        #[arg(long)]
        to: Option<String>,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Show what a destination would be sent of a handoff. Nothing is sent.
    Preview {
        /// Its name.
        name: String,
        /// The handoff's number.
        #[arg(long)]
        handoff: i64,
        #[command(flatten)]
        data: DataArgs,
    },
    /// List the messages that were given up, the newest first.
    Dead {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Send a message again that was given up, or all of them, under their old ids.
    Replay {
        /// The message's number.
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        id: Option<i64>,
        /// Every message whose destination is still there.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        data: DataArgs,
    },
}

/// Runs the command.
pub(crate) fn run(args: &DestinationArgs) -> anyhow::Result<ExitCode> {
    let asked = |data: &DataArgs, what| ask(&data.data, Request::Destination(what));
    match &args.action {
        Action::Put {
            file,
            secret_file,
            signing_secret_file,
            data,
        } => put(file, secret_file.as_deref(), signing_secret_file.as_deref(), data)?,
        Action::List { data } => print_rows(
            &[
                "destination",
                "kind",
                "state",
                "waiting",
                "dead",
                "a minute",
                "address",
                "events",
            ],
            asked(data, DestinationRequest::List)?,
            "messages go nowhere; `bellwether destination put FILE` changes that",
        ),
        Action::Remove { name, data } => {
            asked(data, DestinationRequest::Remove { name: name.clone() })?;
            eprintln!("nothing goes to `{name}` any more");
        }
        Action::Test { name, to, data } => {
            let (name, to) = (name.clone(), to.clone());
            return Ok(tried(asked(data, DestinationRequest::Test { name, to })?));
        }
        Action::Preview { name, handoff, data } => {
            let (name, handoff) = (name.clone(), *handoff);
            if let Done::Text(text) = asked(data, DestinationRequest::Preview { name, handoff })? {
                println!("{}", harmless_lines(text.trim_end()));
            }
        }
        Action::Dead { data } => print_rows(
            &["message", "destination", "what", "attempts", "given up at", "why"],
            asked(data, DestinationRequest::Dead)?,
            "nothing was given up",
        ),
        Action::Replay { id, data, .. } => match asked(data, DestinationRequest::Replay { id: *id })? {
            Done::Counted(1) => eprintln!("1 message is sent again"),
            Done::Counted(count) => eprintln!("{count} messages are sent again"),
            _ => {}
        },
    }
    Ok(ExitCode::SUCCESS)
}

fn put(file: &Path, secret: Option<&Path>, signing: Option<&Path>, data: &DataArgs) -> anyhow::Result<()> {
    let what = DestinationRequest::Put {
        source: read(file)?,
        secret: secret.map(read).transpose()?,
        signing_secret: signing.map(read).transpose()?,
    };
    let put = ask(&data.data, Request::Destination(what));
    let done = put.with_context(|| format!("`{}` wasn't taken", file.display()))?;
    if let Done::Destination {
        name,
        lacks_secret,
        secret,
    } = done
    {
        eprintln!("messages go to `{name}` from now on");
        if lacks_secret {
            eprintln!("but its secret isn't there: put it again with --secret-file");
        }
        if let Some(secret) = secret {
            eprintln!("check their signatures with this secret, shown this once:");
            println!("{secret}");
        }
    }
    Ok(())
}

/// What came of a trial; a trial that failed is a failure.
fn tried(done: Done) -> ExitCode {
    match done {
        Done::TriedDestination { error: None } => {
            eprintln!("it arrived");
            ExitCode::SUCCESS
        }
        Done::TriedDestination { error: Some(error) } => {
            eprintln!("it didn't arrive: {}", harmless(&error));
            ExitCode::from(1)
        }
        _ => ExitCode::SUCCESS,
    }
}

fn read(file: &Path) -> anyhow::Result<String> {
    let name = file.display();
    let mut text = String::new();
    if file.as_os_str() == "-" {
        let mut input = std::io::stdin().take(FILE_BYTES_MAX);
        input
            .read_to_string(&mut text)
            .context("standard input can't be read")?;
        return Ok(text);
    }
    let size = std::fs::metadata(file).with_context(|| format!("`{name}` can't be read"))?;
    if size.len() > FILE_BYTES_MAX {
        bail!("`{name}` has more than {FILE_BYTES_MAX} bytes");
    }
    std::fs::read_to_string(file).with_context(|| format!("`{name}` can't be read"))
}
