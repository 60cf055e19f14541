//! A small HTTP client: any status is an answer, not an error, and bodies are bytes.

use std::{io::Read as _, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD as BASE64};
use serde_json::Value;
use ureq::{Agent, Body, http::Response};

/// No answer for this long fails a test.
const ANSWER_SECONDS_MAX: u64 = 60;

/// A client for one server.
#[derive(Clone)]
pub struct Http {
    agent: Agent,
    url: String,
    authorization: Option<String>,
}

/// What the server answered.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Http {
    /// A client for the server at this URL, which does not say who it is.
    pub fn new(url: &str) -> Http {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(ANSWER_SECONDS_MAX)))
            .build();
        Http {
            agent: config.new_agent(),
            url: url.trim_end_matches('/').to_owned(),
            authorization: None,
        }
    }

    /// The same client, with a key as the user's name, as Segment's clients send it.
    #[must_use]
    pub fn basic(mut self, key: &str) -> Http {
        self.authorization = Some(format!("Basic {}", BASE64.encode(format!("{key}:"))));
        self
    }

    /// The same client, with a key as a bearer token.
    #[must_use]
    pub fn bearer(mut self, key: &str) -> Http {
        self.authorization = Some(format!("Bearer {key}"));
        self
    }

    /// Gets a path, which begins with `/`.
    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], &[])
    }

    /// Posts JSON.
    pub fn post(&self, path: &str, json: &Value) -> Reply {
        self.send(
            "POST",
            path,
            &[("content-type", "application/json")],
            json.to_string().as_bytes(),
        )
    }

    /// Puts text.
    pub fn put(&self, path: &str, content_type: &str, text: &str) -> Reply {
        self.send("PUT", path, &[("content-type", content_type)], text.as_bytes())
    }

    /// Sends a request with these headers and this body, whatever they are.
    ///
    /// # Panics
    /// When there is no answer.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        self.try_send(method, path, headers, body)
            .unwrap_or_else(|error| panic!("{method} {path} got no answer: {error}"))
    }

    /// Sends a request; an error when there is no answer, as when the server has just been killed.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Reply, ureq::Error> {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url));
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = if body.is_empty() && method == "GET" {
            self.agent.run(request.body(())?)?
        } else {
            self.agent.run(request.body(body)?)?
        };
        Reply::read(response)
    }
}

impl Reply {
    /// The value of the first header of this name, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as text; what isn't UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!(
                "the answer is not JSON ({error}): {} {}",
                self.status,
                self.text()
            )
        })
    }

    /// The same answer, if it has the status that was expected.
    ///
    /// # Panics
    /// When it has another.
    #[must_use]
    pub fn expect_status(self, status: u16) -> Reply {
        assert_eq!(self.status, status, "the answer was {}", self.text());
        self
    }

    fn read(response: Response<Body>) -> Result<Reply, ureq::Error> {
        let (parts, body) = response.into_parts();
        let headers = parts.headers.iter().map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        });
        let mut bytes = Vec::new();
        body.into_reader().read_to_end(&mut bytes)?;
        Ok(Reply {
            status: parts.status.as_u16(),
            headers: headers.collect(),
            body: bytes,
        })
    }
}
