//! The clock of a handoff: which time counts, when a share of the time allowed has passed, and how much of it has. All of
//! it follows from when the clock began and when it stood still, so that nothing is lost between two looks at it.

use crate::agreement::{EscalationStep, Sla};
use crate::domain::{Period, Timestamp};
use crate::hours::Calendar;

/// Which time counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counting {
    /// All of it.
    AroundTheClock,
    /// A team's working hours.
    Working(Box<Calendar>),
}

impl Counting {
    /// When `period` of the time that counts has passed since `start`; held at the end of time.
    pub fn due(&self, start: Timestamp, period: Period) -> Timestamp {
        match self {
            Self::AroundTheClock => start.plus(period),
            Self::Working(calendar) => calendar.due(start, period).unwrap_or(Timestamp::MAX),
        }
    }

    /// How much of the time between two instants counts; nothing where `to` isn't after `from`.
    pub fn between(&self, from: Timestamp, to: Timestamp) -> Period {
        match self {
            Self::AroundTheClock => to.max(from).since(from),
            Self::Working(calendar) => calendar.working_between(from, to),
        }
    }
}

/// What was agreed for a handoff, as it was when its clock began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The policy; `None` where no SLA was for this handoff.
    pub policy: Option<String>,
    /// The time to first contact; `None` where none was promised.
    pub allowed: Option<Period>,
    /// Which time counts.
    pub counting: Counting,
    /// What happens as the time runs out, the earliest first.
    pub steps: Vec<EscalationStep>,
    /// For what the clock may stand still.
    pub pause: Vec<String>,
}

impl Terms {
    /// What an SLA says, with the hours that its team keeps.
    pub fn new(sla: Option<&Sla>, counting: Counting) -> Self {
        let mut steps = sla.map_or_else(Vec::new, |sla| sla.escalate.clone());
        steps.sort_by_key(|step| step.at_percent);
        Self {
            policy: sla.map(|sla| sla.name.clone()),
            allowed: sla.map(|sla| sla.first_contact),
            counting,
            steps,
            pause: sla.map_or_else(Vec::new, |sla| sla.pause.clone()),
        }
    }

    /// How much time must pass until a step; `None` without an SLA.
    pub fn until_step(&self, step: &EscalationStep) -> Option<Period> {
        let allowed = self.allowed?.ms();
        Some(Period::from_ms(
            allowed.saturating_mul(i64::from(step.at_percent)) / 100,
        ))
    }
}

/// A time in which a clock stood still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// Since when.
    pub from: Timestamp,
    /// Until when; `None` while it lasts.
    pub until: Option<Timestamp>,
}

/// A clock that runs, or ran: since when, and when it stood still. Its pauses are in order and don't overlap.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// Which time counts.
    pub counting: &'a Counting,
    /// When it began.
    pub started: Timestamp,
    /// When it stood still.
    pub pauses: &'a [Pause],
}

