//! A proposal runs beside the active version: it is judged by the same facts, hands nobody off, and tells whom it would
//! have. The report is worked out from the facts whenever it is asked for, so that nothing is kept that could be wrong or
//! lost; what a run came to in the end is kept.

mod side;

use std::collections::BTreeMap;
use std::sync::Arc;

use bellwether_core::domain::{Period, Points, Timestamp};
use bellwether_core::engine::Qualification;
use bellwether_replay::Chronicle;
use bellwether_store::{Db, ReturnedRow, ShadowRow, StoreError};
use serde::{Deserialize, Serialize};

use self::side::{HandedOff, Sides};
use crate::proposals::proposal_row;
use crate::shared::{Shared, not_committed, shutting_down};
use crate::{
    Actor, App, AppError, LeadId, ProposalId, ProposalState, ShadowId, ShadowView, agreement, signing,
};

/// The longest that a run lasts, in days.
pub const SHADOW_DAYS_MAX: u16 = 90;
/// How many run at once.
const SHADOWS_RUNNING_MAX: u64 = 5;
/// How many leads of each kind a report names.
const LEADS_MAX: usize = 200;
/// How many runs are listed.
const LISTED_MAX: u32 = 50;

/// Whom a proposal would have handed off while it ran, beside the active version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShadowReport {
    /// From when.
    #[serde(with = "crate::replays::ms")]
    pub from: Timestamp,
    /// Until when: the run's end, or the present.
    #[serde(with = "crate::replays::ms")]
    pub until: Timestamp,
    /// Beside which version.
    pub against: u32,
    /// How many leads were judged; those who were with sales when it began aren't.
    pub judged: u64,
    /// How many both would have handed off.
    pub both: u64,
    /// How many the proposal alone.
    pub only_proposed: u64,
    /// How many the active version alone.
    pub only_active: u64,
    /// By day, as `2026-05-31`: how many by the active version, and how many by the proposal.
    pub days: Vec<(String, u64, u64)>,
    /// Some of those whom the proposal alone would have handed off.
    pub only_proposed_leads: Vec<ShadowLead>,
    /// Some of those whom the active version alone would have.
    pub only_active_leads: Vec<ShadowLead>,
}

/// A lead of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShadowLead {
    /// Which.
    #[serde(with = "crate::replays::number")]
    pub lead: LeadId,
    /// When.
    #[serde(with = "crate::replays::ms")]
    pub at: Timestamp,
    /// What made it.
    pub trigger: String,
    /// Its score then, in thousandths of a point.
    pub score_millis: i64,
}

impl App {
    /// Has a proposal run beside the active version for some days. It needs no signatures: it changes nothing.
    pub async fn start_shadow(
        &self,
        id: ProposalId,
        days: u16,
        actor: Actor,
    ) -> Result<ShadowView, AppError> {
        if days == 0 || days > SHADOW_DAYS_MAX {
            let message = format!("a proposal runs beside for 1 to {SHADOW_DAYS_MAX} days, not {days}");
            return Err(AppError::Invalid {
                field: "days",
                message,
            });
        }
        let at = self.now();
        let shadow = self.write(move |committer| {
            if let Some(error) = signing::forbidden(&committer.db, actor)? {
                return Ok(Err(error));
            }
            let Some(proposal) = committer.db.proposal(id)? else {
                return Ok(Err(AppError::NotFound {
                    what: "proposal",
                    id: id.to_string(),
                }));
            };
            if proposal.state != ProposalState::Open.as_str() {
                let message = format!("proposal {id} was {} already", proposal.state);
                return Ok(Err(AppError::Conflict { message }));
            }
            if committer.db.shadows_running(at)? >= SHADOWS_RUNNING_MAX {
                let message = format!("{SHADOWS_RUNNING_MAX} run already; end one of them first");
                return Ok(Err(AppError::Refused { message }));
            }
            Ok(Ok(committer.db.insert_shadow(&ShadowRow {
                id: ShadowId(0),
                proposal: id,
                started_at: at,
                started_by: actor.to_string(),
                ends_at: at.plus(Period::from_days(i32::from(days))),
                stopped_by: None,
                report: None,
                reported_at: None,
            })?))
        });
        let shadow = shadow.await?;
        self.shadow(shadow).await
    }

