//! Who qualifies by either of two agreements, in numbers, with a few leads of each kind.

use std::collections::BTreeMap;
use std::sync::Arc;

use bellwether_core::domain::Timestamp;
use bellwether_core::engine::{Engine, Qualification};
use serde::{Deserialize, Serialize};

use super::{Facts, LeadFacts, Rules, Side};
use crate::{AgreementVersion, AppError, LeadId};

/// How many leads of each kind a summary names.
pub const SHOWN_LEADS_MAX: usize = 20;
/// How many months a summary counts, the latest of them.
const MONTHS_MAX: usize = 60;

/// What another agreement would have come to, beside a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplaySummary {
    /// By the facts up to when.
    #[serde(with = "ms")]
    pub as_of: Timestamp,
    /// Beside which version.
    pub against: u32,
    /// The hash of the other agreement.
    pub hash: String,
    /// How many leads there are whom one could reach.
    pub leads: u64,
    /// How many of them were judged: all, or a sample.
    pub judged: u64,
    /// How many of those judged qualify by the version.
    pub active: u64,
    /// How many qualify by the other agreement.
    pub proposed: u64,
    /// How many qualify by the other agreement alone.
    pub newly: u64,
    /// How many qualify by the version alone.
    pub no_longer: u64,
    /// The same by the months in which they qualified, the latest last.
    pub months: Vec<MonthCount>,
    /// Some who newly qualify.
    pub newly_leads: Vec<ChangedLead>,
    /// Some who no longer do.
    pub no_longer_leads: Vec<ChangedLead>,
}

/// Who qualified in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthCount {
    /// As `2026-05`.
    pub month: String,
    /// How many by the version.
    pub active: u64,
    /// How many by the other agreement.
    pub proposed: u64,
}

/// A lead that qualifies by one of two agreements alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedLead {
    /// Which.
    #[serde(with = "number")]
    pub lead: LeadId,
    /// When it qualified.
    #[serde(with = "ms")]
    pub qualified_at: Timestamp,
    /// What made it.
    pub trigger: String,
}

/// What is to be compared with what.
pub(crate) struct Question {
    pub(crate) active: Arc<AgreementVersion>,
    pub(crate) proposed: Arc<Engine>,
    pub(crate) hash: String,
    pub(crate) as_of: Timestamp,
    /// Of how many numbers of leads one is judged; 1 is all.
    pub(crate) every: u32,
}

/// Judges leads by both agreements; nothing where it isn't to go on.
pub(crate) fn summarize(
    facts: &impl Facts,
    question: &Question,
    goes_on: &dyn Fn() -> bool,
) -> Result<Option<ReplaySummary>, AppError> {
    let rules = Rules {
        active: question.active.engine.agreement().suspect.as_ref(),
        proposed: question.proposed.agreement().suspect.as_ref(),
    };
    let mut active = Side::new(&question.active.engine);
    let mut proposed = Side::new(&question.proposed);
    let mut tally = Tally::default();
    let mut after = LeadId(0);
    let leads = facts.leads()?;
    loop {
        if !goes_on() {
            return Ok(None);
        }
        let slice = facts.slice(after, question.every, rules)?;
        let Some(last) = slice.last() else { break };
        after = last.lead;
        for one in &slice {
            tally.count(one, question.as_of, &mut active, &mut proposed);
        }
    }
    Ok(Some(tally.summary(question, leads)))
}

/// A summary that was kept; nothing where it can't be read any more.
pub(crate) fn kept(text: Option<&str>) -> Option<ReplaySummary> {
    serde_json::from_str(text?).ok()
}

#[derive(Default)]
struct Tally {
    judged: u64,
    active: u64,
    proposed: u64,
    newly: u64,
    no_longer: u64,
    months: BTreeMap<String, (u64, u64)>,
    newly_leads: Vec<ChangedLead>,
    no_longer_leads: Vec<ChangedLead>,
}

impl Tally {
    fn count(&mut self, one: &LeadFacts, t: Timestamp, active: &mut Side, proposed: &mut Side) {
        let by_active = active.qualification(&one.active, t);
        let by_proposed = proposed.qualification(one.proposed.as_ref().unwrap_or(&one.active), t);
        self.judged += 1;
        if let Some(qualified) = &by_active {
            self.active += 1;
            self.months.entry(month(qualified.at)).or_default().0 += 1;
        }
        if let Some(qualified) = &by_proposed {
            self.proposed += 1;
            self.months.entry(month(qualified.at)).or_default().1 += 1;
        }
        match (by_active, by_proposed) {
            (None, Some(qualified)) => {
                self.newly += 1;
                show(&mut self.newly_leads, one.lead, qualified);
            }
            (Some(qualified), None) => {
                self.no_longer += 1;
                show(&mut self.no_longer_leads, one.lead, qualified);
            }
            _ => {}
        }
    }

    fn summary(self, question: &Question, leads: u64) -> ReplaySummary {
        let earlier = self.months.len().saturating_sub(MONTHS_MAX);
        let months = self.months.into_iter().skip(earlier);
        ReplaySummary {
            as_of: question.as_of,
            against: question.active.version,
            hash: question.hash.clone(),
            leads: leads.max(self.judged),
            judged: self.judged,
            active: self.active,
            proposed: self.proposed,
            newly: self.newly,
            no_longer: self.no_longer,
            months: months
                .map(|(month, (active, proposed))| MonthCount {
                    month,
                    active,
                    proposed,
                })
                .collect(),
            newly_leads: self.newly_leads,
            no_longer_leads: self.no_longer_leads,
        }
    }
}

fn show(leads: &mut Vec<ChangedLead>, lead: LeadId, qualified: Qualification) {
    if leads.len() < SHOWN_LEADS_MAX {
        leads.push(ChangedLead {
            lead,
            qualified_at: qualified.at,
            trigger: qualified.trigger,
        });
    }
}

fn month(at: Timestamp) -> String {
    const CHARS: usize = "2026-05".len();
    at.to_string().chars().take(CHARS).collect()
}

/// Times as milliseconds since 1970.
pub(crate) mod ms {
    use bellwether_core::domain::Timestamp;
    use serde::{Deserialize as _, Deserializer, Serializer};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands fields over by reference"
    )]
    pub(crate) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(at.ms())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(from).map(Timestamp::from_ms_clamped)
    }
}

/// Leads by their numbers.
pub(crate) mod number {
    use serde::{Deserialize as _, Deserializer, Serializer};

    use crate::LeadId;

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands fields over by reference"
    )]
    pub(crate) fn serialize<S: Serializer>(lead: &LeadId, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(lead.0)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<LeadId, D::Error> {
        i64::deserialize(from).map(LeadId)
    }
}
