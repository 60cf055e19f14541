//! One destination's lane: it takes what is due for that destination alone, has a few messages under way at once, and notes
//! what became of them in batches, so that neither a slow receiver nor a busy committer holds anybody else up.

use std::collections::BTreeSet;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bellwether_connect::destination::Kind;
use bellwether_connect::outgoing::{Carrier, Failure, Then};
use bellwether_core::domain::{Period, Timestamp};
use bellwether_store::{DestinationId, OutboxRow, StoreError};
use tokio::sync::oneshot;

use super::breaker::Breaker;
use super::bucket::Bucket;
use super::{LOOK_MS, next_attempt, planned};
use crate::AppError;
use crate::committer::Committer;
use crate::destinations::{Kept, load};
use crate::shared::{Shared, Signal};

/// After how many outcomes they are noted.
const OUTCOMES_MAX: usize = 32;
/// How long outcomes wait for others before they are noted, in milliseconds.
const NOTE_MS: u64 = 25;
/// The longest that a receiver may have us wait, in seconds.
const RETRY_AFTER_S_MAX: u64 = 3_600;
/// How long what is under way at the end may take to arrive, in milliseconds.
const STOP_MS_MAX: u64 = 15_500;
/// How often the lane looks for the last of it, in milliseconds.
const STOP_LOOK_MS: u64 = 20;

/// Tells that outcomes are on disk, or won't be.
type Noted = oneshot::Receiver<Result<(), AppError>>;

/// A message that is to be sent.
struct Job {
    kept: Arc<Kept>,
    row: OutboxRow,
}

/// What became of one.
pub(super) struct Outcome {
    pub(super) row: OutboxRow,
    pub(super) came: Result<(), Failure>,
}

/// A lane at work.
struct Lane {
    shared: Arc<Shared>,
    signal: Arc<Signal>,
    carrier: Carrier,
    kept: Arc<Kept>,
    breaker: Breaker,
    bucket: Bucket,
    /// Nothing is sent before, since the receiver asked for it.
    held_until: Timestamp,
    flying: usize,
    /// The rows that are under way or whose outcome isn't known to be on disk.
    busy: BTreeSet<i64>,
    outcomes: Arc<Mutex<Vec<Outcome>>>,
    done: Vec<Outcome>,
    noting: Vec<(Vec<i64>, Noted)>,
    jobs: Sender<Job>,
    taken: Arc<Mutex<Receiver<Job>>>,
    senders: usize,
}

/// Delivers to one destination until its signal stops.
pub(super) fn run(shared: &Arc<Shared>, signal: &Arc<Signal>, kept: Arc<Kept>, carrier: Carrier) {
    let (jobs, taken) = mpsc::channel();
    let now = shared.clock.now();
    let mut lane = Lane {
        shared: Arc::clone(shared),
        signal: Arc::clone(signal),
        carrier,
        breaker: Breaker::default(),
        bucket: Bucket::new(kept.settings.rate_per_minute, now),
        kept,
        held_until: now,
        flying: 0,
        busy: BTreeSet::new(),
        outcomes: Arc::default(),
        done: Vec::new(),
        noting: Vec::new(),
        jobs,
        taken: Arc::new(Mutex::new(taken)),
        senders: 0,
    };
    loop {
        let wait_ms = match lane.round() {
            Ok(wait_ms) => wait_ms,
            Err(error) => {
                tracing::warn!(destination.name = lane.kept.settings.name, %error, "messages wait: the store doesn't give them");
                LOOK_MS
            }
        };
        if !signal.wait(Duration::from_millis(wait_ms)) {
            break;
        }
    }
    lane.end();
}

impl Lane {
    /// Takes what came back, sends what may be sent; gives how long to wait for anything else, in milliseconds.
    fn round(&mut self) -> Result<u64, AppError> {
        let now = self.shared.clock.now();
        self.follow(now);
        self.collect(now);
        let note_now = self.done.len() >= OUTCOMES_MAX || self.flying == 0;
        if note_now {
            self.note(now);
        }
        self.settle();
        let sent = self.send_due(now)?;
        self.shared
            .outbox
            .tell_state(self.kept.id, self.breaker.state(now));
        Ok(match (self.done.is_empty(), sent) {
            (false, _) if !note_now => NOTE_MS,
            (_, Sent::LimitedByRate) => self.bucket.next_ms().clamp(1, LOOK_MS),
            _ => LOOK_MS,
        })
    }

