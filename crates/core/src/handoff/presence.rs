//! Whether somebody can be given a lead at an instant, and if not, why and until when.

use std::fmt;

use crate::domain::Timestamp;
use crate::explain::words::{counted, minute};
use crate::hours::{Calendar, Zone};

/// A time that somebody is away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away {
    /// From when.
    pub from: Timestamp,
    /// Until when; nothing is until somebody says that they are back.
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: String,
}

/// How many leads somebody may have, and how many they have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The most that they may have.
    pub max: u32,
    /// What they have.
    pub has: u32,
}

/// What is known of somebody's being there.
#[derive(Debug)]
pub struct Presence<'a> {
    /// Whether they haven't left.
    pub active: bool,
    /// When they are away, the earliest first.
    pub away: &'a [Away],
    /// Their working hours; nothing where they work at any time.
    pub hours: Option<&'a Calendar>,
    /// In which zone their days begin.
    pub zone: &'a Zone,
    /// Their weight in the team's turns.
    pub weight: u32,
    /// The leads that the team gives them on a day.
    pub day: Option<Limit>,
    /// The leads that wait for their answer.
    pub open: Option<Limit>,
}

/// Why somebody can't be given a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Absence {
    /// They left the company.
    Left,
    /// They are away.
    Away {
        /// Until when; nothing is until somebody says that they are back.
        until: Option<Timestamp>,
        /// Why.
        reason: String,
    },
    /// It is a holiday of theirs.
    Holiday {
        /// When they are back; nothing is never.
        until: Option<Timestamp>,
    },
    /// It isn't in their working hours.
    Closed {
        /// When they are back; nothing is never.
        until: Option<Timestamp>,
    },
    /// They have what the team gives them on a day.
    DayFull {
        /// How many leads that is.
        max: u32,
        /// When their next day begins.
        until: Timestamp,
    },
    /// As many leads wait for their answer as may.
    OpenFull {
        /// How many that is.
        max: u32,
    },
    /// Their weight is 0.
    NoWeight,
    /// They have it already, and it is to be somebody else's.
    HasIt,
}

impl Presence<'_> {
    /// Why this person can't take a lead at an instant that falls to them by the team's turns; nothing where they can.
    pub fn absence(&self, at: Timestamp) -> Option<Absence> {
        self.gone(at)
            .or_else(|| self.closed(at))
            .or_else(|| self.full(at))
    }

    /// Why this person can't take a lead that is theirs anyhow, such as one of their own account: only having left and
    /// being away keep it from them.
    pub fn gone(&self, at: Timestamp) -> Option<Absence> {
        if !self.active {
            return Some(Absence::Left);
        }
        let now = |away: &&Away| away.from <= at && away.until.is_none_or(|until| until > at);
        let away = self.away.iter().find(now)?;
        Some(Absence::Away {
            until: self.back(at),
            reason: away.reason.clone(),
        })
    }

    /// When whoever is away is back: times off that follow one another are one.
    fn back(&self, at: Timestamp) -> Option<Timestamp> {
        let mut back = at;
        for away in self
            .away
            .iter()
            .filter(|away| away.until.is_none_or(|until| until > at))
        {
            if away.from <= back {
                back = back.max(away.until?);
            }
        }
        Some(back)
    }

    fn closed(&self, at: Timestamp) -> Option<Absence> {
        let hours = self.hours.filter(|hours| !hours.is_open(at))?;
        let until = hours.next_open(at);
        let holiday = hours.holidays.contains(&hours.hours.zone().date(at));
        Some(if holiday {
            Absence::Holiday { until }
        } else {
            Absence::Closed { until }
        })
    }

    fn full(&self, at: Timestamp) -> Option<Absence> {
        if self.weight == 0 {
            return Some(Absence::NoWeight);
        }
        if let Some(open) = self.open.filter(|open| open.has >= open.max) {
            return Some(Absence::OpenFull { max: open.max });
        }
        let day = self.day.filter(|day| day.has >= day.max)?;
        let (_, until) = self.zone.day(at);
        Some(Absence::DayFull { max: day.max, until })
    }
}

