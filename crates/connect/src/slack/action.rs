//! A button of a message was pressed: whether the request is Slack's, and what it asks for.

use bellwether_core::domain::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use sha2::Sha256;

use super::{ACCEPT, REJECT};

/// How far a request's time may be from ours, in seconds.
const AGE_S_MAX: u64 = 300;

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Of which handoff, by number.
    pub handoff: i64,
    /// What.
    pub answer: Answer,
    /// Slack's number for whoever pressed it.
    pub user_id: String,
    /// What Slack calls them.
    pub user_name: String,
    /// Where the message can be replaced.
    pub response_url: String,
}

/// How a handoff is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is taken.
    Accept,
    /// It is sent back, for this reason.
    Reject(String),
}

/// Why a request isn't taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// It isn't signed as one of Slack's.
    #[error("the signature isn't one of this destination's signing secret")]
    Signature,
    /// Its time is too far from ours.
    #[error("the request is more than {AGE_S_MAX} seconds old, or from the future")]
    Age,
    /// It isn't what Slack sends.
    #[error("the payload isn't one of a button")]
    Payload,
}

/// Whether a request was signed with the secret, not long ago: HMAC-SHA256 over `v0:time:body`.
pub fn verify(
    secret: &str,
    time: &str,
    signature: &str,
    body: &[u8],
    now: Timestamp,
) -> Result<(), ActionError> {
    let seconds: i64 = time.parse().map_err(|_| ActionError::Age)?;
    if now.ms().div_euclid(1_000).abs_diff(seconds) > AGE_S_MAX {
        return Err(ActionError::Age);
    }
    let given = signature
        .strip_prefix("v0=")
        .and_then(unhex)
        .ok_or(ActionError::Signature)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| ActionError::Signature)?;
    mac.update(b"v0:");
    mac.update(time.as_bytes());
    mac.update(b":");
    mac.update(body);
    mac.verify_slice(&given).map_err(|_| ActionError::Signature)
}

/// What a request asks for; nothing where it is about a button that asks for nothing, such as a link.
pub fn read(payload: &str) -> Result<Option<Action>, ActionError> {
    let payload: Payload = serde_json::from_str(payload).map_err(|_| ActionError::Payload)?;
    let Some(pressed) = payload.actions.into_iter().next() else {
        return Ok(None);
    };
    let value = pressed
        .value
        .or(pressed.selected_option.map(|option| option.value))
        .unwrap_or_default();
    let (handoff, answer) = match pressed.action_id.as_str() {
        ACCEPT => (value.parse().ok(), Answer::Accept),
        REJECT => {
            let (handoff, reason) = value.split_once(':').ok_or(ActionError::Payload)?;
            (handoff.parse().ok(), Answer::Reject(reason.to_owned()))
        }
        _ => return Ok(None),
    };
    let named = payload.user.username.or(payload.user.name);
    Ok(Some(Action {
        handoff: handoff.ok_or(ActionError::Payload)?,
        answer,
        user_name: named
            .unwrap_or_else(|| payload.user.id.clone())
            .chars()
            .filter(|c| !c.is_control())
            .take(80)
            .collect(),
        user_id: payload.user.id,
        response_url: payload.response_url.unwrap_or_default(),
    }))
}

#[derive(Deserialize)]
struct Payload {
    user: Presser,
    #[serde(default)]
    actions: Vec<Pressed>,
    response_url: Option<String>,
}

#[derive(Deserialize)]
struct Presser {
    id: String,
    username: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Pressed {
    action_id: String,
    value: Option<String>,
    selected_option: Option<Chosen>,
}

#[derive(Deserialize)]
struct Chosen {
    value: String,
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let pairs = (0..text.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Slack's own example, of its page on verifying requests.
    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    const SIGNED: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

    #[test]
    fn a_request_is_slacks_only_with_its_signature_and_in_its_time() {
        let at = |seconds: i64| Timestamp::from_ms_clamped(seconds * 1_000);
        let verified = |time: &str, signed: &str, body: &str, now: i64| {
            verify(SECRET, time, signed, body.as_bytes(), at(now))
        };
        let time = "1531420618";
        assert_eq!(verified(time, SIGNED, BODY, 1_531_420_618), Ok(()));
        assert_eq!(verified(time, SIGNED, BODY, 1_531_420_918), Ok(()));
        assert_eq!(verified(time, SIGNED, BODY, 1_531_420_919), Err(ActionError::Age));
        assert_eq!(verified(time, SIGNED, BODY, 1_531_420_317), Err(ActionError::Age));
        assert_eq!(
            verified("soon", SIGNED, BODY, 1_531_420_618),
            Err(ActionError::Age)
        );
        assert_eq!(
            verified(time, SIGNED, "x", 1_531_420_618),
            Err(ActionError::Signature)
        );
        for bad in [
            "",
            "v0=",
            "v1=a2",
            &SIGNED[..60],
            &SIGNED.replace('a', "b"),
            "v0=é",
        ] {
            assert_eq!(
                verified(time, bad, BODY, 1_531_420_618),
                Err(ActionError::Signature),
                "{bad}"
            );
        }
    }

    #[test]
    fn buttons_say_what_they_ask_for() {
        let user = r#""user":{"id":"U1","username":"ann"},"response_url":"https://hooks.slack.com/a""#;
        let of = |action: &str| read(&format!("{{{user},\"actions\":[{action}]}}"));
        let accept = of(r#"{"action_id":"accept","value":"12"}"#).unwrap().unwrap();
        assert_eq!((accept.handoff, accept.answer), (12, Answer::Accept));
        let reject = of(r#"{"action_id":"reject","selected_option":{"value":"12:No: budget"}}"#)
            .unwrap()
            .unwrap();
        assert_eq!(reject.answer, Answer::Reject("No: budget".to_owned()));
        assert_eq!(
            (reject.user_id.as_str(), reject.user_name.as_str()),
            ("U1", "ann")
        );
        assert_eq!(of(r#"{"action_id":"open"}"#), Ok(None));
        assert_eq!(
            of(r#"{"action_id":"accept","value":"x"}"#),
            Err(ActionError::Payload)
        );
        assert_eq!(read("{}"), Err(ActionError::Payload));
    }
}
