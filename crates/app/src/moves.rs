//! Moves by people: one lead's, and many at once, which are shown before they are made.

use std::fmt::Write as _;

use bellwether_core::domain::{Stage, Timestamp};
use bellwether_core::lifecycle::Move;
use bellwether_store::{LeadFilter, LeadId, LeadOrder, StoreError, UserId};
use sha2::{Digest, Sha256};

use crate::committer::Committer;
use crate::deeds::{Deed, forbidden};
use crate::{Actor, App, AppError, BulkMove, BulkMoved, BulkQuery, MOVES_MAX, MoveOutcome, MovePreview};

impl App {
    /// Somebody says that a lead is not to be sold to.
    pub async fn disqualify(&self, lead: LeadId, reason: String, actor: Actor) -> Result<(), AppError> {
        let at = self.now();
        self.write(move |committer| {
            if let Some(error) = forbidden(&committer.db, actor, Deed::Disqualify, Some(lead))? {
                return Ok(Err(error));
            }
            committer.disqualify(lead, reason.trim(), &actor.to_string(), at)
        })
        .await
    }

    /// Sales takes a lead, whether or not it has a handoff.
    pub async fn accept_lead(&self, lead: LeadId, actor: Actor) -> Result<(), AppError> {
        let at = self.now();
        self.write(move |committer| {
            if let Some(error) = forbidden(&committer.db, actor, Deed::Sell, Some(lead))? {
                return Ok(Err(error));
            }
            committer.accept_lead(lead, &actor.to_string(), at)
        })
        .await
    }

    /// A manager puts a lead where it belongs; `owner` gets one that nobody has.
    pub async fn override_stage(
        &self,
        lead: LeadId,
        to: Stage,
        owner: Option<UserId>,
        reason: String,
        actor: Actor,
    ) -> Result<(), AppError> {
        let at = self.now();
        self.write(move |committer| {
            if let Some(error) = forbidden(&committer.db, actor, Deed::Override, Some(lead))? {
                return Ok(Err(error));
            }
            committer.override_stage(lead, to, owner, reason.trim(), &actor.to_string(), at)
        })
        .await
    }

    /// Whether somebody may override a lead's stage.
    pub async fn may_override(&self, lead: LeadId, actor: Actor) -> Result<bool, AppError> {
        self.read(move |db| Ok(forbidden(db, actor, Deed::Override, Some(lead))?.is_none()))
            .await
    }

    /// What moving many leads would come to. Nothing is changed.
    pub async fn preview_moves(&self, query: BulkQuery, actor: Actor) -> Result<MovePreview, AppError> {
        self.write(move |committer| committer.preview_moves(&query, actor))
            .await
    }

    /// Moves many leads, each whole or not at all, where it comes to what the preview with this token showed.
    pub async fn move_leads(
        &self,
        query: BulkQuery,
        token: String,
        actor: Actor,
    ) -> Result<BulkMoved, AppError> {
        let at = self.now();
        self.write(move |committer| committer.move_leads(&query, &token, actor, at))
            .await
    }
}

impl Committer {
    fn preview_moves(
        &mut self,
        query: &BulkQuery,
        actor: Actor,
    ) -> Result<Result<MovePreview, AppError>, StoreError> {
        let ids = match self.meant(query)? {
            Ok(ids) => ids,
            Err(error) => return Ok(Err(error)),
        };
        let mut leads = Vec::new();
        for id in ids {
            let to = match self.bulk_movable(query, id, actor)? {
                Ok(to) => Ok(to),
                // What is wrong with the request is wrong with all of it.
                Err(error @ AppError::Invalid { .. }) => return Ok(Err(error)),
                Err(error) => Err(error.to_string()),
            };
            leads.push(self.outcome(id, to)?);
        }
        Ok(Ok(MovePreview {
            token: token(query, &leads),
            leads,
        }))
    }

    fn move_leads(
        &mut self,
        query: &BulkQuery,
        expected: &str,
        actor: Actor,
        at: Timestamp,
    ) -> Result<Result<BulkMoved, AppError>, StoreError> {
        let preview = match self.preview_moves(query, actor)? {
            Ok(preview) => preview,
            Err(error) => return Ok(Err(error)),
        };
        if preview.token != expected {
            let message = "the leads aren't as the preview showed them; look at a new preview".to_owned();
            return Ok(Err(AppError::Conflict { message }));
        }
        let mut leads = preview.leads;
        for one in &mut leads {
            if let Ok(to) = one.to {
                one.to = match self.bulk_move(query, one.lead, actor, at)? {
                    Ok(()) => Ok(to),
                    Err(error) => Err(error.to_string()),
                };
            }
        }
        Ok(Ok(BulkMoved { at, leads }))
    }

