//! What happened to a lead, on its page: what it did and where it was moved, latest first.

use bellwether_app::{TimelineEvent, TransitionView, User};
use bellwether_core::domain::{Number, Timestamp};

use super::stage_in_words;
use crate::ui::routing::actor_in_words;
use crate::ui::times::{Moment, Viewpoint};

pub(super) struct Item {
    pub(super) at: Moment,
    pub(super) ts: Timestamp,
    pub(super) title: String,
    pub(super) detail: String,
    pub(super) tone: &'static str,
    /// Where it is held apart, or was.
    pub(super) suspect: Option<Suspect>,
}

/// That an event is held apart, or was until somebody released it.
pub(super) struct Suspect {
    pub(super) event: i64,
    pub(super) reason: String,
    pub(super) released: Option<String>,
}

pub(super) fn timeline(
    events: &[TimelineEvent],
    transitions: &[TransitionView],
    users: &[User],
    view: &Viewpoint,
) -> Vec<Item> {
    let happened = events.iter().map(|event| Item {
        at: view.moment(event.ts),
        ts: event.ts,
        title: event_title(event),
        detail: event_detail(event),
        tone: match &event.suspect {
            Some(mark) if mark.released.is_none() => "apart",
            _ => "did",
        },
        suspect: event.suspect.as_ref().map(|mark| Suspect {
            event: event.id,
            reason: mark.reason.clone(),
            released: mark.released.as_ref().map(|(_, by)| by.clone()),
        }),
    });
    // What lies before the oldest event shown belongs to the events that aren't.
    let oldest = events.last().map_or(Timestamp::MIN, |event| event.ts);
    let moved = transitions
        .iter()
        .rev()
        .filter(|moved| moved.at >= oldest || events.is_empty())
        .map(|moved| Item {
            at: view.moment(moved.at),
            ts: moved.at,
            title: stage_in_words(moved.to).to_owned(),
            detail: moved_in_words(moved, users),
            tone: "moved",
            suspect: None,
        });
    let mut items: Vec<Item> = moved.chain(happened).collect();
    items.sort_by_key(|item| std::cmp::Reverse(item.ts));
    items
}

fn moved_in_words(moved: &TransitionView, users: &[User]) -> String {
    let actor = actor_in_words(&moved.actor, users);
    if moved.reason.is_empty() {
        return actor;
    }
    format!("{} ({actor})", moved.reason)
}

fn event_title(event: &TimelineEvent) -> String {
    match event.kind.as_str() {
        "page" => format!("Visited {}", event.path.as_deref().unwrap_or("a page")),
        "screen" => format!(
            "Viewed screen {}",
            event.name.as_deref().unwrap_or("without a name")
        ),
        "identify" => "Said who they are".to_owned(),
        "group" => "Joined a company".to_owned(),
        "alias" => "Was known by another id".to_owned(),
        _ => event.name.clone().unwrap_or_else(|| event.kind.clone()),
    }
}

/// The first few properties, in brief.
fn event_detail(event: &TimelineEvent) -> String {
    const SHOWN_MAX: usize = 3;
    const VALUE_CHARS_MAX: usize = 60;
    let Ok(serde_json::Value::Object(properties)) = serde_json::from_str(&event.properties) else {
        return String::new();
    };
    let plain = properties.iter().filter(|(name, _)| {
        !name.starts_with("context.")
            && !matches!(name.as_str(), "path" | "url" | "search" | "referrer" | "title")
    });
    let parts = plain.take(SHOWN_MAX).map(|(name, value)| {
        let text = shown(value);
        let cut: String = text.chars().take(VALUE_CHARS_MAX).collect();
        format!("{name} {cut}")
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// A value as people write it: `5`, where JSON says `5.0`.
pub(super) fn shown(value: &serde_json::Value) -> String {
    let number = || value.as_f64().and_then(Number::new);
    let text = value.as_str().map(str::to_owned);
    text.or_else(|| number().map(|number| number.to_string()))
        .unwrap_or_else(|| value.to_string())
}
