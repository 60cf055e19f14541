//! What a packet tells beside the score: read from the JSON that was kept with the handoff, so that a packet of before,
//! which tells less, is shown all the same.

use bellwether_core::domain::{Points, Timestamp, TraitSource};
use serde_json::Value;

use super::super::inbox::whole;
use super::super::times::{Moment, Viewpoint};
use super::timeline::shown;
use super::{capital, source_in_words};

/// How many things that a lead did are shown; the rest is counted.
const DONE_MAX: usize = 6;

/// What a packet tells.
#[derive(Default)]
pub(super) struct Told {
    /// A line to begin the call with.
    pub(super) opening: Option<String>,
    pub(super) sla: Option<String>,
    pub(super) did: Vec<Done>,
    pub(super) did_more: u64,
    /// What is known of the company, in one line each.
    pub(super) company: Vec<Fact>,
    pub(super) account_owner: Option<String>,
    pub(super) people: Vec<Person>,
    pub(super) people_more: u64,
    pub(super) deals: Vec<String>,
    pub(super) earlier: Vec<Earlier>,
}

/// Something that a lead had done when it was handed off.
pub(super) struct Done {
    pub(super) what: String,
    pub(super) at: Moment,
}

/// Something that is known of a company.
pub(super) struct Fact {
    pub(super) name: String,
    pub(super) value: String,
    /// Who says so, where it isn't the person or what follows from their address.
    pub(super) by: Option<&'static str>,
}

/// Somebody else of the account.
pub(super) struct Person {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) intent: String,
    pub(super) seen: Moment,
}

/// A cycle that ended before.
pub(super) struct Earlier {
    pub(super) cycle: u64,
    pub(super) how: String,
    pub(super) note: Option<String>,
    pub(super) at: Option<Moment>,
}

/// Reads a packet.
pub(super) fn told(packet: &Value, view: &Viewpoint) -> Told {
    let (did, did_more) = did(packet, view);
    let account = packet.get("account").unwrap_or(&Value::Null);
    Told {
        opening: text(packet, "opening").filter(|line| !line.is_empty()),
        sla: sla_in_words(packet),
        did,
        did_more,
        company: list(packet, "firmographics").iter().filter_map(fact).collect(),
        account_owner: text(account, "owner"),
        people: list(account, "people")
            .iter()
            .filter_map(|one| person(one, view))
            .collect(),
        people_more: number(account, "people_more"),
        deals: list(account, "deals").iter().filter_map(deal).collect(),
        earlier: list(packet, "earlier")
            .iter()
            .filter_map(|one| earlier(one, view))
            .collect(),
    }
}

/// What a packet says that the lead did, and how much more it did.
fn did(packet: &Value, view: &Viewpoint) -> (Vec<Done>, u64) {
    let all = list(packet, "activities");
    let done = all.iter().take(DONE_MAX).filter_map(|activity| {
        let at = view.moment(time(activity, "last_at")?);
        let what = if let Some(what) = text(activity, "what") {
            match number(activity, "times") {
                0 | 1 => what,
                times => format!("{what} {times} times, last"),
            }
        } else {
            // In packets of before the time is in the text, in UTC; the page has its own.
            let text = text(activity, "text")?;
            text.rsplit_once(" on ")
                .map_or(text.as_str(), |(what, _)| what)
                .to_owned()
        };
        Some(Done {
            what: capital(&what),
            at,
        })
    });
    let left = all.len().saturating_sub(DONE_MAX) as u64 + number(packet, "activities_more");
    (done.collect(), left)
}

/// A packet's SLA: `Demo request: first contact within 5m`.
fn sla_in_words(packet: &Value) -> Option<String> {
    let sla = packet.get("sla")?;
    let (name, within) = (text(sla, "name")?, text(sla, "first_contact")?);
    Some(format!("{name}: first contact within {within}"))
}

fn fact(known: &Value) -> Option<Fact> {
    let field = text(known, "field")?;
    let value = match known.get("value")? {
        Value::String(text) => text.clone(),
        Value::Array(texts) => {
            let texts: Vec<&str> = texts.iter().filter_map(Value::as_str).collect();
            texts.join(", ")
        }
        other => shown(other),
    };
    let by = text(known, "said_by").and_then(|name| TraitSource::named(&name));
    let by = by.filter(|by| matches!(by, TraitSource::Crm | TraitSource::Enrichment));
    Some(Fact {
        name: capital(&field),
        value,
        by: by.map(source_in_words),
    })
}

