//! Delivering without lanes, for whoever keeps the clock.

use bellwether_connect::outgoing::{Failure, Then};
use bellwether_store::OutboxRow;

use super::lane::{Outcome, note_all};
use super::planned;
use crate::deliveries::shown;
use crate::{App, AppError, Preview};

/// How many messages are taken at once.
const TAKEN_MAX: u32 = 100;

impl App {
    /// Gives every message that is due by now to `receiver`, with its id, and notes what came of it as the lanes do; gives
    /// how many those were. The lanes do it by themselves; this is for whoever keeps the clock and has them off. Neither
    /// limits of rate nor the breaker apply.
    pub async fn deliver_due(
        &self,
        receiver: &mut (dyn FnMut(&str, &Preview) -> Result<(), String> + Send),
    ) -> Result<u64, AppError> {
        let mut all = 0;
        let now = self.now();
        for kept in self.shared().destinations.kept().iter() {
            if !kept.is_on() {
                continue;
            }
            loop {
                let id = kept.id;
                let due = self
                    .read(move |db| Ok(db.messages_due(id, now, TAKEN_MAX)?))
                    .await?;
                if due.is_empty() {
                    break;
                }
                all += due.len() as u64;
                let done: Vec<Outcome> = due
                    .into_iter()
                    .map(|row| {
                        let came = self.given(kept, &row, receiver);
                        Outcome { row, came }
                    })
                    .collect();
                let kept = std::sync::Arc::clone(kept);
                self.write(move |committer| Ok(Ok(note_all(committer, &kept, done, now)?)))
                    .await?;
            }
        }
        Ok(all)
    }

    fn given(
        &self,
        kept: &crate::destinations::Kept,
        row: &OutboxRow,
        receiver: &mut (dyn FnMut(&str, &Preview) -> Result<(), String> + Send),
    ) -> Result<(), Failure> {
        let planned = planned(self.shared(), kept, row, true)?;
        receiver(&row.message_id, &shown(&planned, "")).map_err(|why| Failure {
            why,
            then: Then::Later { retry_after_s: None },
        })
    }
}
