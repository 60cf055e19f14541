//! `GET /live`: says that what a page shows has changed; the page then fetches itself again. Nothing else travels here,
//! so that there is one place that renders and one that checks who may see it.

use std::collections::BTreeSet;
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
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::session::SignedIn;
use crate::edge::Edge;

/// Changes this close to each other are one message.
const TOGETHER: Duration = Duration::from_millis(200);

/// Turns true when the server stops, so that streams end and let it.
#[derive(Debug, Clone)]
pub(crate) struct Stopping(pub(crate) watch::Receiver<bool>);

impl Stopping {
    /// Whether the server stops.
    pub(crate) fn is_so(&self) -> bool {
        *self.0.borrow()
    }
}

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
        let regions = tokio::select! {
            regions = regions(changes) => regions?,
            () = stopped(stopping) => return None,
        };
        let names: Vec<&str> = regions.into_iter().collect();
        Some((
            Ok(Event::default().event("changed").data(names.join(" "))),
            listening,
        ))
    })
}

/// What has changed within a moment of the first change: thousands of commits a second are one message to a page.
async fn regions(changes: &mut Receiver<Change>) -> Option<BTreeSet<&'static str>> {
    // Where changes were missed it doesn't matter which: the page fetches what is now.
    const MISSED: &str = "all";
    let first = match changes.recv().await {
        Ok(change) => region(change),
        Err(RecvError::Lagged(_)) => MISSED,
        Err(RecvError::Closed) => return None,
    };
    let mut regions = BTreeSet::from([first]);
    tokio::time::sleep(TOGETHER).await;
    loop {
        match changes.try_recv() {
            Ok(change) => drop(regions.insert(region(change))),
            Err(TryRecvError::Lagged(_)) => drop(regions.insert(MISSED)),
            Err(TryRecvError::Empty | TryRecvError::Closed) => return Some(regions),
        }
    }
}

const fn region(change: Change) -> &'static str {
    match change {
        Change::Handoff(_) => "handoffs",
        Change::Leads => "leads",
        Change::Agreement => "agreement",
    }
}

/// Resolves when the server stops; never where nobody says so.
async fn stopped(stopping: &mut Option<Stopping>) {
    match stopping {
        // An error means that whoever would say so is gone, which is the same.
        Some(Stopping(stopping)) => drop(stopping.wait_for(|stopped| *stopped).await),
        None => std::future::pending().await,
    }
}
