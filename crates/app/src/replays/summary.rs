//! What two agreements come to on the same history, in numbers, with a few leads of each kind.

use std::collections::BTreeMap;
use std::sync::Arc;

use bellwether_core::domain::Timestamp;
use bellwether_core::engine::Engine;
use bellwether_replay::compare::{self, Comparison};
use bellwether_replay::report::{Asked, Background, Depth, Fates};
use bellwether_replay::statistics::Rate;
use bellwether_replay::{Chronicle, Effort};
use serde::{Deserialize, Serialize};

use crate::columns::StoredHistory;
use crate::{AgreementVersion, LeadId};

/// How many leads of each kind a summary names.
pub const SHOWN_LEADS_MAX: usize = 20;
/// How many causes of each kind a summary names.
const SHOWN_CAUSES_MAX: usize = 10;
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
    /// How many of those judged the version would have handed off.
    pub active: u64,
    /// How many the other agreement.
    pub proposed: u64,
    /// How many the other agreement alone.
    pub newly: u64,
    /// How many the version alone.
    pub no_longer: u64,
    /// The same by the months in which they qualified, the latest last.
    pub months: Vec<MonthCount>,
    /// Some whom the other agreement alone would have handed off.
    pub newly_leads: Vec<ChangedLead>,
    /// Some whom the version alone would have.
    pub no_longer_leads: Vec<ChangedLead>,
    /// What became of them, why they differ, and the load; nothing in a summary from before this was worked out.
    #[serde(default)]
    pub figures: Option<ReplayFigures>,
}

/// Who qualified in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthCount {
    /// As `2026-05`.
    pub month: String,
    /// How many by the version.
    pub active: u64,
    /// How many by the proposal.
    pub proposed: u64,
}

/// A lead that one of two agreements alone would have handed off.
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

/// What two agreements come to, side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayFigures {
    /// The version.
    pub active: SideFigures,
    /// The other agreement.
    pub proposed: SideFigures,
    /// Whom the other agreement alone would have handed off.
    pub newly: ChangeFigures,
    /// Whom the version alone would have.
    pub no_longer: ChangeFigures,
}

/// What one of them comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideFigures {
    /// What became of those handed off, from then on.
    pub fates: FateCounts,
    /// Of those decided, the share that was won.
    pub precision: Share,
    /// Of the leads that were won, the share that was handed off before.
    pub recall: Share,
    /// How many a week on average, in millionths.
    pub per_week: Option<u64>,
    /// The most of a week.
    pub busiest_week: u64,
    /// How many each of those who take leads gets a week on average, in millionths.
    pub per_person: Option<u64>,
}

/// What became of leads that only one of them would have handed off, and why only one would.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeFigures {
    /// What became of them.
    pub fates: FateCounts,
    /// Of how many the causes were looked for.
    pub traced: u64,
    /// What made the difference, the most frequent first.
    pub causes: Vec<ChangeCause>,
}

/// For how many leads something made the difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeCause {
    /// `exclusion`, `fast`, `line`, `fit`, `intent` or `group`.
    pub kind: String,
    /// What it is called.
    pub name: String,
    /// For how many leads it was one of the causes.
    pub leads: u64,
    /// How many of those were won.
    pub won: u64,
}

/// How many leads came how far, each counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FateCounts {
    /// A deal was won.
    pub won: u64,
    /// A deal was lost.
    pub lost: u64,
    /// They are sales qualified.
    pub sql: u64,
    /// Sales took them.
    pub accepted: u64,
    /// Sales sent them back.
    pub rejected: u64,
    /// Nothing is known of them.
    pub unknown: u64,
}

/// A share of a whole, with its Wilson interval of 95 %, in millionths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// How many of them.
    pub hits: u64,
    /// Of how many.
    pub of: u64,
    /// The interval's lower end; nothing where there is no whole.
    pub low: Option<u64>,
    /// The interval's upper end.
    pub high: Option<u64>,
}

/// What is to be compared with what.
pub(crate) struct Question {
    pub(crate) active: Arc<AgreementVersion>,
    pub(crate) proposed: Arc<Engine>,
    pub(crate) hash: String,
    pub(crate) as_of: Timestamp,
}

