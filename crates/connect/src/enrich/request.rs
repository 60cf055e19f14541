//! What is sent to an enricher, and how it is shown to people: with the secret hidden.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use bellwether_core::domain::Traits;
use bellwether_core::profile::Profile;

use super::settings::{Enricher, Method};
use super::template::{Encoding, encode, has_dot_segment};

/// What stands for the secret wherever a request is shown.
const HIDDEN: &str = "(secret)";
/// The longest value that is asked with, in bytes.
const VALUE_BYTES_MAX: usize = 500;

/// A request, ready to be sent. Its `Debug` and `Display` hide the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<String>,
    secret: Option<String>,
    shown: String,
}

/// The values that an enricher is asked with, of a lead with these traits, by field; nothing where one is missing, or would
/// lead to another path than the file's.
pub fn key_of(enricher: &Enricher, traits: &Traits) -> Option<BTreeMap<String, String>> {
    let profile = Profile::new(traits);
    let value = |name: &str| {
        let value = profile.field(name)?;
        let text = value.as_texts().next()?;
        let text = text.trim();
        let fits = !text.is_empty() && text.len() <= VALUE_BYTES_MAX;
        fits.then(|| text.to_owned())
    };
    let fields = enricher.fields().into_iter();
    let key = fields
        .map(|name| value(name).map(|value| (name.to_owned(), value)))
        .collect::<Option<_>>()?;
    address(enricher, Some(HIDDEN), &key).map(|_| key)
}

/// The address with its fields filled in; nothing where a value makes a part of its path `.` or `..`, which whoever reads
/// the address takes for the way to another one.
fn address(enricher: &Enricher, secret: Option<&str>, key: &BTreeMap<String, String>) -> Option<String> {
    let url = enricher.url.fill(key, secret, Encoding::Percent)?;
    (!has_dot_segment(&url)).then_some(url)
}

/// Says what to send, given the values of [`key_of`]; nothing where a value or the secret is missing.
pub fn plan(enricher: &Enricher, secret: Option<&str>, key: &BTreeMap<String, String>) -> Option<Request> {
    let sent = Filled::new(enricher, secret, key)?;
    let shown = Filled::new(enricher, secret.map(|_| HIDDEN), key)?;
    Some(Request {
        shown: shown.text(enricher.method),
        method: enricher.method,
        url: sent.url,
        headers: sent.headers,
        body: sent.body,
        secret: secret.map(str::to_owned),
    })
}

impl Request {
    /// A text that may hold the secret, as a service may send it back, with the secret hidden.
    pub fn hide(&self, text: &str) -> String {
        let Some(secret) = self.secret.as_deref().filter(|secret| !secret.is_empty()) else {
            return text.to_owned();
        };
        let mut hidden = text.replace(secret, HIDDEN);
        for encoding in [Encoding::Percent, Encoding::Json] {
            let mut written = String::new();
            encode(secret, encoding, &mut written);
            hidden = hidden.replace(&written, HIDDEN);
        }
        hidden
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Request").field(&self.shown).finish()
    }
}

/// A request's texts with their fields filled in.
struct Filled {
    url: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

impl Filled {
    fn new(enricher: &Enricher, secret: Option<&str>, key: &BTreeMap<String, String>) -> Option<Self> {
        let url = address(enricher, secret, key)?;
        let mut headers = Vec::with_capacity(enricher.headers.len() + 2);
        for (name, value) in &enricher.headers {
            headers.push((name.clone(), value.fill(key, secret, Encoding::Plain)?));
        }
        let has = |headers: &[(String, String)], wanted| headers.iter().any(|(name, _)| name == wanted);
        if !has(&headers, "accept") {
            headers.push(("accept".to_owned(), "application/json".to_owned()));
        }
        let body = match &enricher.body {
            None => None,
            Some(body) => {
                if !has(&headers, "content-type") {
                    headers.push(("content-type".to_owned(), "application/json".to_owned()));
                }
                let encoding = if enricher.form {
                    Encoding::Percent
                } else {
                    Encoding::Json
                };
                Some(body.fill(key, secret, encoding)?)
            }
        };
        Some(Self { url, headers, body })
    }

    fn text(&self, method: Method) -> String {
        let method = match method {
            Method::Get => "GET",
            Method::Post => "POST",
        };
        let mut text = format!("{method} {}\n", self.url);
        for (name, value) in &self.headers {
            // Writing to a string doesn't fail.
            let _ = writeln!(text, "{name}: {value}");
        }
        if let Some(body) = &self.body {
            text.push('\n');
            text.push_str(body);
            text.push('\n');
        }
        text
    }
}
