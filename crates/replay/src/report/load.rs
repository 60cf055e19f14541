//! How much work it is: leads handed off by ISO week.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use bellwether_core::domain::Timestamp;
use serde::Serialize;

use super::Window;
use super::calendar::{Dates, Week};
use crate::statistics::{Millionths, quantile};

/// Leads handed off a week, against what sales can work.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Load {
    /// How many a week on average.
    pub per_week: Option<Millionths>,
    /// The median of the weeks.
    pub median: Option<Millionths>,
    /// What nine weeks of ten stay at or under.
    pub ninth_decile: Option<Millionths>,
    /// The most of a week.
    pub busiest: u64,
    /// How many leads sales works a week.
    pub capacity: Option<NonZeroU32>,
    /// In how many weeks there are more than that.
    pub weeks_over: Option<u64>,
    /// How many salespeople there are.
    pub people: Option<NonZeroU32>,
    /// How many leads each of them gets a week on average.
    pub per_person: Option<Millionths>,
    /// How many each of them works a week.
    pub capacity_per_person: Option<Millionths>,
    /// Every week from the first to the last, those without any lead too.
    pub weeks: Vec<WeekLoad>,
}

/// One week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WeekLoad {
    /// The week, as ISO 8601 writes it: `2026-W05`.
    pub week: String,
    /// Its Monday.
    pub begins: String,
    /// How many leads were handed off in it.
    pub handed_off: u64,
    /// Whether that is more than sales works.
    pub over: Option<bool>,
}

/// The weeks that a load is spread over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    first: Week,
    last: Week,
}

impl Span {
    /// From the window's beginning, or else the first handoff, to the window's end, or else the instant of judging.
    pub(crate) fn new(
        dates: &Dates,
        window: Window,
        judged_at: Timestamp,
        handed_off: impl Iterator<Item = Timestamp>,
    ) -> Option<Self> {
        let from = window.from.or_else(|| handed_off.min())?;
        let until = window.until.and_then(|until| Timestamp::from_ms(until.ms() - 1));
        let until = until.unwrap_or(judged_at).max(from);
        Some(Self {
            first: Week::of(dates, from),
            last: Week::of(dates, until),
        })
    }

    /// How many weeks they are.
    pub(crate) fn weeks(self) -> u64 {
        self.first.through(self.last)
    }
}

/// How many were handed off in each week.
pub(crate) fn by_week(dates: &Dates, handed_off: impl Iterator<Item = Timestamp>) -> BTreeMap<Week, u64> {
    let mut weeks = BTreeMap::new();
    for at in handed_off {
        *weeks.entry(Week::of(dates, at)).or_default() += 1;
    }
    weeks
}

impl Load {
    pub(crate) fn new(
        dates: &Dates,
        span: Option<Span>,
        handed_off: impl Iterator<Item = Timestamp>,
        capacity: Option<NonZeroU32>,
        people: Option<NonZeroU32>,
    ) -> Self {
        let mut weeks = by_week(dates, handed_off);
        let mut week = span.map(|span| (span.first, span.last));
        while let Some((next, last)) = week.filter(|(next, last)| next <= last) {
            weeks.entry(next).or_default();
            week = Some((next.next(), last));
        }
        let mut counts: Vec<i64> = weeks
            .values()
            .map(|count| {
                i64::try_from(*count)
                    .unwrap_or(i64::MAX)
                    .saturating_mul(1_000_000)
            })
            .collect();
        counts.sort_unstable();
        let at = |part, whole| {
            quantile(&counts, part, whole).and_then(|count| u64::try_from(count).ok().map(Millionths))
        };
        let over = |count: u64| capacity.map(|capacity| count > u64::from(capacity.get()));
        let (total, number) = (weeks.values().sum(), weeks.len() as u64);
        let over_people =
            |part: u64| Millionths::ratio(part, people.map_or(0, |people| u64::from(people.get())));
        Self {
            per_week: Millionths::ratio(total, number),
            median: at(1, 2),
            ninth_decile: at(9, 10),
            busiest: weeks.values().copied().max().unwrap_or(0),
            capacity,
            weeks_over: capacity
                .map(|_| weeks.values().filter(|count| over(**count) == Some(true)).count() as u64),
            people,
            per_person: people.and_then(|people| Millionths::ratio(total, number * u64::from(people.get()))),
            capacity_per_person: capacity.and_then(|capacity| over_people(u64::from(capacity.get()))),
            weeks: weeks
                .iter()
                .map(|(week, count)| WeekLoad {
                    week: week.to_string(),
                    begins: week.begins(),
                    handed_off: *count,
                    over: over(*count),
                })
                .collect(),
        }
    }

    /// How many leads were handed off.
    pub fn handed_off(&self) -> u64 {
        self.weeks.iter().map(|week| week.handed_off).sum()
    }
}
