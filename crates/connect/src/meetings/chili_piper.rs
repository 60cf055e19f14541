//! Chili Piper's custom webhooks: one flat object, whose `type` says what became of the meeting. Where the tenant has a
//! signing secret, `X-Chili-Signature` is the hex HMAC over `timestamp.body` with the time of `X-Chili-Timestamp`; where it
//! has none, the address that is set in Chili Piper carries the secret as `token`.

use bellwether_core::domain::{Properties, Timestamp};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use super::fields::{address, text_of};
use super::{HOSTS_MAX, Meeting, MeetingKind, Read, Unsigned, put, signed};

/// The header that holds the signature.
pub const SIGNATURE_HEADER: &str = "x-chili-signature";
/// The header that says when it was signed, in seconds since 1970.
pub const TIMESTAMP_HEADER: &str = "x-chili-timestamp";
/// How old a signature may be, in seconds.
pub const TOLERANCE_S_MAX: u64 = 300;

/// What a request shows of its origin.
#[derive(Clone, Copy, Default)]
pub struct Shown<'a> {
    /// The signature.
    pub signature: Option<&'a str>,
    /// When it was signed.
    pub signed_at: Option<&'a str>,
    /// The token of the address.
    pub token: Option<&'a str>,
}

/// Checks that a body is Chili Piper's own. A signature that is there must be right, whatever the address says.
pub fn verify(secret: &str, shown: Shown<'_>, body: &[u8], now: Timestamp) -> Result<(), Unsigned> {
    match (shown.signature, shown.signed_at, shown.token) {
        (Some(signature), Some(signed_at), _) => {
            signed::check(secret, signed_at, signature, body, TOLERANCE_S_MAX, now)
        }
        (None, _, Some(token)) => same(secret, token),
        _ => Err(Unsigned::Missing),
    }
}

/// Compares texts through their codes under one of them, which takes the same time wherever they differ.
fn same(secret: &str, token: &str) -> Result<(), Unsigned> {
    let code = |text: &str| {
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| Unsigned::Wrong)?;
        Ok::<_, Unsigned>(mac.chain_update(text.as_bytes()))
    };
    let expected = code(secret)?.finalize().into_bytes();
    code(token)?.verify(&expected).map_err(|_| Unsigned::Wrong)
}

/// Reads a body.
pub fn read(body: &[u8]) -> Read {
    let Ok(whole) = serde_json::from_slice::<Value>(body) else {
        return Read::Unusable("the body is not JSON");
    };
    let Some(told) = text_of(&whole, &["type"]) else {
        return Read::Unusable("the body names no `type`");
    };
    let kind = match told.to_lowercase().as_str() {
        "created" => MeetingKind::Booked,
        "rescheduled" => MeetingKind::Rescheduled,
        "updated" => MeetingKind::Updated,
        "deleted" | "canceled" | "cancelled" => MeetingKind::Cancelled,
        "noshow" | "no-show" | "no show" => MeetingKind::NoShow,
        _ => return Read::Unused(told),
    };
    let email = text_of(&whole, &["primaryGuestEmail"]);
    let Some(email) = email.as_deref().and_then(address) else {
        return Read::Unusable("the body has no `primaryGuestEmail`");
    };
    let Some(meeting) = text_of(&whole, &["meetingIdChili"]) else {
        return Read::Unusable("the body has no `meetingIdChili`");
    };
    let hosts = hosts(&whole);
    let time = |names: &[&str]| {
        let at: Option<Timestamp> = text_of(&whole, names)?.parse().ok();
        at.map(|at| at.to_string())
    };
    let starts = time(&["meetingStartTime", "start"]);
    // Nothing numbers what is sent, so that the same change made twice is told by what it comes to.
    let message_id = format!(
        "chili-piper/{}/{meeting}/{}/{}",
        told.to_lowercase(),
        starts.as_deref().unwrap_or_default(),
        hosts.first().map_or("", String::as_str)
    );
    let mut properties = Properties::new();
    put(&mut properties, "tool", Some("chili-piper".to_owned()));
    put(&mut properties, "meeting", Some(meeting));
    put(
        &mut properties,
        "title",
        text_of(&whole, &["meetingTitle", "title"]),
    );
    put(&mut properties, "type", text_of(&whole, &["meetingTypeName"]));
    put(&mut properties, "starts_at", starts);
    put(&mut properties, "ends_at", time(&["meetingEndTime", "end"]));
    put(&mut properties, "host", hosts.first().cloned());
    put(
        &mut properties,
        "link",
        text_of(&whole, &["meetingLocation", "location"]),
    );
    put(
        &mut properties,
        "booked_with",
        text_of(&whole, &["productFeatureName", "distributionName"]),
    );
    Read::Meeting(Box::new(Meeting {
        kind,
        message_id,
        at: None,
        email,
        name: text_of(&whole, &["primaryGuestName", "primaryGuestFullName"]),
        first_name: None,
        last_name: None,
        phone: None,
        hosts,
        properties,
    }))
}

/// Whoever the meeting is given to, then its host.
fn hosts(whole: &Value) -> Vec<String> {
    let named = ["assigneeEmail", "hostEmail"].into_iter();
    let mut hosts: Vec<String> = named
        .filter_map(|name| address(&text_of(whole, &[name])?))
        .collect();
    hosts.dedup();
    hosts.truncate(HOSTS_MAX);
    hosts
}
