//! One lead, as a report counts it, and where it stands in the time that is asked for.

use bellwether_core::domain::Timestamp;
use bellwether_core::hours::LocalDate;

use super::Dates;
use crate::outcomes::{Fate, LeadOutcome, Outcome};

/// One lead.
#[derive(Debug, Clone, Copy)]
pub struct Case<'r> {
    /// Its id.
    pub id: &'r str,
    /// By what it first came; empty where that isn't known.
    pub channel: &'r str,
    /// Its creation or first fact.
    pub first_seen: Option<Timestamp>,
    /// When it qualified.
    pub qualified_at: Option<Timestamp>,
    /// Whether its verdict hangs on what isn't known of it.
    pub uncertain: bool,
    /// What became of it.
    pub outcome: Option<&'r LeadOutcome>,
}

/// The time that is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// From when on; without it from the beginning.
    pub from: Option<Timestamp>,
    /// Until when, that instant left out; without it until the instant of judging.
    pub until: Option<Timestamp>,
}

/// Where a lead stands in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It came after the window, or was through before it: it had qualified or was won.
    Outside,
    /// It would have been handed to sales at that instant.
    HandedOff(Timestamp),
    /// It qualified, but only after it was won, so that nobody would have been handed it.
    AlreadyWon,
    /// It didn't qualify.
    Below,
}

impl Window {
    /// From the first day to the last, both with it; nothing where the last is before the first.
    pub fn of_days(dates: &Dates, first: Option<LocalDate>, last: Option<LocalDate>) -> Option<Self> {
        let from = first.map(|date| dates.begins(date));
        let until = last.map(|date| dates.begins(date.next()));
        let backwards = from.zip(until).is_some_and(|(from, until)| from >= until);
        (!backwards).then_some(Self { from, until })
    }

    /// The instant to judge at: the window's last, unless the history ends before it.
    pub fn judged_at(&self, latest: Timestamp) -> Timestamp {
        let last = self.until.and_then(|until| Timestamp::from_ms(until.ms() - 1));
        last.map_or(latest, |last| last.min(latest))
    }

    /// Where a lead stands that qualified at that instant, or didn't.
    pub fn standing(&self, case: &Case<'_>, qualified_at: Option<Timestamp>) -> Standing {
        let won_before = |at: Timestamp| case.outcome.is_some_and(|said| said.is_won_before(at));
        let before = |at: Timestamp| self.from.is_some_and(|from| at < from);
        let after = |at: Timestamp| self.until.is_some_and(|until| at >= until);
        let qualified_at = qualified_at.filter(|at| !after(*at));
        if qualified_at.is_some_and(before)
            || case.first_seen.is_some_and(after)
            || self.from.is_some_and(won_before)
        {
            return Standing::Outside;
        }
        match qualified_at {
            Some(at) if won_before(at) => Standing::AlreadyWon,
            Some(at) => Standing::HandedOff(at),
            None => Standing::Below,
        }
    }

    /// The instant that the window begins at.
    pub fn begins(&self) -> Timestamp {
        self.from.unwrap_or(Timestamp::MIN)
    }

    /// From when on counts what becomes of a lead of that standing: from its handoff, or else from the window's beginning.
    /// Nothing for one that is outside.
    pub fn counts_from(&self, standing: Standing) -> Option<Timestamp> {
        match standing {
            Standing::Outside => None,
            Standing::HandedOff(at) => Some(at),
            Standing::AlreadyWon | Standing::Below => Some(self.begins()),
        }
    }
}

impl Case<'_> {
    /// How far it came at or after an instant.
    pub fn since(&self, at: Timestamp) -> Option<&Outcome> {
        self.outcome?.since(at)
    }

    /// The same as a word.
    pub fn fate_since(&self, at: Timestamp) -> Option<Fate> {
        self.since(at).map(|outcome| outcome.fate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_ms_clamped(day * 86_400_000)
    }

    /// Whoever was seen and qualified on those days, and was won on that one.
    fn standing(window: Window, seen: i64, qualified: Option<i64>, won: Option<i64>) -> Standing {
        let mut said = LeadOutcome::default();
        said.add(Outcome {
            fate: Fate::Won,
            at: won.map(day),
            amount_thousandths: None,
            currency: None,
            reason: None,
        });
        let case = Case {
            id: "ana",
            channel: "",
            first_seen: Some(day(seen)),
            qualified_at: qualified.map(day),
            uncertain: false,
            outcome: won.map(|_| &said),
        };
        window.standing(&case, case.qualified_at)
    }

    #[test]
    fn a_window_holds_those_who_could_have_been_handed_off_in_it() {
        let window = Window {
            from: Some(day(10)),
            until: Some(day(20)),
        };
        for (seen, qualified, won, expected) in [
            (1, Some(10), None, Standing::HandedOff(day(10))),
            (1, Some(19), Some(19), Standing::HandedOff(day(19))),
            (1, Some(19), Some(18), Standing::AlreadyWon),
            (1, Some(9), None, Standing::Outside),
            (1, Some(20), None, Standing::Below),
            (1, None, None, Standing::Below),
            (1, None, Some(9), Standing::Outside),
            (1, None, Some(10), Standing::Below),
            (19, None, None, Standing::Below),
            (20, None, None, Standing::Outside),
        ] {
            assert_eq!(
                standing(window, seen, qualified, won),
                expected,
                "{seen} {qualified:?} {won:?}"
            );
        }
        let always = Window::default();
        assert_eq!(standing(always, 1, Some(2), Some(3)), Standing::HandedOff(day(2)));
        assert_eq!(standing(always, 1, Some(2), Some(1)), Standing::AlreadyWon);
    }
}
