//! What sales does with a lead that it took: what it found out, the deals, and how they end.

use bellwether_core::deal::Bant;
use bellwether_store::{
    Db, DealChange, DealFilter, DealOrder, DealRow, DealState, DealTotal, LeadFilter, LeadId, LeadOrder,
    LeadRow, OpportunityId, StoreError,
};

use crate::committer::Closing;
use crate::deeds::{Deed, forbidden};
use crate::reads::{lead_summary, page_limit};
use crate::{
    ACCOUNT_PEOPLE_MAX, AccountId, AccountRef, AccountView, Actor, App, AppError, BantRecord,
    DEAL_NAME_CHARS_MAX, DEALS_SHOWN_MAX, Deal, DealPatch, DealQuery, NewDeal, Page, UserRef, accounts,
};

/// How many changes of a deal are shown.
const CHANGES_SHOWN_MAX: u32 = 100;
/// The longest name of a deal's stage, in characters.
const SALES_STAGE_CHARS_MAX: usize = 60;

impl App {
    /// Records what was found out about a buyer; what isn't said anew stays.
    pub async fn record_bant(&self, lead: LeadId, bant: Bant, actor: Actor) -> Result<(), AppError> {
        let at = self.now();
        self.write(move |committer| {
            if let Some(error) = forbidden(&committer.db, actor, Deed::Sell, Some(lead))? {
                return Ok(Err(error));
            }
            committer.record_bant(lead, bant, &actor.to_string(), at)
        })
        .await
    }

    /// Sales qualifies a lead itself: the answers that are recorded, with those given now, must be four.
    pub async fn sales_qualify(&self, lead: LeadId, bant: Bant, actor: Actor) -> Result<(), AppError> {
        let at = self.now();
        self.write(move |committer| {
            if let Some(error) = forbidden(&committer.db, actor, Deed::Sell, Some(lead))? {
                return Ok(Err(error));
            }
            committer.sales_qualify(lead, bant, &actor.to_string(), at)
        })
        .await
    }

    /// Opens a deal with a lead.
    pub async fn open_deal(&self, lead: LeadId, new: NewDeal, actor: Actor) -> Result<Deal, AppError> {
        let new = NewDeal {
            name: named(&new.name)?,
            sales_stage: stage_text(new.sales_stage)?,
            ..new
        };
        let at = self.now();
        let seller = match actor {
            Actor::User(user) => Some(user),
            _ => None,
        };
        let id = self
            .write(move |committer| {
                if let Some(error) = forbidden(&committer.db, actor, Deed::Sell, Some(lead))? {
                    return Ok(Err(error));
                }
                committer.open_deal(lead, new, seller, &actor.to_string(), at)
            })
            .await?;
        self.deal_there(id).await
    }

    /// Changes what is known of a deal.
    pub async fn change_deal(
        &self,
        id: OpportunityId,
        patch: DealPatch,
        actor: Actor,
    ) -> Result<Deal, AppError> {
        let patch = DealPatch {
            name: patch.name.as_deref().map(named).transpose()?,
            sales_stage: patch.sales_stage.map(stage_text).transpose()?,
            ..patch
        };
        let at = self.now();
        self.write(move |committer| {
            if let Some(error) = forbidden(&committer.db, actor, Deed::Sell, None)? {
                return Ok(Err(error));
            }
            committer.change_deal(id, patch, &actor.to_string(), at)
        })
        .await?;
        self.deal_there(id).await
    }

    /// They bought: the lead is a customer from now on.
    pub async fn win_deal(
        &self,
        id: OpportunityId,
        reason: Option<String>,
        note: Option<String>,
        actor: Actor,
    ) -> Result<Deal, AppError> {
        let closing = Closing {
            won: true,
            reason: said(reason),
            note: said(note),
        };
        self.close_deal(id, closing, actor).await
    }

    /// They didn't buy. The lead goes back to marketing with its last open deal.
    pub async fn lose_deal(
        &self,
        id: OpportunityId,
        reason: String,
        note: Option<String>,
        actor: Actor,
    ) -> Result<Deal, AppError> {
        let closing = Closing {
            won: false,
            reason: said(Some(reason)),
            note: said(note),
        };
        self.close_deal(id, closing, actor).await
    }

    async fn close_deal(&self, id: OpportunityId, closing: Closing, actor: Actor) -> Result<Deal, AppError> {
        let at = self.now();
        self.write(move |committer| {
            if let Some(error) = forbidden(&committer.db, actor, Deed::Sell, None)? {
                return Ok(Err(error));
            }
            committer.close_deal(id, &closing, &actor.to_string(), at)
        })
        .await?;
        self.deal_there(id).await
    }

