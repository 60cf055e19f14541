//! A whole run: files in, what every lead came to out.

use std::num::NonZeroUsize;

use bellwether_core::domain::Timestamp;
use bellwether_core::engine::Engine;

use crate::columns::ColumnMap;
use crate::error::ReplayError;
use crate::events;
use crate::gathered;
use crate::history::{Counts, History};
use crate::leads::{Leads, Since};
use crate::limits::RECORDS_IN_MEMORY_MAX;
use crate::rejects::Rejects;
use crate::scored::Scored;
use crate::signatures::{SignatureArena, Signatures};
use crate::sorted;
use crate::source::{Format, Progress, Source};
use crate::traits::Relevant;

/// What is to be scored.
#[derive(Debug, Clone)]
pub struct Input {
    /// Who is known, with traits.
    pub leads: Option<Source>,
    /// What was done.
    pub events: Option<Source>,
    /// Which columns hold what.
    pub columns: ColumnMap,
    /// The instant that is asked for; without one it is that of the latest event.
    pub as_of: Option<Timestamp>,
}

/// How a run uses the machine; no setting changes what comes out.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// How many threads work.
    pub threads: NonZeroUsize,
    /// How many events are sorted in memory before a temporary file is used.
    pub records_in_memory_max: usize,
}

/// What came of a run.
pub struct Run {
    /// The leads, sorted by id.
    pub scored: Scored,
    /// The instant that they were scored at.
    pub t: Timestamp,
    /// What was read.
    pub counts: Counts,
}

impl Default for Effort {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self {
            threads,
            records_in_memory_max: RECORDS_IN_MEMORY_MAX,
        }
    }
}

/// Scores every lead of the input.
pub fn score(
    engine: &Engine,
    input: &Input,
    effort: Effort,
    rejects: &mut Rejects,
    progress: Progress<'_>,
) -> Result<Run, ReplayError> {
    apart(input, || score_here(engine, input, effort, rejects, progress))
}

/// Works on a thread of its own, so that a decoder that panics on a damaged file ends the run and not the process.
pub(crate) fn apart<T: Send>(
    input: &Input,
    work: impl FnOnce() -> Result<T, ReplayError> + Send,
) -> Result<T, ReplayError> {
    std::thread::scope(|scope| {
        let done = scope.spawn(work).join();
        done.unwrap_or_else(|_| {
            let source = input.events.as_ref().or(input.leads.as_ref());
            Err(source.map_or_else(
                || ReplayError::unwritable("the result", "the run broke off"),
                sorted::panicked,
            ))
        })
    })
}

fn score_here(
    engine: &Engine,
    input: &Input,
    effort: Effort,
    rejects: &mut Rejects,
    progress: Progress<'_>,
) -> Result<Run, ReplayError> {
    let leads = read_leads(engine, input, effort, rejects, progress)?;
    if let Some(source) = input
        .events
        .as_ref()
        .filter(|source| source.format == Format::Parquet)
        // What is held apart follows from a lead's whole history, which the way for sorted files never has.
        .filter(|_| engine.agreement().suspect.is_none())
    {
        let (columns, as_of, threads) = (&input.columns, input.as_of, effort.threads.get());
        let job = sorted::Job {
            engine,
            source,
            columns,
            leads: &leads,
            as_of,
            threads,
            progress,
        };
        if let Some((scored, counts, t)) = sorted::score(&job, rejects)? {
            return Ok(Run { scored, t, counts });
        }
    }
    let arena = SignatureArena::default();
    let relevant = Relevant::new(engine.agreement());
    let signatures = Signatures::new(engine, &arena);
    let mut history = History::new(leads, signatures, input.as_of, effort.records_in_memory_max);
    history.relevant = Some(relevant.clone());
    gather(input, &mut history, rejects, progress)?;
    let t = instant(input, &history);
    let ordered = gathered::order(history, engine, t, Some(&relevant), rejects)?;
    let (scored, counts) = gathered::score(ordered, engine)?;
    Ok(Run { scored, t, counts })
}

pub(crate) fn read_leads(
    engine: &Engine,
    input: &Input,
    effort: Effort,
    rejects: &mut Rejects,
    progress: Progress<'_>,
) -> Result<Leads, ReplayError> {
    let threads = effort.threads.get();
    match &input.leads {
        Some(source) => {
            let (columns, since) = (&input.columns, since(input));
            Leads::read(source, columns, since, (engine, threads), progress, rejects)
        }
        None => Ok(Leads::default()),
    }
}

/// Since when the traits of the leads file hold: where the events file says traits itself, those of the leads file are
/// what they came to, and nothing is known before it was said.
pub(crate) fn since(input: &Input) -> Since {
    match &input.events {
        Some(events) if events::say_traits(events, &input.columns) => Since::Updated,
        _ => Since::Beginning,
    }
}

/// Reads the events file, if there is one.
pub(crate) fn gather(
    input: &Input,
    history: &mut History<'_>,
    rejects: &mut Rejects,
    progress: Progress<'_>,
) -> Result<(), ReplayError> {
    history.take_dated()?;
    match &input.events {
        Some(source) => events::read(source, &input.columns, history, progress, rejects),
        None => Ok(()),
    }
}

/// The instant that is asked for. Where nothing has a time, it doesn't matter.
pub(crate) fn instant(input: &Input, history: &History<'_>) -> Timestamp {
    input
        .as_of
        .or(history.latest)
        .or_else(|| history.leads.latest_creation())
        .unwrap_or(Timestamp::MIN)
}
