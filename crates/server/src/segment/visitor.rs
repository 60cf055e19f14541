//! Where a call was made from. The address is looked up in the operator's files, which may name the visitor's company and
//! country, and is then let go of unless the operator keeps it.
//!
//! A server's own address says nothing of its visitors: the address of a connection counts for browsers alone, which name
//! the page that they call from.

use std::net::IpAddr;

use axum::http::HeaderMap;
use axum::http::header::ORIGIN;
use bellwether_app::{FactBody, IncomingFact, Network};
use bellwether_core::domain::Value;

use crate::edge::Edge;

/// The address that a connection came from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// The property that an address is kept under.
const IP: &str = "context.ip";
/// The property that a country is kept under.
const COUNTRY: &str = "context.location.country";

/// What a call says of the visitor's address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SentAddress {
    /// Nothing.
    #[default]
    Missing,
    /// That it isn't to be used (`0.0.0.0`), or something that is no address.
    Withheld,
    /// It.
    Is(IpAddr),
}

impl SentAddress {
    /// Reads a `context.ip`.
    pub(super) fn read(text: &str) -> Self {
        match text.trim().parse::<IpAddr>() {
            Ok(address) if !address.is_unspecified() => Self::Is(address.to_canonical()),
            _ => Self::Withheld,
        }
    }
}

/// Notes with each fact whose network it came from.
pub(super) fn look_up(
    edge: &Edge,
    facts: &mut [IncomingFact],
    addresses: &[SentAddress],
    headers: &HeaderMap,
    peer: Option<Peer>,
) {
    let (keep, look) = (edge.visitors().keep_ip, edge.app().tells_networks());
    if !keep && !look {
        return;
    }
    let connection = browser(headers, peer, edge.visitors().trusted_proxies);
    // The events of a call are mostly of one visitor.
    let mut last: Option<(IpAddr, Network)> = None;
    for (fact, sent) in facts.iter_mut().zip(addresses) {
        let address = match sent {
            SentAddress::Is(address) => *address,
            SentAddress::Withheld => continue,
            SentAddress::Missing => match connection {
                Some(address) => address,
                None => continue,
            },
        };
        if look {
            let network = match last.take().filter(|(of, _)| *of == address) {
                Some((_, network)) => network,
                None => edge.app().network_of(address),
            };
            fact.seen_from.clone_from(&network.company);
            if let Some(country) = &network.country {
                note(fact, COUNTRY, country);
            }
            last = Some((address, network));
        }
        if keep {
            note(fact, IP, &address.to_string());
        }
    }
}

/// Notes a property of an event, unless the call names one.
fn note(fact: &mut IncomingFact, property: &str, value: &str) {
    if let FactBody::Event(event) = &mut fact.body {
        event
            .properties
            .entry(property.to_owned())
            .or_insert_with(|| Value::from(value));
    }
}

/// The address of the browser that a request comes from: the connection's, or where so many proxies are trusted, what the
/// outermost of them wrote down. A shorter list than there are proxies was written by somebody else.
fn browser(headers: &HeaderMap, peer: Option<Peer>, trusted_proxies: usize) -> Option<IpAddr> {
    headers.get(ORIGIN)?;
    let Some(back) = trusted_proxies.checked_sub(1) else {
        return peer.map(|Peer(address)| address.to_canonical());
    };
    let lines = headers.get_all("x-forwarded-for").iter();
    let listed: Vec<&str> = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .collect();
    let written = listed.iter().rev().nth(back)?;
    // Some proxies write the port too.
    let address = written.parse::<IpAddr>().ok().or_else(|| {
        written
            .parse::<std::net::SocketAddr>()
            .ok()
            .map(|address| address.ip())
    });
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[track_caller]
    fn check(origin: bool, forwarded: &[&'static str], trusted: usize, expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        if origin {
            headers.insert(ORIGIN, HeaderValue::from_static("https://acme.example"));
        }
        for line in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_static(line));
        }
        let peer = Peer("10.0.0.1".parse().unwrap());
        let found = browser(&headers, Some(peer), trusted).map(|address| address.to_string());
        assert_eq!(
            found.as_deref(),
            expected,
            "{origin} {forwarded:?} behind {trusted}"
        );
    }

    #[test]
    fn an_address_is_a_browsers_and_of_a_header_only_what_trusted_proxies_wrote() {
        check(false, &["192.0.2.1"], 0, None);
        check(false, &["192.0.2.1"], 1, None);
        check(true, &[], 0, Some("10.0.0.1"));
        check(true, &["192.0.2.1"], 0, Some("10.0.0.1"));
        check(true, &["192.0.2.1"], 1, Some("192.0.2.1"));
        // What the visitor wrote stands before what the proxy wrote.
        check(true, &["6.6.6.6, 192.0.2.1"], 1, Some("192.0.2.1"));
        check(true, &["6.6.6.6", "192.0.2.1, 10.0.0.2"], 2, Some("192.0.2.1"));
        check(true, &["192.0.2.1:5000"], 1, Some("192.0.2.1"));
        check(true, &["::ffff:192.0.2.1"], 1, Some("192.0.2.1"));
        check(true, &["[2001:db8::1]:5000"], 1, Some("2001:db8::1"));
        check(true, &["192.0.2.1"], 2, None);
        check(true, &["unknown"], 1, None);
        check(true, &[], 1, None);
    }

    #[test]
    fn a_call_may_withhold_the_address() {
        for (text, sent) in [
            ("0.0.0.0", SentAddress::Withheld),
            ("::", SentAddress::Withheld),
            ("", SentAddress::Withheld),
            ("{{ip}}", SentAddress::Withheld),
            (" 192.0.2.1 ", SentAddress::Is("192.0.2.1".parse().unwrap())),
        ] {
            assert_eq!(SentAddress::read(text), sent, "{text}");
        }
    }
}
