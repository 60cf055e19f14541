//! What an event says of the visit that it was part of, from its properties: as Segment's clients send them, and as a
//! table's columns hold them.

use std::borrow::Cow;

use super::query::{CLICK_IDS, Query, query};
use crate::domain::{EventKind, Property, Value, ValueRef};
use crate::profile::host::{host_name, registrable};
use crate::profile::mailbox::host_of_address;

/// The host of another site's page that somebody came from, as [`carried_of_page`] keeps it.
const OUTSIDE_REFERRER: &str = "context.page.outside_referrer";
const REFERRER: [&str; 2] = ["referrer", OUTSIDE_REFERRER];
const ADDRESS: [&str; 2] = ["url", "search"];
const SOURCE: [&str; 2] = ["utm_source", "context.campaign.source"];
const MEDIUM: [&str; 2] = ["utm_medium", "context.campaign.medium"];
const CAMPAIGN: [&str; 2] = ["utm_campaign", "context.campaign.name"];
const CLICK_ID: &str = "context.page.click_id";
const HOST: &str = "context.page.host";

/// Every property that [`visit_of`] reads, sorted.
pub const VISIT_PATHS: [&str; 21] = [
    "context.campaign.medium",
    "context.campaign.name",
    "context.campaign.source",
    "context.page.click_id",
    "context.page.host",
    "context.page.outside_referrer",
    "dclid",
    "fbclid",
    "gbraid",
    "gclid",
    "li_fat_id",
    "msclkid",
    "referrer",
    "search",
    "ttclid",
    "twclid",
    "url",
    "utm_campaign",
    "utm_medium",
    "utm_source",
    "wbraid",
];

/// What is known of where a visitor came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visit<'a> {
    /// `utm_source`.
    pub source: Option<Cow<'a, str>>,
    /// `utm_medium`.
    pub medium: Option<Cow<'a, str>>,
    /// `utm_campaign`.
    pub campaign: Option<Cow<'a, str>>,
    /// The name of the click id that the link carried, such as `gclid`.
    pub click_id: Option<&'a str>,
    /// The address of the page before.
    pub referrer: Option<&'a str>,
    /// The host of the page visited.
    pub host: Option<String>,
    /// Whether it is a page that was visited, so that no referrer means that there was none.
    pub is_page: bool,
}

/// What an event's properties say of the visit; nothing where they say nothing.
pub fn visit_of(kind: EventKind, properties: &dyn Property) -> Option<Visit<'_>> {
    let text = |path: &str| match properties.property(path)? {
        ValueRef::Text(text) => Some(text),
        _ => None,
    };
    let first = |paths: &[&str]| paths.iter().find_map(|path| text(path));
    // Where a page names a canonical address, only `search` has the query.
    let address = ADDRESS
        .iter()
        .filter_map(|path| text(path))
        .find(|text| text.contains('?'));
    let in_address = address.map(query).unwrap_or_default();
    let Query {
        source,
        medium,
        campaign,
        click_id,
    } = in_address;
    let stated = CLICK_IDS
        .iter()
        .filter(|id| VISIT_PATHS.binary_search(&id.name).is_ok());
    let visit = Visit {
        source: first(&SOURCE).map(Cow::Borrowed).or(source),
        medium: first(&MEDIUM).map(Cow::Borrowed).or(medium),
        campaign: first(&CAMPAIGN).map(Cow::Borrowed).or(campaign),
        click_id: click_id.or_else(|| text(CLICK_ID)).or_else(|| {
            stated
                .map(|id| id.name)
                .find(|name| properties.property(name).is_some())
        }),
        referrer: first(&REFERRER),
        host: text("url")
            .and_then(host_of_address)
            .or_else(|| text(HOST).and_then(host_name)),
        is_page: kind == EventKind::Page,
    };
    let says_something = visit.source.is_some()
        || visit.medium.is_some()
        || visit.campaign.is_some()
        || visit.click_id.is_some()
        || visit.referrer.is_some()
        || visit.host.is_some();
    says_something.then_some(visit)
}

impl Visit<'_> {
    /// The host of the page before, where it isn't one's own.
    pub(super) fn outside_referrer(&self) -> Option<String> {
        let referrer = host_of_address(self.referrer?)?;
        let same = |own: &str| {
            own == referrer || registrable(own).is_some_and(|domain| registrable(&referrer) == Some(domain))
        };
        (!self.host.as_deref().is_some_and(same)).then_some(referrer)
    }

    /// Whether a page was visited whose address is known, and no other page before it.
    pub(super) fn is_direct(&self) -> bool {
        self.is_page && self.host.is_some() && self.referrer.is_none()
    }
}

