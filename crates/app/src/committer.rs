//! The one thread that writes. It takes what waits as a group, works through it in the order of arrival, commits once and
//! answers everybody; whoever has an answer knows that it is on disk.
//!
//! **Invariants:** nothing is answered before its commit. Each submission is judged by itself, at the time at which it
//! came, so that how submissions fall into groups changes no decision. Memory holds caches only: when a commit fails,
//! everything is forgotten and nothing is lost.

mod clock;
pub(crate) mod confirm;
mod contact;
mod deals;
mod decide;
mod enrichment;
mod escalate;
mod handoff;
mod imports;
mod join;
mod leads;
mod mail;
mod meeting;
mod moves;
mod nurture;
mod part;
pub(crate) mod present;
pub(crate) mod propose;
pub(crate) mod publish;
mod queue;
mod reason;
mod reassign;
mod resolve;
mod route;
mod seen;
mod surroundings;
mod suspects;
mod take;
mod tell;
mod tell_sales;
mod timers;
mod trial;
pub(crate) mod turn;
mod unsubscribe;

pub(crate) use clock::Clock;
pub(crate) use deals::Closing;
pub(crate) use enrichment::{Asked, Came, REFUSED_PERIOD};
pub(crate) use imports::IMPORTED;
pub(crate) use leads::company_domain;
pub(crate) use mail::booking_url;
pub(crate) use take::REMEMBERED;
pub(crate) use timers::TIMERS_MAX;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bellwether_core::domain::Timestamp;
use bellwether_store::{Db, DestinationId, HandoffId, Holder, LeadId, StoreError};
use lru::LruCache;
use tokio::sync::oneshot;

use self::leads::Lead;
use self::seen::Seen;
use crate::destinations::Found;
use crate::shared::Shared;
use crate::signatures::Signatures;
use crate::{AgreementVersion, Change, Noted, NotedKind, Receipt, Submission};

/// The most facts that are committed together.
pub(crate) const GROUP_FACTS_MAX: usize = 10_000;
/// The pages of the write-ahead log over which the committer itself moves it into the database, whatever that takes.
const WAL_PAGES_MAX: i64 = 131_072;
/// The pages over which the checkpointer is woken.
const WAL_PAGES_QUIET: i64 = 24_576;
/// The pages that the committer moves between two groups, so that the log is empty for once and begins anew.
const WAL_PAGES_BETWEEN_GROUPS: i64 = 512;
/// How many keys' leads are kept in memory for each lead's state.
const KEYS_PER_LEAD: usize = 4;
/// After how many groups a slice of background work is done though more groups wait.
const GROUPS_BETWEEN_SLICES: u32 = 8;

/// Something for the committer to do.
pub(crate) enum Job {
    /// Facts.
    Facts(Submission, oneshot::Sender<Receipt>),
    /// Anything else that changes the database. What it gives back is called once it is durable.
    Work(Work),
}

pub(crate) type Work = Box<dyn FnOnce(&mut Committer) -> Result<Answer, StoreError> + Send>;
pub(crate) type Answer = Box<dyn FnOnce() + Send>;

/// The state of the thread that writes.
pub(crate) struct Committer {
    pub(crate) db: Db,
    shared: Arc<Shared>,
    active: Arc<AgreementVersion>,
    leads: LruCache<LeadId, Box<Lead>>,
    keys: LruCache<u128, Holder>,
    signatures: Signatures,
    seen: Seen,
    leads_max: usize,
    /// Whether any pair of leads is kept apart.
    any_apart: bool,
    /// Where messages go, as far as it was asked.
    destinations: Option<Found>,
    next_lead: i64,
    next_handoff: i64,
    /// The leads after this one may still be scored under an older agreement; nothing when all are done.
    rescore_after: Option<LeadId>,
    /// Leads that were confirmed may still be to hand off.
    confirmed_left: bool,
    /// The background work met an error and begins anew after the next group that is committed.
    background_interrupted: bool,
    group: Group,
    buffers: [Vec<u8>; 2],
}

