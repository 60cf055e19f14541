//! Calendly's webhooks, version 2: `{event, created_at, payload}`, where the payload is an invitee with the scheduled event
//! in it. The header `Calendly-Webhook-Signature` is `t=seconds,v1=hex`.

use bellwether_core::domain::{Properties, Timestamp, Value as Property};
use serde_json::Value;

use super::fields::{address, answers, at, text, time};
use super::{HOSTS_MAX, Meeting, MeetingKind, Read, Unsigned, put, signed};

/// The header that holds the signature.
pub const SIGNATURE_HEADER: &str = "calendly-webhook-signature";
/// How old a signature may be, in seconds: what Calendly's documentation proposes.
pub const TOLERANCE_S_MAX: u64 = 180;

/// Checks that a body is Calendly's own.
pub fn verify(secret: &str, header: Option<&str>, body: &[u8], now: Timestamp) -> Result<(), Unsigned> {
    let header = header.ok_or(Unsigned::Missing)?;
    let part = |wanted: &str| {
        let mut parts = header.split(',').filter_map(|part| part.trim().split_once('='));
        parts.find(|(name, _)| *name == wanted).map(|(_, value)| value)
    };
    let (Some(signed_at), Some(signature)) = (part("t"), part("v1")) else {
        return Err(Unsigned::Missing);
    };
    signed::check(secret, signed_at, signature, body, TOLERANCE_S_MAX, now)
}

/// Reads a body.
pub fn read(body: &[u8]) -> Read {
    let Ok(whole) = serde_json::from_slice::<Value>(body) else {
        return Read::Unusable("the body is not JSON");
    };
    let Some(event) = text(&whole, &["event"]) else {
        return Read::Unusable("the body names no `event`");
    };
    let payload = at(&whole, &["payload"]);
    let moved = at(payload, &["old_invitee"]).is_string();
    let kind = match event.as_str() {
        "invitee.created" if moved => MeetingKind::Rescheduled,
        "invitee.created" => MeetingKind::Booked,
        // The other half of a move: that the meeting is at another time comes with the new invitee.
        "invitee.canceled" if at(payload, &["rescheduled"]) == &Value::Bool(true) => {
            return Read::Unused("invitee.canceled (rescheduled)".to_owned());
        }
        "invitee.canceled" => MeetingKind::Cancelled,
        "invitee_no_show.created" => MeetingKind::NoShow,
        "invitee_no_show.deleted" => MeetingKind::NoShowWithdrawn,
        _ => return Read::Unused(event),
    };
    let Some(email) = text(payload, &["email"]).as_deref().and_then(address) else {
        return Read::Unusable("the payload has no invitee's email");
    };
    let Some(invitee) = text(payload, &["uri"]) else {
        return Read::Unusable("the payload has no invitee's `uri`");
    };
    // An invitee can be marked as absent, and as come after all, any number of times.
    let mark = text(payload, &["no_show", "uri"]).or_else(|| text(&whole, &["created_at"]));
    let message_id = match kind {
        MeetingKind::NoShow | MeetingKind::NoShowWithdrawn => {
            format!("calendly/{event}/{invitee}/{}", mark.unwrap_or_default())
        }
        _ => format!("calendly/{event}/{invitee}"),
    };
    Read::Meeting(Box::new(Meeting {
        kind,
        message_id,
        at: time(&whole, &["created_at"]),
        email,
        name: text(payload, &["name"]),
        first_name: text(payload, &["first_name"]),
        last_name: text(payload, &["last_name"]),
        phone: text(payload, &["text_reminder_number"]),
        hosts: hosts(payload),
        properties: properties(payload),
    }))
}

/// The addresses of the event's members.
fn hosts(payload: &Value) -> Vec<String> {
    let members = at(payload, &["scheduled_event", "event_memberships"]).as_array();
    let members = members.map_or(&[][..], Vec::as_slice).iter();
    let hosts = members.filter_map(|member| address(&text(member, &["user_email"])?));
    hosts.take(HOSTS_MAX).collect()
}

fn properties(payload: &Value) -> Properties {
    let mut properties = Properties::new();
    let event = at(payload, &["scheduled_event"]);
    put(&mut properties, "tool", Some("calendly".to_owned()));
    put(&mut properties, "title", text(event, &["name"]));
    put(&mut properties, "meeting", text(event, &["uri"]));
    let starts = time(event, &["start_time"]).map(|at| at.to_string());
    put(&mut properties, "starts_at", starts);
    let ends = time(event, &["end_time"]).map(|at| at.to_string());
    put(&mut properties, "ends_at", ends);
    put(&mut properties, "host", hosts(payload).into_iter().next());
    let link = text(event, &["location", "join_url"]);
    put(
        &mut properties,
        "link",
        link.or_else(|| text(event, &["location", "location"])),
    );
    put(
        &mut properties,
        "reason",
        text(payload, &["cancellation", "reason"]),
    );
    put(
        &mut properties,
        "cancelled_by",
        text(payload, &["cancellation", "canceler_type"]),
    );
    for (name, path) in [
        ("campaign.source", "utm_source"),
        ("campaign.medium", "utm_medium"),
        ("campaign.name", "utm_campaign"),
    ] {
        put(&mut properties, name, text(payload, &["tracking", path]));
    }
    let answers = answers(at(payload, &["questions_and_answers"]));
    if !answers.is_empty() {
        properties.insert("questions".to_owned(), Property::List(answers));
    }
    properties
}
