//! Files that are sent to be imported: kept beside the database while they are, looked at whole, and taken one file at a
//! time, in chunks between which live facts go first.

use std::io::Write as _;

use axum::body::Body;
use bellwether_app::{Actor, App, AppError, DryRun, ImportId, ImportReject, ImportSettings};
use bellwether_core::domain::TraitSource;
use bellwether_core::records::{RecordKind, RowCounts};
use bellwether_replay::import::{ImportOptions, Plan, RejectsFile, RunError, Table, run, survey};
use bellwether_replay::{Format, Source};
use bytes::Bytes;
use futures_util::StreamExt as _;
use tempfile::NamedTempFile;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use crate::limits::{IMPORT_BYTES_MAX, IMPORT_UPLOAD_TIMEOUT};
use crate::problem::Problem;

/// How many pieces of an upload wait to be written.
const PIECES_MAX: usize = 16;
/// After how many rows how far an import is is kept.
const ROWS_BETWEEN_NOTES: u64 = 20_000;

/// What is to be done with a file.
pub(crate) struct Upload {
    /// What its rows are.
    pub(crate) kind: RecordKind,
    /// What it is called.
    pub(crate) name: String,
    /// What it holds, packed with gzip or not.
    pub(crate) format: Format,
    /// Whether it is packed.
    pub(crate) gzip: bool,
    /// Whether nothing is to be written.
    pub(crate) dry_run: bool,
    /// What the caller says about it.
    pub(crate) options: ImportOptions,
    /// Who is taken to say the traits in it.
    pub(crate) speaker: TraitSource,
    /// Whether leads that reach the line are handed off.
    pub(crate) hand_off: bool,
    /// Who sends it.
    pub(crate) actor: Actor,
}

/// Keeps a body beside the database until it is dropped.
pub(crate) async fn keep(app: &App, body: Body) -> Result<NamedTempFile, Problem> {
    let kept = tokio::time::timeout(IMPORT_UPLOAD_TIMEOUT, write(app, body)).await;
    kept.unwrap_or_else(|_| Err(Problem::invalid("the file didn't come in time; send it again")))
}

async fn write(app: &App, body: Body) -> Result<NamedTempFile, Problem> {
    let failed = |error: std::io::Error| {
        tracing::warn!(%error, "an upload can't be kept");
        Problem::unavailable()
    };
    let mut file = tempfile::Builder::new()
        .prefix(".import-")
        .tempfile_in(app.scratch_directory())
        .map_err(failed)?;
    let (send, mut pieces) = mpsc::channel::<Bytes>(PIECES_MAX);
    let writing = tokio::task::spawn_blocking(move || {
        while let Some(piece) = pieces.blocking_recv() {
            file.write_all(&piece)?;
        }
        file.flush().map(|()| file)
    });
    let mut body = body.into_data_stream();
    let mut bytes = 0_u64;
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|error| Problem::invalid(format!("the body broke off: {error}")))?;
        bytes = bytes.saturating_add(piece.len() as u64);
        if bytes > IMPORT_BYTES_MAX {
            return Err(Problem::too_large(
                usize::try_from(IMPORT_BYTES_MAX).unwrap_or(usize::MAX),
            ));
        }
        if send.send(piece).await.is_err() {
            break;
        }
    }
    drop(send);
    writing.await.map_err(|_| Problem::unavailable())?.map_err(failed)
}

/// Looks at a file and begins to import it; gives the import's number and the plan. The rest goes on by itself.
pub(crate) async fn begin(
    app: App,
    upload: Upload,
    file: NamedTempFile,
    place: OwnedSemaphorePermit,
) -> Result<(ImportId, Plan), Problem> {
    let looked = tokio::task::spawn_blocking(move || {
        let source = Source::of_format(file.path(), upload.format, upload.gzip);
        let table = Table::open(&source, upload.options.encoding).map_err(|error| error.to_string())?;
        let found = survey(&table, &|_| ()).map_err(|error| error.to_string())?;
        let plan = Plan::new(upload.kind, &found, &upload.options).map_err(|error| error.to_string())?;
        Ok::<_, String>((upload, file, table, plan))
    });
    let looked = looked.await.map_err(|_| Problem::unavailable())?;
    let (upload, file, table, plan) = looked.map_err(Problem::unprocessable)?;
    let (id, started_at) = app
        .begin_import(upload.kind, &upload.name, upload.dry_run, upload.actor)
        .await?;
    let settings = ImportSettings {
        speaker: upload.speaker,
        hand_off: upload.hand_off,
        started_at,
        actor: upload.actor,
    };
    let (planned, handle) = (plan.clone(), Handle::current());
    tokio::task::spawn_blocking(move || {
        let (counts, kept, ended) = take(&app, &table, &plan, upload.dry_run, settings, id, &handle);
        drop((file, place));
        let noted = handle.block_on(app.note_import(id, &counts, kept, Some(ended)));
        if let Err(error) = noted {
            tracing::warn!(%error, import.id = id.0, "how an import ended can't be kept");
        }
    });
    Ok((id, planned))
}

fn take(
    app: &App,
    table: &Table<'_>,
    plan: &Plan,
    dry_run: bool,
    settings: ImportSettings,
    id: ImportId,
    handle: &Handle,
) -> (RowCounts, Vec<ImportReject>, Result<(), String>) {
    let mut rejects = RejectsFile::new(table, || Ok(Box::new(std::io::sink())));
    let mut would = DryRun::default();
    let mut last = RowCounts::default();
    let mut noted = 0;
    let taken = run(
        table,
        plan,
        &mut rejects,
        &|_| (),
        &mut |records| -> Result<_, AppError> {
            if !dry_run {
                return handle.block_on(app.import(records, settings));
            }
            let (records, checked) = handle.block_on(app.check_import(records))?;
            let outcomes = records.iter().zip(checked);
            Ok(outcomes
                .map(|(record, checked)| would.outcome(record, checked))
                .collect())
        },
        &mut |counts: &RowCounts| {
            last = counts.clone();
            if counts.rows >= noted + ROWS_BETWEEN_NOTES {
                noted = counts.rows;
                // What can't be kept now is kept with the next note.
                drop(handle.block_on(app.note_import(id, counts, Vec::new(), None)));
            }
        },
    );
    let kept = rejects.take_kept().into_iter();
    let kept = kept
        .map(|reject| (reject.line, reject.reason, reject.row))
        .collect();
    match taken {
        Ok(counts) => (counts, kept, Ok(())),
        Err(error) => {
            let error = match error {
                RunError::File(error) => error.to_string(),
                RunError::Sink(error) => error.to_string(),
            };
            (last, kept, Err(error))
        }
    }
}
