//! Handoffs as they are shown.

use bellwether_core::domain::{Points, Timestamp};
use bellwether_store::{Db, HandoffFilter, HandoffRow, StoreError};

use super::{HANDOFFS_OF_LEAD_MAX, transition_view};
use crate::{AppError, HandoffDetail, HandoffId, HandoffState, HandoffSummary, LeadId, UserRef, clocks};

/// A lead's handoffs, latest first.
pub(super) fn handoffs_of(db: &Db, lead: LeadId, now: Timestamp) -> Result<Vec<HandoffSummary>, StoreError> {
    let rows = db.list_handoffs(&HandoffFilter {
        owner: None,
        team: None,
        state: None,
        lead: Some(lead),
        after: None,
        limit: HANDOFFS_OF_LEAD_MAX,
    })?;
    rows.into_iter().map(|row| handoff_summary(row, now)).collect()
}

pub(crate) fn handoff_detail(
    db: &Db,
    id: HandoffId,
    now: Timestamp,
) -> Result<Option<HandoffDetail>, AppError> {
    let (Some(row), Some(extra)) = (db.handoff(id)?, db.handoff_extra(id)?) else {
        return Ok(None);
    };
    let history = db.transitions_of_handoff(id, row.lead)?;
    let agreement_version = row.agreement_version;
    Ok(Some(HandoffDetail {
        summary: handoff_summary(row, now)?,
        packet: serde_json::from_str(&extra.packet).unwrap_or_default(),
        rejection_reason: extra.rejection_reason,
        note: extra.note,
        agreement_version,
        history: history.into_iter().map(transition_view).collect(),
        clock: clocks::clock_view(db, id, now)?,
        contacts: clocks::contact_views(db, id)?,
    }))
}

pub(crate) fn handoff_summary(row: HandoffRow, now: Timestamp) -> Result<HandoffSummary, StoreError> {
    let breached = breached(&row, now);
    let state = HandoffState::ALL
        .into_iter()
        .find(|state| state.as_str() == row.state);
    let state = state.ok_or(StoreError::Corrupt {
        table: "handoff",
        value: row.state,
    })?;
    Ok(HandoffSummary {
        id: row.id,
        lead: row.lead,
        lead_name: row.lead_name,
        email: row.email,
        title: row.title,
        company: row.company,
        cycle: row.cycle,
        state,
        trigger: row.trigger,
        fit: row.fit,
        intent: row.intent,
        score: row.fit + row.intent,
        grade: row.grade,
        owner: row.owner.map(|(id, name)| UserRef { id, name }),
        team: row.team,
        route: row.route,
        route_reason: row.route_reason,
        task: row.task,
        priority: row.priority,
        sla: row.sla,
        created_at: row.created_at,
        due_at: row.due_at,
        decided_at: row.decided_at,
        paused_at: row.paused_at,
        contacted_at: row.contacted_at,
        breached,
        why: row.why,
        top_lines: row.top_lines.as_deref().map(top_lines).unwrap_or_default(),
        latest_activity: row.latest_activity,
    })
}

/// Whether the time to first contact is over, or was before contact, a pause or the end came.
fn breached(row: &HandoffRow, now: Timestamp) -> bool {
    let until = row
        .contacted_at
        .or(row.clock_ended_at)
        .or(row.paused_at)
        .unwrap_or(now);
    row.due_at.is_some_and(|due| due < until)
}

/// The rules of a packet's `top_lines`; what can't be read is left out.
fn top_lines(json: &str) -> Vec<(String, Points)> {
    let lines: Vec<serde_json::Value> = serde_json::from_str(json).unwrap_or_default();
    let line = |line: &serde_json::Value| {
        let points = Points::parse(line.get("points")?.as_str()?)?;
        Some((line.get("rule")?.as_str()?.to_owned(), points))
    };
    lines.iter().filter_map(line).collect()
}

impl HandoffState {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Open,
        Self::Accepted,
        Self::Rejected,
        Self::Expired,
        Self::Merged,
        Self::Closed,
    ];

    /// The state's name in data.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Merged => "merged",
            Self::Closed => "closed",
        }
    }
}