    /// Goes by the destination's present file.
    fn follow(&mut self, now: Timestamp) {
        let found = self.shared.destinations.kept();
        let Some(kept) = found.iter().find(|kept| kept.id == self.kept.id) else {
            return;
        };
        if Arc::ptr_eq(kept, &self.kept) {
            return;
        }
        self.kept = Arc::clone(kept);
        // Whatever was wrong with it may be mended.
        (self.breaker, self.held_until) = (Breaker::default(), now);
        if self.bucket.rate_per_minute() != kept.settings.rate_per_minute {
            self.bucket = Bucket::new(kept.settings.rate_per_minute, now);
        }
    }

    fn collect(&mut self, now: Timestamp) {
        let came = std::mem::take(&mut *self.outcomes.lock().unwrap_or_else(PoisonError::into_inner));
        for outcome in came {
            self.flying = self.flying.saturating_sub(1);
            match &outcome.came {
                Ok(()) => self.breaker.succeeded(),
                // The receiver is well, and says so.
                Err(failure) if failure.then == Then::Never => {}
                Err(failure) => {
                    if let Then::Later {
                        retry_after_s: Some(seconds),
                    } = failure.then
                    {
                        self.held_until = self.held_until.max(now.plus(held(seconds)));
                    } else {
                        self.breaker.failed(now);
                    }
                }
            }
            self.done.push(outcome);
        }
    }

    /// Has what is known so far noted, in one piece of work for the committer.
    fn note(&mut self, now: Timestamp) {
        if self.done.is_empty() {
            return;
        }
        let done = std::mem::take(&mut self.done);
        let rows: Vec<i64> = done.iter().map(|outcome| outcome.row.id).collect();
        let gone = done
            .iter()
            .any(|outcome| matches!(&outcome.came, Err(failure) if failure.then == Then::Gone));
        let kept = Arc::clone(&self.kept);
        let submitted = self
            .shared
            .submit(move |committer| Ok(Ok(note_all(committer, &kept, done, now)?)));
        match submitted {
            Ok(answer) if gone => {
                drop(answer.blocking_recv());
                self.forget(&rows);
                let found = self.shared.readers.take().and_then(|db| db.snapshot(load));
                if let Ok(found) = found {
                    self.shared.tell_lanes(found);
                }
            }
            Ok(answer) => self.noting.push((rows, answer)),
            Err(error) => {
                // They are sent again, under the same ids.
                tracing::warn!(%error, "what became of messages wasn't noted");
                self.forget(&rows);
            }
        }
    }

    /// Lets go of the rows whose outcome is on disk, or won't be.
    fn settle(&mut self) {
        let noting = std::mem::take(&mut self.noting);
        for (rows, mut answer) in noting {
            if matches!(answer.try_recv(), Err(oneshot::error::TryRecvError::Empty)) {
                self.noting.push((rows, answer));
            } else {
                self.forget(&rows);
            }
        }
    }

    fn forget(&mut self, rows: &[i64]) {
        for row in rows {
            self.busy.remove(row);
        }
    }

    fn send_due(&mut self, now: Timestamp) -> Result<Sent, AppError> {
        if !self.kept.is_on() || now < self.held_until || self.signal.stopped() {
            return Ok(Sent::AllThatMay);
        }
        let places = self.breaker.at_once(now, at_once_max(&self.kept.settings.kind));
        let places = places.saturating_sub(self.flying);
        let room = places.min(self.bucket.permits(now));
        if room == 0 {
            return Ok(if places > 0 {
                Sent::LimitedByRate
            } else {
                Sent::AllThatMay
            });
        }
        let limit = u32::try_from(room + self.busy.len()).unwrap_or(u32::MAX);
        let id: DestinationId = self.kept.id;
        let due = self
            .shared
            .readers
            .take()?
            .snapshot(|db| db.messages_due(id, now, limit))?;
        let fresh: Vec<OutboxRow> = due
            .into_iter()
            .filter(|row| !self.busy.contains(&row.id))
            .take(room)
            .collect();
        self.bucket.take(fresh.len());
        for row in fresh {
            self.busy.insert(row.id);
            self.flying += 1;
            let kept = Arc::clone(&self.kept);
            // The lane itself holds the other end.
            drop(self.jobs.send(Job { kept, row }));
        }
        while self.senders < self.flying {
            self.add_sender()?;
        }
        Ok(Sent::AllThatMay)
    }

