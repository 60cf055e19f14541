//! Rows of teams: hours, time off, turns, and why a lead became whose.

use bellwether_core::domain::Timestamp;

use crate::{HandoffId, UserId};

/// A team, apart from who is on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeamRow {
    /// Its number; 0 before it is kept.
    pub id: i64,
    /// As the agreement's routes name it.
    pub name: String,
    /// An IANA time zone; nothing is the agreement's.
    pub zone: Option<String>,
    /// When it works, as `mon-fri 09:00-17:00`; nothing is at any time.
    pub shifts: Option<String>,
    /// The calendar whose days are off.
    pub holidays: Option<String>,
    /// Who is told of what nobody could take.
    pub manager: Option<UserId>,
    /// Where leads book a time with it.
    pub booking_url: Option<String>,
}

/// When somebody works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarRow {
    /// An IANA time zone; nothing is the agreement's.
    pub zone: Option<String>,
    /// As `mon-fri 09:00-17:00`.
    pub shifts: String,
    /// Days that are off, as `2026-12-25`, in order.
    pub holidays: Vec<HolidayRow>,
}

/// A day that is off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolidayRow {
    /// As `2026-12-25`.
    pub date: String,
    /// What it is called.
    pub name: String,
}

/// A time that somebody is away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeOffRow {
    /// Its number.
    pub id: i64,
    /// Who.
    pub user: UserId,
    /// From when.
    pub from: Timestamp,
    /// Until when; nothing is until somebody says that they are back.
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: String,
}

/// Somebody whom a team may give a lead, and what limits them there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateRow {
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Whether they haven't left the company.
    pub active: bool,
    /// Their share.
    pub weight: u32,
    /// How many leads the team gives them on one day.
    pub day_max: Option<u32>,
    /// How many leads may wait for their answer.
    pub open_max: Option<u32>,
    /// How many leads wait for their answer.
    pub open: u32,
    /// When the team last gave them one.
    pub last_assigned_at: Option<Timestamp>,
    /// Their own hours' time zone.
    pub zone: Option<String>,
    /// Their own hours; nothing is the team's.
    pub shifts: Option<String>,
    /// Their own holidays; nothing is the team's.
    pub holidays: Option<String>,
}

/// Where somebody stands in a team's turns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnRow {
    /// Who.
    pub user: UserId,
    /// Their weight in the present stretch; 0 where they aren't in it.
    pub weight: u32,
    /// What they got since it began.
    pub given: u64,
    /// What they are owed from one stretch to the next, in billionths of a lead.
    pub credit: i64,
    /// When they got their last one.
    pub last_at: Option<Timestamp>,
}

/// Why a lead became whose, about to be kept.
#[derive(Debug, Clone)]
pub struct NewDecision<'a> {
    /// Of which handoff.
    pub handoff: HandoffId,
    /// When.
    pub at: Timestamp,
    /// `qualified`, `taken_up`, `reassigned` or `manual`.
    pub cause: &'a str,
    /// Who had it decided.
    pub actor: &'a str,
    /// The team.
    pub team: Option<&'a str>,
    /// Whose the lead became; nothing where nobody could take it.
    pub picked: Option<UserId>,
    /// Why, in words.
    pub reason: &'a str,
    /// Routes and candidates that were looked at, as JSON.
    pub looked_at: &'a str,
}

/// Why a lead became whose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRow {
    /// Its number.
    pub id: i64,
    /// Of which handoff.
    pub handoff: HandoffId,
    /// When.
    pub at: Timestamp,
    /// `qualified`, `taken_up`, `reassigned` or `manual`.
    pub cause: String,
    /// Who had it decided.
    pub actor: String,
    /// The team.
    pub team: Option<String>,
    /// Whose the lead became, and their name.
    pub picked: Option<(UserId, String)>,
    /// Why, in words.
    pub reason: String,
    /// Routes and candidates that were looked at, as JSON.
    pub looked_at: String,
}
