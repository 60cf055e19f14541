//! A data directory for as long as a command takes: held by this process, or asked of the one that holds it, a request
//! after the other.

use std::fs::File;
use std::path::Path;

use anyhow::{Context as _, bail};
use bellwether_app::{Actor, App, Checked, ImportId, ImportReject, ImportSettings, Options};
use bellwether_core::domain::{Timestamp, TraitSource};
use bellwether_core::records::{Record, RecordKind, RowCounts, RowOutcome};

use super::folder::{Folder, Hold};
use super::request::{CheckedRow, Done, Request, RowDone};
use super::{options, perform, records, runtime, socket};

/// A data directory for as long as a command takes.
pub(crate) struct Session(Holder);

enum Holder {
    Here {
        app: App,
        runtime: tokio::runtime::Runtime,
        folder: Folder,
        _lock: File,
    },
    There(Folder),
}

/// How a command has rows taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taking {
    /// Who is taken to say the traits in them.
    pub(crate) speaker: TraitSource,
    /// Whether leads that reach the line are handed off.
    pub(crate) hand_off: bool,
    /// When the import began.
    pub(crate) started_at: Timestamp,
}

impl Session {
    /// Holds the directory, or finds the process that does.
    pub(crate) fn open(data: &Path) -> anyhow::Result<Self> {
        let folder = Folder::existing(data)?;
        Ok(Self(match folder.hold()? {
            Hold::Anothers => Holder::There(folder),
            Hold::Ours(lock) => {
                let runtime = runtime()?;
                let opened = Options {
                    deliver: false,
                    ..options(data)
                };
                let app = runtime.block_on(async { App::open(opened) })?;
                Holder::Here {
                    app,
                    runtime,
                    folder,
                    _lock: lock,
                }
            }
        }))
    }

    /// Keeps that an import begins.
    pub(crate) fn begin(
        &self,
        kind: RecordKind,
        file: &str,
        dry_run: bool,
    ) -> anyhow::Result<(ImportId, Timestamp)> {
        let file = file.to_owned();
        match self.ask(Request::BeginImport {
            kind: kind.as_str().to_owned(),
            file,
            dry_run,
        })? {
            Done::Import { id, started_at } => {
                let at = Timestamp::from_ms(started_at).context("the server told a time that is none")?;
                Ok((ImportId(id), at))
            }
            other => unexpected(&other),
        }
    }

    /// Has rows taken.
    pub(crate) fn import(&self, rows: Vec<Record>, taking: Taking) -> anyhow::Result<Vec<RowOutcome>> {
        if let Holder::Here { app, runtime, .. } = &self.0 {
            return Ok(runtime.block_on(app.import(rows, settings(taking)))?);
        }
        let request = Request::ImportRows {
            rows: records::to_json(&rows)?,
            speaker: taking.speaker.as_str().to_owned(),
            hand_off: taking.hand_off,
            started_at: taking.started_at.ms(),
        };
        match self.ask(request)? {
            Done::Rowed(outcomes) => Ok(outcomes.into_iter().map(RowOutcome::from).collect()),
            other => unexpected(&other),
        }
    }

    /// Has looked at what would become of rows.
    pub(crate) fn check(&self, rows: Vec<Record>) -> anyhow::Result<(Vec<Record>, Vec<Checked>)> {
        if let Holder::Here { app, runtime, .. } = &self.0 {
            return Ok(runtime.block_on(app.check_import(rows))?);
        }
        match self.ask(Request::CheckRows {
            rows: records::to_json(&rows)?,
        })? {
            Done::CheckedRows(checked) => Ok((rows, checked.into_iter().map(Checked::from).collect())),
            other => unexpected(&other),
        }
    }

    /// Keeps how far an import is; at the end, gives how many leads reached the line by it.
    pub(crate) fn note(
        &self,
        id: ImportId,
        counts: &RowCounts,
        rejects: Vec<ImportReject>,
        ended: Option<Result<(), String>>,
    ) -> anyhow::Result<Option<u64>> {
        if let Holder::Here { app, runtime, .. } = &self.0 {
            return Ok(runtime.block_on(app.note_import(id, counts, rejects, ended))?);
        }
        let counts = serde_json::to_value(counts)?;
        match self.ask(Request::NoteImport {
            id: id.0,
            counts,
            rejects,
            ended,
        })? {
            Done::Noted { would_qualify } => Ok(would_qualify),
            other => unexpected(&other),
        }
    }

    fn ask(&self, request: Request) -> anyhow::Result<Done> {
        match &self.0 {
            Holder::Here {
                app, runtime, folder, ..
            } => runtime.block_on(perform::perform(app, folder.path(), request)),
            Holder::There(folder) => socket::ask(folder, &request)
                .with_context(|| format!("the process that holds `{}` answers", folder.path().display())),
        }
    }
}

/// How the app takes rows for a command.
pub(crate) fn settings(taking: Taking) -> ImportSettings {
    ImportSettings {
        speaker: taking.speaker,
        hand_off: taking.hand_off,
        started_at: taking.started_at,
        actor: Actor::Console,
    }
}

fn unexpected<T>(done: &Done) -> anyhow::Result<T> {
    bail!("the server that holds the data answered something else: {done:?}")
}

impl From<RowOutcome> for RowDone {
    fn from(outcome: RowOutcome) -> Self {
        match outcome {
            RowOutcome::New => Self::New,
            RowOutcome::Updated => Self::Updated,
            RowOutcome::AlreadyThere => Self::AlreadyThere,
            RowOutcome::Rejected(why) => Self::Rejected(why),
        }
    }
}

impl From<RowDone> for RowOutcome {
    fn from(done: RowDone) -> Self {
        match done {
            RowDone::New => Self::New,
            RowDone::Updated => Self::Updated,
            RowDone::AlreadyThere => Self::AlreadyThere,
            RowDone::Rejected(why) => Self::Rejected(why),
        }
    }
}

impl From<Checked> for CheckedRow {
    fn from(checked: Checked) -> Self {
        match checked {
            Checked::Read { message, taken, held } => Self::Read(message, taken, held),
            Checked::Refused(why) => Self::Refused(why),
        }
    }
}

impl From<CheckedRow> for Checked {
    fn from(checked: CheckedRow) -> Self {
        match checked {
            CheckedRow::Read(message, taken, held) => Self::Read { message, taken, held },
            CheckedRow::Refused(why) => Self::Refused(why),
        }
    }
}
