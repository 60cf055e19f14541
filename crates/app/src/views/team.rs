//! Teams and their people, as they are shown and said.

use bellwether_core::domain::Timestamp;

use crate::{UserId, UserRef};

/// What is said of a team, apart from who is on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeamSettings {
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

/// A day that is off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// As `2026-12-25`.
    pub date: String,
    /// What it is called.
    pub name: String,
}

/// A time that somebody is away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeOff {
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

/// What is to change of somebody; nothing stays as it is, and an inner nothing takes away what there is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserChange {
    /// Whether they haven't left.
    pub active: Option<bool>,
    /// Their own hours' time zone.
    pub zone: Option<Option<String>>,
    /// Their own hours, instead of their team's.
    pub shifts: Option<Option<String>>,
    /// Their own holidays, instead of their team's.
    pub holidays: Option<Option<String>>,
    /// Where leads book a time with them.
    pub booking_url: Option<Option<String>>,
    /// By which Slack knows them.
    pub slack_id: Option<Option<String>>,
}

/// A team as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamStanding {
    /// Its name.
    pub name: String,
    /// The active agreement's routes to it.
    pub routes: Vec<String>,
    /// What is said of it.
    pub settings: TeamSettings,
    /// Its manager.
    pub manager: Option<UserRef>,
    /// How many leads wait in its queue.
    pub waiting: u64,
    /// Whose turn is next, and why; or why nobody's is.
    pub next: Option<UserRef>,
    /// Why.
    pub reason: String,
    /// Those on it, by number.
    pub members: Vec<MemberStanding>,
}

/// Somebody on a team as they stand now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberStanding {
    /// Who.
    pub user: UserRef,
    /// Their weight in its turns.
    pub weight: u32,
    /// How many leads it gives them on one day.
    pub day_max: Option<u32>,
    /// How many leads may wait for their answer.
    pub open_max: Option<u32>,
    /// How many leads it gave them today.
    pub today: u32,
    /// How many leads wait for their answer.
    pub open: u32,
    /// Their own hours, where they have some.
    pub shifts: Option<String>,
    /// Why they can't be given a lead now; nothing where they can.
    pub absent: Option<String>,
    /// What they are owed from stretch to stretch, in words.
    pub credit: String,
    /// When the team last gave them a lead.
    pub last_assigned_at: Option<Timestamp>,
}

/// A team that routes lead to, or that somebody is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamView {
    /// Its name.
    pub name: String,
    /// The active agreement's routes to it; where there are none it gets no leads.
    pub routes: Vec<String>,
    /// Who is or was on it, by number.
    pub members: Vec<MemberView>,
}

/// Somebody on a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberView {
    /// Who.
    pub user: UserRef,
    /// Their email address.
    pub email: String,
    /// Their share beside the others', on routes that pick by weight.
    pub weight: u32,
    /// Whether they take leads now.
    pub active: bool,
    /// How many handoffs they haven't answered.
    pub open_handoffs: u64,
    /// When the team last gave them a lead.
    pub last_assigned_at: Option<Timestamp>,
}
