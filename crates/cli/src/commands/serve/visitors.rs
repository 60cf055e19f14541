//! What is made of visitors' addresses.

use std::path::PathBuf;

use bellwether_app::{NetworkFields, NetworkFiles};
use bellwether_server::VisitorOptions;

/// What is made of visitors' addresses. Without any of these, nothing is.
#[derive(clap::Args)]
pub(crate) struct VisitorArgs {
    /// A file in MaxMind's format (`.mmdb`) that says whose network an address is of: a visitor from a company's network
    /// is put under the company's account. Give it again for more files, such as one of countries.
    #[arg(
        long = "ip-companies",
        value_name = "FILE",
        env = "BELLWETHER_IP_COMPANIES",
        value_delimiter = ','
    )]
    files: Vec<PathBuf>,
    /// Where the files' records keep what, where that isn't where it usually is, such as
    /// `domain=company.domain,organization=company.name,country=country.iso_code,kind=company.type`.
    #[arg(long = "ip-fields", value_name = "FIELDS", env = "BELLWETHER_IP_FIELDS", value_parser = NetworkFields::parse)]
    fields: Option<NetworkFields>,
    /// How many proxies of your own stand before this server, each of which writes the address that it was called from
    /// into `X-Forwarded-For`.
    #[arg(
        long,
        value_name = "N",
        env = "BELLWETHER_TRUSTED_PROXIES",
        default_value_t = 0
    )]
    trusted_proxies: u8,
    /// Keep visitors' addresses with their events, as `context.ip`.
    #[arg(long, env = "BELLWETHER_KEEP_IP", value_parser = clap::builder::FalseyValueParser::new())]
    keep_ip: bool,
}

impl VisitorArgs {
    /// The files.
    pub(crate) fn networks(&self) -> NetworkFiles {
        NetworkFiles {
            files: self.files.clone(),
            fields: self.fields.clone().unwrap_or_default(),
        }
    }

    /// How the server takes addresses.
    pub(crate) fn options(&self) -> VisitorOptions {
        VisitorOptions {
            trusted_proxies: usize::from(self.trusted_proxies),
            keep_ip: self.keep_ip,
        }
    }
}
