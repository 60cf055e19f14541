//! The report itself, put together.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use bellwether_core::agreement::Agreement;
use bellwether_core::domain::Timestamp;
use serde::Serialize;

use super::bands::bands;
use super::calendar::{Dates, Month};
use super::capacity::Trial;
use super::load::Span;
use super::rejections::Tracing;
use super::tally::Tally;
use super::{Band, Capacity, Case, Fates, Load, Rejections, Standing, Trials, Window, wire};
use crate::outcomes::Fate;
use crate::statistics::{Cell, INTERVALS, Lift, Quartiles, Rate, lifts, median_interval};

/// How much is worked out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Depth {
    /// What one judging tells.
    Quick,
    /// Also what takes judging the history again: score bands, the line by capacity, what rejections are traced to.
    #[default]
    Whole,
}

/// What is asked of a replay.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// The time that is looked at.
    pub window: Window,
    /// Whether a lead that isn't decided counts as lost.
    pub others_lost: bool,
    /// How many leads sales works a week.
    pub capacity: Option<NonZeroU32>,
    /// How many salespeople there are.
    pub people: Option<NonZeroU32>,
    /// How much is worked out.
    pub depth: Depth,
}

/// What a replay says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReplayReport {
    /// What the agreement is called.
    pub agreement: String,
    /// The time zone that months and weeks are in: the agreement's.
    pub timezone: String,
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
    /// How many leads there are in that time.
    pub leads: u64,
    /// The share of them that would have been handed off.
    pub handed_off: Rate,
    /// How many qualified only after they were won, and so would not have been handed off.
    pub already_won: u64,
    /// How many didn't qualify.
    pub below: u64,
    /// Of how many of those nothing has a time, neither a creation nor an event: they are in no month, and can't qualify, as
    /// leads are judged when something happens.
    pub without_time: u64,
    /// Whose verdict hangs on what isn't known of them.
    pub uncertain: Uncertain,
    /// What became of those handed off, from then on.
    pub fates: Fates,
    /// What became of all.
    pub all: Fates,
    /// Of those handed off and decided, the share that was won.
    pub precision: Rate,
    /// Of those that were won, the share that was handed off before.
    pub recall: Rate,
    /// Of all that are decided, the share that was won.
    pub base: Rate,
    /// Precision over that share.
    pub lift: Option<Lift>,
    /// Month by month.
    pub months: Vec<MonthRow>,
    /// By what they first came.
    pub channels: Vec<ChannelRow>,
    /// By the highest score that they reached; empty where that wasn't worked out.
    pub bands: Vec<Band>,
    /// How much work it is.
    pub load: Load,
    /// How long it takes from there to a won deal.
    pub time_to_won: TimeToWon,
    /// The line by capacity, where one is asked for and the agreement draws one.
    pub capacity: Option<Capacity>,
    /// What sales sent back, where anything was.
    pub rejections: Option<Rejections>,
    /// What was read of outcomes.
    pub outcomes: OutcomeCounts,
}

/// Leads whose verdict hangs on what isn't known of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Uncertain {
    /// They don't qualify, but might if all were known.
    pub might_qualify: u64,
    /// Of those, how many were won.
    pub might_qualify_won: u64,
    /// They qualify, but might not if all were known.
    pub might_not: u64,
}

/// A month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MonthRow {
    /// The month, such as `2026-03`.
    pub month: String,
    /// How many leads were first seen in it.
    pub new_leads: u64,
    /// How many would have been handed off in it.
    pub handed_off: u64,
    /// What became of those.
    pub fates: Fates,
    /// Of those decided, the share that was won.
    pub precision: Rate,
}

/// Those who first came by one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChannelRow {
    /// The channel; empty where it isn't known.
    pub channel: String,
    /// How many leads.
    pub leads: u64,
    /// The share of them that would have been handed off.
    pub handed_off: Rate,
    /// What became of those handed off.
    pub fates: Fates,
    /// Of those decided, the share that was won.
    pub precision: Rate,
}

/// How long it takes from qualifying to a won deal, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct TimeToWon {
    /// Of how many won deals the time is known.
    pub deals: u64,
    /// Of how many it isn't.
    pub without_time: u64,
    /// A quarter took at most this.
    pub lower_quartile_ms: Option<i64>,
    /// Half took at most this.
    pub median_ms: Option<i64>,
    /// Three quarters took at most this.
    pub upper_quartile_ms: Option<i64>,
    /// The interval of the median.
    pub median_low_ms: Option<i64>,
    /// Its upper end.
    pub median_high_ms: Option<i64>,
}

/// What was read of outcomes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct OutcomeCounts {
    /// How many rows.
    pub rows: u64,
    /// On how many leads of the history.
    pub leads: u64,
    /// On how many that the history doesn't know, which count for nothing.
    pub unknown_leads: u64,
}