impl Run<'_> {
    /// When `needed` of the time that counts has passed; `None` while the clock stands still before that.
    pub fn reached(&self, needed: Period) -> Option<Timestamp> {
        let (mut from, mut left) = (self.started, needed);
        for pause in self.pauses {
            if pause.until.is_some_and(|until| until <= from) {
                continue;
            }
            let passed = self.counting.between(from, pause.from);
            if pause.from > from && left <= passed {
                break;
            }
            left = Period::from_ms(left.ms() - passed.ms());
            from = pause.until?;
        }
        Some(self.counting.due(from, left))
    }

    /// How much of the time that counts has passed by `at`.
    pub fn passed(&self, at: Timestamp) -> Period {
        let (mut from, mut passed_ms) = (self.started, 0);
        for pause in self.pauses.iter().filter(|pause| pause.from < at) {
            passed_ms += self.counting.between(from, pause.from).ms();
            from = from.max(pause.until.unwrap_or(at));
        }
        Period::from_ms(passed_ms + self.counting.between(from, at).ms())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hours::WeeklyHours;
    use proptest::prelude::*;

    fn office() -> Counting {
        let hours = WeeklyHours::parse("UTC", "mon-fri 09:00-17:00").expect("hours");
        Counting::Working(Box::new(Calendar::new(hours, [])))
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn hours(count: i64) -> Period {
        Period::from_ms(count * 3_600_000)
    }

    fn run<'a>(counting: &'a Counting, started: &str, pauses: &'a [Pause]) -> Run<'a> {
        Run {
            counting,
            started: at(started),
            pauses,
        }
    }

    #[test]
    fn a_pause_moves_what_is_due_by_the_time_that_it_took() {
        let pauses = [Pause {
            from: at("2026-06-05T10:00Z"),
            until: Some(at("2026-06-08T12:00Z")),
        }];
        let around = Counting::AroundTheClock;
        let clock = run(&around, "2026-06-05T09:00Z", &pauses);
        assert_eq!(clock.reached(hours(1)), Some(at("2026-06-05T10:00Z")));
        assert_eq!(clock.reached(hours(3)), Some(at("2026-06-08T14:00Z")));
        assert_eq!(clock.passed(at("2026-06-08T13:00Z")), hours(2));
        // Of working time, seven hours of Friday and three of Monday were paused.
        let office = office();
        let clock = run(&office, "2026-06-05T09:00Z", &pauses);
        assert_eq!(clock.reached(hours(6)), Some(at("2026-06-08T17:00Z")));
        assert_eq!(clock.reached(hours(7)), Some(at("2026-06-09T10:00Z")));
        assert_eq!(clock.passed(at("2026-06-06T00:00Z")), hours(1));
    }

    #[test]
    fn while_a_clock_stands_still_nothing_more_falls_due() {
        let pauses = [Pause {
            from: at("2026-06-05T10:00Z"),
            until: None,
        }];
        let around = Counting::AroundTheClock;
        let clock = run(&around, "2026-06-05T09:00Z", &pauses);
        assert_eq!(clock.reached(hours(1)), Some(at("2026-06-05T10:00Z")));
        assert_eq!(clock.reached(hours(2)), None);
        assert_eq!(clock.passed(at("2026-06-09T00:00Z")), hours(1));
    }

    #[test]
    fn pauses_before_a_clock_began_and_over_its_beginning_count_from_its_beginning() {
        let pauses = [
            Pause {
                from: at("2026-06-01T00:00Z"),
                until: Some(at("2026-06-01T05:00Z")),
            },
            Pause {
                from: at("2026-06-02T00:00Z"),
                until: Some(at("2026-06-02T10:00Z")),
            },
        ];
        let around = Counting::AroundTheClock;
        let clock = run(&around, "2026-06-02T08:00Z", &pauses);
        assert_eq!(clock.reached(hours(1)), Some(at("2026-06-02T11:00Z")));
        assert_eq!(clock.passed(at("2026-06-02T12:00Z")), hours(2));
    }

    proptest! {
        /// What is due when so much has passed has seen so much pass, whatever pauses lay between, and not a moment less.
        #[test]
        fn due_times_and_passed_time_agree(
            start_minute in 0_i64..20_000,
            gaps in proptest::collection::vec((1_i64..3_000, 1_i64..3_000), 0..5),
            needed_minutes in 1_i64..6_000,
            business in any::<bool>(),
        ) {
            let minute = |minutes: i64| Timestamp::from_ms_clamped(1_780_272_000_000 + minutes * 60_000);
            let mut cursor = start_minute - 1_000;
            let mut pauses = Vec::new();
            for (gap, length) in gaps {
                let from = cursor + gap;
                cursor = from + length;
                pauses.push(Pause { from: minute(from), until: Some(minute(cursor)) });
            }
            let counting = if business { office() } else { Counting::AroundTheClock };
            let clock = Run { counting: &counting, started: minute(start_minute), pauses: &pauses };
            let needed = Period::from_ms(needed_minutes * 60_000);
            let due = clock.reached(needed).expect("no pause lasts");
            prop_assert_eq!(clock.passed(due), needed);
            prop_assert!(clock.passed(due.minus(Period::from_ms(1))) < needed);
        }
    }
}
