//! Messages that leave when the simulation says so, to a receiver that isn't always there.

use anyhow::{Result, bail};
use bellwether_app::{AppError, Preview};
use bellwether_core::domain::{Period, Timestamp};

use super::{DELIVER_MS, Outcome, Quarter};

impl Quarter {
    /// When there is something to deliver; not sooner than a while after the last time.
    pub(super) fn next_delivery(&self) -> Result<Option<Timestamp>> {
        let mut select = self
            .world
            .reader
            .prepare_cached("SELECT min(next_at) FROM outbox WHERE state = 'waiting'")?;
        let next: Option<i64> = select.query_row([], |row| row.get(0))?;
        Ok(next.map(|next| Timestamp::from_ms_clamped(next).max(self.deliver_from)))
    }

    pub(super) fn deliver(&mut self) -> Result<Outcome> {
        let receiver = &mut self.receiver;
        receiver.set_time(self.now);
        self.deliver_from = self.now.plus(Period::from_ms(DELIVER_MS));
        let mut take = |id: &str, said: &Preview| receiver.take(id, said);
        match self.world.wait(self.world.app().deliver_due(&mut take)) {
            Ok(tried) => *self.counts.entry("deliveries tried").or_default() += tried,
            Err(AppError::Unavailable(_)) => return Ok(Outcome::Lost),
            Err(error) => bail!(error),
        }
        Ok(Outcome::Done)
    }

    pub(super) fn replay(&mut self) -> Result<Outcome> {
        match self.world.wait(self.world.app().replay_deliveries()) {
            Ok(again) => *self.counts.entry("given up, sent again").or_default() += again,
            Err(AppError::Unavailable(_)) => return Ok(Outcome::Lost),
            Err(error) => bail!(error),
        }
        Ok(Outcome::Done)
    }
}
