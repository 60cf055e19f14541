//! The clock of a handoff as it is kept: begun with the handoff, handed on with it, stopped by first contact or with its
//! end. What was agreed when it began holds until then.

use std::sync::Arc;

use bellwether_core::agreement::{EscalationStep, Sla, SlaHours};
use bellwether_core::domain::Timestamp;
use bellwether_core::handoff::{Counting, Pause, Run, Terms};
use bellwether_core::hours::{Calendar, WeeklyHours, Zone};
use bellwether_store::{ClockRow, Db, HandoffId, Measured, StoreError, UserId};

use super::Committer;
use super::timers::{Timer, TimerKind};
use crate::{calendars, terms};

/// A clock with what it goes by.
pub(crate) struct Clock {
    pub(crate) row: ClockRow,
    pub(crate) terms: Terms,
    pub(crate) pauses: Vec<Pause>,
}

impl Clock {
    /// The clock of a handoff, if it has one.
    pub(crate) fn load(db: &Db, handoff: HandoffId) -> Result<Option<Self>, StoreError> {
        let Some(row) = db.clock(handoff)? else {
            return Ok(None);
        };
        let terms = terms::read(&row.terms)?;
        let pauses = db.pauses(handoff)?.into_iter();
        let pauses = pauses.map(|pause| Pause {
            from: pause.from,
            until: pause.until,
        });
        Ok(Some(Self {
            terms,
            pauses: pauses.collect(),
            row,
        }))
    }

    /// The lead's clock, which handing the lead on doesn't begin anew.
    pub(crate) fn run(&self) -> Run<'_> {
        self.since(self.row.started_at)
    }

    /// The same clock, begun at another time.
    pub(crate) fn since(&self, started: Timestamp) -> Run<'_> {
        Run {
            counting: &self.terms.counting,
            started,
            pauses: &self.pauses,
        }
    }

    /// When the lead's time is over; `None` where none was promised or the clock stands still before that.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.run().reached(self.terms.allowed?)
    }

    /// When a step is due.
    pub(crate) fn step_due(&self, step: &EscalationStep) -> Option<Timestamp> {
        self.run().reached(self.terms.until_step(step)?)
    }

    /// The step that comes next and when, while the clock runs.
    pub(super) fn next_step(&self) -> Option<(u32, EscalationStep, Timestamp)> {
        if self.row.ended_at.is_some() || self.row.paused_at.is_some() {
            return None;
        }
        let index = self.row.steps_done;
        let step = self.terms.steps.get(usize::try_from(index).ok()?)?;
        Some((index, step.clone(), self.step_due(step)?))
    }

    /// What it shows at an instant.
    pub(crate) fn measured(&self, at: Timestamp) -> Measured {
        let raw = |since: Timestamp| at.max(since).since(since).ms();
        let owner = self.row.owner_since;
        Measured {
            raw_ms: raw(self.row.started_at),
            working_ms: self.run().passed(at).ms(),
            owner_raw_ms: owner.map(raw),
            owner_working_ms: owner.map(|since| self.since(since).passed(at).ms()),
        }
    }

    fn owner_due(&self) -> Option<Timestamp> {
        self.since(self.row.owner_since?).reached(self.terms.allowed?)
    }
}

impl Committer {
    /// What an SLA means for a team, with the hours that the team keeps now.
    pub(super) fn terms(
        &mut self,
        sla: Option<&Sla>,
        team: Option<&str>,
        at: Timestamp,
    ) -> Result<Terms, StoreError> {
        let business = sla.is_some_and(|sla| sla.hours == SlaHours::Business);
        let counting = if business {
            self.working_hours(team, at)?
        } else {
            Counting::AroundTheClock
        };
        Ok(Terms::new(sla, counting))
    }

    /// A team's hours; office hours in the agreement's zone where nobody has set any.
    fn working_hours(&mut self, team: Option<&str>, at: Timestamp) -> Result<Counting, StoreError> {
        let set = match team {
            Some(team) => self.calendar_of(team, at)?,
            None => None,
        };
        let calendar = if let Some(calendar) = set {
            calendar
        } else {
            let active = Arc::clone(&self.active);
            let Ok(zone) = Zone::parse(&active.engine.agreement().timezone) else {
                return Ok(Counting::AroundTheClock);
            };
            Calendar::new(WeeklyHours::office(zone), [])
        };
        if calendar.next_open(at).is_none() {
            let reason = "its working hours never come, so that its deadlines count around the clock; look at \
                          its shifts and holidays";
            self.find("no_working_hours", team.unwrap_or_default(), reason, at);
            return Ok(Counting::AroundTheClock);
        }
        Ok(Counting::Working(Box::new(calendar)))
    }

