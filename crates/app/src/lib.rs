//! The use cases: facts are accepted, scored and handed off in one transaction; handoffs are decided; agreements are
//! published. Workers deliver what the transactions promised.

mod accounts;
mod agreement;
mod answers;
mod arrivals;
mod assignments;
mod calendars;
mod clock;
mod clocks;
mod columns;
mod committer;
mod counters;
mod deals;
mod deeds;
mod deliveries;
mod destinations;
mod enrich;
mod enrichers;
mod error;
mod export;
mod facts;
mod history;
mod identity;
mod imports;
mod inbound;
mod json;
mod likeness;
mod line;
mod merges;
mod moves;
mod networks;
mod noted;
mod nurture;
mod outbox;
mod people;
mod proposals;
mod queue;
mod reads;
mod replays;
mod review;
mod routing;
mod schedules;
mod shadows;
mod shared;
mod signatures;
mod signing;
mod suspects;
mod teams;
mod terms;
mod timers;
mod told;
mod views;
mod what_if;
mod workers;

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use bellwether_core::domain::Timestamp;
pub use bellwether_store::{
    AccountId, BantRow as BantRecord, DealChange, DealOrder, DealState, DealTotal, DestinationId, EnricherId,
    HandoffId, ImportId, KeyId, LeadId, OpportunityId, ProposalId, ShadowId, SourceId, UserId,
};
use bellwether_store::{Db, StoreError};
use tokio::sync::{Semaphore, broadcast, oneshot};

use committer::{Committer, Job};
use deeds::Deed;
use networks::Networks;
use people::{Attempts, KeyCache};
use queue::Refusal;
use replays::Replays;
use shared::{Outside, Shared, not_committed};

pub use answers::{AcceptLink, LinkState};
pub use arrivals::{ARRIVALS_PERIOD, Arrival, Arrivals};
pub use bellwether_connect::companies::Fields as NetworkFields;
pub use bellwether_connect::meetings::Tool as MeetingTool;
pub use bellwether_connect::slack::action as slack_action;
pub use clock::{Clock, Entropy, SystemClock, SystemEntropy};
pub use columns::{Reading, StoredHistory, stored_history};
pub use deliveries::{DeliveryState, DeliveryView, DestinationTrial, Preview};
pub use destinations::{DestinationView, NewDestination};
pub use enrichers::{ENRICHER_TIMEOUT_S_MAX, EnricherCounts, EnricherTrial, EnricherView};
pub use error::AppError;
pub use export::{ExportColumn, ExportKind, ExportRow, export};
pub use facts::{AcceptError, FactBody, IncomingFact, Keys, Noted, NotedKind, Receipt, Submission};
pub use imports::{Checked, DRY_RUN_ROWS_MAX, DryRun, ImportReject, ImportSettings, ImportView, read_counts};
pub use inbound::{HookError, HookOrigin, InboundView};
pub use networks::{AccountBy, Company, Network, NetworkFiles};
pub use people::ApiKey;
pub use replays::{
    ChangeCause, ChangeFigures, ChangedLead, FateCounts, MonthCount, ReplayAsked, ReplayFigures, ReplayRow,
    ReplaySummary, SHOWN_LEADS_MAX, Share, SideFigures,
};
pub use review::review;
pub use routing::{CandidateSeen, LookedAt, OwnerSeen, RouteCause, RouteDecision, RouteSeen};
pub use schedules::HOLIDAYS_MAX;
pub use shadows::{SHADOW_DAYS_MAX, ShadowLead, ShadowReport};
pub use shared::CommitFault;
pub use views::*;
pub use what_if::{WhatIf, WhatIfStep};

/// How many facts may wait where nobody says.
pub const QUEUE_FACTS_MAX: usize = 100_000;
/// How many leads' states are kept in memory where nobody says.
pub const LEAD_STATES_MAX: usize = 65_536;
/// When a caller who was told to wait is to come again, in seconds.
const RETRY_AFTER_S: u32 = 2;

/// What an [`App`] needs to run.
#[derive(Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own that an operator sets"
)]
pub struct Options {
    /// The directory that holds the database; made where it is missing.
    pub data_dir: PathBuf,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives unguessable bytes.
    pub entropy: Arc<dyn Entropy>,
    /// The agreement to begin with, where the database holds none.
    pub agreement_if_none: String,
    /// How many facts may wait to be taken before callers are told to come again.
    pub queue_facts_max: usize,
    /// How many leads' states are kept in memory.
    pub lead_states_max: usize,
    /// Whether webhooks may go to addresses of this machine and its private networks.
    pub webhooks_to_private_addresses: bool,
    /// Whether enrichers may be asked at addresses of this machine and its private networks.
    pub enrichers_at_private_addresses: bool,
    /// The files by which a visitor's company is told; none where nobody supplies any.
    pub networks: NetworkFiles,
    /// Whether messages that wait are sent, timers fire, and enrichers are asked. A command that only changes something leaves them to the server, which knows
    /// where they may go.
    pub deliver: bool,
    /// Whether nothing leaves this machine: what would be sent is kept to be looked at, and never sent; enrichers aren't
    /// asked. Timers fire all the same.
    pub dry_run: bool,
    /// Where browsers reach the server, for links in messages: `https://bellwether.acme.example`.
    pub public_url: Option<String>,
    /// Makes commits fail, for tests; nothing otherwise.
    pub commit_fault: Option<CommitFault>,
}

