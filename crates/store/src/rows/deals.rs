//! Deals, what was found out about a buyer, and leads that were sent back.

use bellwether_core::deal::{Bant, Money};
use bellwether_core::domain::{Stage, Timestamp};

use crate::{AccountId, HandoffId, LeadId, OpportunityId, UserId};

/// That a lead was sent back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnedRow {
    /// The lead that was sent back, before any join.
    pub origin: LeadId,
    /// Which handoff ended, where there was one.
    pub handoff: Option<HandoffId>,
    /// When.
    pub at: Timestamp,
    /// How long after it may qualify again, in milliseconds.
    pub again_ms: Option<i64>,
    /// Why.
    pub reason: String,
    /// What was noted.
    pub note: Option<String>,
}

/// What was found out about a buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BantRow {
    /// Whose it is now.
    pub lead: LeadId,
    /// The lead that it was kept for, before any join.
    pub origin: LeadId,
    /// The cycle that it belongs to.
    pub cycle: u32,
    /// When it was recorded.
    pub at: Timestamp,
    /// Who recorded it.
    pub actor: String,
    /// The answers.
    pub bant: Bant,
}

/// What became of a deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DealState {
    /// It is being worked on.
    Open,
    /// They bought.
    Won,
    /// They didn't.
    Lost,
}

impl DealState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Won, Self::Lost];

    /// The state's name in data.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }

    /// The state of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// A deal, with the names beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealRow {
    /// Its number; whatever it is about to be kept.
    pub id: OpportunityId,
    /// Whose it is now.
    pub lead: LeadId,
    /// The lead that it was opened for, before any join.
    pub origin: LeadId,
    /// That lead's cycle then.
    pub cycle: u32,
    /// What it is called.
    pub name: String,
    /// What it is worth.
    pub money: Option<Money>,
    /// The day on which it is expected to close.
    pub close_on: Option<String>,
    /// How far it is, in sales' own words.
    pub sales_stage: Option<String>,
    /// Who works on it.
    pub owner: Option<UserId>,
    /// What became of it.
    pub state: DealState,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// By whom.
    pub opened_by: String,
    /// When it was won or lost.
    pub closed_at: Option<Timestamp>,
    /// By whom.
    pub closed_by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// What was noted with that.
    pub note: Option<String>,
    /// The lead's name and email, as they are now. Only read.
    pub lead_name: Option<String>,
    /// Its email address.
    pub lead_email: Option<String>,
    /// Its company.
    pub lead_company: Option<String>,
    /// Where the lead stands.
    pub lead_stage: Option<Stage>,
    /// The lead's account and its name.
    pub account: Option<(AccountId, String)>,
    /// The owner's name.
    pub owner_name: Option<String>,
}

/// Something that was changed of a deal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealChange {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub actor: String,
    /// What, in words.
    pub change: String,
}

/// In which order deals are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DealOrder {
    /// Those that are expected to close first come first; those without a day last.
    #[default]
    CloseDay,
    /// The latest first.
    Latest,
}

/// Which deals to list.
#[derive(Debug, Clone, Default)]
pub struct DealFilter {
    /// Only those of this lead.
    pub lead: Option<LeadId>,
    /// Only those of leads of this account.
    pub account: Option<AccountId>,
    /// Only those of this owner.
    pub owner: Option<UserId>,
    /// Only those in this state.
    pub state: Option<DealState>,
    /// In which order.
    pub order: DealOrder,
    /// The place after which to begin: the day, where that is the order, and the number.
    pub after: Option<(String, i64)>,
    /// How many.
    pub limit: u32,
}

/// What deals come to in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealTotal {
    /// The currency; nothing for deals whose worth nobody said.
    pub currency: Option<String>,
    /// How many deals.
    pub deals: u64,
    /// What they are worth together, in thousandths.
    pub thousandths: i64,
}
