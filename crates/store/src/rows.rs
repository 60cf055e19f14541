//! Rows as the use cases read and write them.

mod clock;
mod deals;
mod enrichment;
mod history;
mod identity;
mod message;
mod nurture;
mod people;
mod review;
mod suspect;
mod team;
mod versions;

use bellwether_core::domain::{Points, Stage, Timestamp, TraitSource};

pub use self::clock::{ClockRow, ContactRow, Measured, PauseRow, StepRow};
pub use self::deals::{
    BantRow, DealChange, DealFilter, DealOrder, DealRow, DealState, DealTotal, ReturnedRow,
};
pub use self::enrichment::{AnswerRow, EnricherCounts, EnricherRow, EnrichmentRow};
pub use self::history::{FateRow, HistoryLead, HistoryPosition};
pub use self::identity::{FactLink, Holder, JoiningRow, KeyRow, PairRow, PairState};
pub use self::message::{DeliveryRow, DestinationRow, NewMessage, OutboxRow};
pub use self::nurture::{MailRow, NurtureFilter, NurtureRow, UnsubscribedRow};
pub use self::people::{ApiKeyRow, UserRow};
pub use self::review::ReviewedHandoff;
pub use self::suspect::{SuspectCount, SuspectFilter, SuspectMark, SuspectNote, SuspectRow};
pub use self::team::{
    CalendarRow, CandidateRow, DecisionRow, HolidayRow, NewDecision, TeamRow, TimeOffRow, TurnRow,
};
pub use self::versions::{
    AgreementRow, KnownLeadRow, NewlyQualifiedRow, ProposalRow, ShadowRow, SignatureRow,
};

use crate::{AccountId, HandoffId, LeadId, SourceId, UserId};

/// A fact, about to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewFact<'a> {
    /// The lead whose key brought it, before any join.
    pub lead: LeadId,
    /// The fact of the same lead that was kept before it.
    pub previous: Option<i64>,
    /// When it happened.
    pub ts: Timestamp,
    /// When it came.
    pub received_at: Timestamp,
    /// When the sender says that it happened.
    pub original_at: Option<Timestamp>,
    /// When the sender says that it was sent.
    pub sent_at: Option<Timestamp>,
    /// The write key.
    pub source: SourceId,
    /// By which it is known if it comes again.
    pub message_id: &'a str,
    /// `track`, `page`, `screen`, `identify`, `group` or `alias`.
    pub kind: &'a str,
    /// The event's or screen's name, the group's id, the previous id.
    pub name: Option<&'a str>,
    /// The page's path.
    pub path: Option<&'a str>,
    /// A JSON object with dotted keys.
    pub properties: Option<&'a str>,
    /// Likewise, what it says about who they are.
    pub traits: Option<&'a str>,
    /// Who says the traits.
    pub said_by: TraitSource,
    /// Whether it shows somebody whom one could reach.
    pub known: bool,
}

/// A fact as it is folded into a state; borrowed from the database's page.
#[derive(Debug, Clone, Copy)]
pub struct FactRow<'a> {
    /// Its row.
    pub id: i64,
    /// When it happened.
    pub ts: Timestamp,
    /// `track`, `page`, `screen`, `identify`, `group` or `alias`.
    pub kind: &'a str,
    /// As in [`NewFact`].
    pub name: Option<&'a str>,
    /// As in [`NewFact`].
    pub path: Option<&'a str>,
    /// As in [`NewFact`].
    pub properties: Option<&'a str>,
    /// As in [`NewFact`].
    pub traits: Option<&'a str>,
    /// As in [`NewFact`].
    pub said_by: TraitSource,
    /// As in [`NewFact`].
    pub known: bool,
    /// Where it is held apart, or was released.
    pub suspect: Option<SuspectMark<'a>>,
}

/// A fact in a timeline.
#[derive(Debug, Clone)]
pub struct TimelineRow {
    /// Its row.
    pub id: i64,
    /// When it happened.
    pub ts: Timestamp,
    /// When it came.
    pub received_at: Timestamp,
    /// `track`, `page`, `screen`, `identify`, `group` or `alias`.
    pub kind: String,
    /// As in [`NewFact`].
    pub name: Option<String>,
    /// As in [`NewFact`].
    pub path: Option<String>,
    /// Properties, or else traits, as a JSON object.
    pub properties: String,
    /// Where it is held apart, or was released.
    pub suspect: Option<SuspectNote>,
}

