//! The whole server as one router, and the loop that serves it: connections are bounded, heads must come in time, and a
//! stop lets open requests end.

use std::borrow::Cow;
use std::pin::pin;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use axum::{Extension, Router};
use bellwether_app::App;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt as _;
use tracing::Instrument as _;

use crate::edge::{Edge, ServerOptions};
use crate::limits::{CONNECTIONS_MAX, DRAIN_TIMEOUT, HEADER_READ_TIMEOUT};
use crate::ui::Stopping;
use crate::{api, hooks, segment, slack, tracker, ui, uploads};

/// Every route: what Segment's clients call, the REST interface, the tracker, and the pages. What an earlier process left of
/// its uploads is removed first.
pub fn router(app: App, options: ServerOptions) -> Router {
    uploads::remove_left(&app);
    let edge = Edge::new(app, options);
    let numbered = axum::middleware::from_fn_with_state(edge.clone(), request_id);
    Router::new()
        .merge(segment::routes())
        .merge(api::routes())
        .merge(hooks::routes())
        .merge(tracker::routes())
        .merge(slack::routes())
        .merge(ui::routes(&edge))
        .layer(numbered)
        .with_state(edge)
}

/// Serves connections until `shutdown` resolves, then waits a bounded time for open requests to end.
///
/// # Errors
///
/// Only where the listener itself can't be used any more.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let (stop, stopping) = watch::channel(false);
    let router = router.layer(Extension(Stopping(stopping)));
    let graceful = GracefulShutdown::new();
    let mut shutdown = pin!(shutdown);
    loop {
        // A connection is only taken from the kernel's queue when there is a place for it.
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place.map_err(std::io::Error::other)?,
            () = &mut shutdown => break,
        };
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    wait_out(&error).await;
                    continue;
                }
            },
            () = &mut shutdown => break,
        };
        let connection = connection(stream, router.clone());
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = watched.await {
                tracing::debug!(error = %error, "a connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    // Pages that follow changes would hold the server for as long as they are open.
    stop.send_replace(true);
    if tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!(
            drain.timeout_s = DRAIN_TIMEOUT.as_secs(),
            "requests were still open when the server stopped"
        );
    }
    Ok(())
}

fn connection(
    stream: TcpStream,
    router: Router,
) -> hyper::server::conn::http1::Connection<
    TokioIo<TcpStream>,
    impl hyper::service::HttpService<Incoming, ResBody = axum::body::Body, Error: Send + Sync, Future: Send>
    + Send,
> {
    // Answers are small and awaited one by one.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(error = %error, "a connection keeps its delay");
    }
    let peer = stream.peer_addr().ok();
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(axum::body::Body::new);
        if let Some(peer) = peer {
            request.extensions_mut().insert(segment::Peer(peer.ip()));
        }
        router.clone().oneshot(request)
    });
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service)
}

/// Out of file handles or memory: a moment later there may be some again. Others only concern one connection.
async fn wait_out(error: &std::io::Error) {
    use std::io::ErrorKind;
    const PAUSE: std::time::Duration = std::time::Duration::from_millis(100);
    if matches!(
        error.kind(),
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
    ) {
        return;
    }
    tracing::error!(error = %error, "no connection can be taken just now");
    tokio::time::sleep(PAUSE).await;
}

/// A path as it may stand in the logs: the browser's client asks for its settings by a path that holds the write key, and
/// a link of a mail takes a lead, or speaks for its addressee.
fn logged_path(path: &str) -> Cow<'_, str> {
    if path.starts_with("/u/") {
        return Cow::Borrowed("/u/…");
    }
    if path.starts_with("/a/") {
        return Cow::Borrowed("/a/…");
    }
    match path.split_once("/projects/") {
        Some((before, after)) => {
            let rest = after.split_once('/').map_or("", |(_, rest)| rest);
            Cow::Owned(format!("{before}/projects/…/{rest}"))
        }
        None => Cow::Borrowed(path),
    }
}

/// Gives each request an id that its log lines and its answer carry, and each answer the header that keeps browsers from
/// guessing its type.
async fn request_id(
    axum::extract::State(edge): axum::extract::State<Edge>,
    request: Request,
    next: Next,
) -> Response {
    let id = edge.nonce().unwrap_or_default();
    let span = tracing::info_span!(
        "request",
        request.id = %id,
        http.method = %request.method(),
        http.path = %logged_path(request.uri().path()),
    );
    let mut response = next.run(request).instrument(span).await;
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert("x-request-id", id);
    }
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}

#[cfg(test)]
mod tests {
    use super::logged_path;

    #[test]
    fn a_write_key_in_a_path_stays_out_of_the_logs() {
        for (path, logged) in [
            ("/v1/projects/bw_write_1/settings", "/v1/projects/…/settings"),
            ("/projects/bw_write_1", "/projects/…/"),
            ("/v1/batch", "/v1/batch"),
            ("/u/0123abcd", "/u/…"),
            ("/a/c2VjcmV0", "/a/…"),
        ] {
            assert_eq!(logged_path(path), logged);
        }
    }
}
