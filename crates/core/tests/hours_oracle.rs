//! Working hours against a slow oracle: every minute is asked what the clock on the wall shows, and whether that is in a
//! shift. Calendars, zones and instants are drawn at random, crowding around changes of the clocks.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use bellwether_core::domain::{Period, Timestamp};
use bellwether_core::hours::{Calendar, LocalDate, WeeklyHours};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;
/// How far the oracle looks, in days.
const DAYS_MAX: i64 = 40;
const WEEK: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A zone and an instant near which something is asked: around a change of its clocks, or anywhere.
const MOMENTS: [(&str, &str); 19] = [
    ("America/New_York", "2026-03-08T07:00:00Z"),
    ("America/New_York", "2026-11-01T06:00:00Z"),
    ("America/New_York", "2006-04-02T07:00:00Z"),
    ("America/New_York", "2006-10-29T06:00:00Z"),
    ("America/New_York", "2007-03-11T07:00:00Z"),
    ("Europe/London", "2026-03-29T01:00:00Z"),
    ("Europe/London", "2026-10-25T01:00:00Z"),
    ("Europe/London", "1971-10-31T02:00:00Z"),
    ("Australia/Sydney", "2026-04-04T16:00:00Z"),
    ("Australia/Sydney", "2026-10-03T16:00:00Z"),
    ("Australia/Sydney", "2007-10-27T16:00:00Z"),
    ("America/Sao_Paulo", "2018-11-04T03:00:00Z"),
    ("America/Sao_Paulo", "2019-02-17T02:00:00Z"),
    ("America/Sao_Paulo", "2019-11-03T03:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00:00Z"),
    ("Asia/Kathmandu", "2026-12-31T18:15:00Z"),
    ("UTC", "2027-01-01T00:00:00Z"),
    ("Africa/Casablanca", "2026-03-22T02:00:00Z"),
];

/// A calendar as the oracle sees it.
#[derive(Debug, Clone)]
struct Plan {
    zone: &'static str,
    /// For each weekday its shifts in minutes, in order and apart.
    shifts: Vec<Vec<(u32, u32)>>,
    holidays: BTreeSet<jiff::civil::Date>,
    near_ms: i64,
}

impl Plan {
    fn calendar(&self) -> Calendar {
        let clock = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
        let mut text = String::new();
        for (day, shifts) in WEEK.iter().zip(&self.shifts) {
            for (from, to) in shifts {
                write!(text, "{day} {}-{}; ", clock(*from), clock(*to)).expect("a text can be written to");
            }
        }
        let hours = WeeklyHours::parse(self.zone, &text).expect("hours");
        let date = |date: &jiff::civil::Date| date.to_string().parse::<LocalDate>().expect("a date");
        Calendar::new(hours, self.holidays.iter().map(date))
    }

    fn zone(&self) -> TimeZone {
        TimeZoneDatabase::bundled().get(self.zone).expect("a zone")
    }

    /// Whether the clock on the wall says that it is working time.
    fn open(&self, zone: &TimeZone, at_ms: i64) -> bool {
        let wall = zone.to_datetime(jiff::Timestamp::from_millisecond(at_ms).expect("an instant"));
        let minute = u32::try_from(i32::from(wall.hour()) * 60 + i32::from(wall.minute())).expect("a minute");
        let weekday = usize::try_from(wall.weekday().to_monday_zero_offset()).expect("a weekday");
        let in_shift = self.shifts[weekday]
            .iter()
            .any(|(from, to)| *from <= minute && minute < *to);
        in_shift && !self.holidays.contains(&wall.date())
    }

    /// Open time between two instants, minute by minute.
    fn worked(&self, from_ms: i64, to_ms: i64) -> i64 {
        let zone = self.zone();
        let mut worked = 0;
        let mut minute = from_ms.div_euclid(MINUTE_MS) * MINUTE_MS;
        while minute < to_ms {
            if self.open(&zone, minute) {
                worked += (minute + MINUTE_MS).min(to_ms) - minute.max(from_ms);
            }
            minute += MINUTE_MS;
        }
        worked
    }

    /// When so much open time has passed, minute by minute; `None` where that is too far away.
    fn due(&self, start_ms: i64, working_ms: i64) -> Option<i64> {
        let zone = self.zone();
        let mut left = working_ms;
        let mut minute = start_ms.div_euclid(MINUTE_MS) * MINUTE_MS;
        while minute < start_ms + DAYS_MAX * DAY_MS {
            if self.open(&zone, minute) {
                let begin = minute.max(start_ms);
                if minute + MINUTE_MS - begin >= left {
                    return Some(begin + left);
                }
                left -= minute + MINUTE_MS - begin;
            }
            minute += MINUTE_MS;
        }
        None
    }

