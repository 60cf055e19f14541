//! `GET /api/v1/exports/{kind}`: everything of a kind, in the forms that imports take, as it is read.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bellwether_app::{App, ExportKind};
use bellwether_replay::{Format, TableWriter, WrittenColumn};
use futures_util::Stream;
use futures_util::stream::unfold;
use serde::Deserialize;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use utoipa::IntoParams;

use super::extract::{Admin, Parameters};
use super::import_create::format_named;
use crate::edge::Edge;
use crate::limits::EXPORT_PIECE_TIMEOUT;
use crate::problem::Problem;

/// How many pieces wait to be sent; whoever reads slowly holds back the reading.
const PIECES_MAX: usize = 8;
/// How large a piece is, in bytes.
const PIECE_BYTES: usize = 64 << 10;

/// In which form.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Query {
    /// `csv`, `jsonl` or `parquet`; `csv` if nothing is said.
    format: Option<String>,
}

/// Gives everything of a kind back
#[utoipa::path(
    get, path = "/api/v1/exports/{kind}", tag = "imports",
    params(("kind" = String, Path, description = "leads, events, accounts, outcomes or handoffs"), Query),
    responses((status = 200, content_type = "text/csv", body = String), (status = 400, body = Problem), (status = 401, body = Problem), (status = 404, body = Problem), (status = 503, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Path(kind): Path<String>,
    Parameters(query): Parameters<Query>,
) -> Result<Response, Problem> {
    let Ok(kind) = kind.parse::<ExportKind>() else {
        return Err(Problem::not_found("export", &kind));
    };
    let format = query.format.as_deref().map_or(Ok(Format::Csv), format_named)?;
    let (extension, media_type) = match format {
        Format::Csv => ("csv", "text/csv; charset=utf-8"),
        Format::JsonLines => ("jsonl", "application/x-ndjson"),
        Format::Parquet => ("parquet", "application/vnd.apache.parquet"),
    };
    let Ok(place) = edge.exports().try_acquire_owned() else {
        return Err(Problem::crowded(
            "as many exports are being written as may be at once; ask again when one is done",
        ));
    };
    let (send, receive) = mpsc::channel(PIECES_MAX);
    let whole = Arc::new(AtomicBool::new(false));
    let pieces = pieces(receive, Arc::clone(&whole));
    let app = edge.app().clone();
    tokio::task::spawn_blocking(move || {
        let to = Sending {
            send,
            held: Vec::with_capacity(PIECE_BYTES),
            patience: EXPORT_PIECE_TIMEOUT,
        };
        if let Err(error) = write(&app, kind, format, to, &whole) {
            tracing::warn!(error = %format!("{error:?}"), "an export broke off");
        }
        drop(place);
    });
    let named = format!("attachment; filename=\"{}.{extension}\"", kind.as_str());
    let headers = [
        (CONTENT_TYPE, media_type.to_owned()),
        (CONTENT_DISPOSITION, named),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// What is sent. Unless it was whole the body ends in an error, so that nobody takes half of it for the whole.
fn pieces(
    receive: mpsc::Receiver<Bytes>,
    whole: Arc<AtomicBool>,
) -> impl Stream<Item = std::io::Result<Bytes>> {
    unfold(Some((receive, whole)), async |open| {
        let (mut receive, whole) = open?;
        match receive.recv().await {
            Some(piece) => Some((Ok(piece), Some((receive, whole)))),
            None if whole.load(Ordering::Acquire) => None,
            None => Some((Err(std::io::Error::other("the export broke off")), None)),
        }
    })
}

fn write(
    app: &App,
    kind: ExportKind,
    format: Format,
    to: Sending,
    whole: &AtomicBool,
) -> Result<(), Problem> {
    let broken = |error: bellwether_replay::ReplayError| {
        tracing::debug!(%error, "an export's reader went away");
        Problem::unavailable()
    };
    let columns = kind.columns().iter().map(|(name, is_json)| WrittenColumn {
        name,
        is_json: *is_json,
    });
    let mut writer = TableWriter::new(to, format, false, columns.collect()).map_err(broken)?;
    app.export(kind, &mut |row| writer.row(&row).map_err(broken))?;
    let mut to = writer.finish().map_err(broken)?;
    to.flush().map_err(|_| Problem::unavailable())?;
    // Said before the last sender goes, with which the body ends.
    whole.store(true, Ordering::Release);
    Ok(())
}

/// Bytes on their way out, a piece at a time.
struct Sending {
    send: mpsc::Sender<Bytes>,
    held: Vec<u8>,
    /// How long a piece waits to be taken: whoever stops reading would hold the database's past for ever.
    patience: Duration,
}

impl Write for Sending {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        let piece = Bytes::from(std::mem::take(&mut self.held));
        let sent = Handle::current().block_on(async {
            let timely = tokio::time::timeout(self.patience, self.send.send(piece)).await;
            timely.map_err(|_| std::io::ErrorKind::TimedOut)
        });
        sent?.map_err(|_| std::io::ErrorKind::BrokenPipe.into())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt as _;

    use super::*;

    #[tokio::test]
    async fn an_export_that_nobody_reads_breaks_off_and_is_not_taken_for_whole() {
        for (patience, read, error) in [
            (
                Duration::from_millis(1),
                false,
                Some(std::io::ErrorKind::TimedOut),
            ),
            (Duration::from_hours(1), true, None),
        ] {
            let (send, receive) = mpsc::channel(1);
            let whole = Arc::new(AtomicBool::new(false));
            let sent = Arc::clone(&whole);
            let writing = tokio::task::spawn_blocking(move || {
                let held = Vec::new();
                let mut to = Sending { send, held, patience };
                let written = (0..3).try_for_each(|_| to.write_all(&vec![b'x'; PIECE_BYTES]));
                sent.store(written.is_ok(), Ordering::Release);
                written
            });
            let pieces = pieces(receive, whole);
            let (written, got) = if read {
                let got: Vec<_> = pieces.collect().await;
                (writing.await.expect("no panic"), got)
            } else {
                let written = writing.await.expect("no panic");
                (written, pieces.collect().await)
            };
            assert_eq!(written.err().map(|error| error.kind()), error);
            assert_eq!(got.len(), if read { 3 } else { 2 });
            assert_eq!(got.last().expect("pieces").is_ok(), read);
        }
    }
}
