//! The section on which events are held apart.

use super::{Holds, Shape, may};

pub(in crate::agreement) const SUSPECT: Shape = Shape {
    what: "`[suspect]`",
    keys: &[
        may(
            "burst",
            Holds::OrFalse(&Holds::Table(&BURST)),
            "Several links of one mail within seconds; `{ links = 3, within = \"10s\", after_delivery = \"30s\" }` if it isn't given.",
        ),
        may(
            "click_without_visit",
            Holds::OrFalse(&Holds::Period),
            "A click in a mail counts once a page view follows within this time; 10m if it isn't given.",
        ),
        may(
            "agents",
            Holds::Bool,
            "Holds what known crawlers, HTTP libraries and headless browsers do; true if it isn't given.",
        ),
        may(
            "speed",
            Holds::OrFalse(&Holds::Table(&SPEED)),
            "More views and clicks than a person makes; `{ events = 30, within = \"5s\" }` if it isn't given.",
        ),
        may(
            "mail",
            Holds::Table(&MAIL),
            "How mails are told of; by Segment's names if it isn't given.",
        ),
    ],
};

pub(in crate::agreement) const BURST: Shape = Shape {
    what: "`burst` of `[suspect]`",
    keys: &[
        may("links", Holds::Count, "How many different links of one mail."),
        may(
            "within",
            Holds::Period,
            "Within how long of one another they are clicked.",
        ),
        may(
            "after_delivery",
            Holds::OrFalse(&Holds::Period),
            "Or within how long of the mail's delivery.",
        ),
    ],
};

pub(in crate::agreement) const SPEED: Shape = Shape {
    what: "`speed` of `[suspect]`",
    keys: &[
        may(
            "events",
            Holds::Count,
            "How many page views, screen views and clicks.",
        ),
        may("within", Holds::Period, "Within how long they are made."),
    ],
};

pub(in crate::agreement) const MAIL: Shape = Shape {
    what: "`mail` of `[suspect]`",
    keys: &[
        may(
            "delivered",
            Holds::Texts,
            "Track events that say that a mail was delivered; `Email Delivered` if it isn't given.",
        ),
        may(
            "opened",
            Holds::Texts,
            "Track events that say that a mail was opened; `Email Opened` if it isn't given.",
        ),
        may(
            "clicked",
            Holds::Texts,
            "Track events that say that a link of a mail was clicked; `Email Link Clicked` if it isn't given.",
        ),
        may(
            "mail",
            Holds::Texts,
            "Properties that say which mail, the first that is there; `email_id`, `message_id`, `campaign_id` if it isn't given.",
        ),
        may(
            "link",
            Holds::Texts,
            "Properties that say which link, the first that is there; `link_url`, `link_id`, `url` if it isn't given.",
        ),
    ],
};