/// What the present group has come to so far.
#[derive(Clone, Default)]
struct Group {
    /// Leads whose row must be written.
    dirty: Vec<LeadId>,
    /// Leads that the present submission touched, in this order.
    touched: Vec<LeadId>,
    findings: BTreeMap<(&'static str, String, String), (u64, Timestamp)>,
    accepted: u64,
    /// How many facts were kept, those that follow from others too.
    kept: u64,
    duplicates: u64,
    refused: u64,
    changes: Vec<Change>,
    /// The destinations that messages were promised to.
    messages: BTreeSet<DestinationId>,
    timers: bool,
    enrichments: bool,
}

impl Committer {
    pub(crate) fn new(db: Db, shared: Arc<Shared>, leads_max: usize) -> Result<Self, StoreError> {
        let active = shared.active();
        let signatures = Signatures::new(&active.engine);
        let mut committer = Self {
            db,
            shared,
            active,
            leads: LruCache::unbounded(),
            keys: LruCache::unbounded(),
            signatures,
            seen: Seen::default(),
            leads_max: leads_max.max(1),
            any_apart: false,
            destinations: None,
            next_lead: 0,
            next_handoff: 0,
            rescore_after: None,
            confirmed_left: false,
            background_interrupted: false,
            group: Group::default(),
            buffers: [Vec::new(), Vec::new()],
        };
        committer.forget()?;
        committer.resume_background()?;
        Ok(committer)
    }

    /// Works until the queue is closed and empty.
    pub(crate) fn run(mut self) {
        let mut jobs = Vec::new();
        let mut groups = 0_u32;
        loop {
            let background = self.rescore_after.is_some() || self.confirmed_left;
            if !self.shared.queue.take(&mut jobs, GROUP_FACTS_MAX, background) {
                break;
            }
            let idle = jobs.is_empty();
            if !idle {
                if self.commit_group(&mut jobs) && std::mem::take(&mut self.background_interrupted) {
                    self.resume_after_interruption();
                }
                groups = groups.wrapping_add(1);
            }
            if background && (idle || groups.is_multiple_of(GROUPS_BETWEEN_SLICES)) {
                self.background_slice();
            }
        }
        if let Err(error) = self.db.checkpoint_whole() {
            tracing::warn!(store.error = %error, "the log wasn't moved into the database at the end; the next start will");
        }
    }

    /// Works through a group and commits it; whether it was committed.
    fn commit_group(&mut self, jobs: &mut Vec<Job>) -> bool {
        let mut answers: Vec<Answer> = Vec::with_capacity(jobs.len());
        let outcome = self.db.begin().and_then(|()| {
            for job in jobs.drain(..) {
                answers.push(self.work(job)?);
            }
            self.finish_group()
        });
        jobs.clear();
        self.end_group(outcome, answers)
    }

    /// Commits, or undoes and forgets; whether it was committed.
    fn end_group(&mut self, outcome: Result<(), StoreError>, answers: Vec<Answer>) -> bool {
        let outcome = outcome.and_then(|()| {
            if self.shared.commit_fails() {
                return Err(StoreError::Injected);
            }
            self.db.commit()
        });
        let group = std::mem::take(&mut self.group);
        if let Err(error) = outcome {
            // The answers are dropped, which tells their callers that it didn't work.
            self.db.rollback();
            tracing::error!(store.error = %error, group.answers = answers.len(), "a group wasn't committed");
            self.shared.healthy.store(false, Ordering::Release);
            if let Err(error) = self.forget() {
                tracing::error!(store.error = %error, "the database can't be read");
            }
            return false;
        }
        self.shared.healthy.store(true, Ordering::Release);
        if self.shared.active().version != self.active.version {
            self.announce();
        }
        for answer in answers {
            answer();
        }
        for change in group.changes {
            // Nobody may be listening.
            drop(self.shared.changes.send(change));
        }
        if !group.messages.is_empty() {
            self.shared.outbox.wake(&group.messages);
        }
        if group.timers {
            self.shared.timers.wake();
        }
        if group.enrichments {
            self.shared.enrichment.wake();
        }
        self.make_room();
        true
    }