/// The page around an event, as Segment's clients describe it in `context.page`.
#[derive(Debug, Clone, Copy, Default)]
pub struct PageAround<'a> {
    /// Its address.
    pub url: Option<&'a str>,
    /// The query of its address.
    pub search: Option<&'a str>,
    /// The page before it.
    pub referrer: Option<&'a str>,
}

/// What is worth keeping of the page around an event whose own properties name no `url`: what its query says, and the host
/// of another site's page before it; of a visit to the page also its own host. A campaign is named as Segment's clients
/// name it.
pub fn carried_of_page(kind: EventKind, page: PageAround<'_>) -> Vec<(&'static str, Value)> {
    let PageAround {
        url,
        search,
        referrer,
    } = page;
    let mut carried = Vec::new();
    if let Some(address) = [url, search]
        .into_iter()
        .flatten()
        .find(|address| address.contains('?'))
    {
        let Query {
            source,
            medium,
            campaign,
            click_id,
        } = query(address);
        let named = [(SOURCE[1], source), (MEDIUM[1], medium), (CAMPAIGN[1], campaign)];
        let named = named.into_iter().filter_map(|(path, text)| Some((path, text?)));
        carried.extend(named.map(|(path, text)| (path, Value::Text(text.into_owned()))));
        carried.extend(click_id.map(|name| (CLICK_ID, Value::from(name))));
    }
    let referrer = referrer.filter(|referrer| !referrer.is_empty());
    // Mostly both are pages of one host, which is seen without reading either.
    let within = url
        .zip(referrer)
        .is_some_and(|(url, referrer)| origin(url).eq_ignore_ascii_case(origin(referrer)));
    let is_page = kind == EventKind::Page;
    if within && !is_page {
        return carried;
    }
    let visit = Visit {
        referrer,
        host: url.and_then(host_of_address),
        ..Visit::default()
    };
    if let Some(outside) = visit.outside_referrer() {
        carried.push((OUTSIDE_REFERRER, Value::Text(outside)));
    }
    // Without the page's host, a visit that nothing came before says nothing.
    if is_page && referrer.is_none() {
        carried.extend(visit.host.map(|host| (HOST, Value::Text(host))));
    }
    carried
}

/// Scheme and host of an address, as they are written.
fn origin(address: &str) -> &str {
    let after = address.find("://").map_or(0, |at| at.saturating_add(3));
    let rest = address.get(after..).unwrap_or_default();
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    address.get(..after.saturating_add(end)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(kind: EventKind, url: &str, search: &str, referrer: &str) -> Vec<&'static str> {
        let page = PageAround {
            url: Some(url),
            search: Some(search),
            referrer: Some(referrer),
        };
        carried_of_page(kind, page)
            .into_iter()
            .map(|(name, _)| name)
            .collect()
    }

    #[test]
    fn of_the_page_around_only_what_brought_somebody_is_kept() {
        let (page, track) = (EventKind::Page, EventKind::Track);
        let none: [&str; 0] = [];
        assert_eq!(
            names(track, "https://a.example/x", "", "https://a.example/y"),
            none
        );
        assert_eq!(
            names(track, "https://www.a.example/x", "", "https://a.example/y"),
            none
        );
        assert_eq!(names(track, "https://a.example/x", "", ""), none);
        assert_eq!(names(page, "https://a.example/x", "", ""), [HOST]);
        assert_eq!(
            names(page, "https://a.example/x", "", "https://a.example/y"),
            none
        );
        assert_eq!(
            names(track, "https://a.example/", "", "https://b.example/"),
            [OUTSIDE_REFERRER]
        );
        assert_eq!(
            names(track, "https://a.example/", "?gclid=1&utm_source=g", ""),
            [SOURCE[1], CLICK_ID]
        );
    }

    #[test]
    fn paths_are_sorted_and_every_one_that_is_read_is_among_them() {
        assert!(VISIT_PATHS.is_sorted_by(|a, b| a < b));
        let read = [
            &REFERRER[..],
            &ADDRESS,
            &SOURCE,
            &MEDIUM,
            &CAMPAIGN,
            &[CLICK_ID, HOST],
        ]
        .concat();
        assert!(read.iter().all(|path| VISIT_PATHS.binary_search(path).is_ok()));
    }
}
