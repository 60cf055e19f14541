//! How fast a destination is sent messages: a bucket of permits that fills evenly, and holds a second's worth.

use bellwether_core::domain::Timestamp;

/// A permit, in the bucket's own unit: what one message a minute gathers in a minute, by the millisecond.
const PERMIT: i64 = 60_000;

/// Permits to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bucket {
    rate_per_minute: u32,
    level: i64,
    at: Timestamp,
}

impl Bucket {
    /// A full one.
    pub(super) fn new(rate_per_minute: u32, now: Timestamp) -> Self {
        let mut bucket = Self {
            rate_per_minute,
            level: 0,
            at: now,
        };
        bucket.level = bucket.capacity();
        bucket
    }

    /// The rate that it was made for.
    pub(super) const fn rate_per_minute(&self) -> u32 {
        self.rate_per_minute
    }

    /// How many messages may be sent now.
    pub(super) fn permits(&mut self, now: Timestamp) -> usize {
        // A clock that is set back gives nothing and takes nothing.
        let passed = now.since(self.at).ms().max(0);
        self.at = now;
        let more = passed.saturating_mul(i64::from(self.rate_per_minute));
        // What is gathered of the next permit isn't lost while nobody looks, or a slow look would slow the rate.
        let most = self.capacity() + PERMIT - 1;
        self.level = self.level.saturating_add(more).min(most);
        usize::try_from(self.level / PERMIT).unwrap_or(0)
    }

    /// Takes as many permits as there were.
    pub(super) fn take(&mut self, permits: usize) {
        let permits = i64::try_from(permits).unwrap_or(i64::MAX / PERMIT);
        self.level = self.level.saturating_sub(permits.saturating_mul(PERMIT)).max(0);
    }

    /// In how many milliseconds there is another permit.
    pub(super) fn next_ms(&self) -> u64 {
        let missing = (PERMIT - self.level).max(0).unsigned_abs();
        missing.div_ceil(u64::from(self.rate_per_minute.max(1)))
    }

    fn capacity(&self) -> i64 {
        i64::from((self.rate_per_minute / 60).max(1)) * PERMIT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms_clamped(1_790_000_000_000 + ms)
    }

    #[test]
    fn no_more_go_out_than_the_rate_and_a_seconds_worth() {
        for rate in [1, 7, 60, 61, 6_000, 600_000] {
            let mut bucket = Bucket::new(rate, at(0));
            let mut sent = 0_usize;
            for ms in (0..120_000).step_by(37) {
                let permits = bucket.permits(at(ms));
                bucket.take(permits);
                sent += permits;
            }
            let most = 2 * rate as usize + (rate as usize / 60).max(1);
            // Two permits of the last minutes may not have come about by the last look.
            assert!(
                sent <= most + 1 && sent + (rate as usize / 60).max(1) + 1 >= most,
                "{rate}: {sent} of {most}"
            );
        }
    }

    #[test]
    fn it_says_when_there_is_another_permit() {
        let mut bucket = Bucket::new(60, at(0));
        assert_eq!((bucket.permits(at(0)), bucket.next_ms()), (1, 0));
        bucket.take(1);
        assert_eq!((bucket.permits(at(400)), bucket.next_ms()), (0, 600));
        assert_eq!(bucket.permits(at(999)), 0);
        assert_eq!(bucket.permits(at(1_000)), 1);
        // The clock is set back, and on again.
        assert_eq!(bucket.permits(at(-5_000)), 1);
        assert_eq!(bucket.permits(at(90_000)), 1);
    }
}
