//! What a message tells, in words: the same for a mail and for a channel, read from the event's data. What isn't there
//! isn't said.

use bellwether_core::domain::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::outgoing::Here;

/// The most activities and rules that a message names.
const LINES_MAX: usize = 5;
/// The longest text that is taken from data, in characters.
const TEXT_CHARS_MAX: usize = 300;

/// What a message tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// In one line.
    pub(crate) title: String,
    /// What the lead is called, where it is about one.
    pub(crate) name: String,
    /// Title and company.
    pub(crate) role: String,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    /// Why, in one line.
    pub(crate) why: Option<String>,
    /// Score and grade.
    pub(crate) score: Option<String>,
    /// The rules that gave the most, with their points.
    pub(crate) rules: Vec<(String, String)>,
    /// What it did of late.
    pub(crate) activities: Vec<String>,
    /// What to do.
    pub(crate) task: Option<String>,
    pub(crate) due: Option<Timestamp>,
    pub(crate) owner: Option<String>,
    /// More that there is to say.
    pub(crate) note: Option<String>,
    /// The lead's page.
    pub(crate) page: Option<String>,
    /// The handoff that can be answered.
    pub(crate) handoff: Option<i64>,
    /// Whether it is still to be answered.
    pub(crate) asks: bool,
}

impl Told {
    /// What an event tells.
    pub(crate) fn of(event_type: &str, data: &Value, here: Here<'_>) -> Self {
        let get = |path: &str| text(data.pointer(path)?);
        let lead = get("/lead/id").or_else(|| get("/lead"));
        let lead_name = get("/lead/name").or_else(|| get("/name"));
        let name = lead_name
            .or_else(|| lead.as_ref().map(|id| format!("Lead {id}")))
            .unwrap_or_else(|| "A lead".to_owned());
        let role = match (get("/lead/title"), get("/lead/company")) {
            (Some(title), Some(company)) => format!("{title} at {company}"),
            (one, other) => one.or(other).unwrap_or_default(),
        };
        let page = here
            .public_url
            .zip(lead.as_ref().filter(|id| id.bytes().all(|b| b.is_ascii_digit())));
        Self {
            title: title(event_type, &name, &get),
            role,
            email: get("/lead/email"),
            phone: get("/lead/phone"),
            why: get("/why"),
            score: get("/score/score").map(|score| {
                match get("/score/grade").filter(|grade| !grade.is_empty()) {
                    Some(grade) => format!("{}, grade {grade}", short(&score)),
                    None => short(&score),
                }
            }),
            rules: pairs(data.pointer("/top_lines")),
            activities: activities(data.pointer("/activities")),
            task: get("/task/title"),
            due: ["/task/due_at", "/due_at", "/sla/due_at"]
                .iter()
                .find_map(|path| get(path)?.parse().ok()),
            owner: get("/owner/name"),
            note: note(event_type, &get),
            page: page.map(|(url, id)| format!("{url}/leads/{id}")),
            handoff: get("/handoff")
                .or_else(|| get("/handoff/id"))
                .and_then(|id| id.parse().ok()),
            asks: matches!(
                event_type,
                "lead.qualified" | "handoff.assigned" | "sla.escalated"
            ),
            name,
        }
    }

    /// Whom a handoff belongs to, by number.
    pub(crate) fn owner_id(data: &Value) -> Option<i64> {
        text(data.pointer("/owner/id")?)?.parse().ok()
    }
}

fn title(event_type: &str, name: &str, get: &dyn Fn(&str) -> Option<String>) -> String {
    match event_type {
        "lead.qualified" => match get("/trigger") {
            Some(trigger) => format!("{name} is ready: {trigger}"),
            None => format!("{name} is ready"),
        },
        "lead.activity" => match get("/trigger") {
            Some(trigger) => format!("{name} is active again: {trigger}"),
            None => format!("{name} is active again"),
        },
        "handoff.assigned" => format!("{name} is yours now"),
        "handoff.waiting" => format!("{name} waits, and nobody is available"),
        "sla.escalated" => match get("/step").or_else(|| get("/at")).or_else(|| get("/percent")) {
            Some(step) => format!(
                "{name} hasn't been contacted: {}% of the time is over",
                step.trim_end_matches('%')
            ),
            None => format!("{name} hasn't been contacted in time"),
        },
        "lead.accepted" => format!("{name} was accepted"),
        "lead.rejected" => format!("{name} was sent back"),
        "lead.expired" => format!("Nobody answered {name} in time"),
        "lead.sql" => format!("{name} is sales qualified"),
        "opportunity.opened" => format!("An opportunity with {name}"),
        "opportunity.won" => format!("{name} is won"),
        "opportunity.lost" => format!("{name} is lost"),
        other => get("/subject")
            .or_else(|| get("/title"))
            .unwrap_or_else(|| match other {
                "notice" => "A notice".to_owned(),
                other => format!("{other}: {name}"),
            }),
    }
}

fn note(event_type: &str, get: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    match event_type {
        "lead.rejected" | "opportunity.lost" | "handoff.assigned" | "handoff.waiting" => {
            get("/reason").or_else(|| get("/cause"))
        }
        "notice" => get("/text").or_else(|| get("/message")),
        "opportunity.opened" | "opportunity.won" => {
            let amount = get("/opportunity/amount").or_else(|| get("/amount"))?;
            let currency = get("/opportunity/currency").or_else(|| get("/currency"));
            Some(currency.map_or_else(|| amount.clone(), |currency| format!("{amount} {currency}")))
        }
        _ => None,
    }
}

/// A value as a text, of bounded length and without characters that steer.
fn text(value: &Value) -> Option<String> {
    let found = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let plain: String = found
        .chars()
        .map(|c| if c.is_control() && c != '\n' { ' ' } else { c })
        .take(TEXT_CHARS_MAX)
        .collect();
    (!plain.is_empty()).then_some(plain)
}

/// Points without the decimals that are nothing: `80.000` is `80`.
fn short(points: &str) -> String {
    match points.split_once('.') {
        Some((whole, part)) if part.bytes().all(|b| b == b'0') => whole.to_owned(),
        Some(_) => points.trim_end_matches('0').to_owned(),
        None => points.to_owned(),
    }
}

fn pairs(lines: Option<&Value>) -> Vec<(String, String)> {
    let lines = lines.and_then(Value::as_array).into_iter().flatten();
    let named = lines.filter_map(|line| {
        let points = short(&text(line.get("points")?)?);
        let signed = if points.starts_with('-') {
            points
        } else {
            format!("+{points}")
        };
        Some((text(line.get("rule")?)?, signed))
    });
    named.take(LINES_MAX).collect()
}

fn activities(lines: Option<&Value>) -> Vec<String> {
    let lines = lines.and_then(Value::as_array).into_iter().flatten();
    lines
        .filter_map(|line| text(line.get("text")?))
        .take(LINES_MAX)
        .collect()
}

/// A time as people of a zone say it.
pub(crate) fn when(at: Timestamp, zone: &str) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    match jiff::Timestamp::from_millisecond(at.ms()) {
        Ok(at) => at.to_zoned(zone).strftime("%a %-d %b %Y, %H:%M %Z").to_string(),
        Err(_) => at.to_string(),
    }
}
