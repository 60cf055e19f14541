//! Deals, accounts, and moves of many leads at once.

use bellwether_core::deal::{CloseDay, Money};
use bellwether_core::domain::{Stage, Timestamp};
pub use bellwether_store::DealRow as Deal;
use bellwether_store::{AccountId, DealOrder, DealState, LeadId, UserId};

use super::{AccountDetail, AccountRef, LeadSummary, UserRef};

/// The longest name of a deal, in characters.
pub const DEAL_NAME_CHARS_MAX: usize = 200;
/// How many of a lead's or an account's deals are shown with it.
pub const DEALS_SHOWN_MAX: u32 = 50;
/// How many leads may be moved at once.
pub const MOVES_MAX: usize = 500;

/// A deal that is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeal {
    /// What it is called.
    pub name: String,
    /// What it is worth.
    pub money: Option<Money>,
    /// When it is expected to close.
    pub close_on: Option<CloseDay>,
    /// How far it is, in sales' own words.
    pub sales_stage: Option<String>,
    /// Who works on it; the lead's owner, or else whoever opens it, where nobody is named.
    pub owner: Option<UserId>,
}

/// What is changed of a deal; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DealPatch {
    /// Its name.
    pub name: Option<String>,
    /// What it is worth, or that nobody knows.
    pub money: Option<Option<Money>>,
    /// When it is expected to close.
    pub close_on: Option<Option<CloseDay>>,
    /// How far it is.
    pub sales_stage: Option<Option<String>>,
    /// Who works on it.
    pub owner: Option<Option<UserId>>,
}

/// Which deals to list.
#[derive(Debug, Clone, Default)]
pub struct DealQuery {
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
    /// Where the page before said that this one begins.
    pub cursor: Option<String>,
    /// How many; 0 is 50, the most is [`PAGE_ITEMS_MAX`](super::PAGE_ITEMS_MAX).
    pub limit: u32,
}

/// A company: its people, its open deals, and what they come to.
#[derive(Debug, Clone)]
pub struct AccountView {
    /// Which.
    pub account: AccountRef,
    /// `domain` or `group`.
    pub kind: String,
    /// The domain or the group's id.
    pub value: String,
    /// Who in sales has it: whom an import named, or else who works with one of its people.
    pub owner: Option<UserRef>,
    /// Its people, highest score first, [`ACCOUNT_PEOPLE_MAX`](super::ACCOUNT_PEOPLE_MAX) at most.
    pub people: Vec<LeadSummary>,
    /// Whether it has more.
    pub more_people: bool,
    /// Its open deals, those that close first first, [`DEALS_SHOWN_MAX`] at most.
    pub deals: Vec<Deal>,
    /// Its score, where the agreement says what qualifies an account.
    pub score: Option<AccountDetail>,
}

/// What many leads are moved by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkMove {
    /// Sales takes them.
    Accept,
    /// Sales sends them back, for one of the agreement's reasons.
    Reject,
    /// They aren't to be sold to.
    Disqualify,
    /// A manager puts them at a stage.
    Override(Stage),
}

/// Which leads to move, and why. With numbers exactly those; else all whom the rest lets through.
#[derive(Debug, Clone)]
pub struct BulkQuery {
    /// What they are moved by.
    pub by: BulkMove,
    /// Why.
    pub reason: String,
    /// These leads.
    pub leads: Vec<LeadId>,
    /// Else those at this stage,
    pub stage: Option<Stage>,
    /// of this owner,
    pub owner: Option<UserId>,
    /// of this account,
    pub account: Option<AccountId>,
    /// and whose name, email or company contains this.
    pub search: Option<String>,
}

/// What becomes of one lead of many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveOutcome {
    /// Which lead.
    pub lead: LeadId,
    /// Its name, or else its email address.
    pub name: Option<String>,
    /// Where it stands, before the move.
    pub from: Option<Stage>,
    /// Where it is put, or why it isn't.
    pub to: Result<Stage, String>,
}

/// What a move of many leads would come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovePreview {
    /// What to give with the deed: it moves nobody where it would come to anything else.
    pub token: String,
    /// The leads, each with what becomes of it.
    pub leads: Vec<MoveOutcome>,
}

/// What a move of many leads came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkMoved {
    /// When.
    pub at: Timestamp,
    /// The leads, each with what became of it.
    pub leads: Vec<MoveOutcome>,
}

impl MovePreview {
    /// How many leads are put somewhere.
    pub fn allowed(&self) -> usize {
        self.leads.iter().filter(|one| one.to.is_ok()).count()
    }
}
