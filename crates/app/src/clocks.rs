//! The clocks of handoffs: who was in touch with a lead, what stands still, and what a clock shows.

use bellwether_core::agreement::EscalationAction;
use bellwether_core::domain::{Period, Timestamp};
use bellwether_store::{ContactRow, Db, PauseRow};

use crate::committer::Clock;
use crate::terms::hours_in_words;
use crate::{
    Actor, App, AppError, ClockView, ContactKind, ContactView, HandoffDetail, HandoffId, PauseView, StepView,
};

/// How many contacts of a handoff are shown.
const CONTACTS_MAX: u32 = 200;

impl App {
    /// Somebody was in touch with a handoff's lead; now, where no time is given. The first time stops the clock.
    pub async fn record_contact(
        &self,
        id: HandoffId,
        kind: ContactKind,
        when: Option<Timestamp>,
        note: Option<String>,
        actor: Actor,
    ) -> Result<HandoffDetail, AppError> {
        let now = self.now();
        self.write(move |committer| {
            committer.record_contact(id, kind, when, note.as_deref(), &actor.to_string(), now)
        })
        .await?;
        self.handoff_there(id).await
    }

    /// A handoff's clock stands still, for one of its SLA's reasons.
    pub async fn pause_handoff(
        &self,
        id: HandoffId,
        reason: String,
        actor: Actor,
    ) -> Result<HandoffDetail, AppError> {
        let now = self.now();
        self.write(move |committer| committer.pause_clock(id, &reason, &actor.to_string(), now))
            .await?;
        self.handoff_there(id).await
    }

    /// A handoff's clock goes on; what is due moves by the time for which it stood still.
    pub async fn resume_handoff(&self, id: HandoffId, actor: Actor) -> Result<HandoffDetail, AppError> {
        let now = self.now();
        self.write(move |committer| committer.resume_clock(id, &actor.to_string(), now))
            .await?;
        self.handoff_there(id).await
    }
}

/// A handoff's clock as it is at an instant.
pub(crate) fn clock_view(db: &Db, id: HandoffId, now: Timestamp) -> Result<Option<ClockView>, AppError> {
    let Some(clock) = Clock::load(db, id)? else {
        return Ok(None);
    };
    let shown = match (clock.row.measured, clock.row.ended_at) {
        (Some(measured), _) => measured,
        (None, ended) => clock.measured(ended.unwrap_or(now)),
    };
    let late_ms = clock
        .terms
        .allowed
        .map_or(0, |allowed| shown.working_ms - allowed.ms());
    Ok(Some(ClockView {
        policy: clock.terms.policy.clone(),
        allowed: clock.terms.allowed,
        hours: hours_in_words(&clock.terms.counting),
        started_at: clock.row.started_at,
        due_at: clock.due(),
        owner_since: clock.row.owner_since,
        owner_due_at: clock.row.owner_due_at,
        paused_at: clock.row.paused_at,
        pauses: db.pauses(id)?.into_iter().map(pause_view).collect(),
        pause_reasons: clock.terms.pause.clone(),
        contacted_at: clock.row.contacted_at,
        ended_at: clock.row.ended_at,
        raw: Period::from_ms(shown.raw_ms),
        working: Period::from_ms(shown.working_ms),
        owner_raw: shown.owner_raw_ms.map(Period::from_ms),
        owner_working: shown.owner_working_ms.map(Period::from_ms),
        late: (late_ms > 0).then(|| Period::from_ms(late_ms)),
        steps: steps(db, id, &clock)?,
    }))
}

/// The steps of a clock, taken and to come.
fn steps(db: &Db, id: HandoffId, clock: &Clock) -> Result<Vec<StepView>, AppError> {
    let mut taken = db.steps_taken(id)?.into_iter();
    let runs = clock.row.ended_at.is_none();
    let steps = clock.terms.steps.iter().map(|step| {
        let taken = taken.next();
        StepView {
            at_percent: step.at_percent,
            action: match &step.action {
                EscalationAction::Notify(who) => format!("tell {who}"),
                EscalationAction::Reassign => "reassign".to_owned(),
            },
            due_at: match &taken {
                Some(taken) => Some(taken.due_at),
                None if runs => clock.step_due(step),
                None => None,
            },
            taken_at: taken.as_ref().map(|taken| taken.taken_at),
            outcome: taken.map(|taken| taken.outcome),
        }
    });
    Ok(steps.collect())
}

/// The contacts of a handoff.
pub(crate) fn contact_views(db: &Db, id: HandoffId) -> Result<Vec<ContactView>, AppError> {
    let view = |row: ContactRow| ContactView {
        at: row.at,
        kind: row.kind,
        actor: row.actor,
        note: row.note,
        source: row.source,
    };
    Ok(db.contacts(id, CONTACTS_MAX)?.into_iter().map(view).collect())
}

fn pause_view(row: PauseRow) -> PauseView {
    PauseView {
        from: row.from,
        until: row.until,
        reason: row.reason,
        paused_by: row.paused_by,
        resumed_by: row.resumed_by,
    }
}
