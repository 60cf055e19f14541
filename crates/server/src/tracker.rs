//! `GET /t.js`: the tracker that sites load. Any site may; browsers keep it for a day and ask then whether it has changed.
//!
//! What is served is `tracker/t.min.js`, which `cargo xtask docs` makes of `tracker/t.js`.

use std::io::Write as _;
use std::sync::LazyLock;

use axum::Router;
use axum::http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG,
    HeaderName, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use crate::edge::{Edge, hex};

/// What sites load.
const SCRIPT: &[u8] = include_bytes!("../tracker/t.min.js");

/// One form of the script, with what tells it from others.
struct Form {
    bytes: Vec<u8>,
    tag: String,
}

static PLAIN: LazyLock<Form> = LazyLock::new(|| form(SCRIPT.to_vec()));
/// Nothing where it couldn't be made, which a vector doesn't do.
static GZIPPED: LazyLock<Option<Form>> = LazyLock::new(|| {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(SCRIPT).ok()?;
    encoder.finish().ok().map(form)
});

fn form(bytes: Vec<u8>) -> Form {
    let digest: String = hex(&Sha256::digest(&bytes)).chars().take(16).collect();
    Form {
        bytes,
        tag: format!("\"{digest}\""),
    }
}

/// The tracker's one route.
pub(crate) fn routes() -> Router<Edge> {
    Router::new().route("/t.js", get(handler))
}

/// `GET /t.js`.
async fn handler(headers: HeaderMap) -> Response {
    let gzipped = GZIPPED.as_ref().filter(|_| takes_gzip(&headers));
    let form = gzipped.unwrap_or(&*PLAIN);
    let mut response = if is_known(&headers, &form.tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        form.bytes.as_slice().into_response()
    };
    let answer = response.headers_mut();
    let fixed = [
        (CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (
            CACHE_CONTROL,
            "public, max-age=86400, stale-while-revalidate=604800",
        ),
        (VARY, "Accept-Encoding"),
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "cross-origin",
        ),
    ];
    for (name, value) in fixed {
        answer.insert(name, HeaderValue::from_static(value));
    }
    if gzipped.is_some() && response.status() == StatusCode::OK {
        response
            .headers_mut()
            .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if let Ok(tag) = HeaderValue::from_str(&form.tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// Whether the client says that it takes gzip, and doesn't say that it takes it not at all.
fn takes_gzip(headers: &HeaderMap) -> bool {
    list(headers, &ACCEPT_ENCODING).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let named = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name == "*");
        let refused = parts.any(|parameter| {
            parameter
                .strip_prefix("q=")
                .is_some_and(|weight| weight.parse::<f32>() == Ok(0.0))
        });
        named && !refused
    })
}

/// Whether the client holds this form already; proxies mark tags as weak when they pack anew.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    list(headers, &IF_NONE_MATCH).any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

/// The items of a header that holds a list, over all its lines.
fn list<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        for (accepted, takes) in [
            ("gzip, deflate, br", true),
            ("br;q=1.0, GZIP;q=0.5", true),
            ("*", true),
            ("gzip;q=0, identity", false),
            ("gzip; q=0.000", false),
            ("br", false),
            ("", false),
        ] {
            assert_eq!(takes_gzip(&with(ACCEPT_ENCODING, accepted)), takes, "{accepted}");
        }
    }

    #[test]
    fn a_tag_is_known_however_a_proxy_marks_it() {
        for (known, is) in [
            ("\"a\"", true),
            ("W/\"a\"", true),
            ("\"b\", \"a\"", true),
            ("*", true),
            ("\"b\"", false),
            ("a", false),
        ] {
            assert_eq!(is_known(&with(IF_NONE_MATCH, known), "\"a\""), is, "{known}");
        }
    }
}
