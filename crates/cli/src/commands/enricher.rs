//! `bellwether enricher`: services that are asked what they know of leads.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use crate::console::{DataArgs, Done, Request, Trial, ask, harmless, harmless_lines, print_rows};

/// The largest file that is read, in bytes: more than an enricher's file or secret may have.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// Arguments of `bellwether enricher`.
#[derive(clap::Args)]
pub(crate) struct EnricherArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Add an enricher by its file, or change the one of the same name, and ask it from now on.
    Put {
        /// The enricher's file.
        file: PathBuf,
        /// The file that holds the secret; `-` reads it from standard input. Without it, the secret that was put before stays
        /// where scheme, host and port of the address do, or the server reads the variable that the enricher's file names.
        #[arg(long, value_name = "FILE")]
        secret_file: Option<PathBuf>,
        #[command(flatten)]
        data: DataArgs,
    },
    /// List the enrichers, with how often they were asked and what became of it.
    List {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Remove an enricher. What it answered stays with the leads.
    Remove {
        /// Its name.
        name: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Ask an enricher about one address, and show the request without its secret, the answer, and the traits that it
    /// would set. Nothing is written but that a request was made.
    Test {
        /// Its name, or a file that isn't put yet.
        enricher: String,
        /// The address to ask about.
        email: String,
        /// The file that holds the secret to ask with this time; `-` reads it from standard input. Without it, an enricher is
        /// asked with its own, and a file that isn't put yet with the one in the variable that it names.
        #[arg(long, value_name = "FILE")]
        secret_file: Option<PathBuf>,
        #[command(flatten)]
        data: DataArgs,
    },
}

/// The secret in a file, where one is given.
fn secret_in(file: Option<&Path>) -> anyhow::Result<Option<String>> {
    let Some(file) = file else { return Ok(None) };
    if file.as_os_str() != "-" {
        return read(file).map(Some);
    }
    let mut text = String::new();
    std::io::stdin()
        .take(FILE_BYTES_MAX)
        .read_to_string(&mut text)
        .context("standard input can't be read")?;
    Ok(Some(text))
}

/// Runs the command.
pub(crate) fn run(args: &EnricherArgs) -> anyhow::Result<ExitCode> {
    match &args.action {
        Action::Put {
            file,
            secret_file,
            data,
        } => {
            let (source, secret) = (read(file)?, secret_in(secret_file.as_deref())?);
            let put = ask(&data.data, Request::PutEnricher { source, secret });
            let done = put.with_context(|| format!("`{}` wasn't taken", file.display()))?;
            if let Done::Enricher { name, lacks_secret } = done {
                eprintln!("`{name}` is asked from now on");
                if lacks_secret {
                    eprintln!(
                        "but its request names a secret, and there is none: put it again with --secret-file, or set the \
                         variable of `secret_env` where the server runs"
                    );
                }
            }
        }
        Action::List { data } => print_rows(
            &[
                "enricher", "today", "a day", "waiting", "answered", "unknown", "skipped", "given up",
                "address",
            ],
            ask(&data.data, Request::Enrichers)?,
            "nobody is asked; `bellwether enricher put FILE` changes that",
        ),
        Action::Remove { name, data } => {
            let name = name.clone();
            ask(&data.data, Request::RemoveEnricher { name: name.clone() })?;
            eprintln!("`{name}` isn't asked any more");
        }
        Action::Test {
            enricher,
            email,
            secret_file,
            data,
        } => {
            let file = Path::new(enricher);
            let is_file = file.extension().is_some_and(|kind| kind == "toml");
            let request = Request::TryEnricher {
                name: enricher.clone(),
                source: if is_file { Some(read(file)?) } else { None },
                secret: secret_in(secret_file.as_deref())?,
                email: email.clone(),
            };
            if let Done::Tried(trial) = ask(&data.data, request)? {
                print!("{}", laid_out(&trial));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A trial as an operator reads it.
fn laid_out(trial: &Trial) -> String {
    let mut text = format!("{}\n", harmless_lines(trial.request.trim_end()));
    if let Some(status) = trial.status {
        // Writing to a string can't fail, here and below.
        let _ = write!(text, "\n{status}\n{}\n", harmless_lines(trial.answer.trim_end()));
    }
    let _ = write!(text, "\n{}\n", harmless(&trial.outcome));
    for (name, value) in &trial.traits {
        let _ = writeln!(text, "  {} = {}", harmless(name), harmless(value));
    }
    if trial.status.is_some() && trial.traits.is_empty() {
        text.push_str("  no trait would be set\n");
    }
    text
}

fn read(file: &Path) -> anyhow::Result<String> {
    let name = file.display();
    let size = std::fs::metadata(file).with_context(|| format!("`{name}` can't be read"))?;
    if size.len() > FILE_BYTES_MAX {
        bail!("`{name}` has more than {FILE_BYTES_MAX} bytes");
    }
    std::fs::read_to_string(file).with_context(|| format!("`{name}` can't be read"))
}

#[cfg(test)]
mod tests {
    use super::{Trial, laid_out};

    #[test]
    fn nothing_that_a_service_answers_steers_the_terminal() {
        let trial = Trial {
            request: "GET https://api.example/x\naccept: application/json\n".to_owned(),
            status: Some(200),
            answer: "{\n\t\"a\": \"\u{1b}]0;x\u{7}\"}".to_owned(),
            outcome: "known".to_owned(),
            traits: vec![("industry".to_owned(), "Steel\n  email = x\u{1b}[1A".to_owned())],
        };
        assert_eq!(
            laid_out(&trial),
            "GET https://api.example/x\naccept: application/json\n\n200\n{\n\t\"a\": \"\u{fffd}]0;x\u{fffd}\"}\n\n\
             known\n  industry = Steel\u{fffd}  email = x\u{fffd}[1A\n"
        );
    }
}
