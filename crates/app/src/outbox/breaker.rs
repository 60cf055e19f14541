//! Whether a destination is called at all: after several failures in a row it is left alone for a while, then tried with
//! one message, and left alone for longer if that fails too. So a receiver that is down isn't hammered, and its messages
//! don't use up their attempts.

use bellwether_core::domain::{Period, Timestamp};

/// How many failures in a row make a destination be left alone.
pub(super) const FAILURES_MAX: u32 = 5;
/// For how long the first time.
const OPEN_FIRST: Period = Period::from_ms(10_000);
/// For how long at most.
const OPEN_MAX: Period = Period::from_ms(10 * 60_000);

/// How a destination did of late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Breaker {
    failures: u32,
    /// How many times in a row it was left alone.
    opened: u32,
    until: Option<Timestamp>,
}

impl Breaker {
    /// How many messages may be under way together with those that are.
    pub(super) fn at_once(&self, now: Timestamp, at_once_max: usize) -> usize {
        match self.until {
            None => at_once_max,
            Some(until) if now < until => 0,
            Some(_) => 1,
        }
    }

    /// A message arrived.
    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// One didn't.
    pub(super) fn failed(&mut self, now: Timestamp) {
        // What was under way when it was opened says nothing new.
        if self.until.is_some_and(|until| now < until) {
            return;
        }
        self.failures = self.failures.saturating_add(1);
        if self.failures < FAILURES_MAX {
            return;
        }
        let doubled = OPEN_FIRST.ms().saturating_mul(1_i64 << self.opened.min(20));
        self.opened = self.opened.saturating_add(1);
        self.until = Some(now.plus(Period::from_ms(doubled.min(OPEN_MAX.ms()))));
    }

    /// What it is called.
    pub(super) fn state(&self, now: Timestamp) -> &'static str {
        match self.at_once(now, usize::MAX) {
            0 => "open",
            1 => "half_open",
            _ => "closed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays a story of `second result` lines and tells the state after each: `+` arrived, `-` didn't, `?` is only asked.
    fn played(story: &[(i64, char)]) -> Vec<String> {
        let mut breaker = Breaker::default();
        let tell = |(second, what): &(i64, char)| {
            let now = Timestamp::from_ms_clamped(1_790_000_000_000 + second * 1_000);
            match what {
                '+' => breaker.succeeded(),
                '-' => breaker.failed(now),
                _ => {}
            }
            format!(
                "{second} {what} {} {}",
                breaker.state(now),
                breaker.at_once(now, 8)
            )
        };
        story.iter().map(tell).collect()
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_closes_after_one_that_works() {
        let four = [(0, '-'), (0, '-'), (0, '-'), (0, '-')];
        assert_eq!(
            played(&[&four[..], &[(1, '+'), (1, '-')]].concat())
                .last()
                .unwrap(),
            "1 - closed 8"
        );
        let story = [&four[..], &[(1, '-'), (5, '-'), (10, '?'), (11, '?'), (11, '+')]].concat();
        assert_eq!(
            played(&story)[3..],
            [
                "0 - closed 8",
                "1 - open 0",
                // One that had been under way doesn't make it longer.
                "5 - open 0",
                "10 ? open 0",
                "11 ? half_open 1",
                "11 + closed 8",
            ]
        );
    }

    #[test]
    fn it_stays_open_for_longer_each_time_up_to_a_bound() {
        let (mut breaker, mut now) = (Breaker::default(), Timestamp::from_ms_clamped(1_790_000_000_000));
        for _ in 0..FAILURES_MAX {
            breaker.failed(now);
        }
        let mut waits = Vec::new();
        for _ in 0..9 {
            let until = breaker.until.unwrap();
            waits.push(until.since(now).ms() / 1_000);
            now = until;
            assert_eq!(breaker.at_once(now, 8), 1);
            breaker.failed(now);
        }
        assert_eq!(waits, [10, 20, 40, 80, 160, 320, 600, 600, 600]);
    }
}
