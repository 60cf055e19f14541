//! Who is signed in, and that a form was sent by a page of ours: a cookie that scripts can't read, a token in each form
//! that follows from it, and a look at where the browser says that the request comes from.

use axum::extract::FromRequestParts;
use axum::http::header::{COOKIE, HOST, HeaderName, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::response::{IntoResponse, Redirect, Response};
use bellwether_app::User;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

use super::page::Failure;
use crate::edge::{Edge, hex};
use crate::problem::Problem;

/// The longest token that is looked up, in bytes.
const TOKEN_BYTES_MAX: usize = 200;
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Somebody who is signed in.
#[derive(Debug)]
pub(super) struct SignedIn {
    pub(super) user: User,
    pub(super) token: String,
    /// How many events are held apart, which every page's navigation says.
    pub(super) held: u64,
}

impl SignedIn {
    /// The token that each form of this session carries.
    pub(super) fn csrf(&self) -> String {
        csrf(&self.token)
    }

    /// That a form was sent by a page of this session.
    pub(super) fn verify(&self, presented: &str) -> Result<(), Failure> {
        let expected = self.csrf();
        if bool::from(expected.as_bytes().ct_eq(presented.as_bytes())) {
            return Ok(());
        }
        Err(Failure::forbidden(
            "This form is from an earlier sign-in. Go back, load the page again, and repeat it.",
        ))
    }
}

impl FromRequestParts<Edge> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Response> {
        require_same_origin(&parts.method, &parts.headers).map_err(IntoResponse::into_response)?;
        let Some(token) = token(&parts.headers, edge) else {
            return Err(to_door(parts));
        };
        match edge.app().session(&token).await {
            Ok(Some(user)) => {
                let held = edge.app().suspects_held().await;
                let held = held.map_err(|error| Failure::from(error).into_response())?;
                Ok(Self { user, token, held })
            }
            Ok(None) => Err(to_door(parts)),
            Err(error) => Err(Failure::from(Problem::from(error)).into_response()),
        }
    }
}

/// To the sign-in page, and after it back to the page that was asked for.
fn to_door(parts: &Parts) -> Response {
    let wanted = parts.uri.path_and_query().map_or("/", |wanted| wanted.as_str());
    if parts.method != Method::GET || wanted == "/" {
        return Redirect::to("/sign-in").into_response();
    }
    Redirect::to(&format!("/sign-in?next={}", encoded(wanted))).into_response()
}

/// Percent-encodes what could end a query parameter.
fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string can't fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// A path of this server to go to after a form; anything else is the inbox.
pub(super) fn way_back(path: &str) -> &str {
    let plain = path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if plain && path.starts_with('/') && !path.starts_with("//") {
        path
    } else {
        "/"
    }
}

/// The token that follows from a session's: whoever can't read the cookie can't make it.
fn csrf(token: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(b"bellwether form\0");
    hasher.update(token.as_bytes());
    hex(&hasher.finalize())
}

/// Refuses what changes something where the browser says that another site sent it.
pub(super) fn require_same_origin(method: &Method, headers: &HeaderMap) -> Result<(), Failure> {
    if matches!(*method, Method::GET | Method::HEAD) {
        return Ok(());
    }
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let ours = match (text(SEC_FETCH_SITE), text(ORIGIN)) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text(HOST)
        }
        // Neither: no browser of these years sends a form so, and the token still stands.
        (None, None) => true,
    };
    if ours {
        Ok(())
    } else {
        Err(Failure::forbidden("This form was sent by another site."))
    }
}

fn token(headers: &HeaderMap, edge: &Edge) -> Option<String> {
    let name = cookie_name(edge);
    let cookies = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty() && value.len() <= TOKEN_BYTES_MAX)
        .map(|(_, value)| value.to_owned())
}

/// Over TLS the name itself makes browsers refuse the cookie from anywhere else.
fn cookie_name(edge: &Edge) -> &'static str {
    if edge.is_https() {
        "__Host-bellwether"
    } else {
        "bellwether"
    }
}

/// The cookie that keeps a session.
pub(super) fn cookie(edge: &Edge, token: &str, seconds: i64) -> Option<HeaderValue> {
    let secure = if edge.is_https() { "; Secure" } else { "" };
    let name = cookie_name(edge);
    let text = format!("{name}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_never_leaves_this_server() {
        for path in ["/", "/leads/3", "/?whose=all&team=sdr"] {
            assert_eq!(way_back(path), path);
        }
        for path in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "/a\nb",
            "/é",
        ] {
            assert_eq!(way_back(path), "/", "{path:?}");
        }
    }

    #[test]
    fn another_sites_form_is_refused() {
        let with = |pairs: &[(HeaderName, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(name, HeaderValue::from_static(value));
            }
            require_same_origin(&Method::POST, &headers).is_ok()
        };
        assert!(with(&[(SEC_FETCH_SITE, "same-origin")]));
        assert!(with(&[
            (ORIGIN, "http://here.example:7878"),
            (HOST, "here.example:7878")
        ]));
        assert!(with(&[]));
        assert!(!with(&[(SEC_FETCH_SITE, "cross-site")]));
        assert!(!with(&[(SEC_FETCH_SITE, "same-site")]));
        assert!(!with(&[(ORIGIN, "http://evil.example"), (HOST, "here.example")]));
        assert!(!with(&[(ORIGIN, "null"), (HOST, "here.example")]));
    }

    #[test]
    fn a_forms_token_follows_from_the_session_alone() {
        assert_eq!(csrf("a"), csrf("a"));
        assert_ne!(csrf("a"), csrf("b"));
        assert_eq!(csrf("a").len(), 64);
    }
}
