//! Parquet that is sorted by lead, straight to a chronicle's columns: row groups are read on every core and put one after
//! the other as they come. What isn't sorted, or has a row that can't be taken, is left to the way that takes any order
//! and lists bad rows.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use bellwether_core::domain::Timestamp;

use super::{Chronicle, Ids, LeadEvents, NEVER, TraitColumns};
use crate::chronicle::build::NO_ROW;
use crate::distinct_events::DistinctEvents;
use crate::error::ReplayError;
use crate::event_columns::EventColumns;
use crate::events::list_left_out;
use crate::events::row::Layout;
use crate::leads::Leads;
use crate::limits::LEAD_ID_BYTES_MAX;
use crate::numbered::MISSING;
use crate::parquet_table::{BATCH_ROWS, ParquetTable};
use crate::rejects::Rejects;
use crate::run::{Effort, Input};
use crate::signatures::Signatures;
use crate::sorted::panicked;
use crate::source::{Progress, Source};

/// The events of a sorted file.
#[derive(Default)]
pub(super) struct SortedEvents {
    ids: Ids,
    events: LeadEvents,
    distinct: DistinctEvents,
    latest: Option<Timestamp>,
    after_as_of: u64,
}

/// What one row group holds, with events numbered as its worker does.
#[derive(Default)]
struct Unit {
    worker: usize,
    ids: Ids,
    events: LeadEvents,
    latest: i64,
    after_as_of: u64,
}

/// Row groups that are put one after the other, in their order, as workers bring them.
#[derive(Default)]
struct Stitcher {
    done: SortedEvents,
    next: usize,
    waiting: BTreeMap<usize, Unit>,
    /// Where each unit's events end, and whose numbers they have.
    stretches: Vec<(usize, usize)>,
    unsorted: bool,
}

/// Why the file is left to the other way, or the run ends.
enum Stop {
    NotThisWay,
    Failed(ReplayError),
}

impl From<ReplayError> for Stop {
    fn from(error: ReplayError) -> Self {
        Self::Failed(error)
    }
}

/// What the workers share.
struct Job<'j> {
    source: &'j Source,
    layout: Layout,
    paths: Vec<String>,
    as_of: i64,
    next: AtomicUsize,
    stitcher: Mutex<Stitcher>,
    progress: Progress<'j>,
}

/// Reads a sorted file; `None` where it isn't one for this way.
pub(super) fn read(
    source: &Source,
    input: &Input,
    effort: Effort,
    rejects: &mut Rejects,
    progress: Progress<'_>,
) -> Result<Option<SortedEvents>, ReplayError> {
    let table = ParquetTable::open(source)?;
    let mut columns = Signatures::of_everything();
    columns.read_columns(table.names());
    let is_list = |at| table.is_list(at);
    let layout = Layout::new(
        &source.path,
        table.names(),
        &is_list,
        &input.columns,
        columns.paths(),
    )?;
    if layout.objects.is_some() {
        return Ok(None);
    }
    let job = Job {
        source,
        layout,
        paths: table.names().to_vec(),
        as_of: input.as_of.map_or(i64::MAX, Timestamp::ms),
        next: AtomicUsize::new(0),
        stitcher: Mutex::new(Stitcher::with_room(
            (0..table.groups()).map(|at| table.group_rows(at)).sum(),
        )),
        progress,
    };
    let workers = effort.threads.get().min(table.groups()).max(1);
    let finished = std::thread::scope(|scope| {
        let job = &job;
        let workers: Vec<_> = (0..workers)
            .map(|worker| scope.spawn(move || work(job, worker)))
            .collect();
        let joined = workers
            .into_iter()
            .map(|worker| worker.join().map_err(|_| panicked(source)));
        joined.collect::<Vec<_>>()
    });
    let mut tables = Vec::new();
    for worker in finished {
        match worker? {
            Ok(distinct) => tables.push(distinct),
            Err(Stop::NotThisWay) => return Ok(None),
            Err(Stop::Failed(error)) => return Err(error),
        }
    }
    let stitcher = job.stitcher.into_inner().unwrap_or_else(PoisonError::into_inner);
    if stitcher.unsorted {
        return Ok(None);
    }
    list_left_out(&table, &columns, rejects)?;
    stitcher.finish(&tables).map(Some)
}

