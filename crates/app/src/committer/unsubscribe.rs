//! Somebody wants no more mail, or wants it after all. It holds for the address, whichever lead has it.

use bellwether_core::domain::Timestamp;
use bellwether_store::{StoreError, UnsubscribedRow};

use super::Committer;
use crate::identity::EMAIL;

impl Committer {
    /// Keeps that an address, in lower case, wants no more mail, and takes its lead off the track that it is on; whether
    /// that is new.
    pub(crate) fn unsubscribe(
        &mut self,
        address: &str,
        how: &str,
        actor: &str,
        mail: Option<i64>,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let new = self.db.insert_unsubscribed(&UnsubscribedRow {
            address: address.to_owned(),
            at,
            how: how.to_owned(),
            actor: actor.to_owned(),
            mail,
        })?;
        if new && let Some(holder) = self.db.key_holder(EMAIL, address)? {
            self.stop_nurture(holder.lead, "unsubscribed", at)?;
        }
        Ok(new)
    }
}
