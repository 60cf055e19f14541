//! What the use cases show: leads, handoffs, agreements and counts, as whoever asks needs them.

mod clock;
mod counts;
mod deals;
mod merging;
mod nurture;
mod review;
mod suspect;
mod team;
mod versions;

use bellwether_core::domain::{Points, Stage, Timestamp, TraitSource, Value};
use bellwether_core::engine::Statement;
use bellwether_core::explain::{Ledger, Ways};
use bellwether_store::{AccountId, BantRow as BantRecord, DestinationId, HandoffId, KeyId, LeadId, UserId};

pub use self::clock::{ClockView, ContactKind, ContactView, PauseView, StepView};
pub use self::counts::Counts;
pub use self::deals::{
    AccountView, BulkMove, BulkMoved, BulkQuery, DEAL_NAME_CHARS_MAX, DEALS_SHOWN_MAX, Deal, DealPatch,
    DealQuery, MOVES_MAX, MoveOutcome, MovePreview, NewDeal,
};
pub use self::merging::{JoinedLead, LeadPair, MergePreview, MergeSide};
pub use self::nurture::{
    LeadNurture, MailView, MessagePreview, NurtureCount, NurtureQuery, NurtureView, UnsubscribeLink,
    Unsubscribed,
};
pub use self::review::{Funnel, PeriodFigures, Promises, Review, RuleFigures, RuleSide, RuleWorth, ToSign};
pub use self::suspect::{HeldEvent, Release, Released, RuleCount, SuspectMark, SuspectQuery};
pub use self::team::{
    Holiday, MemberStanding, MemberView, TeamSettings, TeamStanding, TeamView, TimeOff, UserChange,
};
pub use self::versions::{
    AgreementVersion, Basis, ConfirmCounts, Decided, Department, Listed, NOTE_CHARS_MAX, NewlyQualified,
    ProposalState, ProposalView, PublishMode, ShadowView, SignatureView, VersionView,
};

/// The most that one page of a list may hold.
pub const PAGE_ITEMS_MAX: u32 = 200;

/// How many people of an account its score is made of, the highest scores first. Each is folded from their facts when
/// the account is shown.
pub const ACCOUNT_PEOPLE_MAX: u32 = 50;

/// Some items of a list, and where the next ones begin.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to give as `cursor` for the next page; nothing after the last.
    pub next: Option<String>,
}

/// Whom to list, in which order.
#[derive(Debug, Clone, Default)]
pub struct LeadQuery {
    /// The order.
    pub sort: LeadSort,
    /// Only those at this stage. Visitors are listed only where they are asked for.
    pub stage: Option<Stage>,
    /// Only those of this owner.
    pub owner: Option<UserId>,
    /// Only those of this account.
    pub account: Option<AccountId>,
    /// Only those whose name, email or company contains this, without case.
    pub search: Option<String>,
    /// Where the page before said that this one begins.
    pub cursor: Option<String>,
    /// How many; nothing or 0 is 50, the most is [`PAGE_ITEMS_MAX`].
    pub limit: u32,
}

/// The order of a list of leads; highest or latest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LeadSort {
    /// By score.
    #[default]
    Score,
    /// By the latest fact.
    LastSeen,
    /// By the first fact.
    Created,
}

/// Somebody who signs in, by number and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRef {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub name: String,
}

/// A company, by number and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRef {
    /// Which.
    pub id: AccountId,
    /// Its name, or else its domain or group id.
    pub name: String,
}

/// A lead in a list.
#[derive(Debug, Clone)]
pub struct LeadSummary {
    /// Which lead.
    pub id: LeadId,
    /// Its name, where known.
    pub name: Option<String>,
    /// Its email address.
    pub email: Option<String>,
    /// Its job title.
    pub title: Option<String>,
    /// Its company's name, as it says.
    pub company: Option<String>,
    /// Where it stands.
    pub stage: Stage,
    /// How many times it was sent back, plus one.
    pub cycle: u32,
    /// Who in sales has it.
    pub owner: Option<UserRef>,
    /// Its account.
    pub account: Option<AccountRef>,
    /// Who they are, as of `scored_at`.
    pub fit: Points,
    /// What they do, as of `scored_at`.
    pub intent: Points,
    /// Fit and intent together.
    pub score: Points,
    /// The grade, such as `A1`; empty where the agreement has none.
    pub grade: String,
    /// When it qualified, in its present cycle.
    pub qualified_at: Option<Timestamp>,
    /// What made it qualify.
    pub trigger: Option<String>,
    /// The exclusion that it meets.
    pub disqualified_by: Option<String>,
    /// The time of its first fact, or the creation that it was given.
    pub created_at: Timestamp,
    /// The time of its latest fact.
    pub last_seen: Timestamp,
    /// As of when the scores are.
    pub scored_at: Timestamp,
}

