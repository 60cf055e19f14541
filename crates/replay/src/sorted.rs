//! Scoring Parquet that is sorted by lead: row groups go to workers, each lead is folded as it is passed, and leads that
//! span two row groups are stitched together. What isn't sorted, or has a row that can't be taken, is left to the way
//! that takes any order and lists bad rows.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bellwether_core::domain::Timestamp;
use bellwether_core::engine::{Engine, Signature};
use bellwether_core::profile::channel::VISIT_PATHS;

use crate::error::ReplayError;
use crate::event_columns::{BAD_EVENT, EventColumns, NO_TIME};
use crate::events::list_left_out;
use crate::events::row::Layout;
use crate::fold::Folder;
use crate::history::Counts;
use crate::leads::Leads;
use crate::limits::LEAD_ID_BYTES_MAX;
use crate::numbered::MISSING;
use crate::parquet_table::{BATCH_ROWS, ParquetTable};
use crate::rejects::Rejects;
use crate::scored::{Outcome, Scored};
use crate::signatures::{SignatureArena, Signatures};
use crate::source::{Progress, Source};

/// What the workers share.
pub(crate) struct Job<'j> {
    pub(crate) engine: &'j Engine,
    pub(crate) source: &'j Source,
    pub(crate) columns: &'j crate::columns::ColumnMap,
    pub(crate) leads: &'j Leads,
    pub(crate) as_of: Option<Timestamp>,
    pub(crate) threads: usize,
    pub(crate) progress: Progress<'j>,
}

/// A lead's id, as text and, where ids are whole numbers, as that.
#[derive(Clone, Default, PartialEq, Eq)]
struct Id {
    whole: Option<i64>,
    text: String,
}

/// A part of a lead's events, from the edge of a row group.
struct Fragment<'a> {
    id: Id,
    events: Vec<(Timestamp, &'a Signature)>,
}

/// What one row group came to.
#[derive(Default)]
struct Unit<'a> {
    first: Option<Fragment<'a>>,
    /// The leads that lie wholly within.
    inner: Scored,
    last: Option<Fragment<'a>>,
    /// The leads of `inner` that the leads file has, too.
    known: Vec<u32>,
    counts: Counts,
    latest: Option<Timestamp>,
}

/// Why a file is left to the other way.
enum Stop {
    /// It isn't sorted, or a row needs to be listed.
    NotThisWay,
    /// The run fails.
    Failed(ReplayError),
}

impl From<ReplayError> for Stop {
    fn from(error: ReplayError) -> Self {
        Self::Failed(error)
    }
}

/// Scores a file; `None` where it isn't one for this way.
pub(crate) fn score(
    job: &Job<'_>,
    rejects: &mut Rejects,
) -> Result<Option<(Scored, Counts, Timestamp)>, ReplayError> {
    let table = ParquetTable::open(job.source)?;
    let arenas: Vec<SignatureArena> = (0..job.threads).map(|_| SignatureArena::default()).collect();
    let arena = SignatureArena::default();
    let probe = Signatures::new(job.engine, &arena);
    let paths = probe.paths();
    let is_list = |at| table.is_list(at);
    let layout = Layout::new(&job.source.path, table.names(), &is_list, job.columns, paths)?;
    if layout.objects.is_some() {
        return Ok(None);
    }
    // By what a lead first came is a trait that its events write, and here every fit is known before the first of them.
    let says_visits = paths
        .iter()
        .zip(&layout.properties)
        .any(|(path, column)| column.is_some() && VISIT_PATHS.binary_search(&path.as_str()).is_ok());
    if says_visits && job.engine.agreement().reads_first_touch() {
        return Ok(None);
    }
    let latest = table
        .max_whole(layout.ts)
        .map(|stored| table.shape(layout.ts).ms(stored));
    let Some(t) = job.as_of.or_else(|| Timestamp::from_ms(latest?)) else {
        return Ok(None);
    };
    let next = AtomicUsize::new(0);
    let groups = table.groups();
    let stitcher = Mutex::new(Stitcher::new(job, t, &table));
    let finished = std::thread::scope(|scope| {
        let (layout, next, stitcher) = (&layout, &next, &stitcher);
        let workers: Vec<_> = arenas
            .iter()
            .take(groups.max(1))
            .map(|arena| scope.spawn(move || work(job, layout, t, arena, next, stitcher)))
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().map_err(|_| panicked(job.source)))
            .collect::<Vec<_>>()
    });
    for worker in finished {
        match worker? {
            Ok(()) => {}
            Err(Stop::NotThisWay) => return Ok(None),
            Err(Stop::Failed(error)) => return Err(error),
        }
    }
    let stitcher = stitcher.into_inner().unwrap_or_else(PoisonError::into_inner);
    match stitcher.finish() {
        Ok(done) => {
            list_left_out(&table, &probe, rejects)?;
            Ok(Some(done))
        }
        Err(Stop::NotThisWay) => Ok(None),
        Err(Stop::Failed(error)) => Err(error),
    }
}