/// Takes row groups one after the other until there are none; the distinct events of this worker.
fn work(job: &Job<'_>, worker: usize) -> Result<DistinctEvents, Stop> {
    // A file handle has one position, so each worker has its own.
    let table = ParquetTable::open(job.source)?;
    let mut signatures = Signatures::of_everything();
    signatures.read_columns(&job.paths);
    loop {
        let at = job.next.fetch_add(1, Ordering::Relaxed);
        if at >= table.groups() {
            return Ok(signatures.whole.take().unwrap_or_default());
        }
        let unit = read_group(job, &table, at, &mut signatures);
        if unit.is_err() {
            // Nobody needs to go on.
            job.next.store(table.groups(), Ordering::Relaxed);
        }
        let unit = Unit { worker, ..unit? };
        job.stitcher
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take(at, unit);
        (job.progress)(u64::try_from(table.group_metadata(at).compressed_size()).unwrap_or(0));
    }
}

fn read_group(
    job: &Job<'_>,
    table: &ParquetTable,
    at: usize,
    signatures: &mut Signatures<'_>,
) -> Result<Unit, Stop> {
    // What can't be read is read again the other way, which lists how far it came.
    let group = table.group(at).map_err(|_| Stop::NotThisWay)?;
    let columns = EventColumns::open(table, group.as_ref(), &job.layout, true);
    let mut columns = columns.map_err(|_| Stop::NotThisWay)?;
    let (mut unit, mut lead, mut left) = (Unit::default(), MISSING, table.group_rows(at));
    unit.latest = NEVER;
    unit.events.ms.reserve(left);
    unit.events.numbers.reserve(left);
    while left > 0 {
        let rows = left.min(BATCH_ROWS);
        columns.read(rows).map_err(|_| Stop::NotThisWay)?;
        columns.classify(signatures)?;
        unit.take(job, &columns, signatures, &mut lead)?;
        left -= rows;
    }
    unit.end_lead();
    Ok(unit)
}

impl Unit {
    fn take(
        &mut self,
        job: &Job<'_>,
        columns: &EventColumns,
        signatures: &Signatures<'_>,
        lead: &mut u32,
    ) -> Result<(), Stop> {
        let known = signatures.whole.as_ref().map_or(0, DistinctEvents::len);
        let rows = columns.leads.iter().zip(&columns.ms).zip(&columns.signatures);
        for ((number, ms), event) in rows {
            if number != lead {
                let id = columns.lead.values.cell(*number).trimmed().unwrap_or_default();
                if id.is_empty() || id.len() > LEAD_ID_BYTES_MAX {
                    return Err(Stop::NotThisWay);
                }
                if *lead != MISSING {
                    if self.ids.last() >= id {
                        return Err(Stop::NotThisWay);
                    }
                    self.end_lead();
                }
                self.ids.push(id);
                *lead = *number;
            }
            // Numbers that stand for what can't be taken are past every event.
            if Timestamp::from_ms(*ms).is_none() || *event as usize >= known {
                return Err(Stop::NotThisWay);
            }
            if *ms > job.as_of {
                self.after_as_of += 1;
                continue;
            }
            self.latest = self.latest.max(*ms);
            self.events.ms.push(*ms);
            self.events.numbers.push(*event);
        }
        Ok(())
    }

    fn end_lead(&mut self) {
        if self.events.ends.len() < self.ids.len() {
            self.events.ends.push(self.events.ms.len());
        }
    }
}

impl Stitcher {
    fn with_room(events: usize) -> Self {
        let mut stitcher = Self::default();
        stitcher.done.events.ms.reserve_exact(events);
        stitcher.done.events.numbers.reserve_exact(events);
        stitcher
    }

