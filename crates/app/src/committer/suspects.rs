//! Events are held, let through and released. What is held follows from a lead's facts each time they are folded; that
//! somebody released an event is a decision, and is kept.

use std::sync::Arc;

use bellwether_core::domain::{Event, Timestamp};
use bellwether_core::engine::{Engine, Signature};
use bellwether_core::suspect::{Act, Held, Rule, Verdict};
use bellwether_store::{LeadId, StoreError};

use super::Committer;
use super::leads::Lead;
use crate::history::Judged;
use crate::{AppError, Change, Release, Released};

/// How many events one decision releases.
const RELEASED_MAX: usize = 100_000;

impl Lead {
    /// What becomes of the next event: held, counted, or unclear until the whole history is sifted, which is done when the
    /// submission is at its end.
    pub(super) fn judge(
        &mut self,
        engine: &Engine,
        event: &Event,
        signature: &Arc<Signature>,
        act: Act,
        kept: i64,
    ) -> Option<Held> {
        let verdict = match &engine.agreement().suspect {
            _ if self.stale => Verdict::Unclear,
            None => Verdict::Counts,
            Some(rules) => {
                let view = event.view();
                self.watch.next(rules, &rules.see_act(event.ts, act, &view))
            }
        };
        match verdict {
            Verdict::Counts => self.fast |= signature.fast,
            Verdict::Held(held) => return Some(held),
            Verdict::Unclear => {
                self.stale = true;
                if signature.fast {
                    self.fast_unclear.push(kept);
                }
            }
        }
        None
    }
}

impl Committer {
    /// Keeps what sifting a lead's facts came to, where it isn't what was kept before.
    pub(super) fn keep_judged(&self, lead: LeadId, judged: &[Judged]) -> Result<(), StoreError> {
        for one in judged {
            match one {
                Judged::Held { event, held } => {
                    self.db.hold(*event, lead, held.rule.as_str(), &held.reason)?;
                }
                Judged::LetThrough { event } => self.db.let_through(*event)?,
                Judged::Moved { event } => self.db.move_released(*event, lead)?,
            }
        }
        Ok(())
    }

    /// Somebody says that held events are real: they are folded as if they had never been held, and whoever qualifies by
    /// them is handed off now.
    pub(crate) fn release(
        &mut self,
        what: Release,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<Released, AppError>, StoreError> {
        let found = match what {
            Release::Event(event) => match self.db.suspect(event)? {
                Some((lead, false)) => Some((lead, vec![event])),
                Some((_, true)) => {
                    let message = format!("event {event} was released already");
                    return Ok(Err(AppError::Conflict { message }));
                }
                None => None,
            },
            Release::Lead { lead, rule } => match self.db.root(lead)? {
                Some(lead) => Some((lead, self.db.held_of(lead, rule.map(Rule::as_str))?)),
                None => {
                    return Ok(Err(AppError::NotFound {
                        what: "lead",
                        id: lead.to_string(),
                    }));
                }
            },
        };
        let Some((lead, mut events)) = found else {
            let id = match what {
                Release::Event(event) => event.to_string(),
                Release::Lead { lead, .. } => lead.to_string(),
            };
            return Ok(Err(AppError::NotFound {
                what: "held event",
                id,
            }));
        };
        events.truncate(RELEASED_MAX);
        for event in &events {
            self.db.release(*event, at, actor)?;
        }
        self.judge_anew(lead, at)?;
        Ok(Ok(Released {
            lead,
            events: events.len() as u64,
        }))
    }

    /// Somebody takes back that an event was released.
    pub(crate) fn hold_again(
        &mut self,
        event: i64,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<LeadId, AppError>, StoreError> {
        let Some((lead, true)) = self.db.suspect(event)? else {
            return Ok(Err(AppError::NotFound {
                what: "released event",
                id: event.to_string(),
            }));
        };
        tracing::info!(event, actor, "a release was taken back");
        self.db.take_back_release(event)?;
        self.judge_anew(lead, at)?;
        Ok(Ok(lead))
    }

    fn judge_anew(&mut self, lead: LeadId, at: Timestamp) -> Result<(), StoreError> {
        self.load(lead)?;
        if let Some(lead) = self.leads.get_mut(&lead) {
            lead.stale = true;
        }
        self.settle(lead, at)?;
        self.write_dirty()?;
        self.group.changes.push(Change::Leads);
        Ok(())
    }
}
