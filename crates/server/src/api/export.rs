//! `GET /api/v1/exports/{kind}`: everything of a kind, in the forms that imports take, as it is read.

use std::io::Write;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bellwether_app::{App, ExportKind};
use bellwether_replay::{Format, TableWriter, WrittenColumn};
use futures_util::stream::unfold;
use serde::Deserialize;
use tokio::sync::mpsc;
use utoipa::IntoParams;

use super::extract::{Admin, Parameters};
use super::import_create::format_named;
use crate::edge::Edge;
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
    responses((status = 200, content_type = "text/csv", body = String), (status = 400, body = Problem), (status = 401, body = Problem), (status = 404, body = Problem)),
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
    let (send, receive) = mpsc::channel(PIECES_MAX);
    let app = edge.app().clone();
    tokio::task::spawn_blocking(move || {
        if let Err(error) = write(&app, kind, format, &send) {
            tracing::warn!(error = %format!("{error:?}"), "an export broke off");
            // The body ends in an error, so that nobody takes half of it for the whole.
            drop(send.blocking_send(Err(std::io::Error::other("the export broke off"))));
        }
    });
    let pieces = unfold(receive, async |mut receive| {
        receive.recv().await.map(|piece| (piece, receive))
    });
    let named = format!("attachment; filename=\"{}.{extension}\"", kind.as_str());
    let headers = [
        (CONTENT_TYPE, media_type.to_owned()),
        (CONTENT_DISPOSITION, named),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

type Pieces = mpsc::Sender<std::io::Result<Bytes>>;

fn write(app: &App, kind: ExportKind, format: Format, send: &Pieces) -> Result<(), Problem> {
    let broken = |error: bellwether_replay::ReplayError| {
        tracing::debug!(%error, "an export's reader went away");
        Problem::unavailable()
    };
    let columns = kind.columns().iter().map(|(name, is_json)| WrittenColumn {
        name,
        is_json: *is_json,
    });
    let to = Sending {
        send: send.clone(),
        held: Vec::with_capacity(PIECE_BYTES),
    };
    let mut writer = TableWriter::new(to, format, false, columns.collect()).map_err(broken)?;
    app.export(kind, &mut |row| writer.row(&row).map_err(broken))?;
    writer
        .finish()
        .map_err(broken)?
        .flush()
        .map_err(|_| Problem::unavailable())
}

/// Bytes on their way out, a piece at a time.
struct Sending {
    send: Pieces,
    held: Vec<u8>,
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
        self.send
            .blocking_send(Ok(piece))
            .map_err(|_| std::io::ErrorKind::BrokenPipe.into())
    }
}
