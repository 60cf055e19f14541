//! Deals, and what was found out about a buyer.

use bellwether_core::deal::{Answered, Bant, Money, Question};
use rusqlite::{OptionalExtension, Row, params, params_from_iter, types::Value};

use super::{Db, millis, time, time_or_none};
use crate::{
    AccountId, BantRow, DealChange, DealFilter, DealOrder, DealRow, DealState, DealTotal, LeadId,
    OpportunityId, StoreError, UserId,
};

/// A deal with the names beside it.
const SELECT: &str = "SELECT opportunity.*, lead.name AS lead_name, lead.email AS lead_email, lead.company AS lead_company,
        lead.stage AS lead_stage, lead.account_id, coalesce(account.name, account.value) AS account_name,
        user.name AS owner_name
    FROM opportunity JOIN lead ON lead.id = opportunity.lead_id LEFT JOIN account ON account.id = lead.account_id
    LEFT JOIN user ON user.id = opportunity.owner_id";

/// Where a deal without a day stands in the order: after all others.
const NO_DAY: &str = "9999-99-99";

impl Db {
    /// Records what was found out about a buyer; the latest of an origin and cycle holds.
    pub fn insert_bant(&self, row: &BantRow) -> Result<(), StoreError> {
        let said = |question| row.bant.answer(question).map(|said| said.answer.as_str());
        let noted = |question| row.bant.answer(question).and_then(|said| said.note.clone());
        self.connection
            .prepare_cached(
                "INSERT INTO bant (lead_id, origin_id, cycle, at, actor, budget, budget_note, authority, authority_note,
                     need, need_note, timeline, timeline_note)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )?
            .execute(params![
                row.lead.0,
                row.origin.0,
                row.cycle,
                row.at.ms(),
                row.actor,
                said(Question::Budget),
                noted(Question::Budget),
                said(Question::Authority),
                noted(Question::Authority),
                said(Question::Need),
                noted(Question::Need),
                said(Question::Timeline),
                noted(Question::Timeline),
            ])?;
        Ok(())
    }

    /// What was found out about a buyer in a cycle.
    pub fn bant(&self, origin: LeadId, cycle: u32) -> Result<Option<BantRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT * FROM bant WHERE origin_id = ?1 AND cycle = ?2 ORDER BY id DESC LIMIT 1",
        )?;
        Ok(select.query_row(params![origin.0, cycle], bant_row).optional()?)
    }

    /// Keeps a new deal; gives its number.
    pub fn insert_deal(&self, deal: &DealRow) -> Result<OpportunityId, StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO opportunity (lead_id, origin_id, cycle, name, amount_thousandths, currency, close_on, sales_stage,
                 owner_id, state, opened_at, opened_by)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?;
        let id = insert.insert(params![
            deal.lead.0,
            deal.origin.0,
            deal.cycle,
            deal.name,
            deal.money.as_ref().map(|money| money.thousandths),
            deal.money.as_ref().map(|money| &money.currency),
            deal.close_on,
            deal.sales_stage,
            deal.owner.map(|id| id.0),
            deal.state.as_str(),
            deal.opened_at.ms(),
            deal.opened_by,
        ])?;
        Ok(OpportunityId(id))
    }

    /// Keeps how a deal is now.
    pub fn update_deal(&self, deal: &DealRow) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE opportunity SET name = ?2, amount_thousandths = ?3, currency = ?4, close_on = ?5,
                     sales_stage = ?6, owner_id = ?7, state = ?8, closed_at = ?9, closed_by = ?10, reason = ?11, note = ?12
                 WHERE id = ?1",
            )?
            .execute(params![
                deal.id.0,
                deal.name,
                deal.money.as_ref().map(|money| money.thousandths),
                deal.money.as_ref().map(|money| &money.currency),
                deal.close_on,
                deal.sales_stage,
                deal.owner.map(|id| id.0),
                deal.state.as_str(),
                millis(deal.closed_at),
                deal.closed_by,
                deal.reason,
                deal.note,
            ])?;
        Ok(())
    }

    /// Notes what was changed of a deal.
    pub fn insert_deal_change(&self, deal: OpportunityId, change: &DealChange) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO opportunity_change (opportunity_id, at, actor, change) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![deal.0, change.at.ms(), change.actor, change.change])?;
        Ok(())
    }

    /// What was changed of a deal, the latest first.
    pub fn deal_changes(&self, deal: OpportunityId, limit: u32) -> Result<Vec<DealChange>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT at, actor, change FROM opportunity_change WHERE opportunity_id = ?1 ORDER BY id DESC LIMIT ?2",
        )?;
        let rows = select.query_map(params![deal.0, limit], |row| {
            Ok(DealChange {
                at: time(row, "at")?,
                actor: row.get("actor")?,
                change: row.get("change")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A deal.
    pub fn deal(&self, id: OpportunityId) -> Result<Option<DealRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached(&format!("{SELECT} WHERE opportunity.id = ?1"))?;
        Ok(select.query_row([id.0], deal_row).optional()?)
    }

    /// Deals that the filter lets through.
    pub fn list_deals(&self, filter: &DealFilter) -> Result<Vec<DealRow>, StoreError> {
        let (conditions, mut values) = conditions(filter);
        let by_day = format!("coalesce(close_on, '{NO_DAY}'), opportunity.id");
        let order = match filter.order {
            DealOrder::CloseDay => by_day.as_str(),
            DealOrder::Latest => "opportunity.id DESC",
        };
        let after = match (&filter.after, filter.order) {
            (None, _) => String::new(),
            (Some((day, id)), DealOrder::CloseDay) => {
                values.extend([day.clone().into(), (*id).into()]);
                format!("AND ({by_day}) > (?, ?)")
            }
            (Some((_, id)), DealOrder::Latest) => {
                values.push((*id).into());
                "AND opportunity.id < ?".to_owned()
            }
        };
        values.push(i64::from(filter.limit).into());
        let sql = format!("{SELECT} WHERE 1 {conditions} {after} ORDER BY {order} LIMIT ?");
        let mut select = self.connection.prepare_cached(&sql)?;
        let rows = select.query_map(params_from_iter(values), deal_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What the deals that the filter lets through come to, by currency.
    pub fn deal_totals(&self, filter: &DealFilter) -> Result<Vec<DealTotal>, StoreError> {
        let (conditions, values) = conditions(filter);
        let sql = [
            "SELECT currency, count(*) AS deals, coalesce(sum(amount_thousandths), 0) AS thousandths
             FROM opportunity JOIN lead ON lead.id = opportunity.lead_id WHERE 1",
            &conditions,
            "GROUP BY currency ORDER BY currency IS NULL, currency",
        ]
        .join(" ");
        let mut select = self.connection.prepare_cached(&sql)?;
        let rows = select.query_map(params_from_iter(values), |row| {
            Ok(DealTotal {
                currency: row.get("currency")?,
                deals: row.get::<_, i64>("deals")?.unsigned_abs(),
                thousandths: row.get("thousandths")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many of a lead's deals are open.
    pub fn open_deals(&self, lead: LeadId) -> Result<u64, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT count(*) FROM opportunity WHERE lead_id = ?1 AND state = 'open'")?;
        Ok(select
            .query_row([lead.0], |row| row.get::<_, i64>(0))?
            .unsigned_abs())
    }

    /// Who manages the team that a lead was last given to.
    pub fn manager_of_lead(&self, lead: LeadId) -> Result<Option<UserId>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT team.manager_id FROM handoff JOIN team ON team.name = handoff.team
             WHERE handoff.lead_id = ?1 ORDER BY handoff.id DESC LIMIT 1",
        )?;
        let manager: Option<Option<i64>> = select.query_row([lead.0], |row| row.get(0)).optional()?;
        Ok(manager.flatten().map(UserId))
    }

    /// The number of the move that was noted last; 0 where there is none.
    pub fn last_move(&self) -> Result<i64, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT coalesce(max(id), 0) FROM transition")?;
        Ok(select.query_row([], |row| row.get(0))?)
    }
}

/// What a filter asks of deals, from pieces that are all written here, and the values that it binds.
fn conditions(filter: &DealFilter) -> (String, Vec<Value>) {
    let asked = [
        ("AND opportunity.lead_id = ?", filter.lead.map(|id| id.0.into())),
        ("AND lead.account_id = ?", filter.account.map(|id| id.0.into())),
        ("AND opportunity.owner_id = ?", filter.owner.map(|id| id.0.into())),
        (
            "AND opportunity.state = ?",
            filter.state.map(|state| state.as_str().to_owned().into()),
        ),
    ];
    let (pieces, values): (Vec<&str>, Vec<Value>) = asked
        .into_iter()
        .filter_map(|(piece, value)| Some((piece, value?)))
        .unzip();
    (pieces.join(" "), values)
}

fn bant_row(row: &Row<'_>) -> rusqlite::Result<BantRow> {
    let mut bant = Bant::default();
    for question in Question::ALL {
        let answer: Option<String> = row.get(question.as_str())?;
        if let Some(answer) = answer.and_then(|answer| answer.parse().ok()) {
            let note = row.get(format!("{}_note", question.as_str()).as_str())?;
            bant.record(question, Answered { answer, note });
        }
    }
    Ok(BantRow {
        lead: LeadId(row.get("lead_id")?),
        origin: LeadId(row.get("origin_id")?),
        cycle: row.get("cycle")?,
        at: time(row, "at")?,
        actor: row.get("actor")?,
        bant,
    })
}

fn deal_row(row: &Row<'_>) -> rusqlite::Result<DealRow> {
    let state: String = row.get("state")?;
    let amount: Option<i64> = row.get("amount_thousandths")?;
    let currency: Option<String> = row.get("currency")?;
    let account: Option<i64> = row.get("account_id")?;
    let stage: String = row.get("lead_stage")?;
    Ok(DealRow {
        id: OpportunityId(row.get("id")?),
        lead: LeadId(row.get("lead_id")?),
        origin: LeadId(row.get("origin_id")?),
        cycle: row.get("cycle")?,
        name: row.get("name")?,
        money: amount.zip(currency).map(|(thousandths, currency)| Money {
            thousandths,
            currency,
        }),
        close_on: row.get("close_on")?,
        sales_stage: row.get("sales_stage")?,
        owner: row.get::<_, Option<i64>>("owner_id")?.map(UserId),
        state: DealState::named(&state)
            .ok_or_else(|| rusqlite::Error::InvalidColumnName(format!("state = {state}")))?,
        opened_at: time(row, "opened_at")?,
        opened_by: row.get("opened_by")?,
        closed_at: time_or_none(row, "closed_at")?,
        closed_by: row.get("closed_by")?,
        reason: row.get("reason")?,
        note: row.get("note")?,
        lead_name: row.get("lead_name")?,
        lead_email: row.get("lead_email")?,
        lead_company: row.get("lead_company")?,
        lead_stage: stage.parse().ok(),
        account: account
            .map(|id| {
                Ok::<_, rusqlite::Error>((AccountId(id), row.get::<_, Option<String>>("account_name")?))
            })
            .transpose()?
            .map(|(id, name)| (id, name.unwrap_or_default())),
        owner_name: row.get("owner_name")?,
    })
}
