//! Imports: rows of other systems' files are taken in chunks, each durable when it is answered, and what became of a file
//! is kept.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use bellwether_core::domain::{Timestamp, TraitSource};
use bellwether_core::records::{Record, RecordKeys, RecordKind, RowCounts, RowOutcome};
use bellwether_store::{ImportId, ImportRow, RejectRow};
use tokio::sync::oneshot;

use crate::committer::{Committer, Job};
use crate::queue::Refusal;
use crate::shared::{not_committed, shutting_down};
use crate::{Actor, App, AppError};

/// How often a chunk that finds no room among live facts is tried again.
const TRIES_MAX: u32 = 300;
/// How long it waits between two tries, in milliseconds.
const TRY_AGAIN_MS: u64 = 100;
/// The most rows of which a dry run remembers what they would have brought.
pub const DRY_RUN_ROWS_MAX: usize = 20_000_000;
/// How many imports are listed.
const IMPORTS_MAX: u32 = 200;

/// How rows are taken.
#[derive(Debug, Clone, Copy)]
pub struct ImportSettings {
    /// Who is taken to say the traits in them.
    pub speaker: TraitSource,
    /// Whether leads that reach the line by them are handed off. Without it they must be over the line still when they do
    /// something next.
    pub hand_off: bool,
    /// When the import began.
    pub started_at: Timestamp,
    /// Who began it.
    pub actor: Actor,
}

/// What would become of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// It can be taken.
    Read {
        /// The hash of the fact that it would become, where it would become one.
        message: Option<(i64, i64)>,
        /// Whether it was taken before.
        taken: bool,
        /// Whether it is about somebody or something that is there.
        held: bool,
    },
    /// It can't be taken, and why.
    Refused(String),
}

/// What the rows of a dry run would have brought so far, so that later ones are judged as if they had.
#[derive(Debug, Default)]
pub struct DryRun {
    messages: HashSet<(i64, i64)>,
    keys: HashSet<u64>,
}

/// How an import stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportView {
    /// Its number.
    pub id: ImportId,
    /// `leads`, `events`, `accounts` or `outcomes`.
    pub kind: String,
    /// What the file is called.
    pub file: String,
    /// Who began it.
    pub started_by: String,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// `running`, `done`, `failed` or `interrupted`.
    pub state: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What became of its rows.
    pub counts: RowCounts,
    /// How many leads reached the line by it and weren't handed off; nothing before it has ended.
    pub would_qualify: Option<u64>,
    /// Why it failed.
    pub error: Option<String>,
}

/// A row that was left out: its line, the reason, and its cells.
pub type ImportReject = (u64, String, Vec<String>);

impl DryRun {
    /// What would become of a row, given what was found for it.
    pub fn outcome(&mut self, record: &Record, checked: Checked) -> RowOutcome {
        let (message, taken, held) = match checked {
            Checked::Refused(why) => return RowOutcome::Rejected(why),
            Checked::Read { message, taken, held } => (message, taken, held),
        };
        if taken {
            return RowOutcome::AlreadyThere;
        }
        if self.messages.len() + self.keys.len() >= DRY_RUN_ROWS_MAX {
            return RowOutcome::Rejected(format!(
                "a dry run looks at no more than {DRY_RUN_ROWS_MAX} rows and ids"
            ));
        }
        if message.is_some_and(|message| !self.messages.insert(message)) {
            return RowOutcome::AlreadyThere;
        }
        let mut known = held;
        for key in names(record) {
            known |= !self.keys.insert(key);
        }
        if known && !matches!(record, Record::Event(_)) {
            return RowOutcome::Updated;
        }
        RowOutcome::New
    }
}

/// Hashes of what a row is known by.
fn names(record: &Record) -> Vec<u64> {
    let hash = |kind: &str, value: &str| {
        let mut hasher = DefaultHasher::new();
        (kind, value.trim()).hash(&mut hasher);
        hasher.finish()
    };
    let of_keys = |keys: &RecordKeys| {
        let mut named = Vec::new();
        named.extend(keys.anonymous_id.as_deref().map(|id| hash("anonymous_id", id)));
        named.extend(keys.user_id.as_deref().map(|id| hash("user_id", id)));
        named.extend(
            keys.email
                .as_deref()
                .map(|address| hash("email", &address.to_lowercase())),
        );
        named.extend(keys.external_ids.iter().map(|(kind, id)| hash(kind, id)));
        named
    };
    match record {
        Record::Lead(lead) => of_keys(&lead.keys),
        Record::Event(_) => Vec::new(),
        Record::Account(account) => match (&account.id, &account.domain) {
            (Some(id), _) => vec![hash("group", id)],
            (None, Some(domain)) => vec![hash("domain", &domain.to_lowercase())],
            (None, None) => Vec::new(),
        },
        Record::Outcome(outcome) => {
            let deal = outcome
                .opportunity
                .clone()
                .unwrap_or_else(|| outcome.at.ms().to_string());
            vec![hash(&outcome.lead, &deal)]
        }
    }
}

impl App {
    /// Takes rows; gives what became of each, once that is durable. Live facts are taken before them and after them: where
    /// there is no room in the queue, it waits.
    pub async fn import(
        &self,
        records: Vec<Record>,
        settings: ImportSettings,
    ) -> Result<Vec<RowOutcome>, AppError> {
        let at = self.now();
        let weight = records.len().max(1);
        self.write_weighing(weight, move |committer| {
            Ok(Ok(committer.import(records, &settings, at)?))
        })
        .await
    }