fn person(one: &Value, view: &Viewpoint) -> Option<Person> {
    Some(Person {
        id: text(one, "lead")?,
        name: text(one, "name")?,
        title: text(one, "title").unwrap_or_default(),
        intent: whole(Points::parse(&text(one, "intent")?)?),
        seen: view.moment(time(one, "last_seen")?),
    })
}

fn deal(one: &Value) -> Option<String> {
    let name = text(one, "name")?;
    let parts = ["stage", "amount", "closes"].map(|part| text(one, part));
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    Some(if parts.is_empty() {
        name
    } else {
        format!("{name}: {}", parts.join(", "))
    })
}

fn earlier(one: &Value, view: &Viewpoint) -> Option<Earlier> {
    let ended = match text(one, "ended")?.as_str() {
        "rejected" => "sent back".to_owned(),
        other => other.to_owned(),
    };
    let by = text(one, "by").map_or_else(String::new, |by| format!(" by {by}"));
    let why = text(one, "reason").map_or_else(String::new, |reason| format!(": {reason}"));
    Some(Earlier {
        cycle: number(one, "cycle"),
        how: format!("{ended}{by}{why}"),
        note: text(one, "note").filter(|note| !note.is_empty()),
        at: time(one, "ended_at").map(|at| view.moment(at)),
    })
}

fn list<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text(of: &Value, name: &str) -> Option<String> {
    of.get(name)?.as_str().map(str::to_owned)
}

fn number(of: &Value, name: &str) -> u64 {
    of.get(name).and_then(Value::as_u64).unwrap_or(0)
}

fn time(of: &Value, name: &str) -> Option<Timestamp> {
    of.get(name)?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> Viewpoint {
        Viewpoint::new("2026-03-04T16:00:00Z".parse().expect("a time"), "UTC")
    }

    #[test]
    fn a_packet_of_before_is_shown_with_what_it_has() {
        let packet = serde_json::json!({
            "activities": [{
                "text": "visited /a on b 2 times, last on 2026-03-04 15:00 UTC",
                "times": 2, "last_at": "2026-03-04T15:00:00.000Z",
            }],
            "activities_more": 3,
        });
        let told = told(&packet, &view());
        assert_eq!(told.did[0].what, "Visited /a on b 2 times, last");
        assert_eq!((told.did.len(), told.did_more), (1, 3));
        assert!(told.opening.is_none() && told.people.is_empty() && told.earlier.is_empty());
    }

    #[test]
    fn what_surrounds_a_lead_is_said_in_a_line_each() {
        let packet = serde_json::json!({
            "opening": "Hi Ana.",
            "activities": [{ "text": "x", "what": "visited /pricing", "times": 3, "last_at": "2026-03-04T15:00:00.000Z" }],
            "firmographics": [
                { "field": "industry", "value": "Steel", "said_by": "enrichment" },
                { "field": "technologies", "value": ["rust", "sql"], "said_by": "stated" },
            ],
            "account": {
                "owner": "Sam",
                "people": [{ "lead": "4", "name": "Bo", "title": null, "intent": "39.500", "last_seen": "2026-03-04T14:00:00Z" }],
                "people_more": 2,
                "deals": [{ "name": "Acme 2026", "lead": "Bo", "stage": "proposal", "amount": "12000 USD", "closes": null }],
            },
            "earlier": [{
                "cycle": 1, "ended": "rejected", "by": "Ann", "reason": "No budget", "note": "in spring",
                "ended_at": "2025-06-02T09:00:00Z",
            }],
        });
        let told = told(&packet, &view());
        assert_eq!(told.did[0].what, "Visited /pricing 3 times, last");
        let company: Vec<(&str, &str, Option<&str>)> = told
            .company
            .iter()
            .map(|fact| (fact.name.as_str(), fact.value.as_str(), fact.by))
            .collect();
        assert_eq!(
            company,
            [
                ("Industry", "Steel", Some("an enrichment")),
                ("Technologies", "rust, sql", None)
            ]
        );
        let bo = &told.people[0];
        assert_eq!(
            (bo.id.as_str(), bo.intent.as_str(), bo.title.as_str()),
            ("4", "40", "")
        );
        assert_eq!(told.deals, ["Acme 2026: proposal, 12000 USD"]);
        assert_eq!(told.earlier[0].how, "sent back by Ann: No budget");
    }
}
