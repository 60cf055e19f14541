//! Two leads that were joined aren't one after all: each gets back the facts, keys and decisions that were kept for it, and
//! both are folded and judged anew. No fact joins them again; only a person does.

use bellwether_core::domain::{Stage, Timestamp, TraitSource};
use bellwether_store::{
    FactLink, HandoffFilter, HandoffId, HandoffRow, JoiningRow, LeadId, LeadRow, PairRow, PairState,
    StoreError, TransitionRow,
};

use super::Committer;
use super::join::rank;
use crate::{AppError, Change};

/// How many handoffs of a lead are looked at for the one that is its present one.
const HANDOFFS_MAX: u32 = 1_000;

impl Committer {
    /// Somebody says that a lead isn't the one that it was joined into; gives that one.
    pub(crate) fn unmerge(
        &mut self,
        id: LeadId,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<LeadId, AppError>, StoreError> {
        let parting = match self.parting(id)? {
            Ok(parting) => parting,
            Err(error) => return Ok(Err(error)),
        };
        let Parting { root, joining, gone } = parting;
        self.load(root)?;
        let Some(lead) = self.leads.pop(&root) else {
            return Ok(Err(not_found(root)));
        };
        if let Some(until) = lead.imported_until {
            self.db.put_imported_until(id, until)?;
        }
        let kept = lead.row;
        let before = kept.stage;
        let theirs = self.db.united(id)?;
        let links = match kept.last_fact {
            Some(last) => self.db.links(last)?,
            None => Vec::new(),
        };
        let (theirs, ours): (Vec<FactLink>, Vec<FactLink>) =
            links.into_iter().partition(|link| theirs.contains(&link.lead));
        self.db.take_back(id, root)?;
        if let Some(handoff) = joining.closed_handoff {
            self.reopen(handoff)?;
        }
        self.db.end_joining(id, at, actor)?;
        let mut kept = kept;
        if joining.into == root {
            (kept.owner, kept.account, kept.account_ts) = (joining.into_owner, joining.into_account, None);
        }
        let mut gone = gone;
        gone.merged_into = None;
        gone.account_ts = None;
        // So that it is offered again with whoever is like it.
        (gone.derived.name, gone.derived.email) = (None, None);
        for (row, links) in [(&mut kept, &ours), (&mut gone, &theirs)] {
            self.give_back(row, links)?;
        }
        for (row, from, reason) in [
            (&kept, Some(before), format!("lead {id} was parted from it")),
            (&gone, None, format!("parted from lead {root}")),
        ] {
            self.db.put_lead(row)?;
            self.db.insert_transition(&TransitionRow {
                lead: row.id,
                at,
                from,
                to: row.stage,
                actor: actor.to_owned(),
                reason,
                handoff: None,
                origin: None,
            })?;
        }
        for other in [root, joining.into] {
            self.keep_apart(other, id, actor, at)?;
        }
        for lead in [root, id] {
            self.recall_keys(lead)?;
            self.load(lead)?;
            if let Some(lead) = self.leads.get_mut(&lead) {
                lead.whole = true;
            }
            self.settle(lead, at)?;
        }
        self.write_dirty()?;
        self.group.changes.push(Change::Leads);
        Ok(Ok(root))
    }

    /// What there is to part, or why there is nothing.
    fn parting(&self, id: LeadId) -> Result<Result<Parting, AppError>, StoreError> {
        let (Some(gone), Some(root)) = (self.db.lead(id)?, self.db.root(id)?) else {
            return Ok(Err(not_found(id)));
        };
        if gone.merged_into.is_none() {
            let message = format!(
                "lead {id} isn't joined into another one; give the number of the one that was joined"
            );
            return Ok(Err(AppError::Conflict { message }));
        }
        let Some(joining) = self.db.joining_of(id)? else {
            let message = format!(
                "lead {id} was joined before it was kept which fact belongs to whom; the two can't be parted"
            );
            return Ok(Err(AppError::Conflict { message }));
        };
        Ok(Ok(Parting { root, joining, gone }))
    }

    /// Works out a lead's row from the facts and decisions that were kept for it.
    fn give_back(&self, row: &mut LeadRow, links: &[FactLink]) -> Result<(), StoreError> {
        let ids: Vec<i64> = links.iter().map(|link| link.id).collect();
        let ends = self.db.relink(&ids)?;
        (row.first_fact, row.last_fact) = (ends.map(|(first, _)| first), ends.map(|(_, last)| last));
        row.known_from = links.iter().filter(|link| link.known).map(|link| link.ts).min();
        if let Some(first) = links.iter().map(|link| link.ts).min() {
            let created = crate::history::created(&self.db, row.last_fact)?;
            row.created_at = created.map_or(first, |created| created.min(first));
        }
        let seen = links
            .iter()
            .filter(|link| link.said_by != TraitSource::Enrichment);
        row.last_seen = seen.map(|link| link.ts).max().unwrap_or(row.last_seen);
        // The latest group call names the account; of two at one instant the one that came later.
        let named = links.iter().filter(|link| link.group_id.is_some());
        if let Some(link) = named.max_by_key(|link| (link.ts, link.id))
            && let Some(group) = &link.group_id
        {
            row.account = Some(self.db.account("group", group.trim(), link.ts)?);
            row.account_ts = Some(link.ts);
        }
        let handoffs = self.handoffs_of(row.id)?;
        row.stage = self.stage_of(row, &handoffs)?;
        let at_work = (rank(Stage::Mql)..=rank(Stage::Customer)).contains(&rank(row.stage));
        let present = handoffs
            .iter()
            .filter(|handoff| at_work && matches!(handoff.state.as_str(), "open" | "accepted"))
            .max_by_key(|handoff| handoff.id);
        row.handoff = present.map(|handoff| handoff.id);
        match present {
            Some(present) => row.owner = present.owner.as_ref().map(|(owner, _)| *owner),
            // Whoever had it gave it back.
            None if !handoffs.is_empty() => row.owner = None,
            None => {}
        }
        // A lead's cycle is one more than the times that it was sent back.
        let returned = u32::try_from(self.db.returned(row.id)?.len()).unwrap_or(u32::MAX);
        row.cycle = returned.saturating_add(1);
        Ok(())
    }

    /// Opens a handoff again that had given way to another's, unless its lead was handed off again meanwhile.
    fn reopen(&mut self, handoff: HandoffId) -> Result<(), StoreError> {
        let Some(lead) = self.db.handoff(handoff)?.map(|row| row.lead) else {
            return Ok(());
        };
        let present = self.handoffs_of(lead)?.into_iter();
        let mut present = present.filter(|row| matches!(row.state.as_str(), "open" | "accepted"));
        if present.next().is_none() {
            self.db.reopen_handoff(handoff)?;
            self.resume_ended_clock(handoff)?;
            self.group.changes.push(Change::Handoff(handoff));
        }
        Ok(())
    }

    fn handoffs_of(&self, lead: LeadId) -> Result<Vec<HandoffRow>, StoreError> {
        self.db.list_handoffs(&HandoffFilter {
            owner: None,
            team: None,
            state: None,
            lead: Some(lead),
            after: None,
            limit: HANDOFFS_MAX,
        })
    }

    /// The stage to which a lead's own moves lead, the furthest where several leads are one. A handoff that gave way to
    /// another's moved nobody.
    fn stage_of(&self, row: &LeadRow, handoffs: &[HandoffRow]) -> Result<Stage, StoreError> {
        let gave_way = |transition: &TransitionRow| {
            handoffs
                .iter()
                .any(|handoff| Some(handoff.id) == transition.handoff && handoff.state == "merged")
        };
        let mut last: std::collections::BTreeMap<LeadId, Stage> = std::collections::BTreeMap::new();
        for transition in self.db.transitions(row.id)? {
            if let Some(origin) = transition.origin
                && !gave_way(&transition)
            {
                last.insert(origin, transition.to);
            }
        }
        let furthest = last.into_values().max_by_key(|stage| rank(*stage));
        let stage = furthest.unwrap_or(Stage::Visitor);
        // It may have become known by what was another's.
        Ok(if stage == Stage::Lead && row.known_from.is_none() {
            Stage::Visitor
        } else {
            stage
        })
    }

    fn keep_apart(
        &mut self,
        one: LeadId,
        other: LeadId,
        actor: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.any_apart = true;
        self.db.put_pair(&PairRow {
            id: 0,
            one,
            other,
            state: PairState::Apart,
            reason: "parted by hand".to_owned(),
            at,
            actor: Some(actor.to_owned()),
        })
    }
}

/// A lead that is to be parted from the one that it was joined into.
struct Parting {
    root: LeadId,
    joining: JoiningRow,
    gone: LeadRow,
}

fn not_found(id: LeadId) -> AppError {
    AppError::NotFound {
        what: "lead",
        id: id.to_string(),
    }
}
