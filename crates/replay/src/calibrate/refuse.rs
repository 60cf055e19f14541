//! Why points must not be made from what there is: each reason with its numbers. A table of points that is no better than
//! what it replaces, or that knows the future, does harm quietly; saying no is part of the work.

use std::collections::BTreeMap;
use std::ops::Range;

use bellwether_core::agreement::Agreement;
use serde::Serialize;

use super::features::Of;
use super::leads::{Counts, Subject, Timing};
use super::metrics::{Judged, auc};
use super::numbers::{log_odds, real};
use super::points::{Aim, Data, learn, sum_of};
use super::resample::{Interval, SHUFFLES, area, by_chance, gain};
use super::validate::{Tried, by_score, in_time_order};

/// The fewest leads won, and the fewest lost, that points are made from.
pub(super) const OF_EACH_MIN: usize = 30;
/// The area under the curve at which one rule alone knows the outcome.
const LEAK_AREA: f64 = 0.95;
/// The share of the leads with a case or rule that came out alike, from which on it knows the outcome.
const LEAK_ALIKE: f64 = 0.995;
/// How many times higher their odds must be than those of the others, at the lower end of the 95 % interval.
const LEAK_ODDS: f64 = 20.0;
/// The part of all won leads that such a case or rule must have, and the part of all lost ones: that somebody can't be sold to
/// at all is often known beforehand, that somebody surely buys never is.
const LEAK_COVERS: [f64; 2] = [0.1, 0.5];
/// The share of leads with a rule's events for whom these came only with the outcome or after it, at which it tells it.
const LATE_SHARE: f64 = 0.9;
/// The fewest leads to say so of.
const LEAK_LEADS_MIN: usize = 20;
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

/// Rules that know the outcome: one that alone ranks almost all rightly, a case or rule almost all of whose leads came out
/// alike while the others didn't, and a rule whose events come only with the outcome.
pub(super) fn leaks(data: Data<'_>, agreement: &Agreement, timing: &[Timing]) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for columns in data.features.rules() {
        let Some(name) = data.features.all.get(columns.start).map(|one| &one.rule) else {
            continue;
        };
        let mut columns = columns;
        let area = area_of_rule(data, columns.clone());
        if area >= LEAK_AREA {
            refusals.push(Refusal::new(
                Reason::Leak,
                format!(
                    "the rule `{name}` alone ranks leads with an area under the curve of {area:.3}: it knows the outcome; take it out, or the \
                     field that it reads"
                ),
                &[("auc", area)],
            ));
        } else if let Some((column, odds)) = columns.find_map(|column| Some((column, telling(data, column)?)))
        {
            let when = data
                .features
                .all
                .get(column)
                .map_or("", |feature| feature.when.as_str());
            let (with, won) = data.met.get(column).map_or((0, 0), |met| (met.leads, met.won));
            refusals.push(Refusal::new(
                Reason::Leak,
                format!(
                    "of the {with} leads that meet the rule `{name}`{}{when}, {won} were won, and the others fared otherwise: nothing that is \
                     known beforehand is that sure; take it out, or the field that it reads",
                    if when.is_empty() { "" } else { " by " }
                ),
                &[("leads", real(with)), ("won", real(won)), ("odds_ratio_at_least", odds)],
            ));
        }
    }
    refusals.extend(
        agreement
            .intent
            .iter()
            .zip(timing)
            .filter_map(|(rule, timing)| late(&rule.name, *timing)),
    );
    refusals
}

fn late(rule: &str, timing: Timing) -> Option<Refusal> {
    let all = timing.before + timing.only_after;
    let share = real(timing.only_after) / real(all.max(1));
    (timing.only_after >= LEAK_LEADS_MIN && share >= LATE_SHARE).then(|| {
        Refusal::new(
            Reason::Leak,
            format!(
                "of {all} leads with events of the rule `{rule}`, {} had the first of them only with their outcome or after it: the rule tells \
                 what came of a lead, not what will; take it out",
                timing.only_after
            ),
            &[("leads", real(all)), ("only_with_or_after", real(timing.only_after))],
        )
    })
}

/// The area under the curve of one rule: of what an intent rule amounts to, and of a fit rule's won rates, those of the one
/// half of the leads tried on the other.
fn area_of_rule(data: Data<'_>, columns: Range<usize>) -> f64 {
    let held = |row: usize| {
        let entries = data.matrix.row(row).iter();
        entries.copied().find(|(column, _)| columns.contains(column))
    };
    let is_intent = data
        .features
        .all
        .get(columns.start)
        .is_some_and(|feature| matches!(feature.of, Of::Intent { .. }));
    let won = |row: usize| data.won.get(row).copied().unwrap_or(false);
    let mut tallies: [BTreeMap<Option<usize>, (usize, usize)>; 2] = [BTreeMap::new(), BTreeMap::new()];
    let all: Vec<Option<(usize, f64)>> = (0..data.matrix.rows()).map(held).collect();
    for (row, held) in all.iter().enumerate() {
        if let Some(tally) = tallies.get_mut(row % 2) {
            let (leads, wins) = tally.entry(held.map(|(column, _)| column)).or_default();
            *leads += 1;
            *wins += usize::from(won(row));
        }
    }
    let judged: Vec<Judged> = all
        .iter()
        .enumerate()
        .map(|(row, held)| {
            let tally = tallies.get((row + 1) % 2);
            let tally = tally.and_then(|tally| tally.get(&held.map(|(column, _)| column)));
            let rate = tally.map_or(0.0, |(leads, wins)| log_odds(*wins, *leads));
            Judged {
                score: if is_intent {
                    held.map_or(0.0, |(_, value)| value)
                } else {
                    rate
                },
                chance: 0.5,
                won: won(row),
            }
        })
        .collect();
    let area = auc(&judged);
    area.max(1.0 - area)
}

/// The odds ratio of a column at the lower end of its interval, where its leads came out alike as leads don't.
fn telling(data: Data<'_>, column: usize) -> Option<f64> {
    let met = data.met.get(column)?;
    let (with, won_with) = (met.leads, met.won);
    let all_won = data.won.iter().filter(|won| **won).count();
    let (without, won_without) = (data.won.len() - with, all_won - won_with);
    if with < LEAK_LEADS_MIN || without < LEAK_LEADS_MIN {
        return None;
    }
    let [covers_won, covers_lost] = LEAK_COVERS;
    let (alike, all_alike, covers) = if won_with * 2 > with {
        (won_with, all_won, covers_won)
    } else {
        (with - won_with, data.won.len() - all_won, covers_lost)
    };
    if real(alike) < LEAK_ALIKE * real(with) || real(alike) < covers * real(all_alike) {
        return None;
    }
    let ratio = log_odds(won_with, with) - log_odds(won_without, without);
    let parts = [won_with, with - won_with, won_without, without - won_without];
    let error = parts
        .map(|part| 1.0 / (real(part) + 0.5))
        .iter()
        .sum::<f64>()
        .sqrt();
    let least = ratio.abs() - 1.96 * error;
    (least >= LEAK_ODDS.ln()).then(|| least.exp())
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
