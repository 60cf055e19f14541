//! What a quarterly review shows.

use std::collections::BTreeMap;

use bellwether_core::domain::{Period, Points, Timestamp};

use super::Department;
use crate::ProposalId;

/// The agreement held against what came of it in a period, beside the period before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// What the agreement is called.
    pub agreement: String,
    /// Its version.
    pub version: u32,
    /// Since when it is active.
    pub active_since: Timestamp,
    /// When its review falls due, where it says so.
    pub review_due: Option<Timestamp>,
    /// The zone in which periods begin.
    pub timezone: String,
    /// When this was worked out.
    pub at: Timestamp,
    /// The period.
    pub now: PeriodFigures,
    /// The one before it.
    pub before: PeriodFigures,
    /// Every rule, fit first, in the agreement's order.
    pub rules: Vec<RuleFigures>,
    /// Changes of the agreement that wait to be signed or published, the newest first.
    pub proposals: Vec<ToSign>,
}

/// A change of the agreement that isn't a version yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToSign {
    /// The proposal's number.
    pub id: ProposalId,
    /// Why, in its author's words.
    pub note: Option<String>,
    /// When it was proposed.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// The version that was active then.
    pub based_on: u32,
    /// Who signed it, for which department, and when.
    pub signed: Vec<(Department, String, Timestamp)>,
    /// Who still has to.
    pub missing: Vec<Department>,
}

/// What happened between two instants. Handoffs count for when they were made, whenever they were answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeriodFigures {
    /// What the period is called: `2026-Q3`.
    pub name: String,
    /// Whether it has ended.
    pub complete: bool,
    /// Leads that came and that one could reach.
    pub leads: u64,
    /// How many of these have qualified since.
    pub qualified: u64,
    /// Handoffs.
    pub handoffs: Funnel,
    /// How often handoffs were rejected for each reason, the most frequent first.
    pub rejections: Vec<(String, u64)>,
    /// How promises of first contact were kept.
    pub promises: Promises,
}

/// How far handoffs came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Funnel {
    /// All.
    pub made: u64,
    /// Those that sales accepted.
    pub accepted: u64,
    /// Those that sales sent back unaccepted.
    pub rejected: u64,
    /// Those that nobody answered in time.
    pub expired: u64,
    /// Those that wait for an answer.
    pub waiting: u64,
    /// Those that sales qualified.
    pub sql: u64,
    /// Those that came to a deal.
    pub deals: u64,
    /// Those whose deal was won.
    pub won: u64,
}

/// How promises of first contact were kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Promises {
    /// Handoffs with a time for first contact.
    pub made: u64,
    /// First contact came in time.
    pub kept: u64,
    /// It came too late, or the time is over and it hasn't come.
    pub broken: u64,
    /// The handoff was answered in time, without any contact that was recorded.
    pub answered: u64,
    /// The time still runs.
    pub running: u64,
    /// The middle one of the times to first contact, of the time that counts.
    pub median: Option<Period>,
}

/// On which side of the score a rule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleSide {
    /// Who they are.
    Fit,
    /// What they do.
    Intent,
}

/// What a rule was worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFigures {
    /// The rule.
    pub rule: String,
    /// Where it stands.
    pub side: RuleSide,
    /// The most that it gives, for a rule of fit; nothing for one of intent.
    pub points_max: Option<Points>,
    /// In the period.
    pub now: RuleWorth,
    /// In the one before it.
    pub before: RuleWorth,
}

/// What a rule was worth in a period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RuleWorth {
    /// Leads seen in the period that it spoke of: who did what it looks for, or are what it looks for.
    pub leads: u64,
    /// Handoffs to which it gave points.
    pub handoffs: u64,
    /// How many of these sales accepted.
    pub accepted: u64,
    /// How many of these came to a won deal.
    pub won: u64,
    /// How many of these sales sent back unaccepted.
    pub rejected: u64,
}

impl PeriodFigures {
    /// The rejections by reason, as a table counts them.
    pub(crate) fn rank(reasons: BTreeMap<String, u64>) -> Vec<(String, u64)> {
        let mut ranked: Vec<_> = reasons.into_iter().collect();
        ranked.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        ranked
    }
}
