//! Slack, and what takes its messages: a handoff as a message in a channel, with buttons that answer it.

pub mod action;

use bellwether_core::domain::Timestamp;
use serde_json::{Value, json};

use crate::destination::origin;
use crate::outgoing::Failure;
use crate::told::{Told, when};
use crate::walls;
use crate::webhook::Request;

/// What replaces a message once its button was pressed.
pub const ANSWER: &str = "slack.answer";
/// The button that takes a lead.
const ACCEPT: &str = "accept";
/// The choice of a reason to send one back.
const REJECT: &str = "reject";
/// The most reasons that a choice offers, which is Slack's own limit.
const REASONS_MAX: usize = 100;
/// The longest value of a choice, in characters, which is Slack's own limit less the handoff's number.
const REASON_CHARS_MAX: usize = 120;
/// The longest text of a choice, in characters, which is Slack's own limit.
const OPTION_CHARS_MAX: usize = 75;
/// The longest heading, in characters, which is Slack's own limit.
const HEADING_CHARS_MAX: usize = 150;

/// Says what to post.
pub(crate) fn plan(told: &Told, url: String, reasons: Option<&[String]>, zone: &str) -> Request {
    let mut blocks = vec![json!({
        "type": "header",
        "text": { "type": "plain_text", "text": cut(&told.title, HEADING_CHARS_MAX), "emoji": false },
    })];
    blocks.extend(
        sections(told).map(|text| json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } })),
    );
    let about = about(told, zone);
    if !about.is_empty() {
        let elements = [json!({ "type": "mrkdwn", "text": about.join("  ·  ") })];
        blocks.push(json!({ "type": "context", "elements": elements }));
    }
    let buttons = buttons(told, reasons);
    if !buttons.is_empty() {
        blocks.push(json!({ "type": "actions", "block_id": "handoff", "elements": buttons }));
    }
    posted(url, &json!({ "text": escaped(&told.title), "blocks": blocks }))
}

/// What takes the place of a message that was answered.
pub(crate) fn replacement(data: &Value, hook: &str) -> Result<Request, Failure> {
    let get = |name: &str| data.get(name).and_then(Value::as_str);
    let url = get("response_url").filter(|url| answers_to(url, hook));
    let url = url.ok_or_else(|| Failure::never("the address to answer to isn't the destination's"))?;
    let text = escaped(get("text").unwrap_or("Answered."));
    // What was pressed in vain is told to whoever pressed it; the message stays.
    let body = if data.get("in_vain") == Some(&Value::Bool(true)) {
        json!({ "replace_original": false, "response_type": "ephemeral", "text": text })
    } else {
        let section = json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } });
        json!({ "replace_original": true, "text": text, "blocks": [section] })
    };
    Ok(posted(url.to_owned(), &body))
}

/// Whether an address that a button gives to answer to is one of the place that messages are posted to.
pub fn answers_to(url: &str, hook: &str) -> bool {
    walls::is_callable(url) && walls::origin(url).is_some_and(|found| Some(found) == origin(hook))
}

fn posted(url: String, body: &Value) -> Request {
    Request {
        url,
        headers: vec![("content-type", "application/json".to_owned())],
        body: body.to_string(),
    }
}

fn sections(told: &Told) -> impl Iterator<Item = String> {
    let link = match &told.page {
        Some(page) => format!("<{page}|{}>", escaped(&told.name)),
        None => escaped(&told.name),
    };
    let mut who = vec![format!("*{link}*")];
    who.extend((!told.role.is_empty()).then(|| escaped(&told.role)));
    who.extend(told.email.iter().chain(&told.phone).map(|text| escaped(text)));
    let why = told.why.iter().chain(&told.note).map(|text| escaped(text));
    let rules = told
        .rules
        .iter()
        .map(|(rule, points)| format!("• {} ({points})", escaped(rule)));
    let done = told.activities.iter().map(|text| format!("• {}", escaped(text)));
    [
        who.join("\n"),
        why.collect::<Vec<_>>().join("\n"),
        rules.collect::<Vec<_>>().join("\n"),
        done.collect::<Vec<_>>().join("\n"),
    ]
    .into_iter()
    .filter(|text| !text.is_empty())
}

fn about(told: &Told, zone: &str) -> Vec<String> {
    let mut about = Vec::new();
    about.extend(
        told.owner
            .as_ref()
            .map(|owner| format!("Owner: {}", escaped(owner))),
    );
    about.extend(
        told.score
            .as_ref()
            .map(|score| format!("Score {}", escaped(score))),
    );
    about.extend(told.due.map(|due| format!("Due {}", date(due, zone))));
    about
}

/// A time that Slack shows in its reader's own zone.
fn date(at: Timestamp, zone: &str) -> String {
    let fallback = when(at, zone).replace('|', " ");
    format!(
        "<!date^{}^{{date_short_pretty}} {{time}}|{fallback}>",
        at.ms().div_euclid(1_000)
    )
}

fn buttons(told: &Told, reasons: Option<&[String]>) -> Vec<Value> {
    let mut buttons = Vec::new();
    if let (Some(handoff), Some(reasons), true) = (told.handoff, reasons, told.asks) {
        buttons.push(json!({
            "type": "button", "action_id": ACCEPT, "style": "primary", "value": handoff.to_string(),
            "text": { "type": "plain_text", "text": "Accept" },
        }));
        let short = reasons
            .iter()
            .filter(|reason| reason.chars().count() <= REASON_CHARS_MAX);
        let options: Vec<Value> = short
            .take(REASONS_MAX)
            .map(|reason| {
                json!({
                    "text": { "type": "plain_text", "text": cut(reason, OPTION_CHARS_MAX) },
                    "value": format!("{handoff}:{reason}"),
                })
            })
            .collect();
        if !options.is_empty() {
            buttons.push(json!({
                "type": "static_select", "action_id": REJECT, "options": options,
                "placeholder": { "type": "plain_text", "text": "Send back…" },
            }));
        }
    }
    if let Some(page) = &told.page {
        buttons.push(json!({
            "type": "button", "action_id": "open", "url": page,
            "text": { "type": "plain_text", "text": "Open" },
        }));
    }
    buttons
}

/// A text of which nothing is taken for Slack's own markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn cut(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(chars_max.saturating_sub(1)).collect();
    cut.push('…');
    cut
}
