//! Why points must not be made from what there is: each reason with its numbers. A table of points that is no better than
//! what it replaces, or that knows the future, does harm quietly; saying no is part of the work.

use std::collections::BTreeMap;

use serde::Serialize;

use super::leads::{Counts, Subject};
use super::metrics::auc;
use super::numbers::real;
use super::points::{Aim, Data, learn, sum_of};
use super::resample::{Interval, SHUFFLES, area, by_chance, gain};
use super::validate::{Tried, by_score, in_time_order};

/// The fewest leads won, and the fewest lost, that points are made from.
pub(super) const OF_EACH_MIN: usize = 30;
/// How many periods a ranking is looked at in.
const PERIODS: usize = 4;

/// Why no agreement is written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Refusal {
    /// A word for it.
    pub reason: Reason,
    /// What was found and what to do, in a sentence or two.
    pub message: String,
    /// The numbers that it rests on.
    pub numbers: BTreeMap<&'static str, f64>,
}

/// A word for a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Too few leads were won, or too few lost.
    TooFewOutcomes,
    /// The new points don't rank unseen leads better than the present agreement does.
    NoBetter,
    /// The outcomes have as little to do with the leads as if they had been shuffled.
    LooksShuffled,
    /// A rule knows the outcome.
    Leak,
    /// What spoke for a lead earlier speaks against it later.
    RankingInverts,
    /// The new points contradict what an example of the agreement says.
    ContradictsExample,
}

/// How a ranking did in one stretch of time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Period {
    /// The time of its first lead.
    #[serde(serialize_with = "super::report::time")]
    pub from: bellwether_core::domain::Timestamp,
    /// The time of its last one.
    #[serde(serialize_with = "super::report::time")]
    pub until: bellwether_core::domain::Timestamp,
    /// How many leads there are.
    pub leads: usize,
    /// How many of them were won.
    pub won: usize,
    /// The area under the curve of the new points.
    pub auc: Interval,
}

