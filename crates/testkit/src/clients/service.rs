//! A service of somebody else's in tests: it answers each request by a function, and keeps what it was asked.

use std::sync::{Arc, Mutex, PoisonError};

use super::listener::{Incoming, Listener, Outgoing};

/// A service on a port of its own.
pub struct Service {
    listener: Listener,
    asked: Arc<Mutex<Vec<Incoming>>>,
}

impl Service {
    /// A service that answers by this function, which may wait as long as the test wants it to.
    ///
    /// # Panics
    /// When no port can be opened.
    pub fn start(answer: impl Fn(&Incoming) -> Outgoing + Send + Sync + 'static) -> Service {
        let asked: Arc<Mutex<Vec<Incoming>>> = Arc::default();
        let kept = Arc::clone(&asked);
        let listener = Listener::start(move |request| {
            kept.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(request.clone());
            answer(&request)
        });
        Service { listener, asked }
    }

    /// Where it listens, such as `http://127.0.0.1:40001`.
    pub fn url(&self) -> String {
        self.listener.url()
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Incoming> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Outgoing {
    /// An answer of this status and text.
    pub fn new(status: u16, body: &str) -> Outgoing {
        Outgoing {
            status,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        }
    }

    /// The same with a header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Outgoing {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}
