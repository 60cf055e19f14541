//! A gate before the server that fails requests first and then lets them through: how clients retry shows behind it.

use std::sync::{Arc, Mutex};

use super::{
    http::Http,
    listener::{Incoming, Listener, Outgoing},
};

/// A gate on a port of its own.
pub struct Gate {
    listener: Listener,
    seen: Arc<Mutex<Vec<u16>>>,
}

/// Headers that belong to one connection and are not passed on.
const OF_CONNECTION: [&str; 5] = [
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "keep-alive",
];

impl Gate {
    /// A gate before the server at this URL. The first posts are answered 503 with `Retry-After: 1`; of the next, the
    /// answers get lost after the server has taken the events, so that the client sends them again.
    ///
    /// # Panics
    /// When no port can be opened.
    pub fn start(server: &str, refuse: usize, lose: usize) -> Gate {
        let seen: Arc<Mutex<Vec<u16>>> = Arc::default();
        let posts = Arc::clone(&seen);
        let server = Http::new(server);
        let listener = Listener::start(move |request| {
            if request.method != "POST" {
                return pass(&server, &request);
            }
            let number = posts.lock().expect("no answer panicked").len();
            let answer = if number < refuse {
                unavailable()
            } else if number < refuse + lose {
                pass(&server, &request);
                unavailable()
            } else {
                pass(&server, &request)
            };
            posts.lock().expect("no answer panicked").push(answer.status);
            answer
        });
        Gate { listener, seen }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.listener.url()
    }

    /// The statuses that posts were answered with, in order.
    ///
    /// # Panics
    /// When an answer panicked.
    pub fn statuses(&self) -> Vec<u16> {
        self.seen.lock().expect("no answer panicked").clone()
    }
}

fn unavailable() -> Outgoing {
    Outgoing {
        status: 503,
        headers: vec![("Retry-After".to_owned(), "1".to_owned())],
        body: Vec::new(),
    }
}

fn pass(server: &Http, request: &Incoming) -> Outgoing {
    let headers: Vec<(&str, &str)> = request
        .headers
        .iter()
        .filter(|(name, _)| !OF_CONNECTION.contains(&name.as_str()))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    match server.try_send(&request.method, &request.path, &headers, &request.body) {
        Ok(reply) => {
            let kept = reply
                .headers
                .into_iter()
                .filter(|(name, _)| !OF_CONNECTION.contains(&name.as_str()));
            Outgoing {
                status: reply.status,
                headers: kept.collect(),
                body: reply.body,
            }
        }
        Err(_) => Outgoing {
            status: 502,
            ..Outgoing::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::clients::WebhookReceiver;

    #[test]
    fn the_first_posts_fail_and_those_that_are_lost_have_arrived() {
        let receiver = WebhookReceiver::start(&[]);
        let gate = Gate::start(receiver.url().trim_end_matches("/webhook"), 1, 1);
        let client = Http::new(&gate.url());
        let statuses: Vec<u16> = (0..3)
            .map(|number| client.post("/v1/track", &json!({ "n": number })).status)
            .collect();
        assert_eq!(statuses, [503, 503, 200]);
        assert_eq!(gate.statuses(), statuses);
        let arrived: Vec<Vec<u8>> = (0..2).map(|_| receiver.next().request.body).collect();
        assert_eq!(arrived, [b"{\"n\":1}".to_vec(), b"{\"n\":2}".to_vec()]);
    }
}
