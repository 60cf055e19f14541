//! The database's history as columns, which any agreement can judge at once. It is read whole once, kept in files beside the
//! database, and read on from where it ends, lead by lead, whenever somebody asks for it.
//!
//! It can't be wrong by standing still or by being moved: it notes the last fact and the last change that it holds, with
//! what tells these from those of another database, and its files hold a number made of every fact. Where either isn't as it
//! should be, it is read whole again. A reading that fails or is broken off changes nothing of what was held.

mod gathered;
mod readings;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bellwether_core::domain::Timestamp;
use bellwether_replay::outcomes::{Fate, Outcome, Outcomes};
use bellwether_replay::{Chronicle, ReplayError, Retelling};
use bellwether_store::{Db, FateRow, HistoryPosition, LeadId, Readers, StoreError};

use self::gathered::Gathered;
use self::readings::{Answer, Readings};
use crate::AppError;

/// The folder in the database's, which the columns' files are in.
const FOLDER: &str = "history";
/// The files are written anew where at least one in so many leads had to be read on.
const REWRITTEN_SHARE: usize = 20;

/// What a replay over the database goes by, of one state of it.
#[derive(Clone)]
pub struct StoredHistory {
    /// What leads did and who they are; a lead's id is its number.
    pub chronicle: Arc<Chronicle>,
    /// What became of them.
    pub outcomes: Arc<Outcomes>,
    /// How many people take leads.
    pub salespeople: u32,
    /// How the columns came to be as they are.
    pub reading: Reading,
    /// Why they couldn't be kept, so that they will be read again.
    pub not_kept: Option<String>,
}

/// How columns came to be up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Nothing is new since they were kept.
    AsKept,
    /// So many leads were read anew.
    On(usize),
    /// Everything was read; why nothing that was kept would do, where anything was.
    Whole(Option<String>),
}

/// The columns that a server has in memory, once they are asked for, and who waits for them.
#[derive(Default)]
pub(crate) struct Columns {
    held: Mutex<Held>,
    readings: Readings<Result<StoredHistory, AppError>>,
}

/// What was read so far; without a position as long as nothing was.
#[derive(Default)]
struct Held {
    chronicle: Arc<Chronicle>,
    /// How many leads were read on since the files were written.
    unwritten: usize,
}

/// What is new since columns were kept.
enum News {
    Nothing,
    /// Of so many leads, up to there.
    Of(BTreeSet<LeadId>, HistoryPosition),
    /// Too much, or nobody can say; why, where anything was kept.
    Unknown(Option<String>),
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AsKept => f.write_str("as it was kept"),
            Self::On(leads) => write!(f, "read on: {leads} leads have changed since it was kept"),
            Self::Whole(None) => f.write_str("read whole"),
            Self::Whole(Some(why)) => write!(f, "read whole: {why}"),
        }
    }
}

/// The history of the database in a folder, of one state of it. What had to be read is kept in the folder; where that can't be
/// done, it is only slower the next time.
pub fn stored_history(directory: &Path, readers: &Readers) -> Result<StoredHistory, AppError> {
    Held::default().history(directory, readers, &|| true)
}

impl Columns {
    /// Asks for the history as it is from now on, and says whether whoever asks is to have it read.
    pub(crate) fn ask(&self) -> (Answer<Result<StoredHistory, AppError>>, bool) {
        self.readings.ask()
    }

    /// Reads for all who ask, until nobody has asked since the last reading began. It isn't broken off because somebody gives up waiting, or whoever edits
    /// faster than a large history is read would never see it; only once it isn't to go on at all.
    pub(crate) fn read_for_all(&self, directory: &Path, readers: &Readers, goes_on: &dyn Fn() -> bool) {
        self.readings.read_for_all(|| {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            let history = held.history(directory, readers, goes_on);
            match &history {
                Ok(read) => {
                    tracing::info!(reading = %read.reading, leads = read.chronicle.leads(), "history looked at");
                    if let Some(why) = &read.not_kept {
                        tracing::warn!(%why, "the history's columns can't be kept");
                    }
                }
                Err(error) => tracing::warn!(%error, "the history can't be looked at"),
            }
            history
        });
    }
}

