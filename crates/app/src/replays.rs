//! What another agreement would have come to, beside the active one: both are folded over the same facts. Where the facts
//! come from is behind [`Facts`], so that a history kept as columns can take the database's place.

mod side;
mod stored;
mod summary;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bellwether_core::agreement::Suspect;
use bellwether_core::domain::Timestamp;
use bellwether_core::explain::History;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{AppError, LeadId};

pub(crate) use side::Side;
pub(crate) use stored::Stored;
pub use summary::{ChangedLead, MonthCount, ReplaySummary, SHOWN_LEADS_MAX};
pub(crate) use summary::{Question, kept, ms, number, summarize};

/// How many replays are worked out at once.
const REPLAYS_MAX: usize = 2;

/// Leads with their facts, wherever they are kept.
pub(crate) trait Facts {
    /// How many leads there are whom one could reach. Nobody else qualifies.
    fn leads(&self) -> Result<u64, AppError>;

    /// The next of them after one, of each `every` numbers one, by number; none at the end.
    fn slice(&self, after: LeadId, every: u32, rules: Rules<'_>) -> Result<Vec<LeadFacts>, AppError>;
}

/// By which rules either side holds apart what machines did.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) active: Option<&'a Suspect>,
    pub(crate) proposed: Option<&'a Suspect>,
}

/// One lead's facts, in the order in which they are folded.
pub(crate) struct LeadFacts {
    pub(crate) lead: LeadId,
    /// Those that count by the active version's rules.
    pub(crate) active: History,
    /// Those that count by the other's, where these are different rules.
    pub(crate) proposed: Option<History>,
    /// Since when sales has it, in its present cycle.
    pub(crate) handed_off_at: Option<Timestamp>,
}

/// The replays that are under way.
#[derive(Debug)]
pub(crate) struct Replays {
    places: Arc<Semaphore>,
    /// Who asked what an edit would come to, with what ends the run.
    what_ifs: Mutex<BTreeMap<String, Arc<AtomicBool>>>,
}

impl Default for Replays {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(REPLAYS_MAX)),
            what_ifs: Mutex::default(),
        }
    }
}

impl Replays {
    /// A place to work in, once there is one.
    pub(crate) async fn place(&self) -> Result<OwnedSemaphorePermit, AppError> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        place.map_err(|_| AppError::Unavailable("it is shutting down".to_owned()))
    }

    /// A place, if there is one now.
    pub(crate) fn place_now(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// Begins a run for somebody, and ends the one that they had begun before; whether there was one.
    pub(crate) fn begin(&self, who: &str) -> (Arc<AtomicBool>, bool) {
        let mut runs = self.what_ifs.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = Arc::new(AtomicBool::new(false));
        let before = runs.insert(who.to_owned(), Arc::clone(&ended));
        if let Some(before) = &before {
            before.store(true, Ordering::Release);
        }
        (ended, before.is_some())
    }

    /// Forgets a run that is over, unless a newer one took its place.
    pub(crate) fn end(&self, who: &str, run: &Arc<AtomicBool>) {
        let mut runs = self.what_ifs.lock().unwrap_or_else(PoisonError::into_inner);
        if runs.get(who).is_some_and(|present| Arc::ptr_eq(present, run)) {
            runs.remove(who);
        }
    }
}
