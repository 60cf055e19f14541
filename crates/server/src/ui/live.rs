//! `GET /live`: says that what a page shows has changed; the page then fetches itself again. Nothing else travels here,
//! so that there is one place that renders and one that checks who may see it.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use bellwether_app::Change;
use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::session::SignedIn;
use crate::edge::Edge;

/// Turns true when the server stops, so that streams end and let it.
#[derive(Debug, Clone)]
pub(crate) struct Stopping(pub(crate) watch::Receiver<bool>);

struct Listening {
    changes: Receiver<Change>,
    stopping: Option<Stopping>,
    /// Held for as long as the page listens.
    _place: OwnedSemaphorePermit,
}

/// `GET /live`.
pub(super) async fn handler(
    State(edge): State<Edge>,
    _: SignedIn,
    stopping: Option<Extension<Stopping>>,
) -> Response {
    let Ok(place) = edge.streams().try_acquire_owned() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many pages listen already\n").into_response();
    };
    let stopping = stopping.map(|Extension(stopping)| stopping);
    let listening = Listening {
        changes: edge.app().changes(),
        stopping,
        _place: place,
    };
    Sse::new(changes(listening))
        .keep_alive(KeepAlive::new().interval(Duration::from_secs(20)))
        .into_response()
}

fn changes(listening: Listening) -> impl Stream<Item = Result<Event, Infallible>> {
    unfold(listening, async |mut listening| {
        let Listening {
            changes, stopping, ..
        } = &mut listening;
        let region = tokio::select! {
            change = changes.recv() => match change {
                Ok(Change::Handoff(_)) => "handoffs",
                Ok(Change::Leads) => "leads",
                Ok(Change::Agreement) => "agreement",
                // Some were missed, and it doesn't matter which: the page fetches what is now.
                Err(RecvError::Lagged(_)) => "all",
                Err(RecvError::Closed) => return None,
            },
            () = stopped(stopping) => return None,
        };
        Some((Ok(Event::default().event("changed").data(region)), listening))
    })
}

/// Resolves when the server stops; never where nobody says so.
async fn stopped(stopping: &mut Option<Stopping>) {
    match stopping {
        // An error means that whoever would say so is gone, which is the same.
        Some(Stopping(stopping)) => drop(stopping.wait_for(|stopped| *stopped).await),
        None => std::future::pending().await,
    }
}
