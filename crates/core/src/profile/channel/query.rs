//! What stands in a link's query: `utm_…` and the ids by which advertisers' networks know a click.

use std::borrow::Cow;

/// The longest query that is read, in bytes; what comes after is left.
const QUERY_BYTES_MAX: usize = 8_192;

/// What a click id says by being there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ClickId {
    pub(super) name: &'static str,
    pub(super) source: &'static str,
    pub(super) medium: &'static str,
}

const fn id(name: &'static str, source: &'static str, medium: &'static str) -> ClickId {
    ClickId { name, source, medium }
}

/// The click ids that are known, those first that say more. Facebook adds its own to every link, so it is no sign of payment.
#[rustfmt::skip]
pub(super) const CLICK_IDS: [ClickId; 26] = [
    id("gclid", "google", "cpc"), id("gbraid", "google", "cpc"), id("wbraid", "google", "cpc"),
    id("dclid", "google", "display"), id("msclkid", "bing", "cpc"), id("yclid", "yandex", "cpc"),
    id("ttclid", "tiktok", "paid"), id("li_fat_id", "linkedin", "paid"), id("twclid", "twitter", "paid"),
    id("sccid", "snapchat", "paid"), id("rdt_cid", "reddit", "paid"), id("qclid", "quora", "paid"),
    id("epik", "pinterest", "social"), id("fbclid", "facebook", "social"), id("igshid", "instagram", "social"),
    id("igsh", "instagram", "social"), id("srsltid", "google shopping", "organic"),
    id("mc_eid", "mailchimp", "email"), id("mc_cid", "mailchimp", "email"), id("mkt_tok", "marketo", "email"),
    id("_hsenc", "hubspot", "email"), id("_hsmi", "hubspot", "email"),
    id("irclickid", "impact", "affiliate"), id("awc", "awin", "affiliate"), id("cjevent", "cj", "affiliate"),
    id("gad_source", "google", "cpc"),
];

/// What a query says of where its visitor came from.
#[derive(Debug, Default)]
pub(super) struct Query<'q> {
    pub(super) source: Option<Cow<'q, str>>,
    pub(super) medium: Option<Cow<'q, str>>,
    pub(super) campaign: Option<Cow<'q, str>>,
    pub(super) click_id: Option<&'static str>,
}

/// The click id of this name, in whatever case.
pub(super) fn click_id(name: &str) -> Option<&'static ClickId> {
    CLICK_IDS.iter().find(|id| id.name.eq_ignore_ascii_case(name))
}

/// Reads the query of an address, or a query by itself. Some sites write theirs behind the `#`.
pub(super) fn query(address: &str) -> Query<'_> {
    let mut found = Query::default();
    let Some((_, query)) = address.split_once('?') else {
        return found;
    };
    let query = query
        .get(..query.floor_char_boundary(QUERY_BYTES_MAX))
        .unwrap_or_default();
    let mut best = CLICK_IDS.len();
    for part in query.split(['#', '?']) {
        for (name, value) in form_urlencoded::parse(part.as_bytes()) {
            if value.trim().is_empty() {
                continue;
            }
            let place = match &*name.to_ascii_lowercase() {
                "utm_source" => &mut found.source,
                "utm_medium" => &mut found.medium,
                "utm_campaign" => &mut found.campaign,
                other => {
                    let at = CLICK_IDS.iter().position(|id| id.name == other);
                    best = best.min(at.unwrap_or(best));
                    continue;
                }
            };
            place.get_or_insert(value);
        }
    }
    found.click_id = CLICK_IDS.get(best).map(|id| id.name);
    found
}
