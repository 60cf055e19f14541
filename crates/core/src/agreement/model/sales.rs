//! What the agreement says of a lead once it qualified: who gets it, how fast they must act, why they may send it back,
//! and what happens to it then.

use serde::Serialize;

use super::super::condition::{Condition, Test};
use crate::domain::Period;

/// What happens when a lead qualifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handoff {
    /// The task's title, a template over `lead`.
    pub task: String,
    /// The line to begin the call with, a template; the usual one where none is given.
    pub opening: Option<String>,
    /// The task's priority.
    pub priority: Priority,
    /// After this time without an answer an MQL goes back to marketing.
    pub expire: Option<Period>,
    /// The nurture track of those that expired, or whose deal was lost for no agreed reason.
    pub nurture: Option<String>,
    /// How long after that they may qualify again; `None` is at once, on fresh intent.
    pub again: Option<Period>,
    /// Normalized names of the track events that say that the owner was in touch with the lead.
    pub first_contact: Vec<String>,
}

/// A task's priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Can wait.
    Low,
    /// As usual.
    Normal,
    /// Before the others.
    High,
}

/// Who gets a lead.
#[derive(Debug, Clone)]
pub struct Route {
    /// What the route is called.
    pub name: String,
    /// Whom it is for; an empty condition is everybody.
    pub when: Condition,
    /// The team that gets the lead.
    pub team: String,
    /// How the team's member is picked.
    pub pick: Pick,
}

/// How a team's member is picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pick {
    /// In turn.
    RoundRobin,
    /// In turn, by weight.
    Weighted,
    /// Whoever has the fewest open leads.
    LeastLoaded,
}

/// How fast sales must act.
#[derive(Debug, Clone)]
pub struct Sla {
    /// What the policy is called.
    pub name: String,
    /// Which handoffs it is for.
    pub when: SlaCondition,
    /// The time to first contact.
    pub first_contact: Period,
    /// Whether it runs around the clock.
    pub hours: SlaHours,
    /// What happens as the time runs out, in the file's order.
    pub escalate: Vec<EscalationStep>,
    /// The reasons for which the clock may stand still for a while; without any it may not.
    pub pause: Vec<String>,
}

/// Which handoffs an SLA is for; every part that is there must hold.
#[derive(Debug, Clone, Default)]
pub struct SlaCondition {
    /// Normalized names of triggers, any of them.
    pub trigger: Vec<String>,
    /// Tests by the name of what they test: `score`, `fit`, `intent` (in points), `cycle`, `grade`.
    pub measures: Vec<(String, Test)>,
    /// Whether the lead was sent back before.
    pub recycled: Option<bool>,
    /// A condition on the lead's traits.
    pub traits: Option<Condition>,
}

/// Which hours an SLA counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SlaHours {
    /// Every hour.
    AroundTheClock,
    /// The team's working hours.
    Business,
}

/// What happens at a share of the time allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EscalationStep {
    /// Percent of the time allowed; over 100 is after the breach.
    pub at_percent: u32,
    /// What happens.
    pub action: EscalationAction,
}

/// What an escalation step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EscalationAction {
    /// Tells somebody: `owner`, `manager`, or a name.
    Notify(String),
    /// Gives the lead to the next member.
    Reassign,
}

/// Why sales may send a lead back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectionReason {
    /// The reason, as it is chosen.
    pub reason: String,
    /// The nurture track that the lead goes on.
    pub nurture: Option<String>,
    /// How long after it may qualify again; `None` is at once, on fresh intent.
    pub again: Option<Period>,
    /// Whether a note must be given.
    pub note: bool,
}

/// What happens to leads that were sent back.
#[derive(Debug, Clone)]
pub struct NurtureTrack {
    /// What the track is called.
    pub name: String,
    /// Whom its messages may go to, read at each step; `None` is everybody.
    pub when: Option<Condition>,
    /// Its steps, in order.
    pub steps: Vec<NurtureStep>,
}

/// A step of a nurture track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NurtureStep {
    /// How long after the step before, or after the start.
    pub wait: Period,
    /// The message that is sent.
    pub send: String,
}

/// A message sent at once to hand-raisers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Normalized names of the track events that it answers.
    pub on: Vec<String>,
    /// The message that is sent.
    pub send: String,
}

/// What keeps leads from going in circles, and from being written to too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many times a lead is handed to sales.
    pub cycles: u32,
    /// How many nurture messages an address gets in seven days; more wait.
    pub messages_a_week: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            cycles: 10,
            messages_a_week: 3,
        }
    }
}

/// The text of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What the message is called.
    pub name: String,
    /// Its subject, a template over `lead` and `owner`.
    pub subject: String,
    /// Its body, likewise.
    pub body: String,
}
