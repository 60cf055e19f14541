//! Which events are held apart as those of machines: link scanners, crawlers, programs.

use crate::domain::{Period, normalized_name};

/// The rules by which events are held apart; one that is off is `None` or `false`.
///
/// The default is what a section that says nothing means, and what a server goes by whose agreement has no section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspect {
    /// Several links of one mail within seconds.
    pub burst: Option<Burst>,
    /// How long after a click in a mail a page view must follow.
    pub click_without_visit: Option<Period>,
    /// Whether events of known crawlers, HTTP libraries and headless browsers are held.
    pub agents: bool,
    /// More than a person can do.
    pub speed: Option<Speed>,
    /// How mails are told of.
    pub mail: MailEvents,
}

/// Several links of one mail within seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Burst {
    /// How many different links.
    pub links: u32,
    /// Within how long of one another.
    pub within: Period,
    /// Or within how long of the mail's delivery.
    pub after_delivery: Option<Period>,
}

/// More views and clicks than a person can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speed {
    /// How many.
    pub events: u32,
    /// Within how long.
    pub within: Period,
}

/// How mails are told of: the events' names, in the form that names are compared in, and their properties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailEvents {
    /// A mail was delivered.
    pub delivered: Vec<String>,
    /// A mail was opened.
    pub opened: Vec<String>,
    /// A link of a mail was clicked.
    pub clicked: Vec<String>,
    /// The properties that say which mail it is; the first that is there counts.
    pub mail: Vec<String>,
    /// The properties that say which link it is; the first that is there counts.
    pub link: Vec<String>,
}

impl Default for Suspect {
    fn default() -> Self {
        Self {
            burst: Some(Burst::default()),
            click_without_visit: Some(Period::from_ms(600_000)),
            agents: true,
            speed: Some(Speed::default()),
            mail: MailEvents::default(),
        }
    }
}

impl Default for Burst {
    fn default() -> Self {
        Self {
            links: 3,
            within: Period::from_ms(10_000),
            after_delivery: Some(Period::from_ms(30_000)),
        }
    }
}

impl Default for Speed {
    fn default() -> Self {
        Self {
            events: 30,
            within: Period::from_ms(5_000),
        }
    }
}

impl Default for MailEvents {
    /// The names of Segment's specification of email events.
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|name| normalized_name(name)).collect();
        let properties = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            delivered: names(&["Email Delivered"]),
            opened: names(&["Email Opened"]),
            clicked: names(&["Email Link Clicked"]),
            mail: properties(&["email_id", "message_id", "campaign_id"]),
            link: properties(&["link_url", "link_id", "url"]),
        }
    }
}
