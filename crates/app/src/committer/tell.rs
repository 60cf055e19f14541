//! Messages are promised in the transaction of what they tell of, and delivered after it.

use bellwether_core::domain::Timestamp;
use bellwether_store::StoreError;

use super::Committer;

impl Committer {
    /// Promises a message to every destination.
    pub(super) fn promise(
        &mut self,
        id: &str,
        event_type: &str,
        payload: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        for destination in self.db.destinations()? {
            let message_id = format!("{id}-{}", destination.id);
            self.db
                .insert_message(destination.id, &message_id, event_type, payload, at)?;
            self.group.messages = true;
        }
        Ok(())
    }
}