impl ReplayReport {
    /// What the cases, judged by the agreement at an instant, come to.
    pub fn new(
        agreement: &Agreement,
        asked: &Asked,
        judged_at: Timestamp,
        cases: &[Case<'_>],
        outcomes: OutcomeCounts,
        trials: &impl Trials,
    ) -> Self {
        let (window, others_lost) = (asked.window, asked.others_lost);
        let whole = asked.depth == Depth::Whole;
        let dates = Dates::of(agreement);
        let qualified_at: Vec<Option<Timestamp>> = cases.iter().map(|case| case.qualified_at).collect();
        let tally = Tally::new(cases, window, &qualified_at);
        let span = Span::new(&dates, window, judged_at, tally.instants());
        let trial = Trial {
            agreement,
            cases,
            window,
            others_lost,
            dates: &dates,
            span,
            trials,
        };
        let tracing = Tracing {
            agreement,
            cases,
            window,
            trials,
        };
        Self {
            agreement: agreement.name.clone(),
            timezone: dates.zone().to_owned(),
            from: window.from,
            until: window.until,
            judged_at,
            intervals: INTERVALS,
            others_lost,
            leads: tally.leads(),
            handed_off: Rate::new(tally.handed_off.len() as u64, tally.leads()),
            already_won: tally.already_won,
            below: tally.below,
            without_time: tally.without_time,
            uncertain: uncertain(cases, window),
            precision: tally.precision(others_lost),
            recall: tally.recall(),
            base: tally.all.won_rate(others_lost),
            lift: lift(&tally, others_lost),
            months: months(&dates, cases, asked, &tally),
            channels: channels(cases, asked, &tally),
            bands: if whole {
                bands(agreement, cases, window, others_lost, trials)
            } else {
                Vec::new()
            },
            load: Load::new(&dates, span, tally.instants(), asked.capacity, asked.people),
            time_to_won: time_to_won(cases, &tally),
            capacity: asked
                .capacity
                .filter(|_| whole)
                .and_then(|per_week| trial.capacity(per_week)),
            rejections: if whole { tracing.trace(&tally) } else { None },
            outcomes,
            fates: tally.fates,
            all: tally.all,
        }
    }
}

fn uncertain(cases: &[Case<'_>], window: Window) -> Uncertain {
    let mut uncertain = Uncertain::default();
    for case in cases.iter().filter(|case| case.uncertain) {
        match window.standing(case, case.qualified_at) {
            Standing::HandedOff(_) => uncertain.might_not += 1,
            Standing::Below => {
                uncertain.might_qualify += 1;
                let won = case.fate_since(window.begins()) == Some(Fate::Won);
                uncertain.might_qualify_won += u64::from(won);
            }
            Standing::AlreadyWon | Standing::Outside => {}
        }
    }
    uncertain
}

/// Precision over the share of all, the same leads being drawn for both.
fn lift(tally: &Tally, others_lost: bool) -> Option<Lift> {
    let (handed_off, all) = (tally.fates.cell(others_lost), tally.all.cell(others_lost));
    let rest = Cell {
        hits: all.hits.saturating_sub(handed_off.hits),
        of: all.of.saturating_sub(handed_off.of),
    };
    lifts(&[handed_off, rest]).into_iter().next().flatten()
}

fn months(dates: &Dates, cases: &[Case<'_>], asked: &Asked, tally: &Tally) -> Vec<MonthRow> {
    let mut months: BTreeMap<Month, (u64, Fates)> = BTreeMap::new();
    for case in cases {
        let seen = case
            .first_seen
            .filter(|at| asked.window.from.is_none_or(|from| *at >= from));
        if let Some(seen) = seen
            && asked.window.standing(case, case.qualified_at) != Standing::Outside
        {
            months.entry(Month::of(dates, seen)).or_default().0 += 1;
        }
    }
    for (place, at) in &tally.handed_off {
        if let Some(case) = cases.get(*place) {
            months
                .entry(Month::of(dates, *at))
                .or_default()
                .1
                .count(case, *at);
        }
    }
    let rows = months.into_iter().map(|(month, (new_leads, fates))| MonthRow {
        month: month.to_string(),
        new_leads,
        handed_off: fates.total(),
        precision: fates.won_rate(asked.others_lost),
        fates,
    });
    rows.collect()
}

fn channels(cases: &[Case<'_>], asked: &Asked, tally: &Tally) -> Vec<ChannelRow> {
    let mut channels: BTreeMap<&str, (u64, Fates)> = BTreeMap::new();
    for case in cases {
        if asked.window.standing(case, case.qualified_at) != Standing::Outside {
            channels.entry(case.channel).or_default().0 += 1;
        }
    }
    for (place, at) in &tally.handed_off {
        if let Some(case) = cases.get(*place) {
            channels.entry(case.channel).or_default().1.count(case, *at);
        }
    }
    let rows = channels.into_iter().map(|(channel, (leads, fates))| ChannelRow {
        channel: channel.to_owned(),
        leads,
        handed_off: Rate::new(fates.total(), leads),
        precision: fates.won_rate(asked.others_lost),
        fates,
    });
    let mut rows: Vec<ChannelRow> = rows.collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.handed_off.hits));
    rows
}

fn time_to_won(cases: &[Case<'_>], tally: &Tally) -> TimeToWon {
    let won = tally.handed_off.iter().filter_map(|(place, at)| {
        let outcome = cases.get(*place)?.since(*at)?;
        (outcome.fate == Fate::Won).then_some((outcome.at, *at))
    });
    let won: Vec<(Option<Timestamp>, Timestamp)> = won.collect();
    let times = won.iter().filter_map(|(won, at)| Some((*won)?.since(*at).ms()));
    let mut times: Vec<i64> = times.collect();
    times.sort_unstable();
    let quartiles = Quartiles::of(&times);
    let interval = median_interval(&times);
    TimeToWon {
        deals: times.len() as u64,
        without_time: (won.len() - times.len()) as u64,
        lower_quartile_ms: quartiles.map(|quartiles| quartiles.lower),
        median_ms: quartiles.map(|quartiles| quartiles.median),
        upper_quartile_ms: quartiles.map(|quartiles| quartiles.upper),
        median_low_ms: interval.map(|(low, _)| low),
        median_high_ms: interval.map(|(_, high)| high),
    }
}