/// Whatever a damaged file makes the decoder do, it must not take the process down.
pub(crate) fn panicked(source: &Source) -> ReplayError {
    ReplayError::unreadable(
        &source.path,
        "the file is damaged in a way that its reader can't describe",
    )
}

/// Takes row groups one after the other until there are none.
fn work<'a>(
    job: &Job<'a>,
    layout: &Layout,
    t: Timestamp,
    arena: &'a SignatureArena,
    next: &AtomicUsize,
    stitcher: &Mutex<Stitcher<'_, 'a>>,
) -> Result<(), Stop> {
    // A file handle has one position, so each worker has its own.
    let table = ParquetTable::open(job.source)?;
    let mut signatures = Signatures::new(job.engine, arena);
    let mut folder = Folder::new(job.engine, t);
    loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        if at >= table.groups() {
            return Ok(());
        }
        let room = locked(stitcher).spare.pop().unwrap_or_default();
        let unit = read_group(job, &table, layout, (at, room), t, &mut signatures, &mut folder);
        let taken = unit.and_then(|unit| locked(stitcher).take(at, unit));
        if taken.is_err() {
            // Nobody needs to go on.
            next.store(table.groups(), Ordering::Relaxed);
        }
        taken?;
        (job.progress)(u64::try_from(table.group_metadata(at).compressed_size()).unwrap_or(0));
    }
}

fn locked<'m, 's, 'a>(stitcher: &'m Mutex<Stitcher<'s, 'a>>) -> MutexGuard<'m, Stitcher<'s, 'a>> {
    stitcher.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read_group<'a>(
    job: &Job<'a>,
    table: &ParquetTable,
    layout: &Layout,
    (at, room): (usize, Scored),
    t: Timestamp,
    signatures: &mut Signatures<'a>,
    folder: &mut Folder<'a>,
) -> Result<Unit<'a>, Stop> {
    // What can't be read is read again the other way, which lists how far it came.
    let group = table.group(at).map_err(|_| Stop::NotThisWay)?;
    let columns = EventColumns::open(table, group.as_ref(), layout, signatures.reads_pages());
    let mut columns = columns.map_err(|_| Stop::NotThisWay)?;
    let mut pass = Pass {
        job,
        folder,
        unit: Unit {
            inner: room,
            ..Unit::default()
        },
        lead: MISSING,
        id: Id::default(),
        events: Vec::new(),
    };
    let mut left = table.group_rows(at);
    while left > 0 {
        let rows = left.min(BATCH_ROWS);
        columns.read(rows).map_err(|_| Stop::NotThisWay)?;
        columns.classify(signatures)?;
        pass.take(&columns, signatures.all(), t)?;
        left -= rows;
    }
    Ok(pass.finish())
}

