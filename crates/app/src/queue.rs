//! What waits for the committer: bounded by the facts in it, first in first out.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A queue between many callers and one thread.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    waiting: Mutex<Waiting<T>>,
    changed: Condvar,
    weight_max: usize,
}

#[derive(Debug)]
struct Waiting<T> {
    jobs: VecDeque<(usize, T)>,
    weight: usize,
    closed: bool,
}

/// Why something wasn't taken into the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no room just now.
    Full,
    /// Nobody takes from it any more.
    Closed,
}

impl<T> Queue<T> {
    /// An empty queue for jobs of at most this weight together. One job that weighs more than that fits an empty queue.
    pub(crate) fn new(weight_max: usize) -> Self {
        let waiting = Waiting {
            jobs: VecDeque::new(),
            weight: 0,
            closed: false,
        };
        Self {
            waiting: Mutex::new(waiting),
            changed: Condvar::new(),
            weight_max,
        }
    }

    /// Puts a job at the end.
    pub(crate) fn push(&self, weight: usize, job: T) -> Result<(), Refusal> {
        self.push_or_back(weight, job).map_err(|(refusal, _)| refusal)
    }

    /// The same; gives the job back where it isn't taken.
    pub(crate) fn push_or_back(&self, weight: usize, job: T) -> Result<(), (Refusal, T)> {
        let mut waiting = self.lock();
        if waiting.closed {
            return Err((Refusal::Closed, job));
        }
        if waiting.weight > 0 && waiting.weight + weight > self.weight_max {
            return Err((Refusal::Full, job));
        }
        waiting.weight += weight;
        waiting.jobs.push_back((weight, job));
        drop(waiting);
        self.changed.notify_one();
        Ok(())
    }

    /// Takes jobs up to a weight together, at least one. Waits for one unless `may_be_none`. `false` once the queue is
    /// closed and empty.
    pub(crate) fn take(&self, group: &mut Vec<T>, weight_max: usize, may_be_none: bool) -> bool {
        let mut waiting = self.lock();
        while waiting.jobs.is_empty() && !waiting.closed && !may_be_none {
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        let mut taken = 0;
        while let Some(weight) = waiting.jobs.front().map(|(weight, _)| *weight) {
            if taken > 0 && taken + weight > weight_max {
                break;
            }
            taken += weight;
            waiting.weight -= weight;
            group.extend(waiting.jobs.pop_front().map(|(_, job)| job));
        }
        !(waiting.closed && group.is_empty())
    }

    /// Takes nothing in any more; what waits is still given out.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Whether jobs are taken in.
    pub(crate) fn is_open(&self) -> bool {
        !self.lock().closed
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_is_bounded_by_weight_and_loses_nothing() {
        let queue = Queue::new(10);
        assert_eq!(queue.push(6, "a"), Ok(()));
        assert_eq!(queue.push(4, "b"), Ok(()));
        assert_eq!(queue.push(1, "c"), Err(Refusal::Full));
        let mut group = Vec::new();
        assert!(queue.take(&mut group, 6, false));
        assert_eq!(group, ["a"]);
        assert_eq!(queue.push(1, "c"), Ok(()));
        queue.close();
        assert_eq!(queue.push(1, "d"), Err(Refusal::Closed));
        group.clear();
        assert!(queue.take(&mut group, 100, false));
        assert_eq!(group, ["b", "c"]);
        group.clear();
        assert!(!queue.take(&mut group, 100, false));
    }

    #[test]
    fn one_job_heavier_than_the_queue_still_fits_it_alone() {
        let queue = Queue::new(10);
        assert_eq!(queue.push(50, "a"), Ok(()));
        assert_eq!(queue.push(1, "b"), Err(Refusal::Full));
        let mut group = Vec::new();
        assert!(queue.take(&mut group, 10, false));
        assert_eq!(group, ["a"]);
    }
}
