//! What an edited agreement would have come to, told as soon as there is something to tell: coarse, from a sample of
//! leads, and then exact. Whoever edits on abandons what they had asked before.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc;

use crate::agreement::{self, Compiled};
use crate::columns::{self, StoredHistory};
use crate::replays::{Question, summarize};
use crate::shared::Shared;
use crate::{Actor, App, AppError, ReplaySummary};

/// How many leads the first answer looks at, about.
const SAMPLE_LEADS: u32 = 1_000;
/// How many answers wait to be taken; there are never more.
const STEPS_MAX: usize = 4;

/// What is said of an edit.
#[derive(Debug)]
pub enum WhatIfStep {
    /// By a sample of leads; the summary says of how many.
    Coarse(ReplaySummary),
    /// By all leads.
    Exact(ReplaySummary),
    /// The same user asked something newer; nothing more comes.
    Abandoned,
    /// It couldn't be worked out.
    Failed(AppError),
}

/// Answers to one question, as they come.
#[derive(Debug)]
pub struct WhatIf {
    steps: mpsc::Receiver<WhatIfStep>,
    ended: Arc<AtomicBool>,
}

impl WhatIf {
    /// The next answer; nothing after the last.
    pub async fn next(&mut self) -> Option<WhatIfStep> {
        self.steps.recv().await
    }
}

impl Drop for WhatIf {
    /// Nobody listens any more.
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Release);
    }
}

impl App {
    /// Works out what an agreement would have come to beside the active version. It must be good: else its problems are
    /// the answer. Only so many are worked out at once; nothing where all places are taken.
    pub async fn what_if(&self, source: String, actor: Actor) -> Result<Option<WhatIf>, AppError> {
        let compiled = agreement::compiled(source).await?;
        let who = actor.to_string();
        let (ended, abandons) = self.inner.replays.begin(&who);
        // What is abandoned gives its place back once the step is through that it is at.
        let place = match self.inner.replays.place_now() {
            None if abandons => Some(self.inner.replays.place().await?),
            place => place,
        };
        let Some(place) = place else {
            self.inner.replays.end(&who, &ended);
            return Ok(None);
        };
        let (send, steps) = mpsc::channel(STEPS_MAX);
        let run = Run {
            shared: Arc::clone(self.shared()),
            compiled,
            ended: Arc::clone(&ended),
            send,
        };
        let replays = Arc::clone(&self.inner.replays);
        let flag = Arc::clone(&ended);
        tokio::task::spawn_blocking(move || {
            run.answer();
            replays.end(&who, &flag);
            drop(place);
        });
        Ok(Some(WhatIf { steps, ended }))
    }
}

struct Run {
    shared: Arc<Shared>,
    compiled: Compiled,
    ended: Arc<AtomicBool>,
    send: mpsc::Sender<WhatIfStep>,
}

impl Run {
    fn answer(&self) {
        let step = match self.work() {
            Ok(Some(exact)) => WhatIfStep::Exact(exact),
            Ok(None) => WhatIfStep::Abandoned,
            // What was broken off failed because of that.
            Err(_) if !self.goes_on() => WhatIfStep::Abandoned,
            Err(error) => WhatIfStep::Failed(error),
        };
        // Nobody may be listening any more.
        drop(self.send.blocking_send(step));
    }

    fn work(&self) -> Result<Option<ReplaySummary>, AppError> {
        let goes_on = || self.goes_on();
        let question = Question {
            active: self.shared.active(),
            proposed: Arc::clone(&self.compiled.engine),
            hash: self.compiled.hash.clone(),
            as_of: self.shared.clock.now(),
        };
        if let Some((sample, leads)) = self.sample()? {
            let Some(coarse) = summarize(&sample, leads, &question, &goes_on) else {
                return Ok(None);
            };
            if self.send.blocking_send(WhatIfStep::Coarse(coarse)).is_err() {
                return Ok(None);
            }
        }
        let Some(history) = self.shared.history(&goes_on)? else {
            return Ok(None);
        };
        let leads = history.chronicle.leads() as u64;
        Ok(summarize(&history, leads, &question, &goes_on))
    }

    /// Whether the answer is still wanted.
    fn goes_on(&self) -> bool {
        !self.ended.load(Ordering::Acquire) && self.shared.queue.is_open()
    }

    /// Some leads, and how many there are; nothing where there are few enough to judge them all at once.
    fn sample(&self) -> Result<Option<(StoredHistory, u64)>, AppError> {
        let reader = self.shared.readers.take()?;
        reader.snapshot(|db| {
            let leads = db.known_leads()?;
            if leads < u64::from(SAMPLE_LEADS) * 2 {
                return Ok(None);
            }
            Ok(Some((
                columns::sample(db, SAMPLE_LEADS, &|| self.goes_on())?,
                leads,
            )))
        })
    }
}