/// One pass over a row group.
struct Pass<'p, 'a> {
    job: &'p Job<'a>,
    folder: &'p mut Folder<'a>,
    unit: Unit<'a>,
    /// The present lead's number in its column, its id, and its events so far.
    lead: u32,
    id: Id,
    events: Vec<(Timestamp, &'a Signature)>,
}

impl<'a> Pass<'_, 'a> {
    /// Takes a batch.
    fn take(
        &mut self,
        columns: &EventColumns,
        signatures: &[&'a Signature],
        t: Timestamp,
    ) -> Result<(), Stop> {
        let rows = columns.leads.iter().zip(&columns.ms).zip(&columns.signatures);
        let (mut latest, mut after) = (self.unit.latest, 0);
        for ((lead, ms), signature) in rows {
            if *lead != self.lead {
                self.next_lead(*lead, columns)?;
            }
            let ts = Timestamp::from_ms(*ms).ok_or(Stop::NotThisWay)?;
            let signature = signatures.get(*signature as usize).ok_or(Stop::NotThisWay)?;
            if ts > t {
                after += 1;
                continue;
            }
            latest = latest.max(Some(ts));
            self.events.push((ts, signature));
        }
        debug_assert!(signatures.get(BAD_EVENT as usize).is_none() && Timestamp::from_ms(NO_TIME).is_none());
        self.unit.latest = latest;
        self.unit.counts.after_as_of += after;
        Ok(())
    }

    fn next_lead(&mut self, lead: u32, columns: &EventColumns) -> Result<(), Stop> {
        if lead == MISSING {
            return Err(Stop::NotThisWay);
        }
        let bytes = columns.lead.values.get(lead);
        let text = std::str::from_utf8(bytes).map_err(|_| Stop::NotThisWay)?.trim();
        let whole = if columns.lead.is_whole() {
            columns.lead.values.whole.get(lead as usize).copied()
        } else {
            None
        };
        if text.is_empty() || text.len() > LEAD_ID_BYTES_MAX {
            return Err(Stop::NotThisWay);
        }
        if self.lead != MISSING {
            if !precedes(&self.id, whole, text) {
                return Err(Stop::NotThisWay);
            }
            self.end_lead();
        }
        self.lead = lead;
        self.id.whole = whole;
        self.id.text.clear();
        self.id.text.push_str(text);
        Ok(())
    }

    /// The first lead of a row group may have begun before it, so it is kept as it is.
    fn end_lead(&mut self) {
        if self.unit.first.is_none() {
            let events = std::mem::take(&mut self.events);
            self.unit.first = Some(Fragment {
                id: self.id.clone(),
                events,
            });
            return;
        }
        let found = finish_lead(
            self.job,
            self.folder,
            &self.id.text,
            &mut self.events,
            &mut self.unit.known,
        );
        if let Some(outcome) = found {
            self.unit.counts.events += self.events.len() as u64;
            self.unit.inner.push(&self.id.text, &outcome);
        }
        self.events.clear();
    }

    /// The last lead may go on in the next row group.
    fn finish(self) -> Unit<'a> {
        let mut unit = self.unit;
        if self.lead != MISSING {
            let fragment = Fragment {
                id: self.id,
                events: self.events,
            };
            if unit.first.is_none() {
                unit.first = Some(fragment);
            } else {
                unit.last = Some(fragment);
            }
        }
        unit
    }
}

/// Whether one id comes before another, in the order that the file must have.
fn precedes(before: &Id, whole: Option<i64>, text: &str) -> bool {
    match (before.whole, whole) {
        (Some(before), Some(whole)) => before < whole,
        _ => before.text.as_str() < text,
    }
}

