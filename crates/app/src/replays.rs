//! What another agreement would have come to, beside the active one: both judge the same history.

mod summary;
mod whole;
mod words;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::AppError;
use crate::shared::shutting_down;

pub use summary::{
    ChangeCause, ChangeFigures, ChangedLead, FateCounts, MonthCount, ReplayFigures, ReplaySummary,
    SHOWN_LEADS_MAX, Share, SideFigures,
};
pub(crate) use summary::{Question, kept, ms, number, summarize};
pub use whole::ReplayAsked;
pub use words::ReplayRow;

/// How many replays are worked out at once.
const REPLAYS_MAX: usize = 2;

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
        place.map_err(|_| shutting_down())
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
