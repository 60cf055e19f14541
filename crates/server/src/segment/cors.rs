//! Any site's pages may send here, with whatever headers their version of the client adds: origin and requested headers
//! are mirrored. Credentials are allowed because `navigator.sendBeacon` always sends them; nothing under these routes
//! looks at a cookie.

use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Answers preflights, and adds to every other answer what lets a page read it.
pub(super) async fn cors(request: Request, next: Next) -> Response {
    let origin = request.headers().get(ORIGIN).cloned();
    let preflight = request.method() == Method::OPTIONS;
    let wanted = request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let mut response = if preflight {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    if preflight {
        allow(headers, wanted);
    }
    headers.insert(
        ACCESS_CONTROL_ALLOW_ORIGIN,
        origin.clone().unwrap_or(HeaderValue::from_static("*")),
    );
    // Browsers hide all but a few headers from another site's script; when to come again must not be one of them.
    headers.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("Retry-After"),
    );
    if origin.is_some() {
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    headers.append(VARY, HeaderValue::from_static("Origin"));
    response
}

fn allow(headers: &mut HeaderMap, wanted: Option<HeaderValue>) {
    headers.insert(
        ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, OPTIONS"),
    );
    let usual = HeaderValue::from_static("Authorization, Content-Encoding, Content-Type, X-Retry-Count");
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted.unwrap_or(usual));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
    headers.append(VARY, HeaderValue::from_static("Access-Control-Request-Headers"));
}
