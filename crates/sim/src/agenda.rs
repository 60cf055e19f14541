//! What is to happen, in the order of time; what is to happen at one time, in the order in which it was put down.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use bellwether_core::domain::Timestamp;

/// Things to come.
#[derive(Debug)]
pub(crate) struct Agenda<T> {
    entries: BinaryHeap<Reverse<Entry<T>>>,
    put: u64,
}

#[derive(Debug)]
struct Entry<T> {
    at: Timestamp,
    number: u64,
    what: T,
}

impl<T> Agenda<T> {
    pub(crate) fn new() -> Self {
        Self {
            entries: BinaryHeap::new(),
            put: 0,
        }
    }

    pub(crate) fn put(&mut self, at: Timestamp, what: T) {
        let number = self.put;
        self.put += 1;
        self.entries.push(Reverse(Entry { at, number, what }));
    }

    /// When the next thing is to happen.
    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        self.entries.peek().map(|Reverse(entry)| entry.at)
    }

    pub(crate) fn take(&mut self) -> Option<(Timestamp, T)> {
        self.entries.pop().map(|Reverse(entry)| (entry.at, entry.what))
    }
}

impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<T> Eq for Entry<T> {}

impl<T> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Entry<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}
