//! What a lead did, in words that hold at the moment of the handoff: `visited /pricing 3 times, last 2 h ago`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::{EventKind, Timestamp};
use crate::explain::words::minute;
use crate::explain::{Counted, Ledger, MatchLine, wire};

/// The most activities that a packet names; the rest is counted.
const ACTIVITIES_MAX: usize = 20;

/// Something that a lead did, once or several times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Activity {
    /// In words, with how often and how long before the handoff: `visited /pricing 3 times, last 2 h ago`.
    pub text: String,
    /// What alone: `visited /pricing`.
    pub what: String,
    /// How many times.
    pub times: usize,
    /// When last.
    #[serde(serialize_with = "wire::time")]
    pub last_at: Timestamp,
}

/// What the lead did that gave points, each thing once, the latest first, and how many more things there are.
pub(super) fn activities(ledger: &Ledger, at: Timestamp) -> (Vec<Activity>, usize) {
    let mut done: BTreeMap<String, Vec<Timestamp>> = BTreeMap::new();
    for found in matches(ledger) {
        let times = done.entry(in_words(found)).or_default();
        // One visit may count under several rules; it is one visit all the same.
        if !times.contains(&found.at) {
            times.push(found.at);
        }
    }
    let activities = done.into_iter().filter_map(|(what, times)| {
        let last_at = times.iter().copied().max()?;
        let ago = ago(last_at, at);
        let text = match times.len() {
            1 => format!("{what}, {ago}"),
            many => format!("{what} {many} times, last {ago}"),
        };
        Some(Activity {
            text,
            what,
            times: times.len(),
            last_at,
        })
    });
    let mut activities: Vec<Activity> = activities.collect();
    activities.sort_by(|a, b| b.last_at.cmp(&a.last_at).then_with(|| a.text.cmp(&b.text)));
    let more = activities.len().saturating_sub(ACTIVITIES_MAX);
    activities.truncate(ACTIVITIES_MAX);
    (activities, more)
}

/// Every event that counted, under each rule that it counted under.
pub(super) fn matches(ledger: &Ledger) -> impl Iterator<Item = &MatchLine> {
    ledger.intent.iter().flat_map(|line| match &line.counted {
        Counted::Matches { matches, .. } => matches.as_slice(),
        Counted::Quiet(_) => &[],
    })
}

fn in_words(found: &MatchLine) -> String {
    let detail = found.detail.as_deref();
    match (found.kind, detail) {
        (EventKind::Page, Some(path)) => format!("visited {path}"),
        (EventKind::Page, None) => "visited a page".to_owned(),
        (EventKind::Screen, None) => format!("opened {}", found.event),
        (EventKind::Screen, Some(detail)) => format!("opened {} ({detail})", found.event),
        (EventKind::Track, None) => found.event.clone(),
        (EventKind::Track, Some(detail)) => format!("{} ({detail})", found.event),
    }
}

/// How long before an instant another was, in the largest unit of which there are two; a date where that is long ago.
fn ago(then: Timestamp, at: Timestamp) -> String {
    const DAYS_MAX: i64 = 60;
    let minutes = at.since(then).ms() / 60_000;
    match (minutes, minutes / 60, minutes / (24 * 60)) {
        (..1, ..) => "just now".to_owned(),
        (..120, ..) => format!("{minutes} min ago"),
        (_, hours @ ..48, _) => format!("{hours} h ago"),
        (.., days) if days <= DAYS_MAX => format!("{days} days ago"),
        _ => format!("on {}", minute(then).split(' ').next().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_ago_it_was_has_one_unit_and_ends_in_a_date() {
        let at: Timestamp = "2026-03-04T16:00:00Z".parse().unwrap();
        for (then, words) in [
            ("2026-03-04T16:00:00Z", "just now"),
            ("2026-03-04T16:00:30Z", "just now"),
            ("2026-03-04T15:59:00Z", "1 min ago"),
            ("2026-03-04T14:01:00Z", "119 min ago"),
            ("2026-03-04T14:00:00Z", "2 h ago"),
            ("2026-03-02T16:00:00Z", "2 days ago"),
            ("2026-01-03T16:00:00Z", "60 days ago"),
            ("2026-01-01T16:00:00Z", "on 2026-01-01"),
        ] {
            assert_eq!(ago(then.parse().unwrap(), at), words, "{then}");
        }
    }
}
