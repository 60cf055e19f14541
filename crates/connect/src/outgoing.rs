//! A message on its way to a destination of any kind: what is sent, a pure function of the message and the destination,
//! and the sending.

use bellwether_core::domain::Timestamp;
use serde_json::Value;

use crate::destination::{Destination, Kind, SECRET};
use crate::mail::{self, Mail};
use crate::slack;
use crate::told::Told;
use crate::webhook::{self, Request, WebhookError};

/// A message that was promised.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// By which its receiver knows it if it comes twice.
    pub id: &'a str,
    /// What it tells: `lead.qualified`.
    pub event_type: &'a str,
    /// The body: `{type, timestamp, data}`.
    pub payload: &'a str,
    /// Whom it is mailed to, where it is a mail.
    pub recipient: Option<&'a str>,
    /// When it was promised.
    pub created_at: Timestamp,
}

/// What messages say of where they come from.
#[derive(Clone, Copy)]
pub struct Here<'a> {
    /// Where browsers reach the server; without it messages hold no links.
    pub public_url: Option<&'a str>,
    /// What one-click links are made with; without it they are shown, and lead nowhere.
    pub link_key: Option<&'a [u8]>,
    /// The zone that times are told in.
    pub timezone: &'a str,
    /// The reasons for which a lead is sent back that need no note.
    pub reasons: &'a [String],
}

/// What lets a destination be spoken to.
#[derive(Clone, Copy)]
pub struct Secrets<'a> {
    /// What messages are signed with, or what lets us in.
    pub secret: Option<&'a str>,
    /// Whether requests from there can be known as such, so that buttons work.
    pub takes_answers: bool,
}

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Planned {
    /// A request by HTTP.
    Post(Request),
    /// A mail.
    Mail(Box<Mail>),
}

/// Why a message didn't arrive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Failure {
    /// In a few words, without secrets.
    pub why: String,
    /// What follows from it.
    pub then: Then,
}

/// What follows from a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// It is tried again later, no sooner than the receiver asked for.
    Later {
        /// Seconds, where it asked.
        retry_after_s: Option<u64>,
    },
    /// This message can never arrive; the destination is well.
    Never,
    /// The receiver wants no more messages at all.
    Gone,
}

impl Failure {
    /// One that may be over the next time.
    pub(crate) fn later(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            then: Then::Later { retry_after_s: None },
        }
    }

    /// One that trying again doesn't mend.
    pub(crate) fn never(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            then: Then::Never,
        }
    }
}

impl From<WebhookError> for Failure {
    fn from(error: WebhookError) -> Self {
        let why = error.to_string();
        let then = match error {
            WebhookError::Answer { status: 410, .. } => Then::Gone,
            WebhookError::Answer { retry_after_s, .. } => Then::Later { retry_after_s },
            _ => Then::Later { retry_after_s: None },
        };
        Self { why, then }
    }
}

/// Says what to send.
pub fn plan(
    to: &Destination,
    secrets: Secrets<'_>,
    message: Message<'_>,
    here: Here<'_>,
    now: Timestamp,
) -> Result<Planned, Failure> {
    match &to.kind {
        Kind::Webhook { url } => {
            let secret = secrets.secret.unwrap_or_default();
            let (id, payload) = (message.id, message.payload);
            let to = webhook::Destination { url, secret };
            let request = webhook::plan(webhook::Message { id, payload }, to, now)?;
            Ok(Planned::Post(request))
        }
        Kind::Slack { url } => {
            let data = parsed(message)?;
            let whole = match secrets.secret {
                Some(secret) => url.replace(SECRET, secret),
                None if url.contains(SECRET) => {
                    return Err(Failure::later("its address lacks the secret; put it again"));
                }
                None => url.clone(),
            };
            if message.event_type == slack::ANSWER {
                return slack::replacement(&data, &whole).map(Planned::Post);
            }
            let told = Told::of(message.event_type, &data, here);
            let buttons = secrets.takes_answers.then_some(here.reasons);
            Ok(Planned::Post(slack::plan(&told, whole, buttons, here.timezone)))
        }
        Kind::Smtp(smtp) => {
            let data = parsed(message)?;
            let recipient = message
                .recipient
                .ok_or_else(|| Failure::never("there is nobody to mail it to"))?;
            mail::plan(smtp, message, &data, recipient, here).map(|mail| Planned::Mail(Box::new(mail)))
        }
    }
}

/// What a message is about.
fn parsed(message: Message<'_>) -> Result<Value, Failure> {
    let payload: Value = serde_json::from_str(message.payload)
        .map_err(|error| Failure::never(format!("its payload is no JSON: {error}")))?;
    Ok(payload.get("data").cloned().unwrap_or(Value::Null))
}

/// Sends what was planned.
#[derive(Debug, Clone)]
pub struct Carrier {
    http: webhook::Sender,
    private_allowed: bool,
}

impl Carrier {
    /// One that reaches addresses of the open internet; private ones too only where `private_allowed`.
    pub fn new(private_allowed: bool) -> Self {
        Self {
            http: webhook::Sender::new(private_allowed),
            private_allowed,
        }
    }

    /// Sends; blocks for some seconds at most.
    pub fn send(&self, to: &Destination, secret: Option<&str>, planned: &Planned) -> Result<(), Failure> {
        match (planned, &to.kind) {
            (Planned::Post(request), kind) => self.http.send(request).map_err(|error| {
                let mut failure = Failure::from(error);
                // Slack's address is a secret, which an error may repeat.
                if let (Kind::Slack { .. }, Some(secret)) = (kind, secret) {
                    failure.why = failure.why.replace(secret, "…");
                }
                failure
            }),
            (Planned::Mail(mail), Kind::Smtp(smtp)) => mail::send(mail, smtp, secret, self.private_allowed),
            (Planned::Mail(_), _) => Err(Failure::never("a mail goes only to a mail server")),
        }
    }
}