/// By what a lead is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// `anonymous_id`, `user_id`, `email`, or the kind of an external id.
    pub kind: String,
    /// The id.
    pub value: String,
    /// The time of the fact that brought it.
    pub since: Timestamp,
}

/// A trait that holds, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraitSince {
    /// The field's name.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// The time of the fact that wrote it.
    pub since: Timestamp,
    /// Who says so.
    pub source: TraitSource,
    /// What less believed sources say, the most believed first.
    pub overridden: Vec<Statement>,
}

/// One fact in a lead's timeline.
#[derive(Debug, Clone)]
pub struct TimelineEvent {
    /// Its row.
    pub id: i64,
    /// When it happened.
    pub ts: Timestamp,
    /// When it came.
    pub received_at: Timestamp,
    /// `track`, `page`, `screen`, `identify`, `group` or `alias`.
    pub kind: String,
    /// The event's or screen's name.
    pub name: Option<String>,
    /// The page's path.
    pub path: Option<String>,
    /// Its properties or traits, as the text of a JSON object with dotted keys.
    pub properties: String,
    /// Where it is held apart as that of a machine, or was until somebody released it.
    pub suspect: Option<SuspectMark>,
}

/// A move from one stage to another.
#[derive(Debug, Clone)]
pub struct TransitionView {
    /// When.
    pub at: Timestamp,
    /// From which stage; nothing at the lead's beginning.
    pub from: Option<Stage>,
    /// To which stage.
    pub to: Stage,
    /// Who made it: `engine`, `user 3`, `key 2`.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// The handoff that it belongs to.
    pub handoff: Option<HandoffId>,
}

/// An account, and what its people come to together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountDetail {
    /// Which.
    pub account: AccountRef,
    /// Its score: the people's intent, each cut as the agreement says, and its own.
    pub score: Points,
    /// How many of its people have positive intent.
    pub people: u32,
    /// The roles of the buying committee that the agreement names, and whether one of those people holds each.
    pub roles: Vec<(String, bool)>,
    /// Whether every line that the agreement draws for accounts is reached.
    pub qualified: bool,
    /// Its people, highest score first.
    pub leads: Vec<AccountLead>,
    /// Whether it has more people than [`ACCOUNT_PEOPLE_MAX`], who aren't counted.
    pub more: bool,
}

/// One person of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLead {
    /// Which lead.
    pub id: LeadId,
    /// Their name, else their email address.
    pub name: Option<String>,
    /// Their job title.
    pub title: Option<String>,
    /// What they do comes to.
    pub intent: Points,
}

/// One lead, whole.
#[derive(Debug, Clone)]
pub struct LeadDetail {
    /// As in lists.
    pub summary: LeadSummary,
    /// By what it is known.
    pub identities: Vec<Identity>,
    /// What is known of it.
    pub traits: Vec<TraitSince>,
    /// Every point of its score as of the instant asked for.
    pub ledger: Ledger,
    /// The shortest ways to qualify from there.
    pub ways: Ways,
    /// Its newest facts, latest first.
    pub events: Page<TimelineEvent>,
    /// Its moves, oldest first.
    pub transitions: Vec<TransitionView>,
    /// Its handoffs, latest first.
    pub handoffs: Vec<HandoffSummary>,
    /// What was found out about them in the present cycle.
    pub bant: Option<BantRecord>,
    /// Its deals, latest first, [`DEALS_SHOWN_MAX`] at most.
    pub deals: Vec<Deal>,
    /// Its account with its score, where it has one and the agreement says what qualifies an account.
    pub account: Option<AccountDetail>,
    /// What says which account that is.
    pub account_by: Option<crate::AccountBy>,
    /// The lead that it was joined into, in which its facts are now.
    pub merged_into: Option<LeadId>,
    /// The leads that were joined into it, oldest first.
    pub joined: Vec<JoinedLead>,
    /// The leads that look like the same person.
    pub pairs: Vec<LeadPair>,
}

