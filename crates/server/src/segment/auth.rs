//! Where a write key may stand: clients put it in four places, and some in two at once.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use bellwether_app::{ApiKey, AppError, KeyClass};

use crate::edge::Edge;

/// The longest text that is looked up as a key, in bytes.
const KEY_BYTES_MAX: usize = 200;

/// The keys that a request presents before its body is read.
pub(super) fn presented(headers: &HeaderMap, query: Option<&str>) -> Vec<String> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let mut keys = Vec::new();
    if let Some((scheme, rest)) = header.and_then(|header| header.trim().split_once(' ')) {
        if scheme.eq_ignore_ascii_case("basic") {
            keys.extend(basic_user(rest.trim()));
        } else if scheme.eq_ignore_ascii_case("bearer") {
            keys.push(rest.trim().to_owned());
        }
    }
    for pair in query.unwrap_or_default().split('&') {
        if let Some((name, value)) = pair.split_once('=')
            && name.eq_ignore_ascii_case("writekey")
        {
            keys.push(value.to_owned());
        }
    }
    keys
}

/// The user of Basic credentials; the colon and the password after it may be missing.
fn basic_user(encoded: &str) -> Option<String> {
    let bytes = STANDARD
        .decode(encoded)
        .or_else(|_| STANDARD_NO_PAD.decode(encoded))
        .ok()?;
    let text = String::from_utf8(bytes).ok()?;
    Some(text.split(':').next().unwrap_or_default().to_owned())
}

/// The first of these that is a write key.
pub(super) async fn write_key(edge: &Edge, presented: &[String]) -> Result<Option<ApiKey>, AppError> {
    for key in presented
        .iter()
        .filter(|key| !key.is_empty() && key.len() <= KEY_BYTES_MAX)
    {
        if let Some(found) = edge.app().check_key(key, KeyClass::Write).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn with(authorization: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_static(authorization));
        headers
    }

    #[test]
    fn a_key_is_found_wherever_a_client_puts_it() {
        // `key:`, `key` and `key` without padding, in Base64.
        for header in [
            "Basic a2V5Og==",
            "basic a2V5",
            "Basic a2V5Og",
            "Bearer key",
            "BASIC   a2V5OnNlY3JldA==",
        ] {
            assert_eq!(presented(&with(header), None), ["key"], "{header}");
        }
        assert_eq!(presented(&HeaderMap::new(), Some("a=b&writeKey=key&c")), ["key"]);
        assert_eq!(
            presented(&with("Basic a2V5Og=="), Some("writeKey=other")),
            ["key", "other"]
        );
        for header in ["Basic", "Basic !!!", "Digest a2V5", "", "Basic /////w=="] {
            assert!(presented(&with(header), None).is_empty(), "{header}");
        }
    }
}
