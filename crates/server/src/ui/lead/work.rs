//! What may be done with a lead at its stage by whoever looks at its page.

use bellwether_app::{Deal, DealState, HandoffState, LeadDetail, Role};
use bellwether_core::deal::{Question, SALES_STAGES};
use bellwether_core::domain::{Points, Stage};
use bellwether_core::lifecycle::{self, Move};

use super::stage_in_words;

/// The card with what may be done.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says whether one form is shown; none excludes another"
)]
pub(super) struct Work {
    pub(super) may_sell: bool,
    /// It waits for an answer, and no handoff stands behind it.
    pub(super) accepts: bool,
    pub(super) questions: Vec<Asked>,
    /// Whether the answers may be changed.
    pub(super) records: bool,
    /// Whether it may be qualified by them.
    pub(super) qualifies: bool,
    pub(super) opens: bool,
    pub(super) deals: Vec<DealCard>,
    pub(super) disqualifies: bool,
    /// The stages to which whoever looks may put it.
    pub(super) overrides: Vec<Target>,
    pub(super) sales_stages: Vec<&'static str>,
    /// The currency that its deals are in.
    pub(super) currency: String,
}

/// One of the four questions.
pub(super) struct Asked {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) answer: &'static str,
    pub(super) note: String,
}

pub(super) struct DealCard {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) open: bool,
    pub(super) state: &'static str,
    pub(super) worth: String,
    pub(super) amount: String,
    pub(super) currency: String,
    pub(super) close_on: String,
    pub(super) sales_stage: String,
    pub(super) owner: String,
    pub(super) why: String,
}

pub(super) struct Target {
    pub(super) stage: &'static str,
    pub(super) label: &'static str,
}

pub(super) fn work(detail: &LeadDetail, role: Role, may_override: bool) -> Work {
    if detail.merged_into.is_some() {
        return Work::default();
    }
    let stage = detail.summary.stage;
    let may_sell = matches!(role, Role::Sales | Role::Admin);
    let with_sales = matches!(
        stage,
        Stage::Mql | Stage::Sal | Stage::Sql | Stage::Opportunity | Stage::Customer
    );
    let allowed = |by| lifecycle::next(stage, by).is_ok();
    let waits = detail
        .handoffs
        .iter()
        .any(|handoff| handoff.state == HandoffState::Open);
    let open_deals = detail.deals.iter().any(|deal| deal.state == DealState::Open);
    let records = may_sell && matches!(stage, Stage::Sal | Stage::Sql);
    let targets = Stage::ALL.into_iter().filter(|to| {
        let sells = matches!(to, Stage::Opportunity | Stage::Customer);
        may_override && allowed(Move::Override(*to)) && (sells || !open_deals)
    });
    let currency = detail.deals.iter().find_map(|deal| deal.money.as_ref());
    Work {
        may_sell,
        accepts: may_sell && stage == Stage::Mql && !waits,
        questions: if records || detail.bant.is_some() {
            questions(detail)
        } else {
            Vec::new()
        },
        records,
        qualifies: may_sell && allowed(Move::SalesQualify),
        opens: may_sell && allowed(Move::OpenOpportunity),
        deals: detail.deals.iter().map(card).collect(),
        disqualifies: allowed(Move::Disqualify) && !open_deals && (may_sell || !with_sales),
        overrides: targets
            .map(|to| Target {
                stage: to.as_str(),
                label: stage_in_words(to),
            })
            .collect(),
        sales_stages: SALES_STAGES.to_vec(),
        currency: currency.map(|money| money.currency.clone()).unwrap_or_default(),
    }
}

fn questions(detail: &LeadDetail) -> Vec<Asked> {
    let recorded = detail.bant.as_ref();
    let asked = Question::ALL.into_iter().map(|question| {
        let said = recorded.and_then(|record| record.bant.answer(question));
        Asked {
            name: question.as_str(),
            title: match question {
                Question::Budget => "Budget: is there money for it?",
                Question::Authority => "Authority: do we speak with whoever decides?",
                Question::Need => "Need: have they a problem that we solve?",
                Question::Timeline => "Timeline: is there a time by which they want it?",
            },
            answer: said.map_or("", |said| said.answer.as_str()),
            note: said.and_then(|said| said.note.clone()).unwrap_or_default(),
        }
    });
    asked.collect()
}

fn card(deal: &Deal) -> DealCard {
    let money = deal.money.as_ref();
    DealCard {
        id: deal.id.0,
        name: deal.name.clone(),
        open: deal.state == DealState::Open,
        state: deal.state.as_str(),
        worth: money.map_or_else(|| "not said".to_owned(), ToString::to_string),
        amount: money.map_or_else(String::new, |money| {
            Points::from_millis(money.thousandths).short()
        }),
        currency: money.map_or_else(String::new, |money| money.currency.clone()),
        close_on: deal.close_on.clone().unwrap_or_default(),
        sales_stage: deal.sales_stage.clone().unwrap_or_default(),
        owner: deal.owner_name.clone().unwrap_or_else(|| "nobody".to_owned()),
        why: deal.reason.clone().unwrap_or_default(),
    }
}
