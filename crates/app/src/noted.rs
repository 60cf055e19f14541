//! Requests that were refused whole, on their way into the list of findings. Whoever sends nonsense makes no more than one
//! job wait for the committer, whatever they send.

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard, PoisonError};

use bellwether_core::domain::Timestamp;

use crate::committer::{Answer, Committer, Job};
use crate::shared::Shared;
use crate::{Noted, NotedKind};

/// How many different refusals wait to be listed at once; more are listed as others.
const WAITING_MAX: usize = 200;
/// What stands for those that had no room.
const OTHERS: &str = "(others)";

/// Refusals by subject and reason, each with how many there were and when the last one was.
type Refusals = BTreeMap<(String, String), (u64, Timestamp)>;

/// What waits to be listed.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    refusals: Refusals,
    /// Whether a job that lists them is on its way.
    under_way: bool,
}

/// Notes a refusal, and has the committer list it unless it is about to.
pub(crate) fn note(shared: &Arc<Shared>, subject: &str, reason: &str) {
    let at = shared.clock.now();
    let mut waiting = lock(shared);
    add(&mut waiting.refusals, subject, reason, (1, at));
    if waiting.under_way {
        return;
    }
    waiting.under_way = true;
    drop(waiting);
    let under_way = UnderWay(Arc::clone(shared));
    let job = Job::Work(Box::new(move |committer| Ok(list(&under_way, committer))));
    // Where there is no room for it, the next refusal tries again.
    let _ = shared.queue.push(1, job);
}

/// A job that lists refusals. When it goes away, done or not, another one may come.
struct UnderWay(Arc<Shared>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        lock(&self.0).under_way = false;
    }
}

/// Lists what waits; what isn't committed then waits again.
fn list(under_way: &UnderWay, committer: &mut Committer) -> Answer {
    let shared = Arc::clone(&under_way.0);
    let refusals = std::mem::take(&mut lock(&shared).refusals);
    for ((subject, reason), (count, at)) in &refusals {
        let noted = Noted {
            kind: NotedKind::RefusedRequest,
            subject: subject.clone(),
            reason: reason.clone(),
            count: *count,
        };
        committer.note(noted, *at);
    }
    let mut listed = Uncommitted { shared, refusals };
    Box::new(move || listed.refusals.clear())
}

/// Puts back what it holds when it goes away.
struct Uncommitted {
    shared: Arc<Shared>,
    refusals: Refusals,
}

impl Drop for Uncommitted {
    fn drop(&mut self) {
        if self.refusals.is_empty() {
            return;
        }
        let mut waiting = lock(&self.shared);
        for ((subject, reason), counted) in std::mem::take(&mut self.refusals) {
            add(&mut waiting.refusals, &subject, &reason, counted);
        }
    }
}

fn add(refusals: &mut Refusals, subject: &str, reason: &str, (count, at): (u64, Timestamp)) {
    let mut key = (subject.to_owned(), reason.to_owned());
    if refusals.len() >= WAITING_MAX && !refusals.contains_key(&key) {
        key = (OTHERS.to_owned(), String::new());
    }
    let kept = refusals.entry(key).or_insert((0, at));
    kept.0 = kept.0.saturating_add(count);
    kept.1 = kept.1.max(at);
}

fn lock(shared: &Shared) -> MutexGuard<'_, Waiting> {
    shared.noted.lock().unwrap_or_else(PoisonError::into_inner)
}