    /// When it is closed again, from the first open minute on.
    fn closes(&self, from_ms: i64) -> Option<i64> {
        let zone = self.zone();
        let mut minute = self.due(from_ms, 0)?.div_euclid(MINUTE_MS) * MINUTE_MS;
        let end = minute + DAYS_MAX * DAY_MS;
        while minute < end && self.open(&zone, minute) {
            minute += MINUTE_MS;
        }
        (minute < end).then_some(minute)
    }
}

/// Shifts of one day: a few times of day, in pairs.
fn day() -> impl Strategy<Value = Vec<(u32, u32)>> {
    let times = prop_oneof![
        2 => Just(BTreeSet::new()),
        1 => Just(BTreeSet::from([0, 1_440])),
        4 => btree_set(prop_oneof![0_u32..=1_440, (0_u32..=48).prop_map(|half| half * 30), 0_u32..240], 2..=6),
    ];
    times.prop_map(|times| {
        let times: Vec<u32> = times.into_iter().collect();
        times.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
    })
}

fn plan() -> impl Strategy<Value = Plan> {
    let week = vec(day(), 7).prop_filter("something is open", |week| week.iter().any(|day| !day.is_empty()));
    (select(&MOMENTS[..]), week, btree_set(-3_i64..30, 0..4)).prop_map(|((zone, near), shifts, off)| {
        let near: jiff::Timestamp = near.parse().expect("an instant");
        let date = near
            .to_zoned(TimeZoneDatabase::bundled().get(zone).expect("a zone"))
            .date();
        let holidays = off
            .into_iter()
            .map(|days| date.saturating_add(jiff::Span::new().days(days)))
            .collect();
        Plan {
            zone,
            shifts,
            holidays,
            near_ms: near.as_millisecond(),
        }
    })
}

/// Instants around the change: to the minute, or not.
fn offset() -> impl Strategy<Value = i64> {
    prop_oneof![
        (-3_000_i64..3_000).prop_map(|minutes| minutes * MINUTE_MS),
        (-8_i64..8).prop_map(|half| half * 30 * MINUTE_MS),
        -2 * DAY_MS..2 * DAY_MS,
    ]
}

fn instant(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms).expect("an instant")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn deadlines_are_those_of_the_oracle(
        plan in plan(),
        offset in offset(),
        working_ms in prop_oneof![0_i64..120, 0_i64..60 * 24 * 3].prop_flat_map(|minutes| {
            prop_oneof![Just(minutes * MINUTE_MS), Just(minutes * MINUTE_MS + 1)]
        }),
    ) {
        let start_ms = plan.near_ms + offset;
        let found = plan.calendar().due(instant(start_ms), Period::from_ms(working_ms));
        let found = found.map(Timestamp::ms).filter(|due| *due < start_ms + DAYS_MAX * DAY_MS);
        prop_assert_eq!(found, plan.due(start_ms, working_ms));
    }

    #[test]
    fn time_between_is_that_of_the_oracle(plan in plan(), one in offset(), span_ms in 0..12 * DAY_MS) {
        let from_ms = plan.near_ms + one;
        let calendar = plan.calendar();
        let (from, to) = (instant(from_ms), instant(from_ms + span_ms));
        prop_assert_eq!(calendar.working_between(from, to).ms(), plan.worked(from_ms, from_ms + span_ms));
        prop_assert_eq!(calendar.working_between(to, from).ms(), 0);
    }

    #[test]
    fn opening_and_closing_are_those_of_the_oracle(plan in plan(), offset in offset()) {
        let at_ms = plan.near_ms + offset;
        let calendar = plan.calendar();
        prop_assert_eq!(calendar.is_open(instant(at_ms)), plan.open(&plan.zone(), at_ms));
        let far = |at: &i64| *at < at_ms + (DAYS_MAX - 1) * DAY_MS;
        let opens = calendar.next_open(instant(at_ms)).map(Timestamp::ms).filter(far);
        prop_assert_eq!(opens, plan.due(at_ms, 0).filter(far));
        let closes = calendar.next_close(instant(at_ms)).map(Timestamp::ms).filter(far);
        prop_assert_eq!(closes, plan.closes(at_ms).filter(far));
    }

    #[test]
    fn hours_are_written_in_a_form_that_reads_as_the_same(plan in plan()) {
        let hours = plan.calendar().hours;
        let again = WeeklyHours::parse(plan.zone, &hours.to_string());
        prop_assert_eq!(again, Ok(hours));
    }

    #[test]
    fn what_is_no_calendar_is_refused_without_a_panic(text in "[a-z0-9:,; –-]{0,60}") {
        if let Ok(hours) = WeeklyHours::parse("UTC", &text) {
            prop_assert_eq!(WeeklyHours::parse("UTC", &hours.to_string()), Ok(hours));
        }
    }
}
