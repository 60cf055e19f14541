//! The worker that has timers fired when their time has come.

use std::sync::Arc;
use std::time::Duration;

use bellwether_core::domain::Timestamp;

use crate::committer::TIMERS_MAX;
use crate::shared::{Shared, not_committed};
use crate::{App, AppError};

/// How often the worker looks at the clock, in milliseconds: it may be set, and timers are due by it.
const LOOK_MS: u64 = 250;

impl App {
    /// Fires every timer that is due by now; gives how many. The worker does it by itself; this is for whoever keeps the
    /// clock.
    pub async fn fire_timers(&self) -> Result<u64, AppError> {
        let mut all = 0;
        loop {
            let now = self.now();
            let fired = self
                .write(move |committer| Ok(Ok(committer.fire_due(now)?)))
                .await?;
            all += u64::from(fired);
            if fired < TIMERS_MAX {
                return Ok(all);
            }
        }
    }
}

/// Has timers fired until it is told to stop.
pub(crate) fn run(shared: &Arc<Shared>) {
    loop {
        match fire_due(shared) {
            Ok(true) if !shared.timers.stopped() => continue,
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "timers wait: the store doesn't fire them"),
        }
        if !shared.timers.wait(Duration::from_millis(LOOK_MS)) {
            return;
        }
    }
}

/// Fires what is due; whether there may be more.
fn fire_due(shared: &Arc<Shared>) -> Result<bool, AppError> {
    let now = shared.clock.now();
    let next: Option<Timestamp> = shared
        .readers
        .take()?
        .snapshot(bellwether_store::Db::next_timer_at)?;
    if next.is_none_or(|next| next > now) {
        return Ok(false);
    }
    let fired = shared.submit(move |committer| Ok(Ok(committer.fire_due(now)?)))?;
    let fired = fired.blocking_recv().map_err(|_| not_committed())??;
    Ok(fired >= TIMERS_MAX)
}
