//! What every handler has at hand: the use cases, the clock, random bytes, and how the outside reaches this server.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::HOST;
use bellwether_app::{App, Clock, Entropy};
use bellwether_core::domain::Timestamp;
use tokio::sync::Semaphore;

use crate::limits::{EXPORTS_MAX, IMPORTS_MAX, STREAMS_MAX};

/// How a server is set up, beside the [`App`] that it serves.
#[derive(Clone)]
pub struct ServerOptions {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives unguessable bytes.
    pub entropy: Arc<dyn Entropy>,
    /// The address that browsers reach this server by, such as `https://bellwether.acme.example`, where it stands behind
    /// a proxy. Without it the request's own `Host` is taken, over plain HTTP.
    pub public_url: Option<String>,
    /// What is made of visitors' addresses.
    pub visitors: VisitorOptions,
}

/// What is made of visitors' addresses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VisitorOptions {
    /// How many proxies of the operator's own stand before this server, each of which adds to `X-Forwarded-For`.
    pub trusted_proxies: usize,
    /// Whether addresses are kept with events, as the property `context.ip`.
    pub keep_ip: bool,
}

/// What every handler has at hand; cloning is cheap.
#[derive(Clone)]
pub(crate) struct Edge(Arc<Shared>);

struct Shared {
    app: App,
    options: ServerOptions,
    streams: Arc<Semaphore>,
    imports: Arc<Semaphore>,
    exports: Arc<Semaphore>,
}

impl Edge {
    pub(crate) fn new(app: App, options: ServerOptions) -> Self {
        Self(Arc::new(Shared {
            app,
            options,
            streams: Arc::new(Semaphore::new(STREAMS_MAX)),
            imports: Arc::new(Semaphore::new(IMPORTS_MAX)),
            exports: Arc::new(Semaphore::new(EXPORTS_MAX)),
        }))
    }

    pub(crate) fn app(&self) -> &App {
        &self.0.app
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.options.clock.now()
    }

    pub(crate) fn visitors(&self) -> VisitorOptions {
        self.0.options.visitors
    }

    /// Permits for pages that follow changes.
    pub(crate) fn streams(&self) -> Arc<Semaphore> {
        Arc::clone(&self.0.streams)
    }

    /// Permits for files that are imported.
    pub(crate) fn imports(&self) -> Arc<Semaphore> {
        Arc::clone(&self.0.imports)
    }

    /// Permits for exports.
    pub(crate) fn exports(&self) -> Arc<Semaphore> {
        Arc::clone(&self.0.exports)
    }

    /// Sixteen unguessable bytes in hex; `None` where the system has none to give.
    pub(crate) fn nonce(&self) -> Option<String> {
        let mut bytes = [0; 16];
        self.0.options.entropy.fill(&mut bytes).then(|| hex(&bytes))
    }

    /// Whether browsers reach this server over TLS, as far as it was told.
    pub(crate) fn is_https(&self) -> bool {
        self.0
            .options
            .public_url
            .as_deref()
            .is_some_and(|url| url.starts_with("https://"))
    }

    /// How browsers reach this server, as protocol (`http`, `https`) and host with any path.
    pub(crate) fn reached_by(&self, headers: &HeaderMap) -> Option<(&'static str, String)> {
        if let Some(url) = &self.0.options.public_url {
            let protocol = if self.is_https() { "https" } else { "http" };
            let (_, host) = url.split_once("://")?;
            return Some((protocol, host.trim_end_matches('/').to_owned()));
        }
        let host = headers.get(HOST)?.to_str().ok()?;
        let plain = host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b':' | b'-' | b'[' | b']'));
        (plain && !host.is_empty() && host.len() <= 255).then(|| ("http", host.to_owned()))
    }
}

/// Bytes in lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string can't fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
