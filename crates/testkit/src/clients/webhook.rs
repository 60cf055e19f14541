//! Where a webhook goes in tests: it keeps what comes and answers as it is told, so that retries can be provoked.

use std::{
    collections::VecDeque,
    sync::{Mutex, mpsc},
    time::Duration,
};

use super::listener::{Incoming, Listener, Outgoing};

/// One delivery as it came, and how it was answered.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The request.
    pub request: Incoming,
    /// The status that it was given.
    pub status: u16,
}

/// A receiver on a port of its own.
pub struct WebhookReceiver {
    listener: Listener,
    deliveries: mpsc::Receiver<Delivery>,
}

/// A delivery that doesn't come for this long fails a test.
const DELIVERY_SECONDS_MAX: u64 = 30;

impl WebhookReceiver {
    /// A receiver that answers its first requests with these statuses, and every other with 200.
    ///
    /// # Panics
    /// When no port can be opened.
    pub fn start(first_statuses: &[u16]) -> WebhookReceiver {
        let statuses: VecDeque<u16> = first_statuses.iter().copied().collect();
        let statuses = Mutex::new(statuses);
        WebhookReceiver::answering(move || {
            let next = statuses.lock().expect("no answer panicked").pop_front();
            next.unwrap_or(200)
        })
    }

    /// A receiver that answers each request as it is told once the request has come whole; with the status 0, not at all.
    ///
    /// # Panics
    /// When no port can be opened.
    pub fn answering(status: impl Fn() -> u16 + Send + Sync + 'static) -> WebhookReceiver {
        let (sender, deliveries) = mpsc::channel();
        let listener = Listener::start(move |request| {
            let status = status();
            // The test may be over, with nobody left to read.
            let _ = sender.send(Delivery { request, status });
            Outgoing {
                status,
                ..Outgoing::default()
            }
        });
        WebhookReceiver { listener, deliveries }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("{}/webhook", self.listener.url())
    }

    /// The next delivery; waits for it.
    ///
    /// # Panics
    /// When none comes.
    pub fn next(&self) -> Delivery {
        let waited = self
            .deliveries
            .recv_timeout(Duration::from_secs(DELIVERY_SECONDS_MAX));
        waited.expect("a webhook is delivered in time")
    }

    /// What has come and was not yet looked at.
    pub fn rest(&self) -> Vec<Delivery> {
        self.deliveries.try_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::clients::http::Http;

    #[test]
    fn it_answers_as_told_and_keeps_what_came() {
        let receiver = WebhookReceiver::start(&[500]);
        let client = Http::new(&receiver.url()).bearer("key");
        assert_eq!(client.post("", &json!({ "a": 1 })).status, 500);
        assert_eq!(client.post("", &json!({ "a": 1 })).status, 200);
        let first = receiver.next();
        assert_eq!((first.status, first.request.method.as_str()), (500, "POST"));
        assert_eq!(first.request.header("authorization"), Some("Bearer key"));
        assert_eq!(receiver.rest().len(), 1);
    }
}