    /// The working hours that were set for a team.
    fn calendar_of(&mut self, team: &str, at: Timestamp) -> Result<Option<Calendar>, StoreError> {
        let Some(row) = self.db.team_calendar(team)? else {
            return Ok(None);
        };
        let active = Arc::clone(&self.active);
        match calendars::calendar(&row, &active.engine.agreement().timezone) {
            Ok(calendar) => Ok(Some(calendar)),
            Err(error) => {
                self.find("unreadable_hours", team, error.to_string(), at);
                Ok(None)
            }
        }
    }

    /// Begins the clock of a new handoff.
    pub(super) fn begin_clock(
        &mut self,
        handoff: HandoffId,
        terms: Terms,
        owner: Option<UserId>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let row = ClockRow {
            handoff,
            terms: terms::write(&terms),
            started_at: at,
            owner_since: owner.map(|_| at),
            owner_due_at: None,
            steps_done: 0,
            paused_at: None,
            contacted_at: None,
            ended_at: None,
            measured: None,
        };
        let mut clock = Clock {
            row,
            terms,
            pauses: Vec::new(),
        };
        clock.row.owner_due_at = clock.owner_due();
        self.db.put_clock(&clock.row)?;
        self.schedule(&clock)
    }

    /// The lead of a running clock goes to somebody else: the present owner's clock begins anew, the lead's doesn't.
    pub(super) fn hand_on_clock(
        &mut self,
        handoff: HandoffId,
        owner: Option<UserId>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(mut clock) = Clock::load(&self.db, handoff)? else {
            return Ok(());
        };
        if clock.row.ended_at.is_some() {
            return Ok(());
        }
        clock.row.owner_since = owner.map(|_| at);
        clock.row.owner_due_at = clock.owner_due();
        self.db.put_clock(&clock.row)
    }

    /// Has the next step happen at its time, and none while there is none.
    pub(super) fn schedule(&mut self, clock: &Clock) -> Result<(), StoreError> {
        let (kind, subject) = (TimerKind::Escalate, clock.row.handoff.0);
        match clock.next_step() {
            Some((_, _, at)) => self.set_timer(Timer { kind, subject, at }),
            None => self.clear_timer(kind, subject),
        }
    }

    /// Ends a clock with its handoff.
    pub(super) fn end_clock(
        &mut self,
        handoff: HandoffId,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(mut clock) = Clock::load(&self.db, handoff)? else {
            return Ok(());
        };
        if clock.row.ended_at.is_some() {
            return Ok(());
        }
        clock.row.measured = Some(clock.measured(at));
        clock.row.ended_at = Some(at);
        self.stop(&mut clock, by, at)
    }

    /// The clock runs on as if it had not ended: its handoff was opened again.
    pub(super) fn resume_ended_clock(&mut self, handoff: HandoffId) -> Result<(), StoreError> {
        let Some(mut clock) = Clock::load(&self.db, handoff)? else {
            return Ok(());
        };
        if clock.row.contacted_at.is_some() {
            return Ok(());
        }
        (clock.row.ended_at, clock.row.measured) = (None, None);
        self.db.put_clock(&clock.row)?;
        self.schedule(&clock)
    }

    /// Keeps a clock that has ended; a pause that lasts ends with it.
    pub(super) fn stop(&mut self, clock: &mut Clock, by: &str, at: Timestamp) -> Result<(), StoreError> {
        if clock.row.paused_at.take().is_some() {
            self.db.end_pause(clock.row.handoff, at, by)?;
        }
        self.db.put_clock(&clock.row)?;
        self.schedule(clock)
    }

    /// A clock goes on after a pause: what is due moves by the time for which it stood still.
    pub(super) fn clock_goes_on(&mut self, handoff: HandoffId) -> Result<(), StoreError> {
        let Some(mut clock) = Clock::load(&self.db, handoff)? else {
            return Ok(());
        };
        clock.row.paused_at = None;
        clock.row.owner_due_at = clock.owner_due();
        self.db.put_clock(&clock.row)?;
        self.db.set_due(handoff, clock.due())?;
        self.schedule(&clock)
    }
}