impl Options {
    /// The machine's clock and random bytes, and the limits where nobody says.
    pub fn new(data_dir: PathBuf, agreement_if_none: String) -> Self {
        Self {
            data_dir,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            agreement_if_none,
            queue_facts_max: QUEUE_FACTS_MAX,
            lead_states_max: LEAD_STATES_MAX,
            webhooks_to_private_addresses: false,
            enrichers_at_private_addresses: false,
            networks: NetworkFiles::default(),
            deliver: true,
            dry_run: false,
            public_url: None,
            commit_fault: None,
        }
    }
}

/// The product at work on one database. Cloning is cheap; when the last clone goes away, what waits is committed and the
/// workers stop.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    keys: KeyCache,
    attempts: Attempts,
    passwords: Semaphore,
    replays: Arc<Replays>,
    threads: Vec<JoinHandle<()>>,
    /// It ends before the committer, which notes what became of the last messages.
    outbox: Option<JoinHandle<()>>,
    /// Whether messages may go to this machine and its private networks.
    destinations_at_private_addresses: bool,
}

impl App {
    /// Opens the database, making it where there is none, and starts the workers.
    pub fn open(options: Options) -> Result<Self, AppError> {
        let writer = Db::open_writer(&options.data_dir)?;
        writer.interrupt_imports(options.clock.now())?;
        let active = active_or_first(&writer, options.agreement_if_none, options.clock.now())?;
        let outside = Outside {
            link_key: link_key(&writer, options.entropy.as_ref())?,
            public_url: options.public_url,
            dry_run: options.dry_run,
            networks: Networks::read(options.networks)?,
        };
        let shared = Arc::new(Shared::new(
            options.data_dir,
            options.queue_facts_max,
            options.clock,
            options.entropy,
            active,
            options.commit_fault,
            outside,
        ));
        shared.destinations.set(destinations::load(&writer)?);
        shared
            .enrichers
            .begin(&writer, options.enrichers_at_private_addresses)?;
        let helper = Db::open_helper(&shared.directory)?;
        let committer = Committer::new(writer, Arc::clone(&shared), options.lead_states_max)?;
        let mut inner = Inner {
            keys: KeyCache::default(),
            attempts: Attempts::default(),
            passwords: Semaphore::new(people::PASSWORD_CHECKS_MAX),
            replays: Arc::default(),
            threads: Vec::new(),
            outbox: None,
            destinations_at_private_addresses: options.webhooks_to_private_addresses,
            shared,
        };
        let closing = Arc::clone(&inner.shared);
        inner.start("committer", move || {
            // However the committer ends, callers must hear of it.
            let _closed = CloseAtEnd(closing);
            committer.run();
        })?;
        let shared = Arc::clone(&inner.shared);
        inner.start("checkpoint", move || workers::checkpoint(&shared, &helper))?;
        let shared = Arc::clone(&inner.shared);
        inner.start("janitor", move || workers::forget(&shared))?;
        let (shared, private_allowed) = (Arc::clone(&inner.shared), options.webhooks_to_private_addresses);
        if options.deliver {
            if !options.dry_run {
                inner.start_outbox(move || outbox::run(&shared, private_allowed))?;
                let shared = Arc::clone(&inner.shared);
                inner.start("enrichment", move || enrich::run(&shared))?;
            }
            let shared = Arc::clone(&inner.shared);
            inner.start("timers", move || timers::run(&shared))?;
        }
        if !inner.shared.networks.are_none() {
            let shared = Arc::clone(&inner.shared);
            inner.start("networks", move || networks::watch(&shared))?;
        }
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Takes facts. When this resolves they are durable, scored, and whoever qualified by them has an owner.
    pub async fn accept(&self, submission: Submission) -> Result<Receipt, AcceptError> {
        let (reply, receipt) = oneshot::channel();
        let weight = submission.facts.len().max(submission.findings.len()).max(1);
        let pushed = self.shared().queue.push(weight, Job::Facts(submission, reply));
        pushed.map_err(|refusal| match refusal {
            Refusal::Full => AcceptError::Busy {
                retry_after_s: RETRY_AFTER_S,
            },
            Refusal::Closed => AcceptError::Unavailable,
        })?;
        receipt.await.map_err(|_| AcceptError::Unavailable)
    }

    /// Lists a request of which nothing was taken. Nobody waits for it: what is noted while the list is being written
    /// goes with the next writing, and what can't be written is noted again later.
    pub fn note_refused(&self, subject: &str, reason: &str) {
        noted::note(self.shared(), subject, reason);
    }

    /// Whether facts are taken just now.
    pub fn is_ready(&self) -> bool {
        self.shared().is_ready()
    }

    /// The present instant, by the clock that the app was given.
    pub fn now(&self) -> Timestamp {
        self.shared().clock.now()
    }

    /// The agreement that is active.
    #[expect(
        clippy::unused_async,
        reason = "where several nodes share a store, it will be asked"
    )]
    pub async fn active_agreement(&self) -> Result<AgreementVersion, AppError> {
        Ok(self.shared().active().as_ref().clone())
    }

    /// Sales takes a lead.
    pub async fn accept_handoff(&self, id: HandoffId, actor: Actor) -> Result<HandoffDetail, AppError> {
        let at = self.now();
        self.write(move |committer| {
            if let Some(error) = deeds::forbidden(&committer.db, actor, Deed::Sell, None)? {
                return Ok(Err(error));
            }
            committer.accept_handoff(id, &actor.to_string(), at)
        })
        .await?;
        self.handoff_there(id).await
    }

    /// Sales sends a lead back, for one of the agreement's reasons.
    pub async fn reject_handoff(
        &self,
        id: HandoffId,
        reason: String,
        note: Option<String>,
        actor: Actor,
    ) -> Result<HandoffDetail, AppError> {
        let at = self.now();
        self.write(move |committer| {
            if let Some(error) = deeds::forbidden(&committer.db, actor, Deed::Sell, None)? {
                return Ok(Err(error));
            }
            committer.reject_handoff(id, &reason, note.as_deref(), &actor.to_string(), at)
        })
        .await?;
        self.handoff_there(id).await
    }

    /// The key that links in messages are made with.
    pub fn link_key(&self) -> &[u8] {
        &self.shared().link_key
    }

    /// How links in messages begin: where browsers reach the server, if it knows.
    pub fn public_url(&self) -> Option<&str> {
        self.shared().public_url.as_deref()
    }

    /// Tells of changes as they are committed, for pages that follow them.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.shared().changes.subscribe()
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.inner.shared
    }

    /// Has the committer do something, and waits until it is durable.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Committer) -> Result<Result<T, AppError>, StoreError> + Send + 'static,
    ) -> Result<T, AppError> {
        let answer = self.shared().submit(work)?;
        answer.await.map_err(|_| not_committed())?
    }

    pub(crate) async fn handoff_there(&self, id: HandoffId) -> Result<HandoffDetail, AppError> {
        let found = self.handoff(id).await?;
        found.ok_or_else(|| AppError::NotFound {
            what: "handoff",
            id: id.to_string(),
        })
    }
}

