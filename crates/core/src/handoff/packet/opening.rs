//! A line to begin the call with, made of what is known: who calls, what the lead did, and a question.

use super::Handed;
use super::activities::matches;
use crate::domain::{EventKind, Points};
use crate::explain::{Ledger, MatchLine};
use crate::message::{Values, render_line};

/// The opening where the agreement has none. It reads naturally whatever is known.
const OPENING_DEFAULT: &str = "\
    {% if lead.first_name %}Hi {{ lead.first_name }}{% else %}Hello{% endif %}\
    {% if owner.first_name %}, this is {{ owner.first_name }}{% endif %}. \
    {% if again %}Good to see you back: {{ did }}{% else %}{{ did | capitalize }}{% endif %}. \
    What would you like to get done{% if lead.company %} at {{ lead.company }}{% endif %}?";
/// Words that belong to the verb before them: "signed up".
const PARTICLES: [&str; 6] = ["up", "in", "out", "on", "off", "for"];

/// The agreement's opening, or else the usual one, filled in.
pub(super) fn opening(handed: &Handed<'_>, values: &mut Values) -> String {
    let qualified = handed.ledger.qualified.as_ref();
    let trigger = qualified.map_or("", |qualified| qualified.trigger.as_str());
    let owner = handed.owner.as_ref();
    let names = owner.map(|owner| {
        let first = owner.name.split_whitespace().next().unwrap_or_default();
        [("name", owner.name.as_str()), ("first_name", first)]
    });
    values.table("owner", names.into_iter().flatten());
    values.table(
        "account",
        handed
            .account
            .as_ref()
            .map(|account| ("name", account.name.as_str())),
    );
    values.text("did", &did(handed.ledger, trigger));
    if !handed.earlier.is_empty() {
        values.text("again", "again");
    }
    let own = handed.agreement.handoff.opening.as_deref();
    // One that can't be made is as good as none.
    let made = own.and_then(|own| render_line(own, values).ok());
    made.unwrap_or_else(|| render_line(OPENING_DEFAULT, values).unwrap_or_default())
}

/// What the lead did, as one says it to them: `you requested a demo, and you looked at our pricing page`.
fn did(ledger: &Ledger, trigger: &str) -> String {
    let welcome = || matches(ledger).filter(|found| found.points > Points::ZERO);
    let latest = |kind: EventKind| {
        welcome()
            .filter(move |found| found.kind == kind)
            .max_by(|a, b| (a.at, &a.event, &a.detail).cmp(&(b.at, &b.event, &b.detail)))
    };
    let named = welcome().find(|found| found.kind == EventKind::Track && found.event == trigger);
    let acted = named.or_else(|| latest(EventKind::Track));
    let acted = acted.and_then(|found| acted_in_words(&found.event));
    let looked = latest(EventKind::Page).and_then(|found| {
        let path = found.detail.as_deref()?;
        // One visit may count under several rules.
        let again = welcome().any(|other| is_earlier_visit(other, found));
        looked_in_words(path, again)
    });
    match (acted, looked) {
        (Some(acted), Some(looked)) => format!("{acted}, and {looked}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "you have been looking at what we do".to_owned(),
    }
}

fn is_earlier_visit(one: &MatchLine, other: &MatchLine) -> bool {
    one.kind == EventKind::Page && one.detail == other.detail && one.at < other.at
}

/// `Demo Requested` as `you requested a demo`; nothing where the name isn't built of a thing and what was done with it.
fn acted_in_words(event: &str) -> Option<String> {
    const WORDS_MAX: usize = 6;
    let spaced = event.replace(['_', '-'], " ");
    let words: Vec<String> = spaced.split_whitespace().map(lowered).collect();
    if words.len() > WORDS_MAX {
        return None;
    }
    let is_past = |word: &str| word.len() > 3 && word.ends_with("ed");
    let (first, rest) = words.split_first()?;
    let (last, before) = words.split_last()?;
    if is_past(last) && !before.is_empty() {
        return Some(format!("you {last} {}", with_article(&before.join(" "))));
    }
    if !is_past(first) {
        return None;
    }
    Some(match rest.first() {
        None => format!("you {first}"),
        Some(particle) if PARTICLES.contains(&particle.as_str()) => format!("you {}", words.join(" ")),
        Some(_) => format!("you {first} {}", with_article(&rest.join(" "))),
    })
}

/// A word in lower case, unless it is an abbreviation.
fn lowered(word: &str) -> String {
    let is_abbreviation = word.len() > 1 && word.chars().all(|c| c.is_uppercase() || c.is_ascii_digit());
    if is_abbreviation {
        word.to_owned()
    } else {
        word.to_lowercase()
    }
}

fn with_article(thing: &str) -> String {
    let is_several = thing.ends_with('s') && !thing.ends_with("ss");
    if is_several {
        return thing.to_owned();
    }
    match thing.chars().next() {
        Some('a' | 'e' | 'i' | 'o') => format!("an {thing}"),
        _ => format!("a {thing}"),
    }
}

/// `/pricing` as `you looked at our pricing page`; nothing where the path says nothing to a person.
fn looked_in_words(path: &str, again: bool) -> Option<String> {
    const PAGE_CHARS_MAX: usize = 40;
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let segment = path.split('/').rfind(|segment| !segment.is_empty());
    let page = match segment {
        None => "home page".to_owned(),
        Some(segment) => {
            let plain = segment.split_once('.').map_or(segment, |(name, _)| name);
            let words = plain.replace(['-', '_'], " ").to_lowercase();
            let is_plain = words.chars().all(|c| c.is_alphabetic() || c == ' ') && !words.trim().is_empty();
            if !is_plain || words.chars().count() > PAGE_CHARS_MAX {
                return None;
            }
            format!("{} page", words.trim())
        }
    };
    let looked = if again { "have been looking" } else { "looked" };
    Some(format!("you {looked} at our {page}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_events_are_said_as_one_says_them() {
        for (event, said) in [
            ("Demo Requested", Some("you requested a demo")),
            ("demo_requested", Some("you requested a demo")),
            ("Ebook Downloaded", Some("you downloaded an ebook")),
            ("ROI Calculator Used", Some("you used a ROI calculator")),
            ("Pricing Details Viewed", Some("you viewed pricing details")),
            ("Signed Up", Some("you signed up")),
            ("Requested Demo", Some("you requested a demo")),
            ("Subscribed", Some("you subscribed")),
            ("Pricing Chat", None),
            ("Red", None),
            ("", None),
        ] {
            assert_eq!(acted_in_words(event).as_deref(), said, "{event}");
        }
    }

    #[test]
    fn paths_are_pages_where_they_are_words() {
        for (path, again, said) in [
            ("/pricing", false, Some("you looked at our pricing page")),
            (
                "/product/case-studies.html?x=1",
                true,
                Some("you have been looking at our case studies page"),
            ),
            ("/", false, Some("you looked at our home page")),
            ("/p/8f3a1c", false, None),
            ("/{{ lead.email }}", false, None),
        ] {
            assert_eq!(looked_in_words(path, again).as_deref(), said, "{path}");
        }
    }
}
