//! Messages are promised in the transaction of what they tell of, and delivered after it. Each goes to the destinations
//! that take events of its type; a mail goes to somebody, who is settled when it is promised.

use std::sync::Arc;

use bellwether_connect::destination::{Kind, MESSAGE_SEND};
use bellwether_core::domain::Timestamp;
use bellwether_store::{NewMessage, StoreError, UserId};
use serde_json::Value;

use super::Committer;
use crate::destinations::{Found, load};

/// Where a payload says whom it is for, the nearest first.
const RECIPIENTS: [&str; 4] = ["to", "notify", "owner", "manager"];

impl Committer {
    /// Promises a message to every destination that takes it.
    pub(super) fn promise(
        &mut self,
        id: &str,
        event_type: &str,
        payload: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let destinations = self.destinations()?;
        let mut recipient: Option<Option<String>> = None;
        for kept in destinations.iter() {
            if !kept.is_on() || !kept.settings.takes(event_type) {
                continue;
            }
            let is_mail = matches!(kept.settings.kind, Kind::Smtp(_));
            if is_mail && recipient.is_none() {
                recipient = Some(self.recipient(event_type, payload)?);
            }
            let to = recipient.clone().flatten().filter(|_| is_mail);
            if is_mail && to.is_none() {
                let reason =
                    format!("there is nobody to mail a `{event_type}` to; it has no owner or addressee");
                self.find("nobody_to_mail", id, reason, at);
                continue;
            }
            let message = NewMessage {
                destination: kept.id,
                message_id: &format!("{id}-{}", kept.id),
                event_type,
                payload,
                recipient: to.as_deref(),
                dry_run: self.is_dry_run(),
            };
            self.promise_to(&message, at)?;
        }
        Ok(())
    }

    /// Whether any destination takes messages of a type.
    pub(super) fn is_taken(&mut self, event_type: &str) -> Result<bool, StoreError> {
        let destinations = self.destinations()?;
        let mut destinations = destinations.iter();
        Ok(destinations.any(|kept| kept.is_on() && kept.settings.takes(event_type)))
    }

    /// Promises a message to one destination.
    pub(crate) fn promise_to(&mut self, message: &NewMessage<'_>, at: Timestamp) -> Result<(), StoreError> {
        self.db.insert_message(message, at)?;
        self.group.messages.insert(message.destination);
        Ok(())
    }

    /// Whether messages are only kept to be looked at.
    pub(crate) fn is_dry_run(&self) -> bool {
        self.shared.dry_run
    }

    /// Reads the destinations again when they are next needed.
    pub(crate) fn forget_destinations(&mut self) {
        self.destinations = None;
    }

    fn destinations(&mut self) -> Result<Found, StoreError> {
        if let Some(found) = &self.destinations {
            return Ok(Arc::clone(found));
        }
        let found = load(&self.db)?;
        self.destinations = Some(Arc::clone(&found));
        Ok(found)
    }

    /// The address of whom a message is for: the addressee, whoever is to be notified, or the owner.
    fn recipient(&self, event_type: &str, payload: &str) -> Result<Option<String>, StoreError> {
        let payload: Value = serde_json::from_str(payload).unwrap_or_default();
        let Some(data) = payload.get("data") else {
            return Ok(None);
        };
        // A mail to a lead goes to nobody but the lead.
        let places = if event_type == MESSAGE_SEND {
            1
        } else {
            RECIPIENTS.len()
        };
        for place in RECIPIENTS.iter().take(places) {
            let Some(found) = data.get(place) else { continue };
            if let Some(address) = address(found) {
                return Ok(Some(address));
            }
            let id = found
                .get("id")
                .unwrap_or(found)
                .as_str()
                .and_then(|id| id.parse().ok());
            if let Some(user) = id.map(|id| self.db.user(UserId(id))).transpose()?.flatten() {
                return Ok(Some(user.email));
            }
        }
        Ok(None)
    }
}

/// The address that a value is or holds.
fn address(found: &Value) -> Option<String> {
    let text = found.get("email").unwrap_or(found).as_str()?.trim();
    text.contains('@').then(|| text.to_owned())
}
