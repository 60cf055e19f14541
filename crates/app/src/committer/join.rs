//! Two leads turn out to be one: the older number stays, the histories are united and folded anew, and what was decided
//! for either is kept. Everything still names the lead that it was kept for, so that [`part`](super::part) can undo it.

use bellwether_core::domain::{Stage, Timestamp};
use bellwether_store::{HandoffId, JoiningRow, LeadId, LeadRow, PairState, StoreError, TransitionRow};

use super::Committer;
use super::leads::ENGINE;
use crate::{AppError, Change};

/// When, by whom and why two leads are joined.
#[derive(Debug, Clone, Copy)]
pub(super) struct Joining<'a> {
    pub(super) at: Timestamp,
    pub(super) actor: &'a str,
    pub(super) reason: &'a str,
}

impl Committer {
    /// Somebody says that two leads are one.
    pub(crate) fn merge(
        &mut self,
        one: LeadId,
        other: LeadId,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<LeadId, AppError>, StoreError> {
        let (Some(one), Some(other)) = (self.db.root(one)?, self.db.root(other)?) else {
            let id = if self.db.root(one)?.is_none() { one } else { other };
            return Ok(Err(AppError::NotFound {
                what: "lead",
                id: id.to_string(),
            }));
        };
        if one == other {
            let message = format!("both numbers lead to lead {one} already; there is nothing to merge");
            return Ok(Err(AppError::Conflict { message }));
        }
        for pair in self.pairs_between(one, other)? {
            self.db.delete_pair(pair.0, pair.1)?;
        }
        self.any_apart = self.db.any_apart()?;
        let joining = Joining {
            at,
            actor,
            reason: "merged by hand",
        };
        let stays = self.join(one, other, joining)?;
        self.group.touched.retain(|lead| *lead != stays);
        self.settle(stays, at)?;
        self.write_dirty()?;
        self.group.changes.push(Change::Leads);
        Ok(Ok(stays))
    }

    /// Joins two leads; gives the one that stays.
    pub(super) fn join(
        &mut self,
        one: LeadId,
        other: LeadId,
        joining: Joining<'_>,
    ) -> Result<LeadId, StoreError> {
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
        let before = kept.row.clone();
        if let (Some(oldest), Some(newest)) = (gone.row.first_fact, kept.row.last_fact) {
            self.db.tie_facts(oldest, newest)?;
        }
        let given_up = unite(&mut kept.row, &gone.row);
        let after = kept.row.stage;
        kept.stale = true;
        kept.whole = true;
        kept.fast |= gone.fast;
        kept.fast_unclear.append(&mut gone.fast_unclear);
        kept.to_answer.append(&mut gone.to_answer);
        if gone.imported_until > kept.imported_until
            && let Some(until) = gone.imported_until
        {
            kept.imported_until = Some(until);
            self.db.put_imported_until(stays, until)?;
        }
        if !kept.touched {
            kept.touched = true;
            self.group.touched.push(stays);
        }
        self.db.move_all(goes, stays)?;
        self.unite_nurture(stays, after, joining.at)?;
        self.recall_keys(stays)?;
        let returned = self.db.returned(stays)?.len();
        if let Some(kept) = self.leads.get_mut(&stays) {
            // A lead's cycle is one more than the times that it was sent back.
            kept.row.cycle = u32::try_from(returned).unwrap_or(u32::MAX).saturating_add(1);
        }
        self.db.delete_likeness(goes)?;
        let closed_handoff = self.close_given_up(given_up, joining.at)?;
        self.db.insert_joining(&JoiningRow {
            lead: goes,
            into: stays,
            at: joining.at,
            actor: joining.actor.to_owned(),
            reason: joining.reason.to_owned(),
            closed_handoff,
            into_owner: before.owner,
            into_account: before.account,
        })?;
        // Its owner and account stay in its row, for the day on which it is parted again.
        gone.row.merged_into = Some(stays);
        gone.row.handoff = None;
        (gone.row.first_fact, gone.row.last_fact) = (None, None);
        self.db.put_lead(&gone.row)?;
        self.db.delete_offers_within(stays)?;
        self.db.insert_transition(&TransitionRow {
            lead: stays,
            at: joining.at,
            from: Some(before.stage),
            to: after,
            actor: joining.actor.to_owned(),
            reason: format!("joined with lead {goes}: {}", joining.reason),
            handoff: None,
            origin: None,
        })?;
        Ok(stays)
    }

    /// Whether somebody parted two leads, or leads that are joined into them.
    pub(super) fn are_apart(&self, one: LeadId, other: LeadId) -> Result<bool, StoreError> {
        Ok(self.any_apart && !self.pairs_between(one, other)?.is_empty())
    }

    /// The pairs that are kept apart of which one stands on each side.
    fn pairs_between(&self, one: LeadId, other: LeadId) -> Result<Vec<(LeadId, LeadId)>, StoreError> {
        let theirs = self.db.united(other)?;
        let pairs = self.db.pairs_of(one)?.into_iter();
        let between = pairs
            .filter(|pair| pair.state == PairState::Apart)
            .filter(|pair| theirs.contains(&pair.one) || theirs.contains(&pair.other));
        Ok(between.map(|pair| (pair.one, pair.other)).collect())
    }

    /// Closes the handoff of the lead that wasn't as far, where nobody answered it yet.
    fn close_given_up(
        &mut self,
        handoff: Option<HandoffId>,
        at: Timestamp,
    ) -> Result<Option<HandoffId>, StoreError> {
        let Some(handoff) = handoff else { return Ok(None) };
        let open = self.db.handoff(handoff)?.is_some_and(|row| row.state == "open");
        if !open {
            return Ok(None);
        }
        self.db
            .decide_handoff(handoff, "merged", at, ENGINE, None, None)?;
        self.end_clock(handoff, ENGINE, at)?;
        self.group.changes.push(Change::Handoff(handoff));
        Ok(Some(handoff))
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
pub(super) const fn rank(stage: Stage) -> u8 {
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
