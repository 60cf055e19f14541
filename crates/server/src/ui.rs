//! The pages: rendered here, readable without script, kept current by one small module of it.
//!
//! A page is made in two steps: a pure function turns what the use cases show into what the template shows, and the
//! template escapes it. So pages can be tested, and looked at, without a server.

mod accept_link;
mod agreement;
mod assets;
mod changes;
mod clock;
mod deals;
mod decide;
mod deliveries;
mod duplicates;
mod inbox;
mod lead;
mod live;
mod page;
mod review;
mod routing;
mod session;
mod setup;
mod sign_in;
mod suspects;
mod teams;
mod times;
mod unsubscribe;
mod waterfall;
mod work;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::{get, post};

pub(crate) use self::live::Stopping;
use self::page::Failure;
use crate::edge::Edge;
use crate::limits::{AGREEMENT_FORM_BYTES_MAX, FORM_BYTES_MAX, REQUEST_TIMEOUT};

/// Nothing but this server's own files, forms to itself, and no frame around it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Every page, and what pages load.
pub(crate) fn routes(edge: &Edge) -> Router<Edge> {
    let pages = Router::new()
        .route("/", get(inbox::handler))
        .route("/review", get(review::handler))
        .route("/leads/{id}", get(lead::handler))
        .route(
            "/leads/{id}/merge",
            get(duplicates::ask_merge).post(duplicates::merge),
        )
        .route(
            "/leads/{id}/unmerge",
            get(duplicates::ask_unmerge).post(duplicates::unmerge),
        )
        .route("/leads/{id}/differs", post(duplicates::dismiss))
        .route("/leads/{id}/accept", post(work::accept))
        .route("/leads/{id}/bant", post(work::record))
        .route("/leads/{id}/opportunities", post(work::open))
        .route("/leads/{id}/disqualify", post(work::disqualify))
        .route("/leads/{id}/override", post(work::override_stage))
        .route("/opportunities/{id}/change", post(work::change))
        .route("/opportunities/{id}/win", post(work::win))
        .route("/opportunities/{id}/lose", post(work::lose))
        .route("/deals", get(deals::handler))
        .route("/duplicates", get(duplicates::list))
        .route("/teams", get(teams::handler))
        .route("/teams/settings", post(teams::settings))
        .route("/teams/members", post(teams::member))
        .route("/teams/members/remove", post(teams::remove))
        .route("/teams/away", post(teams::away))
        .route("/teams/back", post(teams::back))
        .route("/agreement", get(agreement::handler))
        .merge(agreement_changes())
        .route("/setup", get(setup::handler))
        .route("/setup/keys", post(setup::make_key))
        .route("/suspects", get(suspects::handler))
        .route("/suspects/{event}/release", post(suspects::release))
        .route("/leads/{id}/release", post(suspects::release_lead))
        .route("/deliveries", get(deliveries::handler))
        .route("/deliveries/replay", post(deliveries::replay_all))
        .route("/deliveries/{id}/replay", post(deliveries::replay))
        .route("/a/{token}", get(accept_link::look).post(accept_link::accept))
        .route("/sign-in", get(sign_in::form).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/u/{token}", get(unsubscribe::ask).post(unsubscribe::answer))
        .route("/handoffs/{id}/accept", post(decide::accept))
        .route("/handoffs/{id}/reject", post(decide::reject))
        .route("/handoffs/{id}/reassign", post(routing::reassign))
        .route("/handoffs/{id}/contact", post(clock::contact))
        .route("/handoffs/{id}/pause", post(clock::pause))
        .route("/handoffs/{id}/resume", post(clock::resume))
        .fallback(async || Failure::not_found())
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(axum::middleware::from_fn(in_time));
    Router::new()
        .route("/live", get(live::handler))
        .merge(pages)
        .layer(axum::middleware::from_fn_with_state(edge.clone(), guard))
        .route("/assets/{name}", get(assets::asset))
}

/// How the agreement changes.
fn agreement_changes() -> Router<Edge> {
    let whole_file = DefaultBodyLimit::max(AGREEMENT_FORM_BYTES_MAX);
    Router::new()
        .route("/agreement/changes", get(changes::handler))
        .route("/agreement/proposals", post(changes::propose).layer(whole_file))
        .route("/agreement/proposals/{id}/sign", post(changes::sign))
        .route("/agreement/proposals/{id}/publish", post(changes::publish))
        .route("/agreement/proposals/{id}/withdraw", post(changes::withdraw))
        .route("/agreement/proposals/{id}/shadow", post(changes::shadow))
        .route("/agreement/shadows/{id}", get(changes::report))
        .route("/agreement/shadows/{id}/stop", post(changes::stop_shadow))
        .route("/agreement/versions/{version}/publish", post(changes::roll_back))
        .route("/agreement/confirm", post(changes::confirm))
}

/// Bounds how long a page takes.
async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            axum::response::IntoResponse::into_response(Failure::from(crate::problem::Problem::unavailable()))
        }
    }
}

/// What every page carries against injected content, foreign frames and shared caches.
async fn guard(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(POLICY));
    if !headers.contains_key(REFERRER_POLICY) {
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    }
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if edge.is_https() {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(HeaderName::from_static("strict-transport-security"), year);
    }
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        tracing::debug!("a page was asked for with a method that it doesn't have");
    }
    response
}