impl Refusal {
    pub(super) fn new(reason: Reason, message: String, numbers: &[(&'static str, f64)]) -> Self {
        Self {
            reason,
            message,
            numbers: numbers.iter().copied().collect(),
        }
    }
}

/// Whether there is enough to go by at all.
pub(super) fn too_few(counts: &Counts) -> Option<Refusal> {
    (counts.won < OF_EACH_MIN || counts.lost < OF_EACH_MIN).then(|| {
        Refusal::new(
            Reason::TooFewOutcomes,
            format!(
                "{} leads were won and {} lost; it takes {OF_EACH_MIN} of each to tell anything from luck",
                counts.won, counts.lost
            ),
            &[
                ("won", real(counts.won)),
                ("lost", real(counts.lost)),
                ("needed_of_each", real(OF_EACH_MIN)),
            ],
        )
    })
}

/// What trying the points on unseen leads says against them, with the gain and how likely the ranking is by chance.
pub(super) fn after_trying(tried: &Tried, seed: u64) -> (Vec<Refusal>, Interval, f64) {
    let [new, present, ..] = &tried.methods;
    let (gain, likely) = (gain(new, present, seed), by_chance(new, seed));
    let mut refusals = Vec::new();
    // None of the shuffles may reach it: in a thousand calibrations of nothing, one would pass.
    if likely * real(SHUFFLES + 1) > 1.5 {
        refusals.push(Refusal::new(
            Reason::LooksShuffled,
            format!(
                "on leads that it hadn't seen the best ranking comes to an area under the curve of {:.3}, which shuffled outcomes reach \
                 {:.2} % of the time; the outcomes may not belong to these leads",
                auc(new),
                likely * 100.0
            ),
            &[("auc", auc(new)), ("chance", likely), ("shuffles", real(SHUFFLES))],
        ));
    }
    if gain.low <= 0.0 {
        refusals.push(Refusal::new(
            Reason::NoBetter,
            format!(
                "the new points rank unseen leads with an area of {:.3}, the present agreement with {:.3}: a gain of {:+.3}, and by luck \
                 alone from {:+.3} to {:+.3} (95 %), which isn't surely one",
                auc(new),
                auc(present),
                gain.value,
                gain.low,
                gain.high
            ),
            &[("gain", gain.value), ("low", gain.low), ("high", gain.high), ("auc_new", auc(new)), ("auc_present", auc(present))],
        ));
    }
    (refusals, gain, likely)
}

/// What is said instead where no rule gives any points: there is nothing to rank by, so that how well it ranks says nothing.
pub(super) fn nothing_told(looked_at: usize) -> Refusal {
    let found = match looked_at {
        0 => "`--discover` looks for others".to_owned(),
        _ => format!("nor does any of the {looked_at} that were looked at"),
    };
    Refusal::new(
        Reason::NoBetter,
        format!(
            "no rule of the agreement tells anything of the outcomes that couldn't be luck, {found}; the outcomes may not belong to these leads, \
             or hang on what isn't known of them"
        ),
        &[("looked_at", real(looked_at))],
    )
}

/// How the ranking holds over time: what is made of the first half tried on the second, and the points themselves in each
/// period. Nothing where there are no times.
pub(super) fn over_time(
    data: Data<'_>,
    subjects: &[Subject],
    points: &[f64],
    tried: &Tried,
    ridge: f64,
    aim: Aim,
    seed: u64,
) -> (Vec<Refusal>, Vec<Period>) {
    let Some(order) = in_time_order(subjects) else {
        return (Vec::new(), Vec::new());
    };
    let mut refusals = Vec::new();
    let (first, second) = order.split_at(order.len() / 2);
    let early = learn(data, first, ridge, aim).of;
    let halves = by_score(data, first, second, &|row| sum_of(data, row, &early).total());
    let [new, ..] = &tried.methods;
    for (leads, what) in [
        (new, "points made from the earlier leads rank the later ones"),
        (
            &halves,
            "points made from the first half of the leads rank the second half",
        ),
    ] {
        let area = area(leads, seed);
        if area.high < 0.5 {
            refusals.push(inverts(&format!("{what} the wrong way round"), area));
        }
    }
    let mut periods = Vec::new();
    for rows in order.chunks(order.len().div_ceil(PERIODS).max(1)) {
        let judged = by_score(data, rows, rows, &|row| sum_of(data, row, points).total());
        let won = judged.iter().filter(|one| one.won).count();
        let time = |row: Option<&usize>| row.and_then(|row| subjects.get(*row)).and_then(Subject::time);
        let (Some(from), Some(until)) = (time(rows.first()), time(rows.last())) else {
            continue;
        };
        let auc = area(&judged, seed);
        if auc.high < 0.5 {
            refusals.push(inverts(
                &format!("from {from} to {until} the points rank leads the wrong way round"),
                auc,
            ));
        }
        let leads = judged.len();
        periods.push(Period {
            from,
            until,
            leads,
            won,
            auc,
        });
    }
    (refusals, periods)
}

fn inverts(what: &str, area: Interval) -> Refusal {
    Refusal::new(
        Reason::RankingInverts,
        format!(
            "{what}: an area under the curve of {:.3}, from {:.3} to {:.3} (95 %); what spoke for a lead at one time speaks against it at \
             another, so look for what changed and take the leads of one side only",
            area.value, area.low, area.high
        ),
        &[("auc", area.value), ("low", area.low), ("high", area.high)],
    )
}

impl Reason {
    /// The word as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooFewOutcomes => "too-few-outcomes",
            Self::NoBetter => "no-better",
            Self::LooksShuffled => "looks-shuffled",
            Self::Leak => "leak",
            Self::RankingInverts => "ranking-inverts",
            Self::ContradictsExample => "contradicts-example",
        }
    }
}
