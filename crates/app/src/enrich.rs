//! The worker that asks enrichers what was promised: within their rates and their days' requests, several at once, each
//! thing once while its answer holds.

mod turns;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bellwether_connect::enrich::{self, Limits, Outcome, Request, Sender};
use bellwether_core::domain::{Period, Timestamp};
use bellwether_store::{Db, EnricherId, EnrichmentRow, StoreError};

use self::turns::{Queue, choose};
use crate::committer::{Asked, Came, REFUSED_PERIOD};
use crate::enrichers::Kept;
use crate::shared::{Shared, not_committed};
use crate::{AgreementVersion, AppError, history, json};

/// How many requests are under way at once.
const REQUESTS_AT_ONCE_MAX: usize = 4;
/// How many promises of an enricher are looked at in one go.
const PROMISES_MAX: u32 = 32;
/// How often the worker looks at the clock, in milliseconds.
const LOOK_MS: u64 = 500;
/// How often an enricher that isn't asked just now is looked at for what it answered already.
const HELD_LOOK_PERIOD: Period = Period::from_ms(60_000);
const DAY_MS: i64 = 86_400_000;

/// Asks until it is told to stop.
pub(crate) fn run(shared: &Arc<Shared>) {
    let sender = Sender::new(shared.enrichers.private_allowed());
    let mut paces = BTreeMap::new();
    for turn in (0..=usize::MAX).cycle() {
        match round(shared, &sender, &mut paces, turn) {
            Ok(true) if !shared.enrichment.stopped() => continue,
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "enrichers aren't asked: the store isn't there just now"),
        }
        if !shared.enrichment.wait(Duration::from_millis(LOOK_MS)) {
            return;
        }
    }
}

/// How fast one enricher was asked of late.
struct Pace {
    of: Arc<Kept>,
    second: VecDeque<Timestamp>,
    minute: VecDeque<Timestamp>,
    held_until: Timestamp,
    looked_at: Timestamp,
}

impl Pace {
    fn new(of: &Arc<Kept>) -> Self {
        Self {
            of: Arc::clone(of),
            second: VecDeque::new(),
            minute: VecDeque::new(),
            held_until: Timestamp::MIN,
            looked_at: Timestamp::MIN,
        }
    }

    /// How many requests may be made now.
    fn allowance(&mut self, limits: &Limits, now: Timestamp) -> usize {
        if now < self.held_until {
            return 0;
        }
        let left = |times: &mut VecDeque<Timestamp>, period_ms: i64, most: u32| {
            while times
                .front()
                .is_some_and(|time| now.since(*time).ms() >= period_ms)
            {
                times.pop_front();
            }
            (most as usize).saturating_sub(times.len())
        };
        let minute = left(&mut self.minute, 60_000, limits.requests_per_minute);
        let second = limits
            .requests_per_second
            .map_or(usize::MAX, |most| left(&mut self.second, 1_000, most));
        minute.min(second)
    }

    fn made(&mut self, requests: usize, limits: &Limits, now: Timestamp) {
        for _ in 0..requests {
            self.minute.push_back(now);
            if limits.requests_per_second.is_some() {
                self.second.push_back(now);
            }
        }
    }

    fn hold(&mut self, until: Timestamp) {
        self.held_until = self.held_until.max(until);
    }
}

/// What a promise comes to before anybody is asked.
enum Step {
    Done(Came),
    Ask(Box<Request>),
}

/// A request that is to be made.
struct Asking {
    kept: Arc<Kept>,
    row: EnrichmentRow,
    request: Box<Request>,
}

/// Keeps what promises can be kept now; whether there may be more.
fn round(
    shared: &Arc<Shared>,
    sender: &Sender,
    paces: &mut BTreeMap<EnricherId, Pace>,
    turn: usize,
) -> Result<bool, AppError> {
    let enrichers = shared.enrichers.kept();
    let (mut done, mut queues) = (Vec::new(), Vec::new());
    for kept in enrichers.iter() {
        let pace = paces.entry(kept.id).or_insert_with(|| Pace::new(kept));
        if !Arc::ptr_eq(&pace.of, kept) {
            // Its file or secret may be another one: whatever held it up may be over.
            (pace.of, pace.held_until) = (Arc::clone(kept), Timestamp::MIN);
        }
        queues.extend(gather(shared, kept, pace, &mut done)?);
    }
    let asking = choose(queues, turn, REQUESTS_AT_ONCE_MAX);
    let asking = within_budget(shared, asking, paces)?;
    let answers = ask(shared, sender, asking);
    let now = shared.clock.now();
    for asked in &answers {
        if let (Came::Now(outcome), Some(pace)) = (&asked.came, paces.get_mut(&asked.kept.id))
            && let Some(period) = holds_up(outcome)
        {
            pace.hold(now.plus(period));
        }
    }
    done.extend(answers);
    let more = !done.is_empty();
    if more {
        record(shared, done, now)?;
    }
    Ok(more)
}

