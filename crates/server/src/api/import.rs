//! `GET /api/v1/imports/{id}`: how an import stands, and the first rows that it left out.

use axum::Json;
use axum::extract::State;
use bellwether_app::ImportId;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::{Admin, Number};
use super::imports::Import;
use crate::edge::Edge;
use crate::problem::Problem;

/// An import with the rows that it left out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportDetail {
    /// How it stands.
    import: Import,
    /// The first thousand rows that were left out; there are some only when it has ended.
    rejects: Vec<Reject>,
}

/// A row that was left out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reject {
    /// The line that it begins on, from 1.
    line: u64,
    /// Why.
    reason: String,
    /// Its cells, or the one line that it is.
    row: Vec<String>,
}

/// Shows an import
#[utoipa::path(
    get, path = "/api/v1/imports/{id}", tag = "imports", params(("id" = i64, Path, description = "The import's number")),
    responses((status = 200, body = ImportDetail), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Number(id): Number,
) -> Result<Json<ImportDetail>, Problem> {
    let found = edge.app().import_view(ImportId(id)).await?;
    let (view, rejects) = found.ok_or_else(|| Problem::not_found("import", &id.to_string()))?;
    let rejects = rejects
        .into_iter()
        .map(|(line, reason, row)| Reject { line, reason, row });
    Ok(Json(ImportDetail {
        import: view.into(),
        rejects: rejects.collect(),
    }))
}
