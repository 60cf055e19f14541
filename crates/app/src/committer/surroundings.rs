//! What a salesperson is told beside the lead itself: who else of its account is active, and how earlier cycles ended.

use std::sync::Arc;

use bellwether_core::domain::{Period, Timestamp};
use bellwether_core::handoff::{
    AccountContext, AccountScore, COLLEAGUES_MAX, Colleague, CommitteeSeat, DEALS_MAX, EARLIER_MAX,
    EarlierCycle, OpenDeal,
};
use bellwether_store::{
    AccountId, Db, DealFilter, DealOrder, DealRow, DealState, EndedCycleRow, LeadId, LeadRow, StoreError,
    UserId,
};

use super::Committer;
use crate::accounts;

/// How long ago somebody may have done something last to count as active.
const ACTIVE: Period = Period::from_days(90);
/// Of how many colleagues more than are named it is said that they are there.
const COUNTED_MAX: usize = 45;
/// Of how many people an account's score is made here; each is folded from their facts while others wait.
const SCORED_PEOPLE_MAX: u32 = 10;

/// What surrounds a lead.
pub(super) struct Surroundings {
    pub(super) account: Option<AccountContext>,
    pub(super) earlier: Vec<EarlierCycle>,
}

impl Committer {
    /// What surrounds a lead at this moment. Whatever the group brought before it shows, so that how submissions fall into
    /// groups changes nothing.
    pub(super) fn surroundings(
        &mut self,
        lead: LeadId,
        account: Option<AccountId>,
        at: Timestamp,
    ) -> Result<Surroundings, StoreError> {
        self.write_dirty()?;
        let account = match account {
            Some(account) => self.account_context(account, lead, at)?,
            None => None,
        };
        let ended = self.db.ended_cycles(lead, EARLIER_MAX)?;
        let earlier = ended.into_iter().map(|row| earlier(&self.db, row));
        Ok(Surroundings {
            account,
            earlier: earlier.collect::<Result<_, _>>()?,
        })
    }

    fn account_context(
        &self,
        account: AccountId,
        lead: LeadId,
        at: Timestamp,
    ) -> Result<Option<AccountContext>, StoreError> {
        let Some(name) = self.db.account_name(account)? else {
            return Ok(None);
        };
        let owner = match self.db.account_owner(account)? {
            Some(user) => user_name(&self.db, user)?,
            None => None,
        };
        let mut people = self
            .db
            .colleagues(account, lead, at.minus(ACTIVE), COLLEAGUES_MAX + COUNTED_MAX)?;
        let people_more = people.len().saturating_sub(COLLEAGUES_MAX);
        people.truncate(COLLEAGUES_MAX);
        let deals = self.db.list_deals(&DealFilter {
            lead: None,
            account: Some(account),
            owner: None,
            state: Some(DealState::Open),
            order: DealOrder::Latest,
            after: None,
            limit: u32::try_from(DEALS_MAX).unwrap_or(u32::MAX),
        })?;
        let active = Arc::clone(&self.active);
        let scored = accounts::detail(&self.db, &active.engine, account, &name, at, SCORED_PEOPLE_MAX)?;
        Ok(Some(AccountContext {
            id: account.to_string(),
            name,
            owner,
            score: scored.map(|detail| AccountScore {
                score: detail.score,
                qualified: detail.qualified,
                roles: detail.roles.into_iter().map(seat).collect(),
            }),
            people: people.into_iter().map(colleague).collect(),
            people_more,
            deals: deals.into_iter().map(open_deal).collect(),
        }))
    }
}

fn seat((role, held): (String, bool)) -> CommitteeSeat {
    CommitteeSeat { role, held }
}

fn colleague(row: LeadRow) -> Colleague {
    let derived = row.derived;
    Colleague {
        lead: row.id.to_string(),
        name: derived
            .name
            .or(derived.email)
            .unwrap_or_else(|| format!("lead {}", row.id)),
        title: derived.title,
        stage: row.stage,
        intent: derived.intent,
        last_seen: row.last_seen,
    }
}

fn open_deal(row: DealRow) -> OpenDeal {
    OpenDeal {
        name: row.name,
        lead: row
            .lead_name
            .or(row.lead_email)
            .unwrap_or_else(|| format!("lead {}", row.lead)),
        stage: row.sales_stage,
        amount: row.money.map(|money| money.to_string()),
        closes: row.close_on,
    }
}

fn earlier(db: &Db, row: EndedCycleRow) -> Result<EarlierCycle, StoreError> {
    let user = row
        .ended_by
        .as_deref()
        .and_then(|actor| actor.strip_prefix("user "));
    let by = match user.and_then(|id| id.parse().ok()) {
        Some(id) => user_name(db, UserId(id))?,
        None => None,
    };
    Ok(EarlierCycle {
        cycle: row.cycle,
        trigger: row.trigger,
        handed_at: row.handed_at,
        owner: row.owner,
        ended: row.state,
        ended_at: row.ended_at,
        by,
        reason: Some(row.reason),
        note: row.note,
    })
}

fn user_name(db: &Db, user: UserId) -> Result<Option<String>, StoreError> {
    Ok(db.user(user)?.map(|row| row.name))
}