/// What is worked out from a lead's facts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Derived {
    /// The lead's name.
    pub name: Option<String>,
    /// Its email address.
    pub email: Option<String>,
    /// Its job title.
    pub title: Option<String>,
    /// Its company's name.
    pub company: Option<String>,
    /// Who they are.
    pub fit: Points,
    /// What they do.
    pub intent: Points,
    /// The grade.
    pub grade: String,
    /// When it qualified in its present cycle.
    pub qualified_at: Option<Timestamp>,
    /// What made it.
    pub trigger: Option<String>,
    /// The exclusion that it meets.
    pub disqualified_by: Option<String>,
}

/// A lead's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadRow {
    /// Which lead.
    pub id: LeadId,
    /// Where it stands.
    pub stage: Stage,
    /// How many times it was sent back, plus one.
    pub cycle: u32,
    /// The handoff of this cycle.
    pub handoff: Option<HandoffId>,
    /// Who in sales has it.
    pub owner: Option<UserId>,
    /// Its account.
    pub account: Option<AccountId>,
    /// The time of the group call that named the account; nothing where the email's domain did.
    pub account_ts: Option<Timestamp>,
    /// The time of its first fact, or the creation that it was given.
    pub created_at: Timestamp,
    /// From when there is somebody whom one could reach.
    pub known_from: Option<Timestamp>,
    /// The time of its latest fact.
    pub last_seen: Timestamp,
    /// The lead that it was joined into.
    pub merged_into: Option<LeadId>,
    /// The fact at the end of its chain: the one before all others.
    pub first_fact: Option<i64>,
    /// The fact that was kept last, from which the others hang.
    pub last_fact: Option<i64>,
    /// What its facts come to.
    pub derived: Derived,
    /// As of when.
    pub scored_at: Timestamp,
    /// Under which agreement.
    pub agreement_version: u32,
}

/// A move from one stage to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransitionRow {
    /// Whose.
    pub lead: LeadId,
    /// When.
    pub at: Timestamp,
    /// From where; nothing at the beginning.
    pub from: Option<Stage>,
    /// To where.
    pub to: Stage,
    /// Who made it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// The handoff that it belongs to.
    pub handoff: Option<HandoffId>,
    /// The lead that was moved, before any join; nothing where it only tells of a joining or parting.
    pub origin: Option<LeadId>,
}

/// A handoff, about to be kept.
#[derive(Debug, Clone)]
pub struct NewHandoff<'a> {
    /// Its number.
    pub id: HandoffId,
    /// Whose.
    pub lead: LeadId,
    /// How many times the lead had been sent back, plus one.
    pub cycle: u32,
    /// What made it qualify.
    pub trigger: &'a str,
    /// When it did.
    pub qualified_at: Timestamp,
    /// Who they are.
    pub fit: Points,
    /// What they do.
    pub intent: Points,
    /// The grade.
    pub grade: &'a str,
    /// Who gets it.
    pub owner: Option<UserId>,
    /// Of which team.
    pub team: Option<&'a str>,
    /// By which route.
    pub route: Option<&'a str>,
    /// Why this owner, or why none.
    pub route_reason: &'a str,
    /// The SLA that sets the time.
    pub sla: Option<&'a str>,
    /// When it was handed off.
    pub created_at: Timestamp,
    /// By when to call.
    pub due_at: Option<Timestamp>,
    /// The agreement's version.
    pub agreement_version: u32,
    /// What the salesperson sees, as JSON.
    pub packet: &'a str,
    /// The task's title.
    pub task: &'a str,
    /// The task's priority.
    pub priority: &'a str,
}

