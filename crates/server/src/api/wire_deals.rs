//! Deals, as several endpoints answer with them.

use bellwether_app as app;
use bellwether_core::domain::{Points, Stage};
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::time;
use super::wire::Named;

/// A deal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Opportunity {
    /// Its number.
    id: i64,
    /// What it is called.
    name: String,
    /// `open`, `won` or `lost`.
    #[schema(example = "open")]
    state: &'static str,
    /// What it is worth, as a decimal text.
    #[schema(example = "12500")]
    amount: Option<String>,
    /// The currency's three letters.
    #[schema(example = "EUR")]
    currency: Option<String>,
    /// The day on which it is expected to close.
    #[schema(example = "2026-09-30")]
    close_date: Option<String>,
    /// How far it is, in sales' own words.
    #[schema(example = "proposal")]
    stage: Option<String>,
    /// Who works on it.
    owner: Option<Named>,
    /// The lead's number.
    lead: i64,
    /// The lead's name, or else its email address.
    lead_name: Option<String>,
    /// Where the lead stands.
    lead_stage: Option<&'static str>,
    /// The lead's account.
    account: Option<Named>,
    /// When it was opened.
    opened_at: String,
    /// By whom.
    opened_by: String,
    /// When it was won or lost.
    closed_at: Option<String>,
    /// By whom.
    closed_by: Option<String>,
    /// Why.
    reason: Option<String>,
    /// What was noted with that.
    note: Option<String>,
}

impl From<app::Deal> for Opportunity {
    fn from(deal: app::Deal) -> Self {
        let owner = deal.owner.map(|id| app::UserRef {
            id,
            name: deal.owner_name.unwrap_or_default(),
        });
        let account = deal.account.map(|(id, name)| app::AccountRef { id, name });
        Self {
            id: deal.id.0,
            name: deal.name,
            state: deal.state.as_str(),
            amount: deal
                .money
                .as_ref()
                .map(|money| Points::from_millis(money.thousandths).short()),
            currency: deal.money.map(|money| money.currency),
            close_date: deal.close_on,
            stage: deal.sales_stage,
            owner: owner.map(Into::into),
            lead: deal.lead.0,
            lead_name: deal.lead_name.or(deal.lead_email),
            lead_stage: deal.lead_stage.map(Stage::as_str),
            account: account.map(Into::into),
            opened_at: time(deal.opened_at),
            opened_by: deal.opened_by,
            closed_at: deal.closed_at.map(time),
            closed_by: deal.closed_by,
            reason: deal.reason,
            note: deal.note,
        }
    }
}

/// What was found out about a buyer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Bant {
    /// Is there money for it?
    budget: Option<Answered>,
    /// Do we speak with whoever decides?
    authority: Option<Answered>,
    /// Have they a problem that we solve?
    need: Option<Answered>,
    /// Is there a time by which they want it?
    timeline: Option<Answered>,
    /// When it was recorded last.
    at: String,
    /// By whom.
    actor: String,
}

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Answered {
    /// `yes`, `no` or `unknown`.
    answer: &'static str,
    /// What was noted with it.
    note: Option<String>,
}

impl From<app::BantRecord> for Bant {
    fn from(record: app::BantRecord) -> Self {
        use bellwether_core::deal::Question;
        let answered = |question| {
            record.bant.answer(question).map(|said| Answered {
                answer: said.answer.as_str(),
                note: said.note.clone(),
            })
        };
        Self {
            budget: answered(Question::Budget),
            authority: answered(Question::Authority),
            need: answered(Question::Need),
            timeline: answered(Question::Timeline),
            at: time(record.at),
            actor: record.actor.clone(),
        }
    }
}
