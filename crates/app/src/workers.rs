//! Housekeeping beside the committer: the log is moved into the database, and old message ids are forgotten.

use std::sync::Arc;
use std::time::Duration;

use bellwether_store::{Db, StoreError};

use crate::committer::REMEMBERED;
use crate::shared::{Shared, not_committed};

/// How often the log is looked at though nobody asked, in seconds.
const CHECKPOINT_S: u64 = 30;
/// How often old message ids are looked for, in seconds.
const FORGET_S: u64 = 3_600;
/// How many message ids are looked at in one transaction.
const FORGET_SLICE: u32 = 2_000;

/// Moves the log into the database whenever it has grown, so that no commit has to.
pub(crate) fn checkpoint(shared: &Arc<Shared>, db: &Db) {
    loop {
        if let Err(error) = db.checkpoint_beside() {
            tracing::warn!(store.error = %error, "the log can't be moved into the database just now");
        }
        if !shared.checkpoint.wait(Duration::from_secs(CHECKPOINT_S)) {
            return;
        }
    }
}

/// Forgets message ids that are older than a sender's longest memory.
pub(crate) fn forget(shared: &Arc<Shared>) {
    loop {
        forget_all(shared);
        if !shared.janitor.wait(Duration::from_secs(FORGET_S)) {
            return;
        }
    }
}

fn forget_all(shared: &Arc<Shared>) {
    let before = shared.clock.now().minus(REMEMBERED);
    let mut after = Some(i64::MIN);
    while let Some(place) = after.filter(|_| !shared.janitor.stopped()) {
        let slice = shared.submit(move |committer| -> Result<_, StoreError> {
            Ok(Ok(committer.db.forget(place, before, FORGET_SLICE)?))
        });
        let forgotten = slice.and_then(|answer| answer.blocking_recv().map_err(|_| not_committed())?);
        match forgotten {
            Ok(next) => after = next,
            Err(error) => {
                tracing::debug!(%error, "old message ids are forgotten later");
                return;
            }
        }
    }
}
