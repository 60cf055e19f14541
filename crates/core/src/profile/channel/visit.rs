//! What an event says of the visit that it was part of, from its properties: as Segment's clients send them, and as a
//! table's columns hold them.

use std::borrow::Cow;

use super::query::{CLICK_IDS, Query, query};
use crate::domain::{EventKind, Property, Value, ValueRef};
use crate::profile::host::{host_name, registrable};
use crate::profile::mailbox::host_of_address;

const REFERRER: [&str; 2] = ["referrer", "context.page.referrer"];
const ADDRESS: [&str; 3] = ["url", "search", "context.page.search"];
const SOURCE: [&str; 2] = ["utm_source", "context.campaign.source"];
const MEDIUM: [&str; 2] = ["utm_medium", "context.campaign.medium"];
const CAMPAIGN: [&str; 2] = ["utm_campaign", "context.campaign.name"];
const CLICK_ID: &str = "context.page.click_id";
const HOST: &str = "context.page.host";

/// Every property that [`visit_of`] reads, sorted.
pub const VISIT_PATHS: [&str; 22] = [
    "context.campaign.medium",
    "context.campaign.name",
    "context.campaign.source",
    "context.page.click_id",
    "context.page.host",
    "context.page.referrer",
    "context.page.search",
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
    let address = first(&ADDRESS);
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

/// What is worth keeping of a page's address beside an event that isn't its visit: what its query says, and the page's host
/// where the page before was of the same site. A campaign is named as Segment's clients name it.
pub fn carried_of_page(
    url: Option<&str>,
    search: Option<&str>,
    referrer: Option<&str>,
) -> Vec<(&'static str, Value)> {
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
    let host = url.and_then(host_of_address);
    let visit = Visit {
        referrer,
        host,
        ..Visit::default()
    };
    if referrer.is_some_and(|referrer| !referrer.is_empty())
        && visit.outside_referrer().is_none()
        && let Some(host) = visit.host
    {
        carried.push((HOST, Value::Text(host)));
    }
    carried
}

#[cfg(test)]
mod tests {
    use super::*;

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