    /// Ends a run before its time.
    pub async fn stop_shadow(&self, id: ShadowId, actor: Actor) -> Result<ShadowView, AppError> {
        let at = self.now();
        self.write(move |committer| {
            if let Some(error) = signing::forbidden(&committer.db, actor)? {
                return Ok(Err(error));
            }
            match committer.db.shadow(id)? {
                Some(row) if row.ends_at > at => Ok(Ok(committer.db.stop_shadow(
                    id,
                    at.max(row.started_at),
                    &actor.to_string(),
                )?)),
                Some(_) => Ok(Err(AppError::Conflict {
                    message: "it has ended already".to_owned(),
                })),
                None => Ok(Err(not_there(id))),
            }
        })
        .await?;
        self.shadow(id).await
    }

    /// One run.
    pub async fn shadow(&self, id: ShadowId) -> Result<ShadowView, AppError> {
        self.read(move |db| Ok(view(db.shadow(id)?.ok_or_else(|| not_there(id))?)))
            .await
    }

    /// The newest runs, the newest first; those of one proposal where one is asked for.
    pub async fn shadows(&self, proposal: Option<ProposalId>) -> Result<Vec<ShadowView>, AppError> {
        let rows = self.read(move |db| Ok(db.shadows(proposal, LISTED_MAX)?)).await?;
        Ok(rows.into_iter().map(view).collect())
    }

    /// Whom the proposal of a run would have handed off so far, or in all where it has ended.
    pub async fn shadow_report(&self, id: ShadowId) -> Result<ShadowReport, AppError> {
        let row = self
            .read(move |db| {
                let row = db.shadow(id)?.ok_or_else(|| not_there(id))?;
                let proposal = proposal_row(db, row.proposal)?;
                Ok((row, proposal.source))
            })
            .await?;
        let (row, source) = row;
        if let Some(report) = kept(row.report.as_deref()) {
            return Ok(report);
        }
        let now = self.now();
        let place = self.inner.replays.place().await?;
        let shared = Arc::clone(self.shared());
        let (from, until) = (row.started_at, now.min(row.ends_at));
        let worked_out = tokio::task::spawn_blocking(move || report(&shared, &source, from, until));
        let report = worked_out.await.map_err(|_| not_committed())??;
        drop(place);
        if row.ends_at <= now {
            let text = serde_json::to_string(&report).unwrap_or_default();
            self.write(move |committer| Ok(Ok(committer.db.put_shadow_report(id, &text, now)?)))
                .await?;
        }
        Ok(report)
    }
}

/// Judges the leads that did something, or of whom something was learned, while it ran; the others can't have been handed
/// off by either. They are taken in the order of their numbers.
fn report(
    shared: &Arc<Shared>,
    source: &str,
    from: Timestamp,
    until: Timestamp,
) -> Result<ShadowReport, AppError> {
    let goes_on = || shared.queue.is_open();
    let active = shared.active();
    let engine = agreement::engine(source)?;
    let history = shared.history(&goes_on)?.ok_or_else(shutting_down)?;
    let chronicle = &history.chronicle;
    let reader = shared.readers.take()?;
    let (judged, moved) = reader.snapshot(|db| leads(db, chronicle, from, until))?;
    drop(reader);
    let mut tally = Tally::default();
    let mut sides = Sides::new(&active.engine, &engine);
    for one in moved {
        if !goes_on() {
            return Err(shutting_down());
        }
        let handed_off = sides.handed_off(chronicle, one.place, &one.returned, from, until);
        tally.count(one.lead, handed_off);
    }
    Ok(tally.report(judged, active.version, from, until))
}

