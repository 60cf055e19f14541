//! Leads' fits, worked out batch by batch on the other threads while the file is read on.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Scope, ScopedJoinHandle};

use bellwether_core::domain::{Traits, Value};
use bellwether_core::engine::{Engine, Fit};

use super::rows::{LeadRow, RowTraits, TraitColumn, filled_cells};

/// How many leads are handed to another thread at once.
const BATCH_LEADS_MAX: usize = 2_048;
/// How many batches may wait for each thread; past that, the reader works one out itself.
const BATCHES_WAITING_MAX: usize = 2;

/// Works out fits in the order of the leads' numbers.
pub(super) struct Fits<'s> {
    batch: Batch,
    queue: Option<SyncSender<Batch>>,
    workers: Vec<ScopedJoinHandle<'s, Vec<Done>>>,
    here: Fitter<'s>,
    done: Vec<Done>,
}

/// The number of a batch's first lead, and the batch's fits.
type Done = (usize, Vec<Fit>);

/// Leads whose fit isn't worked out yet, with their cells packed one after the other.
#[derive(Default)]
struct Batch {
    first: usize,
    leads: usize,
    columns: Option<Arc<[TraitColumn]>>,
    text: String,
    ends: Vec<usize>,
    /// The leads' traits where they aren't cells.
    whole: Vec<Traits>,
}

/// Works out one fit after the other in the same memory.
struct Fitter<'e> {
    engine: &'e Engine,
    traits: Traits,
}

impl<'s> Fits<'s> {
    pub(super) fn start(scope: &'s Scope<'s, '_>, engine: &'s Engine, threads: usize) -> Self {
        let others = threads.saturating_sub(1);
        let (queue, waiting) = sync_channel(BATCHES_WAITING_MAX * others);
        let waiting = Arc::new(Mutex::new(waiting));
        let work = || {
            let waiting = Arc::clone(&waiting);
            scope.spawn(move || work(engine, &waiting))
        };
        Self {
            batch: Batch::default(),
            workers: (0..others).map(|_| work()).collect(),
            queue: (others > 0).then_some(queue),
            here: Fitter::new(engine),
            done: Vec::new(),
        }
    }

    /// Takes the next lead's traits.
    pub(super) fn push(&mut self, traits: RowTraits<'_, '_>) {
        self.batch.push(traits);
        if self.batch.leads >= BATCH_LEADS_MAX {
            self.hand_on();
        }
    }

    /// Every lead's fit by its number; `None` where a thread broke off.
    pub(super) fn finish(mut self) -> Option<impl Iterator<Item = Fit> + use<>> {
        self.hand_on();
        drop(self.queue);
        for worker in self.workers {
            self.done.extend(worker.join().ok()?);
        }
        self.done.sort_unstable_by_key(|(first, _)| *first);
        Some(self.done.into_iter().flat_map(|(_, fits)| fits))
    }

    fn hand_on(&mut self) {
        let next = Batch {
            first: self.batch.first + self.batch.leads,
            ..Batch::default()
        };
        let batch = std::mem::replace(&mut self.batch, next);
        let left = match &self.queue {
            None => Some(batch),
            Some(queue) => match queue.try_send(batch) {
                Ok(()) => None,
                Err(TrySendError::Full(batch) | TrySendError::Disconnected(batch)) => Some(batch),
            },
        };
        if let Some(batch) = left {
            self.done.push((batch.first, self.here.fits(&batch)));
        }
    }
}

fn work(engine: &Engine, waiting: &Mutex<Receiver<Batch>>) -> Vec<Done> {
    let mut fitter = Fitter::new(engine);
    let mut done = Vec::new();
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(batch) = next else { return done };
        done.push((batch.first, fitter.fits(&batch)));
    }
}

impl Batch {
    fn push(&mut self, traits: RowTraits<'_, '_>) {
        self.leads += 1;
        match traits {
            RowTraits::Whole(traits) => self.whole.push(traits),
            RowTraits::Cells(columns, cell) => {
                for column in columns.iter() {
                    self.text.push_str(cell(column.at));
                    self.ends.push(self.text.len());
                }
                if self.columns.is_none() {
                    self.columns = Some(Arc::clone(columns));
                }
            }
        }
    }
}

impl<'e> Fitter<'e> {
    fn new(engine: &'e Engine) -> Self {
        Self {
            engine,
            traits: Traits::new(),
        }
    }

    fn fits(&mut self, batch: &Batch) -> Vec<Fit> {
        let Some(columns) = &batch.columns else {
            return batch.whole.iter().map(|traits| self.engine.fit(traits)).collect();
        };
        if self.traits.len() != columns.len() {
            let names = columns.iter().map(|column| column.name.clone());
            self.traits = names.map(|name| (name, Value::Text(String::new()))).collect();
        }
        let (mut ends, mut start) = (batch.ends.iter(), 0);
        let fit = |_| {
            // Traits and columns are both in the order of their names. An empty trait is a missing one.
            for (column, value) in columns.iter().zip(self.traits.values_mut()) {
                let end = ends.next().copied().unwrap_or(start);
                column.read_into(batch.text.get(start..end).unwrap_or_default(), value);
                start = end;
            }
            self.engine.fit(&self.traits)
        };
        (0..batch.leads).map(fit).collect()
    }
}

impl LeadRow<'_, '_> {
    /// The traits that are there, in memory of their own.
    pub(super) fn into_traits(self) -> Traits {
        match self.traits {
            RowTraits::Whole(traits) => traits,
            RowTraits::Cells(columns, cell) => filled_cells(columns, cell).collect(),
        }
    }
}