    /// Forgets the oldest of what is cached, and has the log moved into the database where it has grown.
    fn make_room(&mut self) {
        while self.leads.len() > self.leads_max {
            self.leads.pop_lru();
        }
        while self.keys.len() > self.leads_max.saturating_mul(KEYS_PER_LEAD) {
            self.keys.pop_lru();
        }
        if let Err(error) = self.keep_log_short() {
            tracing::warn!(store.error = %error, "the log can't be moved into the database");
        }
    }

    /// The checkpointer moves nearly all of a log that has grown, while more is written. What it leaves is moved here:
    /// only a log of which everything is moved begins anew.
    fn keep_log_short(&mut self) -> Result<(), StoreError> {
        let (held, moved) = self.db.wal_pages()?;
        if held > WAL_PAGES_MAX {
            self.db.checkpoint_whole()?;
        } else if held > WAL_PAGES_QUIET && held - moved > WAL_PAGES_BETWEEN_GROUPS {
            self.shared.checkpoint.wake();
        } else if held > WAL_PAGES_QUIET && held > moved {
            self.db.checkpoint_beside()?;
        }
        Ok(())
    }

    /// Drops every cache and reads again where to go on.
    fn forget(&mut self) -> Result<(), StoreError> {
        self.leads.clear();
        self.keys.clear();
        self.destinations = None;
        self.group = Group::default();
        self.active = self.shared.active();
        self.signatures = Signatures::new(&self.active.engine);
        self.seen = Seen::load(&self.db, seen::GATHERED_MAX)?;
        self.any_apart = self.db.any_apart()?;
        self.next_lead = self.db.last_lead()? + 1;
        self.next_handoff = self.db.last_handoff()? + 1;
        Ok(())
    }

    fn work(&mut self, job: Job) -> Result<Answer, StoreError> {
        match job {
            Job::Facts(submission, reply) => {
                let receipt = self.take_submission(submission)?;
                // Whoever doesn't wait any more has lost nothing but the answer.
                Ok(Box::new(move || drop(reply.send(receipt))))
            }
            Job::Work(work) => {
                // What it asks the database must be there.
                self.write_dirty()?;
                work(self)
            }
        }
    }

    /// Writes what was only noted while the group was worked through.
    fn finish_group(&mut self) -> Result<(), StoreError> {
        self.write_dirty()?;
        self.seen.settle(&self.db, self.group.kept)?;
        for ((kind, subject, reason), (count, at)) in std::mem::take(&mut self.group.findings) {
            self.db.add_finding(kind, &subject, &reason, count, at)?;
        }
        for (name, more) in [
            (crate::counters::ACCEPTED, self.group.accepted),
            (crate::counters::DUPLICATES, self.group.duplicates),
            (crate::counters::REFUSED, self.group.refused),
        ] {
            if more > 0 {
                self.db.count(name, more)?;
            }
        }
        if self.group.accepted > 0 {
            self.group.changes.push(Change::Leads);
        }
        Ok(())
    }

    pub(crate) fn find(
        &mut self,
        kind: &'static str,
        subject: &str,
        reason: impl Into<String>,
        at: Timestamp,
    ) {
        self.find_times(kind, subject, reason.into(), 1, at);
    }

    /// Lists what the edge refused or dropped.
    pub(crate) fn note(&mut self, noted: Noted, at: Timestamp) {
        if noted.kind == NotedKind::RefusedEvent {
            self.group.refused += noted.count;
        }
        self.find_times(noted.kind.as_str(), &noted.subject, noted.reason, noted.count, at);
    }

    fn find_times(&mut self, kind: &'static str, subject: &str, reason: String, count: u64, at: Timestamp) {
        const SUBJECT_CHARS_MAX: usize = 60;
        let subject = subject.chars().take(SUBJECT_CHARS_MAX).collect();
        let entry = self
            .group
            .findings
            .entry((kind, subject, reason))
            .or_insert((0, at));
        entry.0 += count;
        entry.1 = entry.1.max(at);
    }

    fn new_handoff(&mut self) -> HandoffId {
        let id = HandoffId(self.next_handoff);
        self.next_handoff += 1;
        id
    }

    fn new_lead(&mut self) -> LeadId {
        let id = LeadId(self.next_lead);
        self.next_lead += 1;
        id
    }
}
