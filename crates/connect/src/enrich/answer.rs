//! What an enricher's answer means.

use std::fmt;

use bellwether_core::domain::{Timestamp, Traits};

use super::settings::Enricher;

/// The longest time that a service is waited for because it asks for it, in seconds.
const WAIT_S_MAX: u64 = 24 * 3_600;

/// An answer, as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The header `Retry-After`.
    pub retry_after: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Answer {
    /// A body is somebody's data: it isn't shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("retry_after", &self.retry_after)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// What an answer comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// These traits are known; none where the answer holds none of those that are wanted.
    Known(Traits),
    /// Nothing is known of that one.
    Unknown,
    /// Ask again, for this reason.
    Later {
        /// Why.
        why: String,
        /// Not before so many seconds have passed, where the service says so; then it isn't asked about others either.
        retry_after_s: Option<u64>,
    },
    /// The service refuses to answer whatever it is asked: the secret is wrong, or what was paid for is used up.
    Refused(String),
    /// It can't be asked this; asking again would change nothing.
    Never(String),
}

impl Enricher {
    /// Reads an answer that came at `now`.
    pub fn read(&self, answer: &Answer, now: Timestamp) -> Outcome {
        let why = || format!("answered {}", answer.status);
        match answer.status {
            204 | 404 | 410 => Outcome::Unknown,
            // It is still looking, or broken.
            202 | 408 | 425 | 500..=502 | 504..=599 => Outcome::Later {
                why: why(),
                retry_after_s: None,
            },
            200..=299 => match serde_json::from_slice(&answer.body) {
                Ok(body) => Outcome::Known(self.traits(&body)),
                Err(_) => Outcome::Later {
                    why: "the answer is not JSON".to_owned(),
                    retry_after_s: None,
                },
            },
            401..=403 => Outcome::Refused(why()),
            429 | 503 => Outcome::Later {
                why: why(),
                retry_after_s: answer.retry_after.as_deref().and_then(|text| seconds(text, now)),
            },
            _ => Outcome::Never(why()),
        }
    }

    fn traits(&self, body: &serde_json::Value) -> Traits {
        let found = self.answer.iter().filter_map(|(name, path, kind)| {
            let value = path.find(body, *kind)?;
            Some((name.clone(), value))
        });
        found.collect()
    }
}

/// A `Retry-After`: seconds, or a date.
fn seconds(text: &str, now: Timestamp) -> Option<u64> {
    let text = text.trim();
    let wait = if let Ok(seconds) = text.parse::<u64>() {
        seconds
    } else {
        let date = jiff::fmt::rfc2822::parse(text).ok()?;
        let wait = date.timestamp().as_millisecond() - now.ms();
        wait.max(0).unsigned_abs().div_ceil(1_000)
    };
    Some(wait.min(WAIT_S_MAX))
}
