//! What the committer, the workers and the callers share.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};
use std::time::Duration;

use bellwether_store::Readers;
use tokio::sync::{broadcast, oneshot};

use crate::columns::{Columns, StoredHistory};
use crate::committer::{Answer, Committer, Job};
use crate::destinations::{Destinations, Found};
use crate::enrichers::Enrichers;
use crate::networks::Networks;
use crate::noted::Waiting;
use crate::outbox::Lanes;
use crate::queue::{Queue, Refusal};
use crate::{AgreementVersion, AppError, Change, Clock, Entropy};

/// How many changes a page may lag behind before it is told to look at everything again.
const CHANGES_MAX: usize = 1_024;
/// The weight of a job that is no submission, in facts.
const WORK_WEIGHT: usize = 1;

/// Makes commits fail, for tests.
pub type CommitFault = Arc<dyn Fn() -> bool + Send + Sync>;

pub(crate) struct Shared {
    pub(crate) directory: PathBuf,
    pub(crate) queue: Queue<Job>,
    pub(crate) readers: Readers,
    pub(crate) changes: broadcast::Sender<Change>,
    pub(crate) outbox: Lanes,
    /// Where messages go.
    pub(crate) destinations: Destinations,
    /// How links in messages begin, where the server knows how it is reached.
    pub(crate) public_url: Option<String>,
    /// What links in messages are made with.
    pub(crate) link_key: Vec<u8>,
    /// Whether messages are only kept to be looked at.
    pub(crate) dry_run: bool,
    pub(crate) timers: Signal,
    pub(crate) enrichment: Signal,
    pub(crate) network_files: Signal,
    /// The files by which visitors' companies are told.
    pub(crate) networks: Networks,
    /// The services that are asked about leads.
    pub(crate) enrichers: Enrichers,
    pub(crate) checkpoint: Signal,
    pub(crate) janitor: Signal,
    /// Requests that were refused and aren't listed yet.
    pub(crate) noted: Mutex<Waiting>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    /// Whether the last group was committed.
    pub(crate) healthy: AtomicBool,
    /// The history as columns, once somebody asked for a replay.
    pub(crate) columns: Columns,
    active: RwLock<Arc<AgreementVersion>>,
    fault: Option<CommitFault>,
}

/// What is known of the outside, and what it is told of here.
pub(crate) struct Outside {
    pub(crate) networks: Networks,
    pub(crate) public_url: Option<String>,
    pub(crate) link_key: Vec<u8>,
    pub(crate) dry_run: bool,
}

impl Shared {
    /// The history by now, for as long as whoever asks wants it; nothing once they don't.
    pub(crate) fn history(
        self: &Arc<Self>,
        wanted: &dyn Fn() -> bool,
    ) -> Result<Option<StoredHistory>, AppError> {
        let (answer, to_be_read) = self.columns.ask();
        if to_be_read {
            let shared = Arc::clone(self);
            tokio::task::spawn_blocking(move || {
                let goes_on = || shared.queue.is_open();
                shared
                    .columns
                    .read_for_all(&shared.directory, &shared.readers, &goes_on);
            });
        }
        match answer.wait(wanted) {
            Some(read) => read.map(Some),
            None if wanted() => Err(AppError::Unavailable(
                "its history wasn't read; try again".to_owned(),
            )),
            None => Ok(None),
        }
    }

    pub(crate) fn new(
        directory: PathBuf,
        queue_facts_max: usize,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        active: AgreementVersion,
        fault: Option<CommitFault>,
        outside: Outside,
    ) -> Self {
        Self {
            readers: Readers::new(&directory),
            directory,
            queue: Queue::new(queue_facts_max),
            changes: broadcast::Sender::new(CHANGES_MAX),
            outbox: Lanes::default(),
            destinations: Destinations::default(),
            public_url: outside.public_url,
            link_key: outside.link_key,
            dry_run: outside.dry_run,
            timers: Signal::default(),
            enrichment: Signal::default(),
            network_files: Signal::default(),
            networks: outside.networks,
            enrichers: Enrichers::default(),
            checkpoint: Signal::default(),
            janitor: Signal::default(),
            noted: Mutex::default(),
            clock,
            entropy,
            healthy: AtomicBool::new(true),
            columns: Columns::default(),
            active: RwLock::new(Arc::new(active)),
            fault,
        }
    }

    /// Has messages go to these destinations from now on.
    pub(crate) fn tell_lanes(&self, found: Found) {
        self.destinations.set(found);
        self.outbox.wake_all();
    }

    pub(crate) fn active(&self) -> Arc<AgreementVersion> {
        Arc::clone(&self.active.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set_active(&self, active: Arc<AgreementVersion>) {
        *self.active.write().unwrap_or_else(PoisonError::into_inner) = active;
    }

    pub(crate) fn commit_fails(&self) -> bool {
        self.fault.as_ref().is_some_and(|fault| fault())
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.queue.is_open() && self.healthy.load(Ordering::Acquire)
    }

    /// Has the committer do something; what is received came to pass, and is durable.
    pub(crate) fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Committer) -> Result<Result<T, AppError>, bellwether_store::StoreError>
        + Send
        + 'static,
    ) -> Result<oneshot::Receiver<Result<T, AppError>>, AppError> {
        let (reply, answer) = oneshot::channel();
        let work = Box::new(move |committer: &mut Committer| -> Result<Answer, _> {
            let outcome = work(committer)?;
            // Whoever doesn't wait any more has lost nothing but the answer.
            Ok(Box::new(move || drop(reply.send(outcome))) as Answer)
        });
        self.queue
            .push(WORK_WEIGHT, Job::Work(work))
            .map_err(|refusal| match refusal {
                Refusal::Full => AppError::Unavailable("too much is waiting; try again".to_owned()),
                Refusal::Closed => shutting_down(),
            })?;
        Ok(answer)
    }
}

/// What an answer that never came means.
pub(crate) fn not_committed() -> AppError {
    AppError::Unavailable("it wasn't committed; try again".to_owned())
}

/// Why nothing is begun any more, and what is under way is broken off.
pub(crate) fn shutting_down() -> AppError {
    AppError::Unavailable("it is shutting down".to_owned())
}

/// Wakes a worker.
#[derive(Debug, Default)]
pub(crate) struct Signal {
    state: Mutex<(bool, bool)>,
    changed: Condvar,
}

impl Signal {
    /// There is something to do.
    pub(crate) fn wake(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).0 = true;
        self.changed.notify_all();
    }

    /// There will be nothing more to do.
    pub(crate) fn stop(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
        self.changed.notify_all();
    }

    /// Whether to stop.
    pub(crate) fn stopped(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).1
    }

    /// Waits to be woken, or for a time; `false` when it is time to stop.
    pub(crate) fn wait(&self, longest: Duration) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .changed
            .wait_timeout_while(state, longest, |(woken, stopped)| !*woken && !*stopped);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.0 = false;
        !state.1
    }
}
