//! `GET /api/v1/imports`: the newest imports.

use axum::Json;
use axum::extract::State;
use bellwether_app::ImportView;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::{Admin, time};
use crate::edge::Edge;
use crate::problem::Problem;

/// A file that was imported, or is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Import {
    /// Its number.
    id: i64,
    /// `leads`, `events`, `accounts` or `outcomes`.
    kind: String,
    /// What the file is called.
    file: String,
    /// Who began it.
    started_by: String,
    /// Whether nothing is written.
    dry_run: bool,
    /// `running`, `done`, `failed` or `interrupted`.
    state: String,
    /// When it began.
    started_at: String,
    /// When it ended.
    ended_at: Option<String>,
    /// How many rows were read so far; the next four add up to it.
    rows: u64,
    /// Those that made something that wasn't there.
    new: u64,
    /// Those about something that was there.
    updated: u64,
    /// Those that were taken before, or came earlier in the same file.
    already_there: u64,
    /// Those that were left out.
    rejected: u64,
    /// The same by reason.
    rejected_by_reason: std::collections::BTreeMap<String, u64>,
    /// How many leads reached the line by it and weren't handed off.
    would_qualify: Option<u64>,
    /// Why it failed.
    error: Option<String>,
}

impl From<ImportView> for Import {
    fn from(view: ImportView) -> Self {
        Self {
            id: view.id.0,
            kind: view.kind,
            file: view.file,
            started_by: view.started_by,
            dry_run: view.dry_run,
            state: view.state,
            started_at: time(view.started_at),
            ended_at: view.ended_at.map(time),
            rows: view.counts.rows,
            new: view.counts.new,
            updated: view.counts.updated,
            already_there: view.counts.already_there,
            rejected: view.counts.rejects(),
            rejected_by_reason: view.counts.rejected,
            would_qualify: view.would_qualify,
            error: view.error,
        }
    }
}

/// Lists imports
#[utoipa::path(
    get, path = "/api/v1/imports", tag = "imports",
    responses((status = 200, body = Vec<Import>), (status = 401, body = Problem)),
)]
pub(crate) async fn handler(_: Admin, State(edge): State<Edge>) -> Result<Json<Vec<Import>>, Problem> {
    let imports = edge.app().imports().await?;
    Ok(Json(imports.into_iter().map(Import::from).collect()))
}
