//! How the outside is called: no redirect is followed, no proxy is used, and no address within the server's own walls is
//! reached unless its operator says so.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::time::Duration;

use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use crate::is_public;

/// The longest address that is called, in bytes.
const URL_BYTES_MAX: usize = 2_000;

/// Why nobody answered.
pub(crate) enum Unreached {
    /// The address is within the server's own walls.
    Private,
    /// Anything else, in a few words.
    Because(String),
}

/// What calls with. Any status is an answer, not an error.
pub(crate) fn agent(private_allowed: bool, timeout: Duration) -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(timeout))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .proxy(None)
        .user_agent("bellwether")
        .build();
    let resolver = Walls {
        private_allowed,
        names: DefaultResolver::default(),
    };
    ureq::Agent::with_parts(config, DefaultConnector::default(), resolver)
}

/// Whether an address has the form of one that can be called.
pub(crate) fn is_callable(url: &str) -> bool {
    let uri: Option<ureq::http::Uri> = (url.len() <= URL_BYTES_MAX).then(|| url.parse().ok()).flatten();
    uri.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("https" | "http"))
            && uri.host().is_some_and(|host| !host.is_empty())
            && uri
                .authority()
                .is_some_and(|authority| !authority.as_str().contains('@'))
    })
}

/// Whom an address leads to: its scheme, host and port. Nothing where it can't be called.
pub(crate) fn origin(url: &str) -> Option<(String, String, u16)> {
    let uri: ureq::http::Uri = url.parse().ok()?;
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let port = uri.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
    Some((scheme, uri.host()?.to_ascii_lowercase(), port))
}

/// What an error of the call means.
pub(crate) fn unreached(error: &ureq::Error) -> Unreached {
    match error {
        ureq::Error::Io(io) if io.kind() == std::io::ErrorKind::PermissionDenied => Unreached::Private,
        other => Unreached::Because(other.to_string().chars().take(200).collect()),
    }
}

/// Looks names up and gives only addresses that may be called. It stands between the name and the connection, so that a
/// name can't be looked up once for the check and again for the call.
#[derive(Debug)]
struct Walls {
    private_allowed: bool,
    names: DefaultResolver,
}

impl Resolver for Walls {
    fn resolve(
        &self,
        uri: &ureq::http::Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = match literal(uri) {
            Some(address) => {
                let mut found = self.names.empty();
                found.push(address);
                found
            }
            None => self.names.resolve(uri, config, timeout)?,
        };
        if self.private_allowed {
            return Ok(found);
        }
        let mut public = self.names.empty();
        for address in found.iter().filter(|address| is_public(address.ip())) {
            public.push(*address);
        }
        if public.is_empty() {
            let walls = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
            return Err(ureq::Error::Io(walls));
        }
        Ok(public)
    }
}

/// The address that a URL names by number, which needs no looking up.
fn literal(uri: &ureq::http::Uri) -> Option<SocketAddr> {
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']');
    let ip: IpAddr = host.parse().ok()?;
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") {
        443
    } else {
        80
    });
    (ip, port).to_socket_addrs().ok()?.next()
}