/// Judges a history by both agreements, all of it or a sample of so many leads; nothing where it isn't to go on.
pub(crate) fn summarize(
    history: &StoredHistory,
    leads: u64,
    question: &Question,
    goes_on: &dyn Fn() -> bool,
) -> Option<ReplaySummary> {
    let chronicle: &Chronicle = &history.chronicle;
    let threads = Effort::default().threads;
    let asked = Asked {
        people: std::num::NonZeroU32::new(history.salespeople),
        depth: Depth::Quick,
        ..Asked::default()
    };
    let go_on = || goes_on().then_some(());
    let background = Background::new(chronicle, &history.outcomes, question.as_of);
    go_on()?;
    let (active, proposed) = (&question.active.engine, &question.proposed);
    let by_active = background.judge(active, threads);
    go_on()?;
    let by_proposed = background.judge(proposed, threads);
    go_on()?;
    let found = background.compare((active, &by_active), (proposed, &by_proposed), &asked, threads);
    Some(ReplaySummary {
        as_of: question.as_of,
        against: question.active.version,
        hash: question.hash.clone(),
        leads,
        judged: chronicle.leads() as u64,
        active: found.a.handed_off.hits,
        proposed: found.b.handed_off.hits,
        newly: found.newly.fates.total(),
        no_longer: found.no_longer.fates.total(),
        months: months(&found),
        newly_leads: shown(&found.newly),
        no_longer_leads: shown(&found.no_longer),
        figures: Some(ReplayFigures {
            active: side(&found.a),
            proposed: side(&found.b),
            newly: change(&found.newly),
            no_longer: change(&found.no_longer),
        }),
    })
}

/// A summary that was kept; nothing where it can't be read any more.
pub(crate) fn kept(text: Option<&str>) -> Option<ReplaySummary> {
    serde_json::from_str(text?).ok()
}

fn months(found: &Comparison) -> Vec<MonthCount> {
    let mut months: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for month in &found.a.months {
        months.entry(&month.month).or_default().0 = month.handed_off;
    }
    for month in &found.b.months {
        months.entry(&month.month).or_default().1 = month.handed_off;
    }
    let earlier = months.len().saturating_sub(MONTHS_MAX);
    let months = months.into_iter().skip(earlier);
    let months = months.map(|(month, (active, proposed))| MonthCount {
        month: month.to_owned(),
        active,
        proposed,
    });
    months.collect()
}

fn shown(flipped: &compare::Flipped) -> Vec<ChangedLead> {
    let leads = flipped.leads.iter().take(SHOWN_LEADS_MAX);
    let leads = leads.filter_map(|one| {
        Some(ChangedLead {
            lead: LeadId(one.lead.parse().ok()?),
            qualified_at: one.at,
            trigger: one.trigger.clone(),
        })
    });
    leads.collect()
}

fn side(side: &compare::Side) -> SideFigures {
    SideFigures {
        fates: fates(&side.fates),
        precision: share(side.precision),
        recall: share(side.recall),
        per_week: side.load.per_week.map(|number| number.0),
        busiest_week: side.load.busiest,
        per_person: side.load.per_person.map(|number| number.0),
    }
}

fn change(flipped: &compare::Flipped) -> ChangeFigures {
    let causes = flipped.causes.iter().take(SHOWN_CAUSES_MAX);
    ChangeFigures {
        fates: fates(&flipped.fates),
        traced: flipped.traced,
        causes: causes
            .map(|cause| ChangeCause {
                kind: cause.kind.as_str().to_owned(),
                name: cause.name.clone(),
                leads: cause.leads,
                won: cause.won,
            })
            .collect(),
    }
}

fn fates(fates: &Fates) -> FateCounts {
    FateCounts {
        won: fates.won,
        lost: fates.lost,
        sql: fates.sql,
        accepted: fates.accepted,
        rejected: fates.rejected,
        unknown: fates.unknown,
    }
}

fn share(rate: Rate) -> Share {
    Share {
        hits: rate.hits,
        of: rate.of,
        low: rate.low.map(|low| low.0),
        high: rate.high.map(|high| high.0),
    }
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