    fn take(&mut self, at: usize, unit: Unit) {
        self.waiting.insert(at, unit);
        while let Some(unit) = self.waiting.remove(&self.next) {
            self.append(&unit);
            self.next += 1;
        }
    }

    fn append(&mut self, unit: &Unit) {
        let done = &mut self.done;
        let begun = done.events.ms.len();
        done.events.ms.extend_from_slice(&unit.events.ms);
        done.events.numbers.extend_from_slice(&unit.events.numbers);
        done.latest = done.latest.max(Timestamp::from_ms(unit.latest));
        done.after_as_of += unit.after_as_of;
        self.stretches.push((done.events.ms.len(), unit.worker));
        for (lead, end) in (0..).zip(&unit.events.ends) {
            let (id, end) = (unit.ids.get(lead), begun + *end);
            // The last lead of a row group may go on in the next one.
            if lead == 0 && done.ids.len() > 0 && done.ids.last() == id {
                if let Some(last) = done.events.ends.last_mut() {
                    *last = end;
                }
                continue;
            }
            self.unsorted |= lead == 0 && done.ids.len() > 0 && done.ids.last() > id;
            done.ids.push(id);
            done.events.ends.push(end);
        }
    }

    /// Numbers the workers' events alike, and puts each lead's in the order of their times.
    fn finish(self, tables: &[DistinctEvents]) -> Result<SortedEvents, ReplayError> {
        let mut done = self.done;
        let mut renumbered: Vec<Vec<u32>> = Vec::new();
        for table in tables {
            let numbers = (0_u32..)
                .take(table.len())
                .map(|number| done.distinct.take(table, number));
            renumbered.push(numbers.collect::<Result<_, _>>()?);
        }
        let mut begun = 0;
        for (end, worker) in self.stretches {
            let numbers = done.events.numbers.get_mut(begun..end).unwrap_or_default();
            for number in numbers {
                let known = renumbered
                    .get(worker)
                    .and_then(|numbers| numbers.get(*number as usize));
                *number = known.copied().unwrap_or(*number);
            }
            begun = end;
        }
        done.events.sort_by_time();
        Ok(done)
    }
}

impl SortedEvents {
    /// The chronicle of these events and a file's leads.
    pub(super) fn into_chronicle(self, leads: &Leads, mut traits: TraitColumns) -> Chronicle {
        let mut order: Vec<u32> = (0..).take(leads.ids.len()).collect();
        order.sort_unstable_by(|a, b| leads.ids.get(*a).cmp(leads.ids.get(*b)));
        let mut known = order.into_iter().peekable();
        let mut chronicle = Chronicle {
            latest: self.latest.or_else(|| leads.latest_creation()),
            distinct: self.distinct,
            ..Chronicle::default()
        };
        let (mut rows, mut end) = (Vec::new(), 0);
        let mut add = |id: &str, lead: Option<u32>, end: usize| {
            let created = lead.and_then(|lead| leads.bases.get(lead as usize)?.created());
            chronicle.ids.push(id);
            chronicle.created.push(created.map_or(NEVER, Timestamp::ms));
            chronicle.events.ends.push(end);
            rows.push(lead.unwrap_or(NO_ROW));
        };
        for (number, next) in (0..).zip(&self.events.ends) {
            let id = self.ids.get(number);
            while let Some(lead) = known.next_if(|lead| leads.ids.get(*lead) < id) {
                add(leads.ids.get(lead), Some(lead), end);
            }
            let own = known.next_if(|lead| leads.ids.get(*lead) == id);
            let did_nothing = end == *next && own.is_none();
            if !did_nothing {
                add(id, own, *next);
            }
            end = *next;
        }
        for lead in known {
            add(leads.ids.get(lead), Some(lead), end);
        }
        chronicle.counts.events = self.events.ms.len() as u64;
        chronicle.counts.after_as_of = self.after_as_of;
        chronicle.events.ms = self.events.ms;
        chronicle.events.numbers = self.events.numbers;
        traits.keep(&rows);
        chronicle.traits = traits;
        chronicle
    }
}