    /// What would become of rows; nothing is changed. [`DryRun::outcome`] makes of it what would become of a file.
    pub async fn check_import(&self, records: Vec<Record>) -> Result<(Vec<Record>, Vec<Checked>), AppError> {
        let at = self.now();
        let weight = records.len().max(1);
        self.write_weighing(weight, move |committer| {
            let checked = committer.check_import(&records, at)?;
            Ok(Ok((records, checked)))
        })
        .await
    }

    /// Keeps that an import begins; gives its number and the time at which it began.
    pub async fn begin_import(
        &self,
        kind: RecordKind,
        file: &str,
        dry_run: bool,
        actor: Actor,
    ) -> Result<(ImportId, Timestamp), AppError> {
        const FILE_CHARS_MAX: usize = 200;
        let at = self.now();
        let row = ImportRow {
            id: ImportId(0),
            kind: kind.as_str().to_owned(),
            file: file.chars().take(FILE_CHARS_MAX).collect(),
            started_by: actor.to_string(),
            dry_run,
            state: "running".to_owned(),
            started_at: at,
            ended_at: None,
            counts: "{}".to_owned(),
            would_qualify: None,
            error: None,
        };
        let id = self
            .write(move |committer| Ok(Ok(committer.db.insert_import(&row)?)))
            .await?;
        Ok((id, at))
    }

    /// Keeps how far an import is, and rows of it that were left out; at the end with `ended`: nothing went wrong, or
    /// what did.
    pub async fn note_import(
        &self,
        id: ImportId,
        counts: &RowCounts,
        rejects: Vec<ImportReject>,
        ended: Option<Result<(), String>>,
    ) -> Result<Option<u64>, AppError> {
        let counts = serde_json::to_string(counts).unwrap_or_default();
        let at = self.now();
        self.write(move |committer| {
            let Some(mut row) = committer.db.import(id)? else {
                return Ok(Ok(None));
            };
            row.counts = counts;
            for (line, reason, cells) in rejects {
                let row = serde_json::to_string(&cells).unwrap_or_default();
                let line = i64::try_from(line).unwrap_or(i64::MAX);
                committer.db.insert_reject(id, &RejectRow { line, reason, row })?;
            }
            let mut would_qualify = None;
            if let Some(ended) = ended {
                row.ended_at = Some(at);
                if !row.dry_run {
                    would_qualify = Some(committer.db.would_qualify(row.started_at)?);
                    row.would_qualify = would_qualify.and_then(|count| i64::try_from(count).ok());
                }
                (row.state, row.error) = match ended {
                    Ok(()) => ("done".to_owned(), None),
                    Err(error) => ("failed".to_owned(), Some(error)),
                };
            }
            committer.db.update_import(&row)?;
            Ok(Ok(would_qualify))
        })
        .await
    }

    /// The newest imports.
    pub async fn imports(&self) -> Result<Vec<ImportView>, AppError> {
        self.read(|db| Ok(db.imports(IMPORTS_MAX)?.into_iter().map(view).collect()))
            .await
    }

    /// An import, with the first rows that it left out.
    pub async fn import_view(
        &self,
        id: ImportId,
    ) -> Result<Option<(ImportView, Vec<ImportReject>)>, AppError> {
        self.read(move |db| {
            let Some(row) = db.import(id)? else {
                return Ok(None);
            };
            let rejects = db.import_rejects(id)?.into_iter().map(|reject| {
                let cells = serde_json::from_str(&reject.row).unwrap_or_default();
                (reject.line.unsigned_abs(), reject.reason, cells)
            });
            Ok(Some((view(row), rejects.collect())))
        })
        .await
    }

    /// Where a file may lie while it is imported.
    pub fn scratch_directory(&self) -> &std::path::Path {
        &self.shared().directory
    }

    /// Has the committer do something that takes as long as so many facts. Where there is no room for it, it waits.
    async fn write_weighing<T: Send + 'static>(
        &self,
        weight: usize,
        work: impl FnOnce(&mut Committer) -> Result<Result<T, AppError>, bellwether_store::StoreError>
        + Send
        + 'static,
    ) -> Result<T, AppError> {
        let (reply, answer) = oneshot::channel();
        let work: crate::committer::Work = Box::new(move |committer| {
            let outcome = work(committer)?;
            Ok(Box::new(move || drop(reply.send(outcome))))
        });
        let mut job = Job::Work(work);
        for _ in 0..TRIES_MAX {
            match self.shared().queue.push_or_back(weight, job) {
                Ok(()) => return answer.await.map_err(|_| not_committed())?,
                Err((Refusal::Closed, _)) => {
                    return Err(shutting_down());
                }
                Err((Refusal::Full, back)) => job = back,
            }
            tokio::time::sleep(Duration::from_millis(TRY_AGAIN_MS)).await;
        }
        Err(AppError::Unavailable("too much is waiting; try again".to_owned()))
    }
}

fn view(row: ImportRow) -> ImportView {
    ImportView {
        id: row.id,
        kind: row.kind,
        file: row.file,
        started_by: row.started_by,
        dry_run: row.dry_run,
        state: row.state,
        started_at: row.started_at,
        ended_at: row.ended_at,
        counts: read_counts(&row.counts),
        would_qualify: row.would_qualify.map(i64::unsigned_abs),
        error: row.error,
    }
}

/// Counts from the JSON that they are written as; what isn't there is nothing.
pub fn read_counts(text: &str) -> RowCounts {
    let json: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let number = |name: &str| json.get(name).and_then(serde_json::Value::as_u64).unwrap_or(0);
    let rejected = json.get("rejected").and_then(serde_json::Value::as_object);
    RowCounts {
        rows: number("rows"),
        new: number("new"),
        updated: number("updated"),
        already_there: number("already_there"),
        rejected: rejected
            .into_iter()
            .flatten()
            .map(|(reason, count)| (reason.clone(), count.as_u64().unwrap_or(0)))
            .collect(),
    }
}
