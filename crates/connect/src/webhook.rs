//! Webhooks, signed as the Standard Webhooks specification asks: HMAC-SHA256 over the message's id, the time of sending
//! and the body.

use std::io::Read as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bellwether_core::domain::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::walls::{self, Unreached};

/// What every secret begins with.
pub const SECRET_PREFIX: &str = "whsec_";
/// The fewest bytes that a secret holds.
pub const SECRET_BYTES_MIN: usize = 24;
/// The most bytes that a secret holds.
pub const SECRET_BYTES_MAX: usize = 64;
/// How long one delivery may take, from looking the name up to the last byte of the answer, in seconds.
pub const DELIVERY_S_MAX: u64 = 15;
/// How much of an answer is read, in bytes. None of it is used but for the message of an error.
pub const ANSWER_BYTES_MAX: u64 = 1_024;

/// Where a message goes.
#[derive(Clone, Copy)]
pub struct Destination<'a> {
    /// Its address.
    pub url: &'a str,
    /// What it is signed with: `whsec_` and base64.
    pub secret: &'a str,
}

/// What is to be told.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// By which its receiver knows it if it comes twice.
    pub id: &'a str,
    /// The body, JSON.
    pub payload: &'a str,
}

/// A request, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// To where.
    pub url: String,
    /// Its headers.
    pub headers: Vec<(&'static str, String)>,
    /// Its body.
    pub body: String,
}

/// Why a message didn't arrive, or never can.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The secret isn't one.
    #[error("the secret is not `whsec_` and the base64 of {SECRET_BYTES_MIN} to {SECRET_BYTES_MAX} bytes")]
    Secret,
    /// The address isn't one that is called.
    #[error("`{0}` is not an address that can be called; give `https://…` or `http://…`")]
    Url(String),
    /// The address is within the server's own walls.
    #[error("the address is private; allow private addresses in the configuration to call it")]
    Private,
    /// It couldn't be reached.
    #[error("not reached: {0}")]
    Unreachable(String),
    /// It answered, but not that it took the message.
    #[error("answered {status}: {answer}")]
    Answer {
        /// The HTTP status.
        status: u16,
        /// The beginning of what it said.
        answer: String,
        /// In how many seconds it wants to be asked again, where it says so.
        retry_after_s: Option<u64>,
    },
}

/// Says what to send: the message's body with the headers that identify, date and sign it.
pub fn plan(message: Message<'_>, to: Destination<'_>, now: Timestamp) -> Result<Request, WebhookError> {
    let key = secret_bytes(to.secret)?;
    check_url(to.url)?;
    let seconds = now.ms().div_euclid(1_000);
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| WebhookError::Secret)?;
    mac.update(format!("{}.{seconds}.", message.id).as_bytes());
    mac.update(message.payload.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    Ok(Request {
        url: to.url.to_owned(),
        headers: vec![
            ("content-type", "application/json".to_owned()),
            ("webhook-id", message.id.to_owned()),
            ("webhook-timestamp", seconds.to_string()),
            ("webhook-signature", format!("v1,{signature}")),
        ],
        body: message.payload.to_owned(),
    })
}

/// The bytes of a secret.
pub fn secret_bytes(secret: &str) -> Result<Vec<u8>, WebhookError> {
    let encoded = secret.strip_prefix(SECRET_PREFIX).ok_or(WebhookError::Secret)?;
    let bytes = STANDARD.decode(encoded).map_err(|_| WebhookError::Secret)?;
    let sized = (SECRET_BYTES_MIN..=SECRET_BYTES_MAX).contains(&bytes.len());
    sized.then_some(bytes).ok_or(WebhookError::Secret)
}

/// A secret of these bytes, as it is shown.
pub fn secret_text(bytes: &[u8]) -> String {
    format!("{SECRET_PREFIX}{}", STANDARD.encode(bytes))
}

/// Whether an address has the form of one that can be called.
pub fn check_url(url: &str) -> Result<(), WebhookError> {
    if walls::is_callable(url) {
        Ok(())
    } else {
        Err(WebhookError::Url(url.chars().take(80).collect()))
    }
}

