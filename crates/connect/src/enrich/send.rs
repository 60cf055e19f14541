//! Asks: one request, within its time and its size.

use std::io::Read as _;
use std::time::Duration;

use super::answer::Answer;
use super::request::Request;
use super::settings::{Limits, Method, TIMEOUT_S_MAX};
use crate::walls::{self, Unreached};

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The address is within the server's own walls.
    #[error("the address is private; start the server with --allow-private-enrichers to call it")]
    Private,
    /// It couldn't be reached, or took too long.
    #[error("not reached: {0}")]
    Unreachable(String),
    /// The answer is longer than it may be.
    #[error("the answer has more than {0} bytes; raise `answer_bytes_max` where that is right")]
    TooLong(u64),
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
            agent: walls::agent(private_allowed, Duration::from_secs(TIMEOUT_S_MAX)),
        }
    }

    /// Asks. Blocks for up to the limits' time.
    pub fn send(&self, request: &Request, limits: &Limits) -> Result<Answer, SendError> {
        let within = Some(Duration::from_secs(limits.timeout_s));
        let answered = match request.method {
            Method::Get => headed(self.agent.get(&request.url), request)
                .config()
                .timeout_global(within)
                .build()
                .call(),
            Method::Post => headed(self.agent.post(&request.url), request)
                .config()
                .timeout_global(within)
                .build()
                .send(request.body.as_deref().unwrap_or("")),
        };
        let mut answer = answered.map_err(|error| unreached(&error, request))?;
        let status = answer.status().as_u16();
        let retry_after = answer.headers().get("retry-after");
        let retry_after = retry_after
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let mut body = Vec::new();
        let reader = answer.body_mut().as_reader();
        // One byte past the limit tells an answer that just fits from one that doesn't.
        reader
            .take(limits.answer_bytes_max + 1)
            .read_to_end(&mut body)
            .map_err(|error| SendError::Unreachable(request.hide(&error.to_string())))?;
        if body.len() as u64 > limits.answer_bytes_max {
            return Err(SendError::TooLong(limits.answer_bytes_max));
        }
        Ok(Answer {
            status,
            retry_after,
            body,
        })
    }
}

fn headed<B>(mut call: ureq::RequestBuilder<B>, request: &Request) -> ureq::RequestBuilder<B> {
    for (name, value) in &request.headers {
        call = call.header(name, value);
    }
    call
}

fn unreached(error: &ureq::Error, request: &Request) -> SendError {
    match walls::unreached(error) {
        Unreached::Private => SendError::Private,
        Unreached::Because(why) => SendError::Unreachable(request.hide(&why)),
    }
}
