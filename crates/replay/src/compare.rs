//! What differs between two agreements on the same history: who newly qualifies, who no longer does, which rules made the
//! difference, which won deals are gained and missed, and the load before and after.

mod causes;

use std::collections::BTreeMap;

use bellwether_core::agreement::Agreement;
use bellwether_core::domain::Timestamp;
use serde::Serialize;

pub use causes::{Cause, CauseKind};

use crate::outcomes::Fate;
use crate::report::{
    Asked, Case, Dates, Depth, Fates, Load, Month, OutcomeCounts, Span, Standing, Tally, Trials, wire,
};
use crate::statistics::{INTERVALS, Rate};

/// The most leads, either way, that the causes are looked for of and that are listed.
const TRACED_MAX: usize = 5_000;
/// The same where it is to be quick.
const TRACED_QUICK_MAX: usize = 200;

/// One of the two agreements, and when it would have qualified each lead, in the order of the cases.
pub struct Judgement<'j, T> {
    /// The agreement.
    pub agreement: &'j Agreement,
    /// When each lead would have qualified.
    pub qualified_at: &'j [Option<Timestamp>],
    /// Where its ledgers come from.
    pub trials: &'j T,
}

/// What differs between two agreements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// From when on leads are looked at.
    #[serde(serialize_with = "wire::text_opt")]
    pub from: Option<Timestamp>,
    /// Until when, that instant left out.
    #[serde(serialize_with = "wire::text_opt")]
    pub until: Option<Timestamp>,
    /// The instant up to which facts count.
    #[serde(serialize_with = "wire::text")]
    pub judged_at: Timestamp,
    /// How the intervals were worked out.
    pub intervals: &'static str,
    /// Whether a lead that isn't decided counts as lost.
    pub others_lost: bool,
    /// The first agreement.
    pub a: Side,
    /// The second one.
    pub b: Side,
    /// How many leads there are in that time of whom nothing has a time, neither a creation nor an event: they are in no month,
    /// and neither can hand them off, as leads are judged when something happens.
    pub without_time: u64,
    /// How many leads both hand off.
    pub both: u64,
    /// How many of those the second hands off sooner.
    pub sooner: u64,
    /// How many of those it hands off later.
    pub later: u64,
    /// Whom only the second hands off.
    pub newly: Flipped,
    /// Whom only the first hands off.
    pub no_longer: Flipped,
    /// What was read of outcomes.
    pub outcomes: OutcomeCounts,
}

/// What one of the two comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// What the agreement is called.
    pub agreement: String,
    /// The time zone that its weeks are in.
    pub timezone: String,
    /// The share of the leads that it hands off.
    pub handed_off: Rate,
    /// How many of those the other one had handed off before the time that is looked at.
    pub before_window: u64,
    /// What became of those handed off.
    pub fates: Fates,
    /// Of those decided, the share that was won.
    pub precision: Rate,
    /// Of the leads that were won, the share that was handed off before.
    pub recall: Rate,
    /// How much work it is.
    pub load: Load,
    /// The same by month.
    pub months: Vec<MonthLoad>,
}

/// A month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MonthLoad {
    /// The month, such as `2026-03`.
    pub month: String,
    /// How many would have been handed off in it.
    pub handed_off: u64,
}

/// Leads that only one of the two hands off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Flipped {
    /// How many, and what became of them after it.
    pub fates: Fates,
    /// Of how many the causes were looked for.
    pub traced: u64,
    /// What made the difference, the most frequent first.
    pub causes: Vec<CauseCount>,
    /// Who they are, by time.
    pub leads: Vec<FlippedLead>,
}

/// For how many leads something made the difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CauseCount {
    /// What kind of thing it is.
    pub kind: CauseKind,
    /// What it is called.
    pub name: String,
    /// For how many leads it was one of the causes.
    pub leads: u64,
    /// How many of those were won.
    pub won: u64,
}

/// A lead that only one of the two hands off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FlippedLead {
    /// Its id.
    pub lead: String,
    /// When it would have been handed off.
    #[serde(serialize_with = "wire::text")]
    pub at: Timestamp,
    /// What made it qualify: an event's name, `created` or `traits`.
    pub trigger: String,
    /// What became of it after that.
    pub fate: Option<Fate>,
    /// What made the difference, the greatest first.
    pub causes: Vec<Cause>,
}

/// Which of the two hands a lead off that the other doesn't.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Only {
    A,
    B,
}

