//! Which program sent an event, where that is no person's browser. Only such a program's name is kept of a user agent.

use std::cell::RefCell;
use std::collections::HashMap;

use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, USER_AGENT};
use bellwether_app::{FactBody, IncomingFact};
use bellwether_core::domain::Value;
use bellwether_core::suspect::{AGENT, known_agent};

/// How many user agents each thread remembers; when there are more, all are forgotten. A site's visitors have a few
/// hundred.
const REMEMBERED_MAX: usize = 1_024;
/// The longest user agent that is remembered, in bytes.
const REMEMBERED_BYTES_MAX: usize = 512;

thread_local! {
    static REMEMBERED: RefCell<HashMap<Box<str>, Option<&'static str>>> = RefCell::default();
}

/// What a user agent is called that is known to be a program.
pub(super) fn program(user_agent: &str) -> Option<&'static str> {
    if user_agent.len() > REMEMBERED_BYTES_MAX {
        return known_agent(user_agent);
    }
    REMEMBERED.with_borrow_mut(|remembered| {
        if let Some(known) = remembered.get(user_agent) {
            return *known;
        }
        if remembered.len() >= REMEMBERED_MAX {
            remembered.clear();
        }
        let known = known_agent(user_agent);
        remembered.insert(user_agent.into(), known);
        known
    })
}

/// Marks what a program posted that says nothing of itself, by the request's own user agent, where the request is of the
/// kind that only scripts in pages make. A server's library posts JSON, and what it calls itself says nothing of the
/// person that it reports on.
pub(super) fn mark_beacons(headers: &HeaderMap, facts: &mut [IncomingFact]) {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if !text(CONTENT_TYPE).is_some_and(|kind| kind.trim_start().starts_with("text/plain")) {
        return;
    }
    let Some(program) = text(USER_AGENT).and_then(program) else {
        return;
    };
    for fact in facts {
        if let FactBody::Event(event) = &mut fact.body {
            let mark = || Value::Text(program.to_owned());
            event.properties.entry(AGENT.to_owned()).or_insert_with(mark);
        }
    }
}
