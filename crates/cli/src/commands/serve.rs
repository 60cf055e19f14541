//! `bellwether serve`: the server, on one data directory.

mod first_start;
mod running;
mod visitors;

use std::path::PathBuf;
use std::process::ExitCode;

use bellwether_app::App;

use crate::console::{DataArgs, options, runtime};
use crate::demo::AGREEMENT;

use super::agreement::read_checked;

pub(crate) use running::{Running, Setup, say, start_logs};

/// Said at the start where nurture mails would have no link to unsubscribe by.
const NO_WAY_OUT: &str = "nurture mails go out without a link to unsubscribe by, since the server doesn't know its address; \
    start it with --public-url https://…";

/// Arguments of `bellwether serve`.
#[derive(clap::Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    listen: ListenArgs,
    /// The agreement that a new database begins with; without it, the template `saas-fit-intent`.
    #[arg(long, value_name = "FILE")]
    agreement: Option<PathBuf>,
    /// Let webhooks go to this machine and its private networks.
    #[arg(long, env = "BELLWETHER_ALLOW_PRIVATE_WEBHOOKS", value_parser = clap::builder::FalseyValueParser::new())]
    allow_private_webhooks: bool,
    /// Let enrichers be asked on this machine and its private networks.
    #[arg(long, env = "BELLWETHER_ALLOW_PRIVATE_ENRICHERS", value_parser = clap::builder::FalseyValueParser::new())]
    allow_private_enrichers: bool,
    /// Send nothing: what would be sent is kept and listed, and never sent later; enrichers aren't asked.
    #[arg(long, env = "BELLWETHER_DRY_RUN", value_parser = clap::builder::FalseyValueParser::new())]
    dry_run: bool,
    #[command(flatten)]
    visitors: visitors::VisitorArgs,
}

/// Where a server listens, how browsers reach it, and what it says about itself.
#[derive(clap::Args)]
pub(crate) struct ListenArgs {
    /// The address to listen on; port 0 takes a free one.
    #[arg(
        long,
        value_name = "ADDR",
        env = "BELLWETHER_LISTEN",
        default_value = "127.0.0.1:7878"
    )]
    pub(crate) listen: String,
    /// The address that browsers reach this server by where it stands behind a proxy, such as
    /// `https://bellwether.acme.example`.
    #[arg(long, value_name = "URL", env = "BELLWETHER_PUBLIC_URL", value_parser = public_url)]
    pub(crate) public_url: Option<String>,
    /// What to log to standard error: `error`, `warn`, `info`, `debug`, `trace`, or a list such as
    /// `info,bellwether_server=debug`.
    #[arg(long, value_name = "FILTER", env = "RUST_LOG", default_value = "info")]
    pub(crate) log: String,
}

/// Runs the command.
pub(crate) fn run(args: &ServeArgs) -> anyhow::Result<ExitCode> {
    start_logs(&args.listen.log)?;
    let agreement = match &args.agreement {
        Some(file) => read_checked(file)?,
        None => AGREEMENT.to_owned(),
    };
    runtime()?.block_on(async {
        let mut options = options(&args.data.data);
        options.agreement_if_none = agreement;
        options.webhooks_to_private_addresses = args.allow_private_webhooks;
        options.enrichers_at_private_addresses = args.allow_private_enrichers;
        options.networks = args.visitors.networks();
        options.dry_run = args.dry_run;
        options.public_url.clone_from(&args.listen.public_url);
        let running = Running::start(Setup {
            options,
            listen: &args.listen,
            visitors: args.visitors.options(),
        })
        .await?;
        match first_start::prepare(&running.app).await? {
            Some(secrets) => say(&secrets.laid_out(&running.url, &args.data.data))?,
            None => say(&format!(
                "the data is in `{}`; `bellwether key list` and `bellwether user list` show who may come in",
                args.data.data.display()
            ))?,
        }
        if let Some(warning) = no_way_out(&running.app).await? {
            say(warning)?;
        }
        if args.agreement.is_some() && running.had_agreement {
            tracing::warn!("the database has an agreement already, and --agreement wasn't taken; `bellwether agreement put` makes another active");
        }
        running.serve().await
    })?;
    Ok(ExitCode::SUCCESS)
}

/// What to say where leads would be written to without a way to say that they want no more.
async fn no_way_out(app: &App) -> anyhow::Result<Option<&'static str>> {
    let says_where = app.public_url().is_some();
    let agreement = app.active_agreement().await?;
    if says_where || agreement.engine.agreement().nurture.is_empty() {
        return Ok(None);
    }
    let mails = app
        .destinations()
        .await?
        .iter()
        .any(|one| one.active && one.kind == "smtp");
    Ok(mails.then_some(NO_WAY_OUT))
}

fn public_url(text: &str) -> Result<String, String> {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    match host.map(|host| host.trim_end_matches('/')) {
        Some(host) if !host.is_empty() && !host.contains(char::is_whitespace) => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => Err("give it with its protocol, such as `https://bellwether.acme.example`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::public_url;

    #[test]
    fn a_public_address_has_a_protocol_and_a_host() {
        assert_eq!(
            public_url("https://b.example/"),
            Ok("https://b.example".to_owned())
        );
        for text in ["b.example", "ftp://b.example", "https://", "https:// b"] {
            assert!(public_url(text).is_err(), "{text}");
        }
    }
}