impl Held {
    fn history(
        &mut self,
        directory: &Path,
        readers: &Readers,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<StoredHistory, AppError> {
        let folder = directory.join(FOLDER);
        let refused = self.open(&folder).err();
        let (outcomes, salespeople, reading) = readers.take()?.snapshot(|db| {
            let reading = self.by_now(db, refused, goes_on)?;
            Ok::<_, AppError>((outcomes(db)?, db.salespeople()?, reading))
        })?;
        let worth_writing = match reading {
            Reading::AsKept => false,
            Reading::On(_) => self.unwritten > self.chronicle.leads() / REWRITTEN_SHARE,
            Reading::Whole(_) => true,
        };
        let mut not_kept = None;
        if worth_writing {
            match self.chronicle.write(&folder) {
                Ok(()) => self.unwritten = 0,
                Err(error) => not_kept = Some(error.to_string()),
            }
        }
        Ok(StoredHistory {
            chronicle: Arc::clone(&self.chronicle),
            outcomes: Arc::new(outcomes),
            salespeople,
            reading,
            not_kept,
        })
    }

    /// Takes what is kept in files, where nothing is held and there are any; why they won't do.
    fn open(&mut self, folder: &Path) -> Result<(), String> {
        if !self.chronicle.position().is_empty() || !folder.exists() {
            return Ok(());
        }
        let opened = Chronicle::open(folder, &|_| {}).map_err(|error| error.to_string())?;
        if opened.position().is_empty() {
            return Err("what was kept doesn't say how far it goes".to_owned());
        }
        *self = Self::of(opened);
        Ok(())
    }

    fn of(chronicle: Chronicle) -> Self {
        Self {
            chronicle: Arc::new(chronicle),
            unwritten: 0,
        }
    }

    /// Brings what is held up to what `db` sees. Where that fails, what was held is held still.
    fn by_now(
        &mut self,
        db: &Db,
        refused: Option<String>,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<Reading, AppError> {
        match news(db, &self.chronicle)? {
            News::Nothing => Ok(Reading::AsKept),
            News::Of(leads, now) => {
                self.read_on(db, &leads, &now, goes_on)?;
                Ok(Reading::On(leads.len()))
            }
            News::Unknown(why) => {
                *self = Self::of(read_whole(db, goes_on)?);
                Ok(Reading::Whole(why.or(refused)))
            }
        }
    }

    fn read_on(
        &mut self,
        db: &Db,
        leads: &BTreeSet<LeadId>,
        now: &HistoryPosition,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<(), AppError> {
        // Whoever still judges by the columns as they were keeps them.
        let kept = Arc::unwrap_or_clone(std::mem::take(&mut self.chronicle));
        let mut gathered = Gathered::new(Retelling::of(kept), goes_on);
        let told = leads.iter().try_for_each(|lead| {
            let row = db.lead(*lead)?;
            let row = row.filter(|row| row.merged_into.is_none() && row.known_from.is_some());
            gathered.lead(db, *lead, row.and_then(|row| row.last_fact))
        });
        self.chronicle = Arc::new(match &told {
            Ok(()) => gathered.finish(&position_text(now)),
            Err(_) => gathered.undone(),
        });
        told?;
        self.unwritten += leads.len();
        Ok(())
    }
}

fn read_whole(db: &Db, goes_on: &dyn Fn() -> bool) -> Result<Chronicle, AppError> {
    let now = db.history_position()?;
    let mut gathered = Gathered::new(Retelling::of(Chronicle::default()), goes_on);
    gathered.all(db)?;
    Ok(gathered.finish(&position_text(&now)))
}

/// A history of about so many leads, spread over all, that is read at once whatever the size of the database.
pub(crate) fn sample(db: &Db, leads: u32, goes_on: &dyn Fn() -> bool) -> Result<StoredHistory, AppError> {
    let all = u32::try_from(db.known_leads()?).unwrap_or(u32::MAX);
    let rows = db.known_leads_of_each((all / leads.max(1)).max(1))?;
    let mut gathered = Gathered::new(Retelling::of(Chronicle::default()), goes_on);
    let mut outcomes = Outcomes::default();
    for row in rows {
        gathered.lead(db, row.lead, row.last_fact)?;
        db.each_fate_of(row.lead, |row| add(&mut outcomes, row))?;
    }
    Ok(StoredHistory {
        chronicle: Arc::new(gathered.finish("")),
        outcomes: Arc::new(outcomes),
        salespeople: db.salespeople()?,
        reading: Reading::Whole(None),
        not_kept: None,
    })
}

fn news(db: &Db, kept: &Chronicle) -> Result<News, AppError> {
    let unknown = |why: &str| Ok(News::Unknown(Some(why.to_owned())));
    if kept.position().is_empty() {
        return Ok(News::Unknown(None));
    }
    let Some(since) = position_of(kept.position()) else {
        return unknown("what was kept doesn't say how far it goes");
    };
    if !db.history_holds(&since)? {
        return unknown("what was kept is of another database, or of a later state of this one");
    }
    let now = db.history_position()?;
    if now == since {
        return Ok(News::Nothing);
    }
    let changed = db.history_changed(&since)?;
    if changed.len() > kept.leads() / 2 {
        // One lead after the other would take longer.
        return unknown("more than half of its leads have changed since it was kept");
    }
    let mut leads: BTreeSet<LeadId> = changed.iter().copied().collect();
    for lead in changed {
        leads.extend(db.root(lead)?);
    }
    Ok(News::Of(leads, now))
}

fn outcomes(db: &Db) -> Result<Outcomes, StoreError> {
    let mut outcomes = Outcomes::default();
    db.each_fate(|row| add(&mut outcomes, row))?;
    Ok(outcomes)
}

fn add(outcomes: &mut Outcomes, row: FateRow) {
    let lead = row.lead.to_string();
    if let Some(outcome) = outcome(row) {
        outcomes.add(&lead, outcome);
    }
}

fn outcome(row: FateRow) -> Option<Outcome> {
    Some(Outcome {
        fate: Fate::ALL.into_iter().find(|fate| fate.as_str() == row.fate)?,
        at: row.at,
        amount_thousandths: row.amount_thousandths,
        currency: row.currency,
        reason: row.reason,
    })
}

type Position = (Option<(i64, i64, String)>, Option<(i64, i64)>);

fn position_text(position: &HistoryPosition) -> String {
    let fact = position.fact.as_ref();
    let fact = fact.map(|(id, at, message)| (*id, at.ms(), message.clone()));
    let position: Position = (fact, position.change);
    // Texts and whole numbers can always be written.
    serde_json::to_string(&position).unwrap_or_default()
}

fn position_of(text: &str) -> Option<HistoryPosition> {
    let (fact, change): Position = serde_json::from_str(text).ok()?;
    Some(HistoryPosition {
        fact: fact.map(|(id, ms, message)| (id, Timestamp::from_ms_clamped(ms), message)),
        change,
    })
}

/// That the columns can't hold what the database does.
fn too_much(error: &ReplayError) -> AppError {
    AppError::TooMuch {
        message: format!("the history can't be held as columns: {error}"),
        help: "properties and traits that differ each time, such as ids and times, make everything distinct: send them no \
               more; to replay what there is, export it, leave them out, and replay the files"
            .to_owned(),
    }
}
