//! Readings that several wait for. One begins after all for whom it is were asking, so that each sees what was committed
//! before they asked; who asks while one is under way gets the next. It goes on though nobody waits for it any more.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often whoever waits looks whether they still want to, in milliseconds.
const LOOK_EVERY_MS: u64 = 50;

/// Who waits for a reading, and whether one is under way.
pub(super) struct Readings<T>(Mutex<Asked<T>>);

struct Asked<T> {
    waiting: Vec<Sender<T>>,
    under_way: bool,
}

/// What somebody who asked will get.
pub(crate) struct Answer<T>(Receiver<T>);

impl<T> Default for Readings<T> {
    fn default() -> Self {
        Self(Mutex::new(Asked {
            waiting: Vec::new(),
            under_way: false,
        }))
    }
}

impl<T: Clone> Readings<T> {
    /// Asks for a reading. Where none is under way, whoever asks is told to have [`Readings::read_for_all`] called.
    pub(super) fn ask(&self) -> (Answer<T>, bool) {
        let (send, answer) = mpsc::channel();
        let mut asked = self.lock();
        asked.waiting.push(send);
        let begins = !std::mem::replace(&mut asked.under_way, true);
        (Answer(answer), begins)
    }

    /// Reads again and again, until nobody waits. Whom a reading ends badly for gets nothing, and those who come later
    /// get theirs.
    pub(super) fn read_for_all(&self, mut read: impl FnMut() -> T) {
        while let Some(waiting) = self.next() {
            let Ok(read) = catch_unwind(AssertUnwindSafe(&mut read)) else {
                continue;
            };
            for one in waiting {
                // Whoever gave up has gone.
                drop(one.send(read.clone()));
            }
        }
    }

    fn next(&self) -> Option<Vec<Sender<T>>> {
        let mut asked = self.lock();
        asked.under_way = !asked.waiting.is_empty();
        asked.under_way.then(|| std::mem::take(&mut asked.waiting))
    }

    fn lock(&self) -> MutexGuard<'_, Asked<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Answer<T> {
    /// The answer, once there is one; nothing once it isn't wanted any more, or if the reading ended badly.
    pub(crate) fn wait(self, wanted: &dyn Fn() -> bool) -> Option<T> {
        while wanted() {
            match self.0.recv_timeout(Duration::from_millis(LOOK_EVERY_MS)) {
                Ok(read) => return Some(read),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// Reads 1, 2, 3, … elsewhere, each once it is let through; says when it begins one.
    struct Reader {
        begun: Receiver<u32>,
        let_through: Sender<()>,
        thread: std::thread::JoinHandle<()>,
    }

    fn reader(readings: &Arc<Readings<u32>>) -> Reader {
        let (begins, begun) = mpsc::channel();
        let (let_through, gate) = mpsc::channel();
        let readings = Arc::clone(readings);
        let thread = std::thread::spawn(move || {
            let mut number = 0;
            readings.read_for_all(|| {
                number += 1;
                begins.send(number).unwrap();
                gate.recv().unwrap();
                number
            });
        });
        Reader {
            begun,
            let_through,
            thread,
        }
    }

    #[test]
    fn all_who_ask_while_one_is_under_way_share_the_next() {
        let readings = Arc::<Readings<u32>>::default();
        let (first, begins) = readings.ask();
        assert!(begins);
        let reader = reader(&readings);
        assert_eq!(reader.begun.recv(), Ok(1));
        let (second, begins) = readings.ask();
        let (third, also_begins) = readings.ask();
        assert!(!begins && !also_begins);
        reader.let_through.send(()).unwrap();
        assert_eq!(first.wait(&|| true), Some(1));
        assert_eq!(reader.begun.recv(), Ok(2));
        reader.let_through.send(()).unwrap();
        assert_eq!(second.wait(&|| true), Some(2));
        assert_eq!(third.wait(&|| true), Some(2));
        reader.thread.join().unwrap();
        assert!(readings.ask().1, "whoever comes later has it read anew");
    }

    #[test]
    fn who_gives_up_waits_no_longer_and_the_reading_goes_on() {
        let readings = Arc::<Readings<u32>>::default();
        let (first, _) = readings.ask();
        let reader = reader(&readings);
        assert_eq!(reader.begun.recv(), Ok(1));
        let (second, _) = readings.ask();
        // The gate is shut still: whoever waited for the reading would wait for ever.
        assert_eq!(first.wait(&|| false), None);
        let (third, _) = readings.ask();
        assert_eq!(second.wait(&|| false), None);
        reader.let_through.send(()).unwrap();
        reader.let_through.send(()).unwrap();
        assert_eq!(third.wait(&|| true), Some(2));
        reader.thread.join().unwrap();
    }

    #[test]
    fn a_reading_that_ends_badly_leaves_nobody_waiting() {
        let readings = Readings::default();
        let (first, _) = readings.ask();
        let mut second = None;
        let mut number = 0;
        readings.read_for_all(|| {
            number += 1;
            if number == 1 {
                second = Some(readings.ask());
                panic!("on purpose");
            }
            number
        });
        assert_eq!(first.wait(&|| true), None);
        let (second, begins) = second.unwrap();
        assert!(!begins);
        assert_eq!(second.wait(&|| true), Some(2));
        assert!(readings.ask().1);
    }
}