/// What a lead comes to; `None` where nothing of it exists at the instant that is asked for.
fn finish_lead<'a>(
    job: &Job<'a>,
    folder: &mut Folder<'a>,
    id: &str,
    events: &mut [(Timestamp, &'a Signature)],
    known: &mut Vec<u32>,
) -> Option<Outcome> {
    let ids = &job.leads.ids;
    // Files of one export mostly have their leads in one order, so the next one is where the last one was, plus one.
    let next = known.last().map_or(0, |last| last.saturating_add(1));
    let number = if job.leads.bases.is_empty() {
        None
    } else if ids.get(next) == id {
        Some(next)
    } else {
        ids.find(id)
    };
    if number.is_none() && events.is_empty() {
        return None;
    }
    known.extend(number);
    let base = number
        .and_then(|number| job.leads.bases.get(number as usize))
        .copied();
    Some(folder.fold(base, events))
}

/// Puts the row groups' leads together, in their order, as workers bring them, so that none is kept twice for long.
struct Stitcher<'s, 'a> {
    job: &'s Job<'a>,
    folder: Folder<'a>,
    t: Timestamp,
    /// How many rows of the file are still to come, with those of the row groups that wait.
    rows_left: usize,
    /// The rows of each row group.
    group_rows: Vec<usize>,
    /// The row group that comes next, and those that came before their turn.
    next: usize,
    waiting: BTreeMap<usize, Unit<'a>>,
    /// The lead that the last row group ended with.
    open: Option<Fragment<'a>>,
    scored: Scored,
    counts: Counts,
    latest: Option<Timestamp>,
    /// The leads that the leads file has, too.
    known: Vec<u32>,
    /// What row groups' leads were kept in, emptied, for others: one thread's memory is slowly given back by another.
    spare: Vec<Scored>,
}

impl<'s, 'a> Stitcher<'s, 'a> {
    fn new(job: &'s Job<'a>, t: Timestamp, table: &ParquetTable) -> Self {
        let group_rows: Vec<usize> = (0..table.groups()).map(|at| table.group_rows(at)).collect();
        Self {
            job,
            folder: Folder::new(job.engine, t),
            t,
            rows_left: group_rows.iter().sum(),
            group_rows,
            next: 0,
            waiting: BTreeMap::new(),
            open: None,
            scored: Scored::default(),
            counts: Counts::default(),
            latest: None,
            known: Vec::new(),
            spare: Vec::new(),
        }
    }

    fn take(&mut self, at: usize, unit: Unit<'a>) -> Result<(), Stop> {
        self.waiting.insert(at, unit);
        while let Some(unit) = self.waiting.remove(&self.next) {
            self.append(unit)?;
            self.next += 1;
        }
        Ok(())
    }

    fn append(&mut self, unit: Unit<'a>) -> Result<(), Stop> {
        self.counts.events += unit.counts.events;
        self.counts.after_as_of += unit.counts.after_as_of;
        self.latest = self.latest.max(unit.latest);
        self.known.extend(&unit.known);
        let rows = self.group_rows.get(self.next).copied().unwrap_or(0);
        if self.scored.is_empty() {
            // Memory that isn't written to costs nothing, and what grows is copied.
            self.scored.make_room(&unit.inner, rows, self.rows_left);
        }
        self.rows_left = self.rows_left.saturating_sub(rows);
        let mut inner = unit.inner;
        for (fragment, inner) in [(unit.first, None), (unit.last, Some(&inner))] {
            if let Some(inner) = inner.filter(|inner| !inner.is_empty()) {
                let ended = self.open.take();
                self.close(ended);
                self.scored.append(inner);
            }
            let Some(fragment) = fragment else { continue };
            match &mut self.open {
                Some(before) if before.id == fragment.id => before.events.extend(fragment.events),
                Some(before) if !precedes(&before.id, fragment.id.whole, &fragment.id.text) => {
                    return Err(Stop::NotThisWay);
                }
                _ => {
                    let ended = self.open.replace(fragment);
                    self.close(ended);
                }
            }
        }
        inner.clear();
        self.spare.push(inner);
        Ok(())
    }

    /// Folds a lead that no row group goes on with.
    fn close(&mut self, fragment: Option<Fragment<'a>>) {
        let Some(mut fragment) = fragment else { return };
        let (id, events) = (&fragment.id.text, &mut fragment.events);
        if let Some(outcome) = finish_lead(self.job, &mut self.folder, id, events, &mut self.known) {
            self.counts.events += fragment.events.len() as u64;
            self.scored.push(&fragment.id.text, &outcome);
        }
    }

    /// Everything, with the leads that did nothing.
    fn finish(mut self) -> Result<(Scored, Counts, Timestamp), Stop> {
        let last = self.open.take();
        self.close(last);
        if self.job.as_of.is_none() && self.latest != Some(self.t) {
            // The file's statistics are wrong about its latest time.
            return Err(Stop::NotThisWay);
        }
        add_idle(self.job, &mut self.folder, &self.known, &mut self.scored);
        self.scored.sort();
        Ok((self.scored, self.counts, self.t))
    }
}

/// Adds the leads that only the leads file names.
fn add_idle(job: &Job<'_>, folder: &mut Folder<'_>, known: &[u32], scored: &mut Scored) {
    let mut active = vec![false; job.leads.bases.len()];
    for number in known {
        if let Some(active) = active.get_mut(*number as usize) {
            *active = true;
        }
    }
    for (number, (base, active)) in (0..).zip(job.leads.bases.iter().zip(active)) {
        if !active {
            let outcome = folder.fold(Some(*base), &mut []);
            scored.push(job.leads.ids.get(number), &outcome);
        }
    }
}