    fn add_sender(&mut self) -> Result<(), AppError> {
        let (taken, outcomes) = (Arc::clone(&self.taken), Arc::clone(&self.outcomes));
        let (shared, signal, carrier) = (
            Arc::clone(&self.shared),
            Arc::clone(&self.signal),
            self.carrier.clone(),
        );
        let work = move || {
            loop {
                let job = taken.lock().unwrap_or_else(PoisonError::into_inner).recv();
                let Ok(Job { kept, row }) = job else { return };
                let came = sent(&shared, &carrier, &kept, &row);
                outcomes
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(Outcome { row, came });
                signal.wake();
            }
        };
        let thread = std::thread::Builder::new().name("deliver".to_owned()).spawn(work);
        thread.map_err(|error| AppError::Unavailable(error.to_string()))?;
        self.senders += 1;
        Ok(())
    }

    /// Waits a bounded time for what is under way, and notes it.
    fn end(mut self) {
        for _ in 0..STOP_MS_MAX / STOP_LOOK_MS {
            self.collect(self.shared.clock.now());
            if self.flying == 0 {
                break;
            }
            std::thread::sleep(Duration::from_millis(STOP_LOOK_MS));
        }
        self.note(self.shared.clock.now());
        for (_, answer) in self.noting {
            // What isn't noted is sent again, under the same id.
            drop(answer.blocking_recv());
        }
    }
}

/// Whether more could have been sent but for the rate.
enum Sent {
    AllThatMay,
    LimitedByRate,
}

/// How many messages are under way at once.
const fn at_once_max(kind: &Kind) -> usize {
    match kind {
        Kind::Webhook { .. } => 8,
        Kind::Slack { .. } => 2,
        Kind::Smtp(_) => 4,
    }
}

fn held(seconds: u64) -> Period {
    Period::from_ms(i64::try_from(seconds.min(RETRY_AFTER_S_MAX)).unwrap_or(0) * 1_000)
}

fn sent(shared: &Shared, carrier: &Carrier, kept: &Kept, row: &OutboxRow) -> Result<(), Failure> {
    let planned = planned(shared, kept, row, true)?;
    carrier.send(&kept.settings, kept.secret.as_deref(), &planned)
}

/// Notes what became of messages.
pub(super) fn note_all(
    committer: &mut Committer,
    kept: &Kept,
    done: Vec<Outcome>,
    now: Timestamp,
) -> Result<(), StoreError> {
    for Outcome { row, came } in done {
        let Err(failure) = came else {
            committer.db.message_delivered(row.id, now)?;
            continue;
        };
        let next = match failure.then {
            Then::Never | Then::Gone => None,
            Then::Later { retry_after_s } => {
                let next = next_attempt(&row.message_id, row.attempts, now);
                next.map(|next| next.max(now.plus(held(retry_after_s.unwrap_or(0)))))
            }
        };
        let error = failure.to_string();
        tracing::warn!(
            destination.name = kept.settings.name,
            message.id = row.message_id,
            message.attempts = row.attempts + 1,
            message.given_up = next.is_none(),
            %error,
            "a message didn't arrive"
        );
        committer.db.message_failed(row.id, now, &error, next)?;
        if next.is_none() {
            committer
                .db
                .add_finding("message_given_up", &row.message_id, &error, 1, now)?;
        }
        if failure.then == Then::Gone {
            let reason = "it answered that it is gone; put its file again to call it";
            committer.db.turn_destination_off(kept.id, reason)?;
            committer.forget_destinations();
            committer
                .db
                .add_finding("destination_gone", &kept.settings.name, &error, 1, now)?;
        }
    }
    Ok(())
}
