//! `bellwether agreement`: the agreement that a database runs by.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use bellwether_core::agreement::{Severity, check, limits};

use crate::console::{DataArgs, Done, Request, ask};

/// Arguments of `bellwether agreement`.
#[derive(clap::Args)]
pub(crate) struct AgreementArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Print the active agreement as it was given.
    Show {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Check an agreement and make it the active one, from now on.
    Put {
        /// The agreement.
        file: PathBuf,
        #[command(flatten)]
        data: DataArgs,
    },
}

/// Runs the command.
pub(crate) fn run(args: &AgreementArgs) -> anyhow::Result<ExitCode> {
    match &args.action {
        Action::Show { data } => {
            let shown = ask(&data.data, Request::ShowAgreement)?;
            if let Done::Agreement {
                version,
                activated_at,
                by,
                source,
            } = shown
            {
                eprintln!("version {version}, active since {activated_at}, published by {by}");
                print!("{source}");
            }
        }
        Action::Put { file, data } => {
            let source = read_checked(file)?;
            match ask(&data.data, Request::PutAgreement { source })? {
                Done::Published { version } => eprintln!("version {version} is active"),
                _ => bail!(
                    "`{0}` wasn't taken; `bellwether check {0}` says why",
                    file.display()
                ),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// An agreement's text, where it has no errors.
pub(crate) fn read_checked(file: &Path) -> anyhow::Result<String> {
    let name = file.display();
    let size = std::fs::metadata(file)
        .with_context(|| format!("`{name}` can't be read"))?
        .len();
    if size > limits::FILE_BYTES_MAX as u64 {
        bail!(
            "`{name}` is larger than an agreement may be, {} bytes",
            limits::FILE_BYTES_MAX
        );
    }
    let source = std::fs::read_to_string(file).with_context(|| format!("`{name}` can't be read"))?;
    let checked = check(&source);
    let mut errors = checked
        .problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error);
    if let Some(first) = errors.next() {
        bail!(
            "`{name}` has {} errors, the first on line {}: {}; `bellwether check {name}` shows them all",
            errors.count() + 1,
            first.line,
            first.message
        );
    }
    Ok(source)
}