impl Absence {
    /// When it may be over; nothing where only somebody's doing ends it.
    pub fn until(&self) -> Option<Timestamp> {
        match self {
            Self::Away { until, .. } | Self::Holiday { until } | Self::Closed { until } => *until,
            Self::DayFull { until, .. } => Some(*until),
            Self::Left | Self::OpenFull { .. } | Self::NoWeight | Self::HasIt => None,
        }
    }
}

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let leads = |max: u32| counted(max as usize, "lead", "leads");
        let until = |until: &Option<Timestamp>, never: &str| match until {
            Some(until) => format!("until {}", minute(*until)),
            None => never.to_owned(),
        };
        match self {
            Self::Left => f.write_str("left the company"),
            Self::Away { until: back, reason } if reason.is_empty() => {
                write!(f, "away {}", until(back, "until they are back"))
            }
            Self::Away { until: back, reason } => {
                write!(f, "away {}: {reason}", until(back, "until they are back"))
            }
            Self::Holiday { until: back } => write!(f, "on a holiday {}", until(back, "for good")),
            Self::Closed { until: back } => write!(f, "out of hours {}", until(back, "for good")),
            Self::DayFull { max, until } => write!(
                f,
                "has had the {} that the team gives them on a day; the next day begins {}",
                leads(*max),
                minute(*until)
            ),
            Self::OpenFull { max } => write!(f, "has {} to answer, as many as they may", leads(*max)),
            Self::NoWeight => f.write_str("has weight 0, which gets no leads"),
            Self::HasIt => f.write_str("has it already"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hours::WeeklyHours;

    const HOUR_MS: i64 = 3_600_000;
    /// Monday, 2026-06-01, 00:00 UTC.
    const MONDAY_MS: i64 = 1_780_272_000_000;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_ms_clamped(MONDAY_MS + hours * HOUR_MS)
    }

    fn away(from: i64, until: Option<i64>, reason: &str) -> Away {
        Away {
            from: at(from),
            until: until.map(at),
            reason: reason.to_owned(),
        }
    }

    fn words(presence: &Presence<'_>, hours: i64) -> String {
        presence
            .absence(at(hours))
            .map_or_else(|| "there".to_owned(), |absence| absence.to_string())
    }

    #[test]
    fn everybody_who_cant_take_a_lead_is_passed_over_with_a_reason_and_until_when() {
        let zone = Zone::parse("UTC").unwrap();
        let hours = WeeklyHours::parse("UTC", "mon-fri 09:00-17:00").unwrap();
        let calendar = Calendar::new(hours, ["2026-06-02".parse().unwrap()]);
        let sick = [
            away(10, Some(12), "sick"),
            away(11, Some(14), "dentist"),
            away(80, None, ""),
        ];
        let there = || Presence {
            active: true,
            away: &sick,
            hours: Some(&calendar),
            zone: &zone,
            weight: 1,
            day: Some(Limit { max: 2, has: 1 }),
            open: Some(Limit { max: 3, has: 2 }),
        };
        for (hour, expected) in [
            (9, "there"),
            (10, "away until 2026-06-01 14:00 UTC: sick"),
            (13, "away until 2026-06-01 14:00 UTC: dentist"),
            (14, "there"),
            (17, "out of hours until 2026-06-03 09:00 UTC"),
            (33, "on a holiday until 2026-06-03 09:00 UTC"),
            (80, "away until they are back"),
        ] {
            assert_eq!(words(&there(), hour), expected, "{hour}");
        }
        let full = |has| Presence {
            day: Some(Limit { max: 2, has }),
            ..there()
        };
        assert_eq!(
            words(&full(2), 9),
            "has had the 2 leads that the team gives them on a day; the next day begins 2026-06-02 00:00 UTC"
        );
        let open = Presence {
            open: Some(Limit { max: 1, has: 1 }),
            ..there()
        };
        assert_eq!(words(&open, 9), "has 1 lead to answer, as many as they may");
        assert_eq!(
            words(&Presence { weight: 0, ..there() }, 9),
            "has weight 0, which gets no leads"
        );
        let left = Presence {
            active: false,
            ..there()
        };
        assert_eq!(words(&left, 9), "left the company");
        // What is theirs anyhow doesn't ask for their hours or limits.
        assert_eq!(full(2).gone(at(20)), None);
        assert!(full(2).gone(at(10)).is_some());
    }
}