/// A lead of whom there is something to judge.
struct Moved {
    lead: LeadId,
    /// Which of the chronicle it is.
    place: u32,
    /// How it was sent back.
    returned: Vec<ReturnedRow>,
}

/// How many leads sales didn't have already, and those of them with facts between two instants, by number. They are folded
/// later, so that the log isn't held meanwhile.
fn leads(
    db: &Db,
    chronicle: &Chronicle,
    from: Timestamp,
    until: Timestamp,
) -> Result<(u64, Vec<Moved>), StoreError> {
    let with_sales = db.with_sales_since_before(from)?;
    let (mut judged, mut moved) = (0, Vec::new());
    for place in (0..).take(chronicle.leads()) {
        let Some(lead) = chronicle.id(place).parse().ok().map(LeadId) else {
            continue;
        };
        if with_sales.binary_search(&lead).is_ok() {
            continue;
        }
        judged += 1;
        if chronicle.has_facts_within(place, from, until) {
            let returned = db.returned(lead)?;
            moved.push(Moved {
                lead,
                place,
                returned,
            });
        }
    }
    moved.sort_unstable_by_key(|one| one.lead);
    Ok((judged, moved))
}

#[derive(Default)]
struct Tally {
    both: u64,
    only_proposed: u64,
    only_active: u64,
    days: BTreeMap<String, (u64, u64)>,
    only_proposed_leads: Vec<ShadowLead>,
    only_active_leads: Vec<ShadowLead>,
}

impl Tally {
    fn count(&mut self, lead: LeadId, (by_active, by_proposed): HandedOff) {
        if let Some(qualified) = &by_active {
            self.days.entry(day(qualified.at)).or_default().0 += 1;
        }
        if let Some(qualified) = &by_proposed {
            self.days.entry(day(qualified.at)).or_default().1 += 1;
        }
        match (by_active, by_proposed) {
            (Some(_), Some(_)) => self.both += 1,
            (None, Some(qualified)) => {
                self.only_proposed += 1;
                show(&mut self.only_proposed_leads, lead, qualified);
            }
            (Some(qualified), None) => {
                self.only_active += 1;
                show(&mut self.only_active_leads, lead, qualified);
            }
            (None, None) => {}
        }
    }

    fn report(self, judged: u64, against: u32, from: Timestamp, until: Timestamp) -> ShadowReport {
        let days = self.days.into_iter();
        ShadowReport {
            from,
            until,
            against,
            judged,
            both: self.both,
            only_proposed: self.only_proposed,
            only_active: self.only_active,
            days: days
                .map(|(day, (active, proposed))| (day, active, proposed))
                .collect(),
            only_proposed_leads: self.only_proposed_leads,
            only_active_leads: self.only_active_leads,
        }
    }
}

fn show(leads: &mut Vec<ShadowLead>, lead: LeadId, qualified: Qualification) {
    if leads.len() < LEADS_MAX {
        let score: Points = qualified.score.total();
        leads.push(ShadowLead {
            lead,
            at: qualified.at,
            trigger: qualified.trigger,
            score_millis: score.millis(),
        });
    }
}

fn day(at: Timestamp) -> String {
    const CHARS: usize = "2026-05-31".len();
    at.to_string().chars().take(CHARS).collect()
}

fn kept(text: Option<&str>) -> Option<ShadowReport> {
    serde_json::from_str(text?).ok()
}

fn view(row: ShadowRow) -> ShadowView {
    ShadowView {
        id: row.id,
        proposal: row.proposal,
        started_at: row.started_at,
        started_by: row.started_by,
        ends_at: row.ends_at,
        stopped_by: row.stopped_by,
        report: kept(row.report.as_deref()),
    }
}

fn not_there(id: ShadowId) -> AppError {
    AppError::NotFound {
        what: "shadow",
        id: id.to_string(),
    }
}
