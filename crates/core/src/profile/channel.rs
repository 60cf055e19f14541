//! By which channel somebody came: from what a link's maker wrote into it (`utm_…`), from what an advertiser's network
//! added (click ids), and else from the page that they came from. The rules and their order are those of Google Analytics'
//! default channel groups, with AI assistants as a channel of their own.

mod query;
mod sites;
mod visit;

use self::sites::{Site, SiteKind, site_of_host, site_of_source};
pub use self::visit::{PageAround, VISIT_PATHS, Visit, carried_of_page, visit_of};
use crate::domain::{EventView, Value};

/// The fields that say by what a lead first came.
pub const FIRST_TOUCH_FIELDS: [&str; 3] = ["channel", "source", "campaign"];

/// The longest source or campaign that is kept, in bytes.
const WORD_BYTES_MAX: usize = 200;

/// A channel, as conditions name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Typed in, or from a bookmark.
    Direct,
    /// One campaign over several of a network's places.
    CrossNetwork,
    /// An advertisement in a shop or a comparison of prices.
    PaidShopping,
    /// An advertisement beside a search's results.
    PaidSearch,
    /// An advertisement in a social network.
    PaidSocial,
    /// An advertisement in a video.
    PaidVideo,
    /// A banner.
    Display,
    /// Another advertisement.
    PaidOther,
    /// An entry in a shop or a comparison of prices.
    OrganicShopping,
    /// A post or message in a social network.
    OrganicSocial,
    /// A video.
    OrganicVideo,
    /// A search's results.
    OrganicSearch,
    /// An answer of an assistant such as `ChatGPT`.
    AiAssistant,
    /// Another site's link.
    Referral,
    /// A mail.
    Email,
    /// A partner who is paid for it.
    Affiliates,
    /// A podcast or another thing to hear.
    Audio,
    /// A text message.
    Sms,
    /// A notification on a phone.
    MobilePush,
    /// Said by words that no rule knows.
    Unassigned,
}

/// By what somebody came at one visit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Touch {
    /// The channel.
    pub channel: Channel,
    /// Who sent them: as the link says, or the site's name, or its domain.
    pub source: Option<String>,
    /// The campaign as the link names it.
    pub campaign: Option<String>,
}

impl Channel {
    /// Every channel, in the order in which the rules are tried.
    pub const ALL: [Self; 20] = [
        Self::Direct,
        Self::CrossNetwork,
        Self::PaidShopping,
        Self::PaidSearch,
        Self::PaidSocial,
        Self::PaidVideo,
        Self::Display,
        Self::PaidOther,
        Self::OrganicShopping,
        Self::OrganicSocial,
        Self::OrganicVideo,
        Self::OrganicSearch,
        Self::AiAssistant,
        Self::Referral,
        Self::Email,
        Self::Affiliates,
        Self::Audio,
        Self::Sms,
        Self::MobilePush,
        Self::Unassigned,
    ];

    /// The channel as conditions name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::CrossNetwork => "cross_network",
            Self::PaidShopping => "paid_shopping",
            Self::PaidSearch => "paid_search",
            Self::PaidSocial => "paid_social",
            Self::PaidVideo => "paid_video",
            Self::Display => "display",
            Self::PaidOther => "paid_other",
            Self::OrganicShopping => "organic_shopping",
            Self::OrganicSocial => "organic_social",
            Self::OrganicVideo => "organic_video",
            Self::OrganicSearch => "organic_search",
            Self::AiAssistant => "ai_assistant",
            Self::Referral => "referral",
            Self::Email => "email",
            Self::Affiliates => "affiliates",
            Self::Audio => "audio",
            Self::Sms => "sms",
            Self::MobilePush => "mobile_push",
            Self::Unassigned => "unassigned",
        }
    }
}

