//! Two leads turn out to be one: the older number stays, the histories are united and folded anew, and what was decided
//! for either is kept.

use bellwether_core::domain::{Stage, Timestamp};
use bellwether_store::{HandoffId, LeadId, LeadRow, StoreError, TransitionRow};

use super::Committer;
use super::leads::ENGINE;
use crate::Change;

impl Committer {
    /// Joins two leads; gives the one that stays.
    pub(super) fn join(&mut self, one: LeadId, other: LeadId, at: Timestamp) -> Result<LeadId, StoreError> {
        if one == other {
            return Ok(one);
        }
        let (stays, goes) = (one.min(other), one.max(other));
        self.load(goes)?;
        self.load(stays)?;
        let Some(mut gone) = self.leads.pop(&goes) else {
            return Ok(stays);
        };
        self.group.touched.retain(|lead| *lead != goes);
        let Some(kept) = self.leads.get_mut(&stays) else {
            return Ok(stays);
        };
        let before = kept.row.stage;
        if let (Some(oldest), Some(newest)) = (gone.row.first_fact, kept.row.last_fact) {
            self.db.tie_facts(oldest, newest)?;
        }
        let given_up = unite(&mut kept.row, &gone.row);
        let after = kept.row.stage;
        kept.stale = true;
        kept.whole = true;
        kept.fast |= gone.fast;
        if !kept.touched {
            kept.touched = true;
            self.group.touched.push(stays);
        }
        self.db.move_returned(goes, stays)?;
        self.db.move_transitions(goes, stays)?;
        self.db.move_handoffs(goes, stays)?;
        self.relink(goes, stays)?;
        let returned = self.db.returned(stays)?.len();
        if let Some(kept) = self.leads.get_mut(&stays) {
            // A lead's cycle is one more than the times that it was sent back.
            kept.row.cycle = u32::try_from(returned).unwrap_or(u32::MAX).saturating_add(1);
        }
        self.close_given_up(given_up, at)?;
        gone.row.merged_into = Some(stays);
        gone.row.handoff = None;
        gone.row.owner = None;
        (gone.row.first_fact, gone.row.last_fact) = (None, None);
        self.db.put_lead(&gone.row)?;
        self.db.insert_transition(&TransitionRow {
            lead: stays,
            at,
            from: Some(before),
            to: after,
            actor: ENGINE.to_owned(),
            reason: format!("joined with lead {goes}"),
            handoff: None,
        })?;
        Ok(stays)
    }

    /// Closes the handoff of the lead that wasn't as far, where nobody answered it yet.
    fn close_given_up(&mut self, handoff: Option<HandoffId>, at: Timestamp) -> Result<(), StoreError> {
        let Some(handoff) = handoff else { return Ok(()) };
        let open = self.db.handoff(handoff)?.is_some_and(|row| row.state == "open");
        if open {
            self.db
                .decide_handoff(handoff, "merged", at, ENGINE, None, None)?;
            self.group.changes.push(Change::Handoff(handoff));
        }
        Ok(())
    }
}

/// Unites two leads' rows in the first one: the further stage holds with its handoff and owner. Gives the handoff that
/// gives way to it.
fn unite(ours: &mut LeadRow, theirs: &LeadRow) -> Option<HandoffId> {
    let theirs_further = rank(theirs.stage) > rank(ours.stage);
    let given_up = if theirs_further {
        ours.handoff
    } else {
        theirs.handoff
    };
    if theirs_further {
        (ours.stage, ours.handoff, ours.owner) = (theirs.stage, theirs.handoff, theirs.owner);
    }
    if ours.account_ts < theirs.account_ts || ours.account.is_none() {
        (ours.account, ours.account_ts) = (theirs.account, theirs.account_ts);
    }
    ours.first_fact = ours.first_fact.or(theirs.first_fact);
    ours.last_fact = theirs.last_fact.or(ours.last_fact);
    ours.created_at = ours.created_at.min(theirs.created_at);
    ours.last_seen = ours.last_seen.max(theirs.last_seen);
    ours.known_from = ours.known_from.into_iter().chain(theirs.known_from).min();
    given_up
}

/// How far a stage is: of two leads that are one, the further one's stage holds.
const fn rank(stage: Stage) -> u8 {
    match stage {
        Stage::Visitor => 0,
        Stage::Lead => 1,
        Stage::Recycled => 2,
        Stage::Mql => 3,
        Stage::Sal => 4,
        Stage::Sql => 5,
        Stage::Opportunity => 6,
        Stage::Customer => 7,
        Stage::Disqualified => 8,
    }
}