impl Inner {
    fn start_outbox(&mut self, work: impl FnOnce() + Send + 'static) -> Result<(), AppError> {
        let thread = std::thread::Builder::new().name("outbox".to_owned()).spawn(work);
        self.outbox = Some(thread.map_err(|error| AppError::Unavailable(error.to_string()))?);
        Ok(())
    }

    fn start(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), AppError> {
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(work);
        self.threads
            .push(thread.map_err(|error| AppError::Unavailable(error.to_string()))?);
        Ok(())
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let shared = &self.shared;
        shared.outbox.stop();
        if self.outbox.take().is_some_and(|outbox| outbox.join().is_err()) {
            tracing::error!("the outbox had ended badly");
        }
        shared.timers.stop();
        shared.enrichment.stop();
        shared.network_files.stop();
        shared.janitor.stop();
        shared.checkpoint.stop();
        shared.queue.close();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a worker had ended badly");
            }
        }
    }
}

struct CloseAtEnd(Arc<Shared>);

impl Drop for CloseAtEnd {
    fn drop(&mut self) {
        self.0.queue.close();
    }
}

/// The key that links are made with, made once for each database.
fn link_key(db: &Db, entropy: &dyn Entropy) -> Result<Vec<u8>, AppError> {
    const NAME: &str = "links";
    let mut fresh = [0_u8; 32];
    if let Some(key) = db.server_key(NAME)? {
        return Ok(key);
    }
    if !entropy.fill(&mut fresh) {
        return Err(AppError::Unavailable(
            "the system has no random bytes to give".to_owned(),
        ));
    }
    db.put_server_key(NAME, &fresh)?;
    Ok(fresh.to_vec())
}

/// The newest agreement of the database, or the first one, kept now.
fn active_or_first(db: &Db, first: String, now: Timestamp) -> Result<AgreementVersion, AppError> {
    if let Some(row) = db.latest_agreement()? {
        agreement::warn_of_texts(&row);
        return agreement::version(row);
    }
    let compiled = agreement::compile(first)?;
    let version = AgreementVersion {
        version: 1,
        hash: compiled.hash,
        source: compiled.source,
        activated_at: now,
        by: Actor::Console.to_string(),
        mode: PublishMode::Forward,
        basis: Basis::First,
        reason: None,
        proposal: None,
        back_to: None,
        engine: compiled.engine,
    };
    db.insert_agreement(&committer::publish::row(&version, None))?;
    Ok(version)
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::User(id) => write!(f, "user {id}"),
            Self::Key(id) => write!(f, "key {id}"),
            Self::Console => f.write_str("console"),
        }
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error.to_string())
    }
}