/// Looks at what one enricher may be asked now; what is done without a request is noted.
fn gather(
    shared: &Arc<Shared>,
    kept: &Arc<Kept>,
    pace: &mut Pace,
    done: &mut Vec<Asked>,
) -> Result<Option<Queue<Asking>>, AppError> {
    let now = shared.clock.now();
    if kept.lacks_secret() && now >= pace.held_until {
        pace.hold(now.plus(REFUSED_PERIOD));
        note_held(
            shared,
            kept,
            "enricher_without_secret",
            "its secret isn't there; put it, or set its variable and start again",
            now,
        )?;
    }
    let held = now < pace.held_until;
    let allowed = pace.allowance(&kept.settings.limits, now);
    if (held && now.since(pace.looked_at) < HELD_LOOK_PERIOD) || (!held && allowed == 0) {
        return Ok(None);
    }
    let active = shared.active();
    let steps = shared.readers.take()?.snapshot(|db| -> Result<_, AppError> {
        let due = db.enrichments_due(kept.id, now, held, PROMISES_MAX)?;
        let steps = due
            .into_iter()
            .map(|row| Ok((step(db, &active, kept, &row, now)?, row)));
        steps.collect::<Result<Vec<_>, AppError>>()
    })?;
    if held && steps.len() < PROMISES_MAX as usize {
        pace.looked_at = now;
    }
    let mut waiting = Vec::new();
    for (step, row) in steps {
        let kept = Arc::clone(kept);
        match step {
            Step::Done(came) => done.push(Asked { kept, row, came }),
            Step::Ask(request) => {
                waiting.push((row.lead, row.key.clone(), Asking { kept, row, request }));
            }
        }
    }
    Ok(Some(Queue { allowed, waiting }))
}

/// What one promise comes to: not wanted any more, answered before, or to be asked.
fn step(
    db: &Db,
    active: &AgreementVersion,
    kept: &Kept,
    row: &EnrichmentRow,
    now: Timestamp,
) -> Result<Step, AppError> {
    let lead = match db.root(row.lead)? {
        Some(root) => db.lead(root)?,
        None => None,
    };
    let Some(lead) = lead else {
        return Ok(Step::Done(Came::Skipped));
    };
    let history = history::read(db, &active.engine, lead.id)?;
    let traits = history.fold(&active.engine, now).traits.current();
    let key = enrich::key_of(&kept.settings, &traits);
    let text = key.as_ref().and_then(|key| serde_json::to_string(key).ok());
    let wanted = kept.settings.wants(&traits, lead.known_from.is_some());
    let Some(key) = key.filter(|_| wanted && text.as_deref() == Some(row.key.as_str())) else {
        return Ok(Step::Done(Came::Skipped));
    };
    if let Some(answer) = db.enrichment_answer(kept.id, &row.key, now)? {
        let traits = answer.traits.map(|text| json::read(Some(&text)));
        return Ok(Step::Done(Came::Held(traits)));
    }
    Ok(match enrich::plan(&kept.settings, kept.secret.text(), &key) {
        Some(request) => Step::Ask(Box::new(request)),
        None => Step::Done(Came::Skipped),
    })
}

