//! Files that are sent to be imported: kept beside the database while they are, looked at whole, and taken one file at a
//! time, in chunks between which live facts go first.

use std::io::Write as _;

use axum::body::Body;
use bellwether_app::{Actor, App, AppError, DryRun, ImportId, ImportReject, ImportSettings};
use bellwether_core::domain::TraitSource;
use bellwether_core::records::{Record, RecordKind, RowCounts, RowOutcome};
use bellwether_replay::import::{ImportOptions, Plan, PlanError, RejectsFile, RunError, Table, run, survey};
use bellwether_replay::{Format, ReplayError, Source};
use bytes::Bytes;
use futures_util::StreamExt as _;
use tempfile::NamedTempFile;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use crate::limits::{IMPORT_BYTES_MAX, IMPORT_UPLOAD_TIMEOUT};
use crate::problem::Problem;
use crate::ui::Stopping;

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

/// How the names of files begin that are kept beside the database while they are imported.
const KEPT_PREFIX: &str = ".import-";

/// Removes what a process that was killed kept. The data directory is one process's alone, so before the first upload
/// nothing of it is in use.
pub(crate) fn remove_left(app: &App) {
    let Ok(entries) = std::fs::read_dir(app.scratch_directory()) else {
        return;
    };
    for entry in entries.flatten() {
        let left = entry.file_name().to_string_lossy().starts_with(KEPT_PREFIX)
            && entry.file_type().is_ok_and(|kind| kind.is_file());
        if left && let Err(error) = std::fs::remove_file(entry.path()) {
            tracing::warn!(%error, "an upload that was left behind can't be removed");
        }
    }
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
        .prefix(KEPT_PREFIX)
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
    stopping: Option<Stopping>,
) -> Result<(ImportId, Plan), Problem> {
    let looked = tokio::task::spawn_blocking(move || {
        let source = Source::of_format(file.path(), upload.format, upload.gzip).called(&upload.name);
        let table = Table::open(&source, upload.options.encoding).map_err(|error| of_file(&error))?;
        let found = survey(&table, &|_| ()).map_err(|error| of_file(&error))?;
        let plan = Plan::new(upload.kind, &found, &upload.options).map_err(|error| of_plan(&error))?;
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
        let taking = Taking {
            app: &app,
            handle: &handle,
            id,
            dry_run: upload.dry_run,
            settings,
            stopping,
        };
        let (counts, kept, ended) = taking.take(&table, &plan);
        let noted = handle.block_on(app.note_import(id, &counts, kept, ended));
        if let Err(error) = noted {
            tracing::warn!(%error, import.id = id.0, "how an import ended can't be kept");
        }
        // The place is free once nothing of the import is held any more.
        drop((file, app));
        drop(place);
    });
    Ok((id, planned))
}

/// What is wrong with a file, with the remedies that a request has.
fn of_file(error: &ReplayError) -> String {
    error
        .to_string()
        .replace("`--encoding latin-1`", "`encoding=latin-1`")
}

/// Why a row was left out, with the remedies that a request has.
fn of_row(reason: &str) -> String {
    reason
        .replace("with `--word '", "with `word=")
        .replace("=lead'`", "=lead`")
}

/// Why a file can't be imported so, with the remedies that a request has.
fn of_plan(error: &PlanError) -> String {
    let text = error.to_string();
    match error {
        PlanError::UnknownColumn { .. } | PlanError::Missing { .. } => text.replace("`--map ", "`map="),
        PlanError::DatesEither { .. } => text
            .replace("`--dates dmy`", "`dates=dmy`")
            .replace("`--dates mdy`", "`dates=mdy`"),
        PlanError::DatesBoth { .. } => text.replace("`--dates`", "the parameter `dates`"),
        PlanError::UnknownField { .. }
        | PlanError::MappedTwice { .. }
        | PlanError::UnknownZone(_)
        | PlanError::IdKind(_) => text,
    }
}

/// An import that is going on.
struct Taking<'a> {
    app: &'a App,
    handle: &'a Handle,
    id: ImportId,
    dry_run: bool,
    settings: ImportSettings,
    stopping: Option<Stopping>,
}

