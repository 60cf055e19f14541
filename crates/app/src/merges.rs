//! Leads that are one, and leads that aren't: merging and unmerging by hand, each with its preview, and the pairs that look
//! like one.

use bellwether_store::{Db, LeadId, PairRow, PairState, StoreError};

use crate::reads::{lead_summary, page, page_limit};
use crate::{Actor, App, AppError, LeadPair, MergePreview, Page};

/// How many pairs are shown beside a lead.
const PAIRS_OF_LEAD_MAX: usize = 10;

impl App {
    /// Merges two leads that are one; gives the number that stays, which is the older one.
    pub async fn merge_leads(&self, one: LeadId, other: LeadId, actor: Actor) -> Result<LeadId, AppError> {
        let at = self.now();
        self.write(move |committer| committer.merge(one, other, &actor.to_string(), at))
            .await
    }

    /// Parts a lead from the one that it was joined into; gives that one.
    pub async fn unmerge_lead(&self, id: LeadId, actor: Actor) -> Result<LeadId, AppError> {
        let at = self.now();
        self.write(move |committer| committer.unmerge(id, &actor.to_string(), at))
            .await
    }

    /// What merging two leads would come to. Nothing is changed.
    pub async fn preview_merge(
        &self,
        one: LeadId,
        other: LeadId,
        actor: Actor,
    ) -> Result<MergePreview, AppError> {
        let at = self.now();
        self.write(move |committer| committer.try_merge(one, other, &actor.to_string(), at))
            .await
    }

    /// What parting a lead would come to. Nothing is changed.
    pub async fn preview_unmerge(&self, id: LeadId, actor: Actor) -> Result<MergePreview, AppError> {
        let at = self.now();
        self.write(move |committer| committer.try_unmerge(id, &actor.to_string(), at))
            .await
    }

    /// Pairs of leads that look like one, latest first, a page at a time.
    pub async fn lead_pairs(&self, cursor: Option<String>, limit: u32) -> Result<Page<LeadPair>, AppError> {
        let before = crate::reads::place(cursor.as_deref())?;
        let limit = page_limit(limit);
        self.read(move |db| {
            let rows = db.pairs(PairState::Offered, before.map(|(id, _)| id), limit + 1)?;
            let mut shown = page(rows, limit, |row| (row.id, 0), |row| row);
            let mut items = Vec::new();
            for row in shown.items.drain(..) {
                items.extend(pair(db, row)?);
            }
            Ok(Page {
                items,
                next: shown.next,
            })
        })
        .await
    }

    /// Somebody looked at a pair, and the two aren't one: they aren't offered again.
    pub async fn dismiss_pair(&self, one: LeadId, other: LeadId, actor: Actor) -> Result<(), AppError> {
        let at = self.now();
        self.write(move |committer| {
            let known = committer.db.root(one)?.is_some() && committer.db.root(other)?.is_some();
            if !known || one == other {
                return Ok(Err(AppError::NotFound {
                    what: "pair of leads",
                    id: format!("{one} and {other}"),
                }));
            }
            committer.db.put_pair(&PairRow {
                id: 0,
                one,
                other,
                state: PairState::Dismissed,
                reason: "not the same person".to_owned(),
                at,
                actor: Some(actor.to_string()),
            })?;
            Ok(Ok(()))
        })
        .await
    }
}

/// The leads that look like the same person as one.
pub(crate) fn offered(db: &Db, lead: LeadId) -> Result<Vec<LeadPair>, StoreError> {
    let offered = db.pairs_of(lead)?.into_iter();
    let offered = offered.filter(|pair| pair.state == PairState::Offered);
    let shown = offered.take(PAIRS_OF_LEAD_MAX);
    let shown: Result<Vec<_>, _> = shown.map(|row| pair(db, row)).collect();
    Ok(shown?.into_iter().flatten().collect())
}

/// A pair with both its leads as they are now; nothing where they are one by now.
fn pair(db: &Db, row: PairRow) -> Result<Option<LeadPair>, StoreError> {
    let (Some(one), Some(other)) = (db.root(row.one)?, db.root(row.other)?) else {
        return Ok(None);
    };
    let (Some(one), Some(other)) = (db.lead(one)?, db.lead(other)?) else {
        return Ok(None);
    };
    Ok((one.id != other.id).then(|| LeadPair {
        one: lead_summary(one, None, None),
        other: lead_summary(other, None, None),
        reason: row.reason,
        at: row.at,
    }))
}