/// A handoff's row, with its task and the lead's and owner's names.
#[derive(Debug, Clone)]
pub struct HandoffRow {
    /// Which handoff.
    pub id: HandoffId,
    /// Whose it is now.
    pub lead: LeadId,
    /// The lead's name, email, title and company as they are now.
    pub lead_name: Option<String>,
    /// Its email address.
    pub email: Option<String>,
    /// Its job title.
    pub title: Option<String>,
    /// Its company.
    pub company: Option<String>,
    /// How many times the lead had been sent back, plus one.
    pub cycle: u32,
    /// `open`, `accepted`, `rejected`, `expired`, `merged` or `closed`.
    pub state: String,
    /// What made the lead qualify.
    pub trigger: String,
    /// Who they are.
    pub fit: Points,
    /// What they do.
    pub intent: Points,
    /// The grade.
    pub grade: String,
    /// Who must call.
    pub owner: Option<(UserId, String)>,
    /// Of which team.
    pub team: Option<String>,
    /// By which route.
    pub route: Option<String>,
    /// Why this owner, or why none.
    pub route_reason: String,
    /// The SLA.
    pub sla: Option<String>,
    /// When it was handed off.
    pub created_at: Timestamp,
    /// By when to call.
    pub due_at: Option<Timestamp>,
    /// When it was answered.
    pub decided_at: Option<Timestamp>,
    /// Since when its clock stands still.
    pub paused_at: Option<Timestamp>,
    /// The first contact.
    pub contacted_at: Option<Timestamp>,
    /// When its clock ended.
    pub clock_ended_at: Option<Timestamp>,
    /// The agreement's version.
    pub agreement_version: u32,
    /// The task's title.
    pub task: String,
    /// The task's priority.
    pub priority: String,
    /// Why it was handed off, in one line.
    pub why: String,
    /// The rules that gave the most and what they gave, as the packet's JSON.
    pub top_lines: Option<String>,
    /// What the lead had done last, in words; with when in packets of before.
    pub latest_activity: Option<String>,
}

/// What only the page of one handoff shows.
#[derive(Debug, Clone, Default)]
pub struct HandoffExtra {
    /// What the salesperson sees, as JSON.
    pub packet: String,
    /// Why it was sent back.
    pub rejection_reason: Option<String>,
    /// What was noted.
    pub note: Option<String>,
}

/// A cycle of a lead that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedCycleRow {
    /// The first time, the second time …
    pub cycle: u32,
    /// What had made it qualify.
    pub trigger: String,
    /// When it was handed off.
    pub handed_at: Timestamp,
    /// What became of the handoff.
    pub state: String,
    /// When it was answered.
    pub ended_at: Option<Timestamp>,
    /// Who answered it: `engine`, `user 3`, `key 2`.
    pub ended_by: Option<String>,
    /// Why it went back.
    pub reason: String,
    /// What was noted.
    pub note: Option<String>,
    /// Whose it was, by name.
    pub owner: Option<String>,
}

/// Somebody on a team, as lists show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamMemberRow {
    /// The team.
    pub team: String,
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their email address.
    pub email: String,
    /// Their share.
    pub weight: u32,
    /// Whether they take leads now.
    pub active: bool,
    /// When the team last gave them a lead.
    pub last_assigned_at: Option<Timestamp>,
    /// How many handoffs they haven't answered.
    pub open: u64,
}

/// A warning, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingRow {
    /// What kind.
    pub kind: String,
    /// About what.
    pub subject: String,
    /// Why.
    pub reason: String,
    /// How many times.
    pub count: u64,
    /// The first time.
    pub first_at: Timestamp,
    /// The last time.
    pub last_at: Timestamp,
}

/// The order of a list of leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeadOrder {
    /// Highest score first.
    Score,
    /// Latest fact first.
    LastSeen,
    /// Latest first fact first.
    Created,
}

/// Which leads to list.
#[derive(Debug, Clone)]
pub struct LeadFilter {
    /// The order.
    pub order: LeadOrder,
    /// Only those at this stage; everybody who is known where there is none.
    pub stage: Option<Stage>,
    /// Only those of this owner.
    pub owner: Option<UserId>,
    /// Only those of this account.
    pub account: Option<AccountId>,
    /// Only those whose name, email or company contains this.
    pub search: Option<String>,
    /// Only those after this place: the ordered column's value and the id.
    pub after: Option<(i64, i64)>,
    /// How many at most.
    pub limit: u32,
}

/// A lead in a list, with the names of its owner and account.
#[derive(Debug, Clone)]
pub struct LeadListRow {
    /// The lead.
    pub lead: LeadRow,
    /// Its owner's name.
    pub owner_name: Option<String>,
    /// Its account's name, or else its domain or group id.
    pub account_name: Option<String>,
}

/// Which handoffs to list; by due time, those without one last.
#[derive(Debug, Clone)]
pub struct HandoffFilter<'a> {
    /// Only those of this owner.
    pub owner: Option<UserId>,
    /// Only those of this team.
    pub team: Option<&'a str>,
    /// Only those in this state.
    pub state: Option<&'a str>,
    /// Only those of this lead.
    pub lead: Option<LeadId>,
    /// Only those after this place: due time in milliseconds and id.
    pub after: Option<(i64, i64)>,
    /// How many at most.
    pub limit: u32,
}

/// Something that is to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimerRow {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: String,
    /// To what.
    pub subject: i64,
}