impl Touch {
    /// The fields of [`FIRST_TOUCH_FIELDS`] with their values; empty where the visit doesn't say.
    pub fn fields(&self) -> [(&'static str, Value); 3] {
        let text = |text: &Option<String>| Value::Text(text.clone().unwrap_or_default());
        [
            ("channel", Value::from(self.channel.as_str())),
            ("source", text(&self.source)),
            ("campaign", text(&self.campaign)),
        ]
    }
}

/// By what somebody came who did this; nothing where the event says nothing of it.
pub fn touch_of(event: &EventView<'_>) -> Option<Touch> {
    touch(&visit_of(event.kind, event.properties)?)
}

/// The channel of a visit; nothing where it is none that brought anybody: a way on within one's own site, or back from
/// signing in or paying elsewhere.
pub fn channel(visit: &Visit<'_>) -> Option<Channel> {
    touch(visit).map(|touch| touch.channel)
}

/// By what somebody came at this visit.
pub fn touch(visit: &Visit<'_>) -> Option<Touch> {
    let said =
        |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().map(word).filter(|word| !word.is_empty());
    let (source, medium, campaign) = (said(&visit.source), said(&visit.medium), said(&visit.campaign));
    let referrer = visit.outside_referrer();
    let click = visit.click_id.and_then(query::click_id);
    if source.is_none() && medium.is_none() && campaign.is_none() && click.is_none() {
        return match referrer {
            Some(host) if sites::is_way_back(&host) => None,
            Some(host) => Some(by_referrer(&host)),
            None => visit.is_direct().then_some(Touch {
                channel: Channel::Direct,
                source: None,
                campaign: None,
            }),
        };
    }
    let came_from = referrer
        .filter(|host| !sites::is_way_back(host))
        .map(|host| by_referrer(&host));
    let source = source
        .or_else(|| click.map(|click| click.source.to_owned()))
        .or_else(|| came_from.as_ref().and_then(|touch| touch.source.clone()));
    let medium = medium.or_else(|| click.map(|click| click.medium.to_owned()));
    let said = Said {
        site: source.as_deref().and_then(site_of_source),
        source: &plain(source.as_deref()),
        medium: &plain(medium.as_deref()),
        campaign: &plain(campaign.as_deref()),
    };
    // A link that only names a campaign leaves the page that it stood on to tell the rest.
    let channel = match said.channel() {
        Channel::Unassigned if medium.is_none() => {
            came_from.map_or(Channel::Unassigned, |touch| touch.channel)
        }
        channel => channel,
    };
    Some(Touch {
        channel,
        source,
        campaign,
    })
}

/// What a visit says, in the form that words are compared in.
struct Said<'s> {
    site: Option<&'static Site>,
    source: &'s str,
    medium: &'s str,
    campaign: &'s str,
}

impl Said<'_> {
    /// The first rule that holds, in the order of Google's table. Those for advertisements come before those that a site
    /// alone decides.
    fn channel(&self) -> Channel {
        let kind = self.site.map(|site| site.kind);
        let paid = is_paid(self.medium);
        let shop = kind == Some(SiteKind::Shopping) || is_about_shopping(self.campaign);
        if is_nothing(self.source) && is_nothing(self.medium) && self.campaign.is_empty() {
            Channel::Direct
        } else if self.campaign.contains("cross-network") {
            Channel::CrossNetwork
        } else if paid && shop {
            Channel::PaidShopping
        } else if paid && let Some(channel) = kind.and_then(SiteKind::paid) {
            channel
        } else if ["display", "banner", "expandable", "interstitial", "cpm"].contains(&self.medium) {
            Channel::Display
        } else if paid {
            Channel::PaidOther
        } else {
            self.unpaid(kind, shop)
        }
    }

    fn unpaid(&self, kind: Option<SiteKind>, shop: bool) -> Channel {
        let medium = self.medium;
        if is_email(self.source) || is_email(medium) || kind == Some(SiteKind::Mail) {
            Channel::Email
        } else if ["affiliate", "affiliates"].contains(&medium) {
            Channel::Affiliates
        } else if ["audio", "podcast"].contains(&medium) {
            Channel::Audio
        } else if self.source == "sms" || medium == "sms" {
            Channel::Sms
        } else if is_push(self.source, medium) {
            Channel::MobilePush
        } else if kind == Some(SiteKind::Assistant) {
            Channel::AiAssistant
        } else if shop {
            Channel::OrganicShopping
        } else if kind == Some(SiteKind::Social) || SOCIAL_MEDIA.contains(&medium) {
            Channel::OrganicSocial
        } else if kind == Some(SiteKind::Video) || medium.contains("video") {
            Channel::OrganicVideo
        } else if kind == Some(SiteKind::Search) || medium == "organic" {
            Channel::OrganicSearch
        } else if ["referral", "app", "link"].contains(&medium) {
            Channel::Referral
        } else {
            Channel::Unassigned
        }
    }
}