/// What became of a handoff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandoffState {
    /// Nobody answered yet.
    Open,
    /// Sales took it.
    Accepted,
    /// Sales sent it back.
    Rejected,
    /// Nobody answered in time.
    Expired,
    /// Its lead was joined with another that had one.
    Merged,
    /// The lead went away from sales otherwise: its deal was lost, it was disqualified, or a manager moved it.
    Closed,
}

/// Which handoffs to list; those due first come first.
#[derive(Debug, Clone, Default)]
pub struct HandoffQuery {
    /// Only those of this owner.
    pub owner: Option<UserId>,
    /// Only those of this team.
    pub team: Option<String>,
    /// Only those in this state.
    pub state: Option<HandoffState>,
    /// Where the page before said that this one begins.
    pub cursor: Option<String>,
    /// How many; nothing or 0 is 50, the most is [`PAGE_ITEMS_MAX`].
    pub limit: u32,
}

/// A handoff in a list.
#[derive(Debug, Clone)]
pub struct HandoffSummary {
    /// Which handoff.
    pub id: HandoffId,
    /// Whom to call.
    pub lead: LeadId,
    /// Their name, where known.
    pub lead_name: Option<String>,
    /// Their email address.
    pub email: Option<String>,
    /// Their job title.
    pub title: Option<String>,
    /// Their company.
    pub company: Option<String>,
    /// How many times the lead had been sent back then, plus one.
    pub cycle: u32,
    /// What became of it.
    pub state: HandoffState,
    /// What made the lead qualify.
    pub trigger: String,
    /// The scores at that moment.
    pub fit: Points,
    /// What they did came to.
    pub intent: Points,
    /// Both together.
    pub score: Points,
    /// The grade then.
    pub grade: String,
    /// Who must call.
    pub owner: Option<UserRef>,
    /// Of which team.
    pub team: Option<String>,
    /// By which route.
    pub route: Option<String>,
    /// Why this owner, or why none.
    pub route_reason: String,
    /// The task's title.
    pub task: String,
    /// The task's priority: `low`, `normal`, `high`.
    pub priority: String,
    /// The SLA that sets the time.
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
    /// Whether the time to first contact is, or was, over before it.
    pub breached: bool,
    /// Why it was handed off, in one line.
    pub why: String,
    /// The rules that gave the most, and what they gave.
    pub top_lines: Vec<(String, Points)>,
    /// What the lead had done last, in words, with when.
    pub latest_activity: Option<String>,
}

/// One handoff, whole.
#[derive(Debug, Clone)]
pub struct HandoffDetail {
    /// As in lists.
    pub summary: HandoffSummary,
    /// What the salesperson sees and webhooks carry.
    pub packet: serde_json::Value,
    /// Why it was sent back.
    pub rejection_reason: Option<String>,
    /// What was noted with that.
    pub note: Option<String>,
    /// The agreement's version that it was made under.
    pub agreement_version: u32,
    /// The moves that belong to it, oldest first.
    pub history: Vec<TransitionView>,
    /// Its clock.
    pub clock: Option<ClockView>,
    /// Calls, mails, meetings and notes, the first first.
    pub contacts: Vec<ContactView>,
}

/// Who does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who signed in.
    User(UserId),
    /// Whoever holds an API key.
    Key(KeyId),
    /// The command line, on the machine itself.
    Console,
}

/// A warning that is counted and listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind: `junk_id`, `refused_fact`, `no_owner`.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// Why it was dropped, refused or held.
    pub reason: String,
    /// How many times.
    pub count: u64,
    /// The first time.
    pub first_at: Timestamp,
    /// The last time.
    pub last_at: Timestamp,
}

/// What somebody who signs in may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Works the inbox.
    Sales,
    /// Writes the agreement.
    Marketing,
    /// Everything.
    Admin,
}

/// Somebody who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// Their email address.
    pub email: String,
    /// What they may do.
    pub role: Role,
}

/// A sign-in that worked.
#[derive(Debug, Clone)]
pub struct Session {
    /// The secret that the browser keeps; only its hash is stored.
    pub token: String,
    /// Who signed in.
    pub user: User,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyClass {
    /// Brings facts; it is no secret in a browser.
    Write,
    /// Reads and decides everything.
    Admin,
}

/// Where messages are delivered to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookView {
    /// Which.
    pub id: DestinationId,
    /// Its address.
    pub url: String,
}

/// Something that pages show has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A handoff came, or was answered.
    Handoff(HandoffId),
    /// A lead's facts or stage changed.
    Leads,
    /// Another agreement is active.
    Agreement,
}