    /// The leads that are meant, in the order in which they are moved.
    fn meant(&self, query: &BulkQuery) -> Result<Result<Vec<LeadId>, AppError>, StoreError> {
        let invalid = |message: String| AppError::Invalid {
            field: "leads",
            message,
        };
        let search = query.search.as_deref().map(str::trim);
        let search = search.filter(|text| !text.is_empty()).map(str::to_owned);
        let filtered =
            query.stage.is_some() || query.owner.is_some() || query.account.is_some() || search.is_some();
        let too_many = || {
            invalid(format!(
                "these are more than {MOVES_MAX} leads; move them in parts, by owner or account or with a search"
            ))
        };
        if !query.leads.is_empty() {
            let mut ids = query.leads.clone();
            ids.sort_unstable();
            ids.dedup();
            return Ok(if ids.len() > MOVES_MAX {
                Err(too_many())
            } else {
                Ok(ids)
            });
        }
        if !filtered {
            let message = "name leads, or say which: by stage, owner, account or search".to_owned();
            return Ok(Err(invalid(message)));
        }
        let rows = self.db.list_leads(&LeadFilter {
            order: LeadOrder::Created,
            stage: query.stage,
            owner: query.owner,
            account: query.account,
            search,
            after: None,
            limit: u32::try_from(MOVES_MAX).unwrap_or(u32::MAX).saturating_add(1),
        })?;
        let mut ids: Vec<LeadId> = rows.into_iter().map(|row| row.lead.id).collect();
        ids.sort_unstable();
        Ok(if ids.len() > MOVES_MAX {
            Err(too_many())
        } else {
            Ok(ids)
        })
    }

    /// Where a lead would be put, or why it wouldn't.
    fn bulk_movable(
        &mut self,
        query: &BulkQuery,
        lead: LeadId,
        actor: Actor,
    ) -> Result<Result<Stage, AppError>, StoreError> {
        let deed = match query.by {
            BulkMove::Accept | BulkMove::Reject => Deed::Sell,
            BulkMove::Disqualify => Deed::Disqualify,
            BulkMove::Override(_) => Deed::Override,
        };
        if let Some(error) = forbidden(&self.db, actor, deed, Some(lead))? {
            return Ok(Err(error));
        }
        let movable = match query.by {
            BulkMove::Accept => self.acceptable(lead)?,
            BulkMove::Reject => self.rejectable(lead, &query.reason)?,
            BulkMove::Disqualify => self.movable(lead, Move::Disqualify, &query.reason)?,
            BulkMove::Override(to) => self.movable(lead, Move::Override(to), &query.reason)?,
        };
        Ok(movable.map(|(_, to)| to))
    }

    fn bulk_move(
        &mut self,
        query: &BulkQuery,
        lead: LeadId,
        actor: Actor,
        at: Timestamp,
    ) -> Result<Result<(), AppError>, StoreError> {
        let (by, reason) = (actor.to_string(), query.reason.trim());
        match query.by {
            BulkMove::Accept => self.accept_lead(lead, &by, at),
            BulkMove::Reject => self.reject_lead(lead, reason, &by, at),
            BulkMove::Disqualify => self.disqualify(lead, reason, &by, at),
            BulkMove::Override(to) => self.override_stage(lead, to, None, reason, &by, at),
        }
    }

    fn outcome(&self, lead: LeadId, to: Result<Stage, String>) -> Result<MoveOutcome, StoreError> {
        let root = self.db.root(lead)?;
        let row = root.map(|root| self.db.lead(root)).transpose()?.flatten();
        Ok(MoveOutcome {
            lead,
            from: row.as_ref().map(|row| row.stage),
            name: row.and_then(|row| row.derived.name.or(row.derived.email)),
            to,
        })
    }
}

/// What stands for a preview: the move, and what becomes of whom.
fn token(query: &BulkQuery, leads: &[MoveOutcome]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(format!("{:?}\0{}\0", query.by, query.reason.trim()));
    for one in leads {
        let from = one.from.map_or("", Stage::as_str);
        let to = one.to.as_ref().map_or("refused", |to| to.as_str());
        hasher.update(format!("{}\0{from}\0{to}\0", one.lead));
    }
    let mut text = String::new();
    for byte in hasher.finalize() {
        // Writing to a string can't fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