    /// Deals, a page at a time.
    pub async fn deals(&self, query: DealQuery) -> Result<Page<Deal>, AppError> {
        let limit = page_limit(query.limit);
        let order = query.order;
        let filter = DealFilter {
            after: place(query.cursor.as_deref())?,
            limit: limit + 1,
            ..filter_of(&query)
        };
        let mut rows = self.read(move |db| Ok(db.list_deals(&filter)?)).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|deal| cursor(deal, order));
        Ok(Page { items: rows, next })
    }

    /// What deals come to, by currency.
    pub async fn deal_totals(&self, query: DealQuery) -> Result<Vec<DealTotal>, AppError> {
        let filter = filter_of(&query);
        self.read(move |db| Ok(db.deal_totals(&filter)?)).await
    }

    /// One deal, and what was changed of it, the latest first.
    pub async fn deal(&self, id: OpportunityId) -> Result<Option<(Deal, Vec<DealChange>)>, AppError> {
        self.read(move |db| {
            let Some(deal) = db.deal(id)? else { return Ok(None) };
            Ok(Some((deal, db.deal_changes(id, CHANGES_SHOWN_MAX)?)))
        })
        .await
    }

    /// A company: its people, its open deals, and its score.
    pub async fn account(&self, id: AccountId) -> Result<Option<AccountView>, AppError> {
        let (active, now) = (self.shared().active(), self.now());
        self.read(move |db| {
            let (Some((kind, value)), Some(name)) = (db.account_place(id)?, db.account_name(id)?) else {
                return Ok(None);
            };
            let mut people = db.list_leads(&LeadFilter {
                order: LeadOrder::Score,
                stage: None,
                owner: None,
                account: Some(id),
                search: None,
                after: None,
                limit: ACCOUNT_PEOPLE_MAX + 1,
            })?;
            let more_people = people.len() > ACCOUNT_PEOPLE_MAX as usize;
            people.truncate(ACCOUNT_PEOPLE_MAX as usize);
            let deals = db.list_deals(&DealFilter {
                account: Some(id),
                state: Some(DealState::Open),
                limit: DEALS_SHOWN_MAX,
                ..DealFilter::default()
            })?;
            let owner = match db.account_owner(id)? {
                Some(owner) => db.user(owner)?.map(|user| UserRef {
                    id: owner,
                    name: user.name,
                }),
                None => None,
            };
            Ok(Some(AccountView {
                score: accounts::detail(db, &active.engine, id, &name, now, crate::ACCOUNT_PEOPLE_MAX)?,
                account: AccountRef { id, name },
                kind,
                value,
                owner,
                people: people
                    .into_iter()
                    .map(|row| lead_summary(row.lead, row.owner_name, row.account_name))
                    .collect(),
                more_people,
                deals,
            }))
        })
        .await
    }

    async fn deal_there(&self, id: OpportunityId) -> Result<Deal, AppError> {
        let found = self.read(move |db| Ok(db.deal(id)?)).await?;
        found.ok_or_else(|| AppError::NotFound {
            what: "opportunity",
            id: id.to_string(),
        })
    }
}

/// A lead's deals, latest first.
pub(crate) fn deals_of(db: &Db, lead: LeadId) -> Result<Vec<Deal>, StoreError> {
    db.list_deals(&DealFilter {
        lead: Some(lead),
        order: DealOrder::Latest,
        limit: DEALS_SHOWN_MAX,
        ..DealFilter::default()
    })
}

/// What was found out about a buyer in the present cycle: the handoff's, where there is one.
pub(crate) fn bant_of(db: &Db, row: &LeadRow) -> Result<Option<BantRecord>, StoreError> {
    let made = match row.handoff {
        Some(handoff) => db.handoff_place(handoff)?,
        None => None,
    };
    let (origin, cycle) = made.unwrap_or((row.id, row.cycle));
    db.bant(origin, cycle)
}

fn filter_of(query: &DealQuery) -> DealFilter {
    DealFilter {
        lead: query.lead,
        account: query.account,
        owner: query.owner,
        state: query.state,
        order: query.order,
        after: None,
        limit: 0,
    }
}

/// Where the page after a deal begins.
fn cursor(deal: &DealRow, order: DealOrder) -> String {
    const NO_DAY: &str = "9999-99-99";
    match order {
        DealOrder::CloseDay => format!("{}.{}", deal.close_on.as_deref().unwrap_or(NO_DAY), deal.id),
        DealOrder::Latest => format!(".{}", deal.id),
    }
}

fn place(cursor: Option<&str>) -> Result<Option<(String, i64)>, AppError> {
    let Some(cursor) = cursor.filter(|cursor| !cursor.is_empty()) else {
        return Ok(None);
    };
    let place = cursor
        .rsplit_once('.')
        .and_then(|(day, id)| Some((day.to_owned(), id.parse().ok()?)));
    place.map(Some).ok_or_else(|| {
        let shown: String = cursor.chars().take(60).collect();
        AppError::Invalid {
            field: "cursor",
            message: format!("`{shown}` is not a cursor; give the one that the page before gave, or none"),
        }
    })
}

fn named(name: &str) -> Result<String, AppError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > DEAL_NAME_CHARS_MAX {
        return Err(AppError::Invalid {
            field: "name",
            message: format!("give the deal a name of 1 to {DEAL_NAME_CHARS_MAX} characters"),
        });
    }
    Ok(name.to_owned())
}

fn stage_text(stage: Option<String>) -> Result<Option<String>, AppError> {
    let stage = said(stage);
    if stage
        .as_ref()
        .is_some_and(|stage| stage.chars().count() > SALES_STAGE_CHARS_MAX)
    {
        return Err(AppError::Invalid {
            field: "stage",
            message: format!("the stage is longer than {SALES_STAGE_CHARS_MAX} characters; shorten it"),
        });
    }
    Ok(stage)
}

/// A text that says something.
fn said(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}