/// Sends requests. It follows no redirect, uses no proxy, and holds its limits.
#[derive(Debug, Clone)]
pub struct Sender {
    agent: ureq::Agent,
}

impl Sender {
    /// One that calls addresses of the open internet; private ones too only where `private_allowed`.
    pub fn new(private_allowed: bool) -> Self {
        Self {
            agent: walls::agent(private_allowed, Duration::from_secs(DELIVERY_S_MAX)),
        }
    }

    /// Sends; whatever is not an answer of 200 to 299 is an error. Blocks for up to [`DELIVERY_S_MAX`] seconds.
    pub fn send(&self, request: &Request) -> Result<(), WebhookError> {
        let mut call = self.agent.post(&request.url);
        for (name, value) in &request.headers {
            call = call.header(*name, value);
        }
        let mut answer = call.send(&request.body).map_err(|error| unreached(&error))?;
        let status = answer.status().as_u16();
        if (200..300).contains(&status) {
            return Ok(());
        }
        let retry_after = answer
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok());
        let retry_after_s = retry_after.and_then(|value| value.trim().parse().ok());
        let mut text = Vec::new();
        // What can't be read of an error's text is missing from the message, no more.
        drop(
            answer
                .body_mut()
                .as_reader()
                .take(ANSWER_BYTES_MAX)
                .read_to_end(&mut text),
        );
        let answer = String::from_utf8_lossy(&text)
            .chars()
            .filter(|c| !c.is_control())
            .take(200)
            .collect();
        Err(WebhookError::Answer {
            status,
            answer,
            retry_after_s,
        })
    }
}

fn unreached(error: &ureq::Error) -> WebhookError {
    match walls::unreached(error) {
        Unreached::Private => WebhookError::Private,
        Unreached::Because(why) => WebhookError::Unreachable(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn now() -> Timestamp {
        Timestamp::from_ms_clamped(1_790_000_000_123)
    }

    #[test]
    fn the_signature_is_the_one_that_the_specification_asks_for() {
        let message = Message {
            id: "lead.qualified-1",
            payload: r#"{"type":"lead.qualified"}"#,
        };
        let request = plan(
            message,
            Destination {
                url: "https://crm.example/hook",
                secret: SECRET,
            },
            now(),
        )
        .unwrap();
        let expected = standardwebhooks::Webhook::new(SECRET)
            .unwrap()
            .sign(message.id, 1_790_000_000, message.payload.as_bytes())
            .unwrap();
        let signature = request
            .headers
            .iter()
            .find(|(name, _)| *name == "webhook-signature")
            .unwrap();
        assert_eq!(signature.1, expected);
        assert_eq!(request.body, message.payload);
    }

    #[test]
    fn secrets_and_addresses_that_cannot_work_are_refused() {
        let message = Message {
            id: "1",
            payload: "{}",
        };
        for secret in [
            "",
            "whsec_",
            "whsec_short",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_***",
        ] {
            let to = Destination {
                url: "https://crm.example",
                secret,
            };
            assert_eq!(plan(message, to, now()), Err(WebhookError::Secret), "{secret}");
        }
        for url in [
            "",
            "crm.example",
            "ftp://crm.example",
            "https://",
            "https://me:pw@crm.example",
            "file:///etc/passwd",
        ] {
            let to = Destination { url, secret: SECRET };
            assert!(
                matches!(plan(message, to, now()), Err(WebhookError::Url(_))),
                "{url}"
            );
        }
    }

    #[test]
    fn private_addresses_are_not_called_unless_allowed() {
        let sender = Sender::new(false);
        for url in [
            "http://127.0.0.1:9/",
            "http://localhost:9/",
            "http://[::1]:9/",
            "http://169.254.169.254/latest",
        ] {
            let request = Request {
                url: url.to_owned(),
                headers: Vec::new(),
                body: "{}".to_owned(),
            };
            assert_eq!(sender.send(&request), Err(WebhookError::Private), "{url}");
        }
    }
}
