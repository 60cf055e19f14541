//! `[suspect]`: which events are held apart. What it doesn't say is as the defaults have it; `false` turns a rule off.

use std::ops::RangeInclusive;

use super::events::names;
use crate::agreement::limits::{
    LINKS_MAX, SPEED_EVENTS_MAX, SUSPECT_PROPERTIES_MAX, SUSPECT_SECONDS_MAX, VISIT_WITHIN_MAX,
};
use crate::agreement::model::{Burst, MailEvents, Speed, Suspect};
use crate::agreement::problem::{Problems, quoted};
use crate::agreement::read::{Node, Section, boolean, integer, period, texts, wrong_type};
use crate::agreement::shape;
use crate::domain::Period;

/// How many links make a burst, at least: one click is what people make.
const LINKS: RangeInclusive<u32> = 2..=LINKS_MAX;
/// How many events are too fast, at least.
const EVENTS: RangeInclusive<u32> = 2..=SPEED_EVENTS_MAX;

/// `[suspect]`.
pub(super) fn suspect(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<Suspect> {
    let section = Section::open(cx, &shape::SUSPECT, node)?;
    let default = Suspect::default();
    let visit = |cx: &mut Problems<'_>, node: &Node<'_>| period_to(cx, node, VISIT_WITHIN_MAX);
    Some(Suspect {
        burst: or_off(cx, &section, "burst", default.burst, burst),
        click_without_visit: or_off(
            cx,
            &section,
            "click_without_visit",
            default.click_without_visit,
            visit,
        ),
        agents: section.read(cx, "agents", boolean).unwrap_or(default.agents),
        speed: or_off(cx, &section, "speed", default.speed, speed),
        mail: section.read(cx, "mail", mail).unwrap_or_default(),
    })
}

/// What stands under a key: `false` is nothing, nothing is the default.
fn or_off<T>(
    cx: &mut Problems<'_>,
    section: &Section<'_>,
    key: &str,
    default: Option<T>,
    read: impl FnOnce(&mut Problems<'_>, &Node<'_>) -> Option<T>,
) -> Option<T> {
    let Some(node) = section.get(key) else {
        return default;
    };
    match node.get_ref().as_bool() {
        Some(false) => None,
        Some(true) => {
            let message = format!("`{key}` can't be `true`");
            let help = "leave it out for what is usual, or write `false` to turn it off".to_owned();
            cx.error("wrong-type", node.span(), message, help);
            None
        }
        None => read(cx, node),
    }
}

fn burst(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<Burst> {
    if !node.get_ref().is_table() {
        let help = "write `{ links = 3, within = \"10s\", after_delivery = \"30s\" }`, or `false`";
        wrong_type(cx, node, "a table or false", help);
        return None;
    }
    let section = Section::open(cx, &shape::BURST, node)?;
    let default = Burst::default();
    let links = section.read(cx, "links", |cx, node| integer(cx, node, &LINKS));
    let within = section.read(cx, "within", seconds);
    Some(Burst {
        links: links.unwrap_or(default.links),
        within: within.unwrap_or(default.within),
        after_delivery: or_off(cx, &section, "after_delivery", default.after_delivery, seconds),
    })
}

fn speed(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<Speed> {
    if !node.get_ref().is_table() {
        let help = "write `{ events = 30, within = \"5s\" }`, or `false`";
        wrong_type(cx, node, "a table or false", help);
        return None;
    }
    let section = Section::open(cx, &shape::SPEED, node)?;
    let default = Speed::default();
    let events = section.read(cx, "events", |cx, node| integer(cx, node, &EVENTS));
    let within = section.read(cx, "within", seconds);
    Some(Speed {
        events: events.unwrap_or(default.events),
        within: within.unwrap_or(default.within),
    })
}

fn seconds(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<Period> {
    period_to(cx, node, SUSPECT_SECONDS_MAX)
}

/// A period of at most `longest`.
fn period_to(cx: &mut Problems<'_>, node: &Node<'_>, longest: Period) -> Option<Period> {
    let found = period(cx, node)?;
    if found <= longest {
        return Some(found);
    }
    let message = format!(
        "{} is too long for what machines are known by",
        quoted(&found.to_string())
    );
    let help = format!("write at most `\"{longest}\"`");
    cx.error("out-of-range", node.span(), message, help);
    None
}

fn mail(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<MailEvents> {
    let section = Section::open(cx, &shape::MAIL, node)?;
    let default = MailEvents::default();
    Some(MailEvents {
        delivered: section.read(cx, "delivered", names).unwrap_or(default.delivered),
        opened: section.read(cx, "opened", names).unwrap_or(default.opened),
        clicked: section.read(cx, "clicked", names).unwrap_or(default.clicked),
        mail: section.read(cx, "mail", properties).unwrap_or(default.mail),
        link: section.read(cx, "link", properties).unwrap_or(default.link),
    })
}

fn properties(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<Vec<String>> {
    let all = texts(cx, node)?;
    if all.len() > SUSPECT_PROPERTIES_MAX {
        let message = format!("{} properties are too many to look through", all.len());
        let help = format!("keep to {SUSPECT_PROPERTIES_MAX}");
        cx.error("too-many", node.span(), message, help);
        return None;
    }
    Some(all.iter().map(|name| name.trim().to_owned()).collect())
}