/// Counts the requests of the day before they are made; whoever has none left waits for the next day.
fn within_budget(
    shared: &Arc<Shared>,
    asking: Vec<Asking>,
    paces: &mut BTreeMap<EnricherId, Pace>,
) -> Result<Vec<Asking>, AppError> {
    let mut by_enricher: BTreeMap<EnricherId, Vec<Asking>> = BTreeMap::new();
    for one in asking {
        by_enricher.entry(one.kept.id).or_default().push(one);
    }
    let now = shared.clock.now();
    let mut within = Vec::new();
    for (id, mut asking) in by_enricher {
        let Some(kept) = asking.first().map(|one| Arc::clone(&one.kept)) else {
            continue;
        };
        let wanted = asking.len();
        let (limits, named) = (kept.settings.limits, Arc::clone(&kept));
        let granted = commit(shared, move |committer| {
            let wanted = u32::try_from(wanted).unwrap_or(u32::MAX);
            let granted = committer
                .db
                .spend_requests(id, now.day(), wanted, limits.requests_per_day)?;
            if granted < wanted {
                let why = format!(
                    "the day's {} requests are used up; more is asked from midnight UTC on",
                    limits.requests_per_day
                );
                committer.note_held(&named, "enrichment_budget", &why, now);
            }
            Ok(granted as usize)
        })?;
        asking.truncate(granted);
        if let Some(pace) = paces.get_mut(&id) {
            pace.made(granted, &limits, now);
            if granted < wanted {
                let midnight = (now.ms().div_euclid(DAY_MS) + 1) * DAY_MS;
                pace.hold(Timestamp::from_ms_clamped(midnight));
            }
        }
        within.extend(asking);
    }
    Ok(within)
}

/// Makes the requests, all at once.
fn ask(shared: &Arc<Shared>, sender: &Sender, asking: Vec<Asking>) -> Vec<Asked> {
    let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
        let calls: Vec<_> = asking
            .iter()
            .map(|one| scope.spawn(|| outcome(shared, sender, one)))
            .collect();
        calls
            .into_iter()
            .map(|call| {
                call.join()
                    .unwrap_or_else(|_| later("the request came to nothing"))
            })
            .collect()
    });
    asking
        .into_iter()
        .zip(outcomes)
        .map(|(Asking { kept, row, .. }, outcome)| Asked {
            kept,
            row,
            came: Came::Now(outcome),
        })
        .collect()
}

fn outcome(shared: &Shared, sender: &Sender, asking: &Asking) -> Outcome {
    let settings = &asking.kept.settings;
    let outcome = match sender.send(&asking.request, &settings.limits) {
        Ok(answer) => settings.read(&answer, shared.clock.now()),
        Err(error) => later(&error.to_string()),
    };
    if let Outcome::Later { why, .. } | Outcome::Refused(why) | Outcome::Never(why) = &outcome {
        tracing::warn!(
            enricher.name = settings.name,
            enrichment.attempts = asking.row.attempts + 1,
            why,
            "an enricher gave no answer"
        );
    }
    outcome
}

fn later(why: &str) -> Outcome {
    Outcome::Later {
        why: why.to_owned(),
        retry_after_s: None,
    }
}

/// For how long an outcome says that a service isn't to be asked about anybody.
fn holds_up(outcome: &Outcome) -> Option<Period> {
    match outcome {
        Outcome::Refused(_) => Some(REFUSED_PERIOD),
        Outcome::Later {
            retry_after_s: Some(seconds),
            ..
        } => Some(Period::from_ms(
            i64::try_from(*seconds).unwrap_or(i64::MAX / 2_000) * 1_000,
        )),
        _ => None,
    }
}

/// Notes in one transaction what came of promises, with the facts that answers are.
fn record(shared: &Arc<Shared>, done: Vec<Asked>, now: Timestamp) -> Result<(), AppError> {
    commit(shared, move |committer| {
        for asked in done {
            committer.take_answer(asked, now)?;
        }
        Ok(())
    })
}

fn note_held(
    shared: &Arc<Shared>,
    kept: &Arc<Kept>,
    kind: &'static str,
    why: &'static str,
    now: Timestamp,
) -> Result<(), AppError> {
    let kept = Arc::clone(kept);
    commit(shared, move |committer| {
        committer.note_held(&kept, kind, why, now);
        Ok(())
    })
}

fn commit<T: Send + 'static>(
    shared: &Arc<Shared>,
    work: impl FnOnce(&mut crate::committer::Committer) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, AppError> {
    let noted = shared.submit(move |committer| Ok(Ok(work(committer)?)))?;
    noted.blocking_recv().map_err(|_| not_committed())?
}