/// What became of the rows, those that were left out, and how it ended: without an end the server stopped. Such an import is
/// `interrupted` from the next start on, as one is that a kill ended.
type Taken = (RowCounts, Vec<ImportReject>, Option<Result<(), String>>);

impl Taking<'_> {
    fn take(&self, table: &Table<'_>, plan: &Plan) -> Taken {
        let mut rejects = RejectsFile::new(table, || Ok(Box::new(std::io::sink())));
        let mut would = DryRun::default();
        let mut last = RowCounts::default();
        let mut noted = 0;
        let taken = run(
            table,
            plan,
            &mut rejects,
            &|_| (),
            &mut |records| self.chunk(records, &mut would),
            &mut |counts: &RowCounts| {
                last = counts.clone();
                if counts.rows >= noted + ROWS_BETWEEN_NOTES {
                    noted = counts.rows;
                    // What can't be kept now is kept with the next note.
                    drop(
                        self.handle
                            .block_on(self.app.note_import(self.id, counts, Vec::new(), None)),
                    );
                }
            },
        );
        let kept = rejects.take_kept().into_iter();
        let kept = kept
            .map(|reject| (reject.line, of_row(&reject.reason), reject.row))
            .collect();
        match taken {
            Ok(counts) => (counts, kept, Some(Ok(()))),
            Err(RunError::Sink(Break::Stopping)) => (last, kept, None),
            Err(RunError::Sink(Break::Failed(error))) => (last, kept, Some(Err(error.to_string()))),
            Err(RunError::File(error)) => (last, kept, Some(Err(of_file(&error)))),
        }
    }

    fn chunk(&self, records: Vec<Record>, would: &mut DryRun) -> Result<Vec<RowOutcome>, Break> {
        if self.stopping.as_ref().is_some_and(Stopping::is_so) {
            return Err(Break::Stopping);
        }
        if !self.dry_run {
            let taken = self.handle.block_on(self.app.import(records, self.settings));
            return taken.map_err(Break::Failed);
        }
        let checked = self.handle.block_on(self.app.check_import(records));
        let (records, checked) = checked.map_err(Break::Failed)?;
        let outcomes = records.iter().zip(checked);
        Ok(outcomes
            .map(|(record, checked)| would.outcome(record, checked))
            .collect())
    }
}

/// Why an import doesn't go on.
enum Break {
    /// The server stops; between two chunks, so that what was taken is accounted for.
    Stopping,
    /// The rows can't be taken.
    Failed(AppError),
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bellwether_app::Options;
    use tokio::sync::{Semaphore, watch};

    use super::*;

    const AGREEMENT: &str = "[agreement]\nname = \"A\"\n\n[[intent]]\nname = \"Demo\"\nlevel = \"high\"\n\
                             on = \"Demo Requested\"\npoints = 50\n\n[qualify]\nscore = 60\n";

    fn upload() -> Upload {
        Upload {
            kind: RecordKind::Leads,
            name: "leads.csv".to_owned(),
            format: Format::Csv,
            gzip: false,
            dry_run: false,
            options: ImportOptions::default(),
            speaker: TraitSource::Crm,
            hand_off: false,
            actor: Actor::Console,
        }
    }

    #[tokio::test]
    async fn an_import_ends_between_two_chunks_where_the_server_stops() {
        let folder = tempfile::tempdir().expect("a directory");
        for (stops, rows, state) in [(true, 0, "running"), (false, 1, "done")] {
            let data = folder.path().join(state);
            let app = App::open(Options::new(data, AGREEMENT.to_owned())).expect("the app opens");
            let places = Arc::new(Semaphore::new(1));
            let place = Arc::clone(&places).acquire_owned().await.expect("a place");
            let body = Body::from("email\na@x.example\n");
            let Ok(file) = keep(&app, body).await else {
                panic!("the file is kept");
            };
            let (_stop, stopping) = watch::channel(stops);
            let begun = begin(app.clone(), upload(), file, place, Some(Stopping(stopping))).await;
            let Ok((id, _)) = begun else {
                panic!("it begins");
            };
            // The import holds neither its place nor the database any more.
            drop(places.acquire().await);
            let seen = app.import_view(id).await.expect("it is served");
            let (seen, _) = seen.expect("the import is there");
            assert_eq!((seen.counts.rows, seen.state.as_str()), (rows, state));
        }
    }
}