impl Comparison {
    /// Compares what two agreements come to on the same cases, judged at the same instant.
    pub fn new<A: Trials, B: Trials>(
        a: &Judgement<'_, A>,
        b: &Judgement<'_, B>,
        asked: &Asked,
        judged_at: Timestamp,
        cases: &[Case<'_>],
        outcomes: OutcomeCounts,
    ) -> Self {
        let split = Split::new(a.qualified_at, b.qualified_at, asked, cases);
        let traced = |place: usize, at: Timestamp, only: Only| {
            let (a, b) = (a.trials.ledger(place, at), b.trials.ledger(place, at));
            let with = match only {
                Only::A => &a,
                Only::B => &b,
            };
            let trigger = with.qualified.as_ref().map(|qualified| qualified.trigger.clone());
            (trigger.unwrap_or_default(), causes::causes(&a, &b, only))
        };
        let traced_max = match asked.depth {
            Depth::Quick => TRACED_QUICK_MAX,
            Depth::Whole => TRACED_MAX,
        };
        Self {
            from: asked.window.from,
            until: asked.window.until,
            judged_at,
            intervals: INTERVALS,
            others_lost: asked.others_lost,
            a: side(a, asked, judged_at, cases, split.before_window_b),
            b: side(b, asked, judged_at, cases, split.before_window_a),
            without_time: split.without_time,
            both: split.both,
            sooner: split.sooner,
            later: split.later,
            newly: flipped(cases, split.newly, traced_max, |place, at| {
                traced(place, at, Only::B)
            }),
            no_longer: flipped(cases, split.no_longer, traced_max, |place, at| {
                traced(place, at, Only::A)
            }),
            outcomes,
        }
    }

    /// Whether the two come to the same for every lead.
    pub fn is_empty(&self) -> bool {
        self.newly.fates.total() + self.no_longer.fates.total() + self.sooner + self.later == 0
    }
}

/// Whom which of the two hands off.
#[derive(Debug, Default)]
struct Split {
    newly: Vec<(usize, Timestamp)>,
    no_longer: Vec<(usize, Timestamp)>,
    both: u64,
    sooner: u64,
    later: u64,
    /// Of whom nothing has a time.
    without_time: u64,
    /// Whom the second hands off and the first had handed off before the window.
    before_window_a: u64,
    /// The other way round.
    before_window_b: u64,
}

impl Split {
    fn new(a: &[Option<Timestamp>], b: &[Option<Timestamp>], asked: &Asked, cases: &[Case<'_>]) -> Self {
        use Standing::{AlreadyWon, Below, HandedOff, Outside};
        let mut split = Self::default();
        for (place, (case, (a, b))) in cases.iter().zip(a.iter().zip(b)).enumerate() {
            let standing = |at| asked.window.standing(case, at);
            let is_inside = case.first_seen.is_none() && standing(None) != Outside;
            split.without_time += u64::from(is_inside);
            match (standing(*a), standing(*b)) {
                (HandedOff(a), HandedOff(b)) => {
                    split.both += 1;
                    split.sooner += u64::from(b < a);
                    split.later += u64::from(b > a);
                }
                (HandedOff(at), Below | AlreadyWon) => split.no_longer.push((place, at)),
                (Below | AlreadyWon, HandedOff(at)) => split.newly.push((place, at)),
                (HandedOff(_), Outside) => split.before_window_b += 1,
                (Outside, HandedOff(_)) => split.before_window_a += 1,
                (Outside | Below | AlreadyWon, Outside | Below | AlreadyWon) => {}
            }
        }
        split
    }
}

fn side<T>(
    judgement: &Judgement<'_, T>,
    asked: &Asked,
    judged_at: Timestamp,
    cases: &[Case<'_>],
    before_window: u64,
) -> Side {
    let dates = Dates::of(judgement.agreement);
    let tally = Tally::new(cases, asked.window, judgement.qualified_at);
    let span = Span::new(&dates, asked.window, judged_at, tally.instants());
    Side {
        agreement: judgement.agreement.name.clone(),
        timezone: dates.zone().to_owned(),
        handed_off: Rate::new(tally.handed_off.len() as u64, tally.leads()),
        before_window,
        precision: tally.precision(asked.others_lost),
        recall: tally.recall(),
        load: Load::new(&dates, span, tally.instants(), asked.capacity, asked.people),
        months: by_month(&dates, tally.instants()),
        fates: tally.fates,
    }
}

fn by_month(dates: &Dates, handed_off: impl Iterator<Item = Timestamp>) -> Vec<MonthLoad> {
    let mut months: BTreeMap<Month, u64> = BTreeMap::new();
    for at in handed_off {
        *months.entry(Month::of(dates, at)).or_default() += 1;
    }
    let months = months.into_iter().map(|(month, handed_off)| MonthLoad {
        month: month.to_string(),
        handed_off,
    });
    months.collect()
}

fn flipped(
    cases: &[Case<'_>],
    mut leads: Vec<(usize, Timestamp)>,
    traced_max: usize,
    traced: impl Fn(usize, Timestamp) -> (String, Vec<Cause>),
) -> Flipped {
    leads.sort_by_key(|(place, at)| (*at, *place));
    let mut flipped = Flipped::default();
    let mut counts: BTreeMap<(CauseKind, String), (u64, u64)> = BTreeMap::new();
    for (place, at) in leads {
        let Some(case) = cases.get(place) else { continue };
        flipped.fates.count(case, at);
        if flipped.leads.len() >= traced_max {
            continue;
        }
        let (fate, (trigger, causes)) = (case.fate_since(at), traced(place, at));
        for cause in &causes {
            let (leads, won) = counts.entry((cause.kind, cause.name.clone())).or_default();
            *leads += 1;
            *won += u64::from(fate == Some(Fate::Won));
        }
        flipped.leads.push(FlippedLead {
            lead: case.id.to_owned(),
            at,
            trigger,
            fate,
            causes,
        });
    }
    flipped.traced = flipped.leads.len() as u64;
    let counts = counts.into_iter().map(|((kind, name), (leads, won))| CauseCount {
        kind,
        name,
        leads,
        won,
    });
    flipped.causes = counts.collect();
    flipped.causes.sort_by_key(|count| std::cmp::Reverse(count.leads));
    flipped
}
