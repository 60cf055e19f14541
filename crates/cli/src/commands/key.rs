//! `bellwether key`: API keys.

use std::process::ExitCode;

use bellwether_core::domain::TraitSource;

use crate::console::{DataArgs, Done, Request, ask, print_rows};

/// Arguments of `bellwether key`.
#[derive(clap::Args)]
pub(crate) struct KeyArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Make a key. It is printed this once; only its hash is kept.
    Create {
        /// What it is for: `write` brings events, `admin` does everything else.
        #[arg(long, value_enum)]
        kind: Kind,
        /// What to call it, such as the site or system that it is for.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// As whom a write key's traits are believed: what a person said holds before the CRM's records, and those before
        /// an enrichment.
        #[arg(long, value_enum, value_name = "SOURCE", default_value = "stated")]
        speaks_as: Speaker,
        #[command(flatten)]
        data: DataArgs,
    },
    /// List the keys, without their secrets.
    List {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Make a key useless from now on.
    Revoke {
        /// Its number, as `bellwether key list` shows it.
        id: i64,
        #[command(flatten)]
        data: DataArgs,
    },
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Kind {
    /// Brings events; it may stand in a page.
    Write,
    /// Reads and decides everything; keep it secret.
    Admin,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Speaker {
    /// The person: a site, an app, a form.
    Stated,
    /// The company's own records: a CRM's Segment destination, a reverse ETL.
    Crm,
    /// A service that knows people and companies.
    Enrichment,
}

impl Speaker {
    fn source(self) -> TraitSource {
        match self {
            Self::Stated => TraitSource::Stated,
            Self::Crm => TraitSource::Crm,
            Self::Enrichment => TraitSource::Enrichment,
        }
    }
}

/// Runs the command.
pub(crate) fn run(args: &KeyArgs) -> anyhow::Result<ExitCode> {
    match &args.action {
        Action::Create {
            kind,
            name,
            speaks_as,
            data,
        } => {
            let admin = matches!(kind, Kind::Admin);
            let name = name
                .clone()
                .unwrap_or_else(|| "made on the command line".to_owned());
            if let Done::Key { id, secret } = ask(
                &data.data,
                Request::CreateKey {
                    admin,
                    name,
                    speaks_as: speaks_as.source().as_str().to_owned(),
                },
            )? {
                eprintln!("key {id}, shown this once:");
                println!("{secret}");
            }
        }
        Action::List { data } => print_rows(
            &["key", "kind", "speaks as", "made", "name"],
            ask(&data.data, Request::Keys)?,
            "there are no keys; `bellwether key create --kind write` makes one",
        ),
        Action::Revoke { id, data } => {
            ask(&data.data, Request::RevokeKey { id: *id })?;
            eprintln!("key {id} is revoked");
        }
    }
    Ok(ExitCode::SUCCESS)
}