const SOCIAL_MEDIA: [&str; 6] = [
    "social",
    "social-network",
    "social-media",
    "sm",
    "social network",
    "social media",
];

impl SiteKind {
    /// The channel of somebody who simply comes from there.
    const fn organic(self) -> Channel {
        match self {
            Self::Search => Channel::OrganicSearch,
            Self::Social => Channel::OrganicSocial,
            Self::Video => Channel::OrganicVideo,
            Self::Shopping => Channel::OrganicShopping,
            Self::Assistant => Channel::AiAssistant,
            Self::Mail => Channel::Email,
        }
    }

    /// The channel of an advertisement there, where it has one of its own.
    const fn paid(self) -> Option<Channel> {
        match self {
            Self::Search => Some(Channel::PaidSearch),
            Self::Social => Some(Channel::PaidSocial),
            Self::Video => Some(Channel::PaidVideo),
            Self::Shopping => Some(Channel::PaidShopping),
            Self::Assistant | Self::Mail => None,
        }
    }
}

/// What the page says that somebody came from.
fn by_referrer(host: &str) -> Touch {
    let (channel, source) = match site_of_host(host) {
        Some(site) => (site.kind.organic(), site.name),
        None => (Channel::Referral, super::host::registrable(host).unwrap_or(host)),
    };
    Touch {
        channel,
        source: Some(word(source)),
        campaign: None,
    }
}

/// A medium that is paid for, by Google's expression `^(.*cp.*|ppc|retargeting|paid.*)$` and the words of German and French
/// agencies for advertisements in searches.
fn is_paid(medium: &str) -> bool {
    medium.contains("cp")
        || medium.starts_with("paid")
        || ["ppc", "retargeting", "remarketing", "sea", "sem", "ads", "ad"].contains(&medium)
}

/// Google's expression `^(.*(([^a-df-z]|^)shop|shopping).*)$`: a shop, but no workshop.
fn is_about_shopping(campaign: &str) -> bool {
    campaign.contains("shopping")
        || campaign.match_indices("shop").any(|(at, _)| {
            let before = campaign.get(..at).and_then(|before| before.chars().next_back());
            before.is_none_or(|c| !matches!(c, 'a'..='d' | 'f'..='z'))
        })
}

fn is_email(word: &str) -> bool {
    ["email", "e-mail", "e_mail", "e mail", "newsletter"].contains(&word)
}

fn is_push(source: &str, medium: &str) -> bool {
    medium.ends_with("push")
        || medium.contains("mobile")
        || medium.contains("notification")
        || source == "firebase"
}

fn is_nothing(word: &str) -> bool {
    ["", "(direct)", "direct", "(none)", "none", "(not set)"].contains(&word)
}

fn plain(word: Option<&str>) -> String {
    word.map(str::to_lowercase).unwrap_or_default()
}

/// A text as it is kept: trimmed, and cut between characters.
fn word(text: &str) -> String {
    let text = text.trim();
    let end = text.floor_char_boundary(WORD_BYTES_MAX);
    text.get(..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_is_listed_once_and_has_a_name_of_its_own() {
        let mut names: Vec<&str> = Channel::ALL.iter().map(|channel| channel.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Channel::ALL.len());
    }

    #[test]
    fn workshops_are_no_shops() {
        for (campaign, about) in [
            ("shop", true),
            ("eshop", true),
            ("workshop", false),
            ("x-shop", true),
            ("shopping", true),
        ] {
            assert_eq!(is_about_shopping(campaign), about, "{campaign}");
        }
    }
}
