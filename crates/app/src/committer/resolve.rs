//! Which lead a fact is about: the plan of [`identity`](crate::identity), carried out.

use bellwether_core::domain::{Timestamp, Traits, Value};
use bellwether_store::{LeadId, StoreError};
use sha2::{Digest, Sha256};

use super::Committer;
use crate::identity::{self, ANONYMOUS_ID, Device, Key, Person, USER_ID};

impl Committer {
    /// The lead that a fact is about, after joining what turns out to be one and linking what is new.
    pub(super) fn resolve(
        &mut self,
        person: &Person<'_>,
        ts: Timestamp,
        at: Timestamp,
    ) -> Result<LeadId, StoreError> {
        let device = match &person.anonymous {
            Some(key) => self.holder(key)?,
            None => None,
        };
        if person.identified.is_empty()
            && let Some(lead) = device
        {
            return Ok(lead);
        }
        let mut holders = Vec::with_capacity(person.identified.len());
        for key in &person.identified {
            holders.push(self.holder(key)?);
        }
        let agreed = holders.first().copied().flatten().filter(|lead| {
            holders.iter().all(|holder| *holder == Some(*lead))
                && (person.anonymous.is_none() || device == Some(*lead))
        });
        if let Some(lead) = agreed {
            return Ok(lead);
        }
        let device = match device {
            Some(lead) => Some(self.device(lead, person)?),
            None => None,
        };
        let plan = identity::plan(person, &holders, device);
        let mut lead = match plan.lead {
            Some(lead) => lead,
            None => self.create(ts),
        };
        for other in &plan.joined {
            lead = self.join(lead, *other, at)?;
        }
        for (index, key) in person.identified.iter().enumerate() {
            if plan.kept_by_others.contains(&index) {
                self.find(
                    "contested_id",
                    &key.value,
                    format!("as {}: it belongs to another lead", key.kind),
                    at,
                );
            } else if holders.get(index).is_some_and(Option::is_none) {
                self.give(key, lead, ts)?;
            } else {
                self.link(key, lead, ts)?;
            }
        }
        match &person.anonymous {
            Some(key) if device.is_none() => self.give(key, lead, ts)?,
            Some(key) => self.link(key, lead, ts)?,
            None => {}
        }
        Ok(lead)
    }

    /// Joins whoever was known by a previous id, and links that id.
    pub(super) fn join_alias(
        &mut self,
        mut lead: LeadId,
        previous: &str,
        ts: Timestamp,
        at: Timestamp,
    ) -> Result<LeadId, StoreError> {
        for kind in [USER_ID, ANONYMOUS_ID] {
            let key = Key {
                kind: kind.into(),
                value: previous.trim().into(),
            };
            if let Some(other) = self.holder(&key)?.filter(|other| *other != lead) {
                lead = self.join(lead, other, at)?;
            }
            self.link(&key, lead, ts)?;
        }
        Ok(lead)
    }

    /// Puts a lead under the account that a group call names, unless a later one named another.
    pub(super) fn name_account(
        &mut self,
        lead: LeadId,
        group_id: &str,
        traits: &Traits,
        ts: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(reason) = identity::junk(group_id) {
            self.find("junk_id", group_id, format!("as group id: {reason}"), ts);
            return Ok(());
        }
        let account = self.db.account("group", group_id.trim(), ts)?;
        if let Some(Value::Text(name)) = traits.get("name") {
            self.db.name_account(account, name)?;
        }
        self.load(lead)?;
        if let Some(lead) = self.leads.get_mut(&lead)
            && lead.row.account_ts.is_none_or(|named| named <= ts)
        {
            lead.row.account = Some(account);
            lead.row.account_ts = Some(ts);
            lead.whole = true;
        }
        Ok(())
    }

    /// The lead that has a key.
    fn holder(&mut self, key: &Key<'_>) -> Result<Option<LeadId>, StoreError> {
        let hash = hash(&key.kind, &key.value);
        if let Some(lead) = self.keys.get(&hash) {
            return Ok(Some(*lead));
        }
        let found = self.db.key_holder(&key.kind, &key.value)?;
        if let Some(lead) = found {
            self.keys.put(hash, lead);
        }
        Ok(found)
    }

    fn link(&mut self, key: &Key<'_>, lead: LeadId, ts: Timestamp) -> Result<(), StoreError> {
        if self.holder(key)? != Some(lead) {
            self.give(key, lead, ts)?;
        }
        Ok(())
    }

    /// Gives a key to a lead, whoever had it.
    fn give(&mut self, key: &Key<'_>, lead: LeadId, ts: Timestamp) -> Result<(), StoreError> {
        self.db.put_key(&key.kind, &key.value, lead, ts)?;
        self.keys.put(hash(&key.kind, &key.value), lead);
        Ok(())
    }

    /// Points the cached keys of a lead at the one that it was joined into.
    pub(super) fn relink(&mut self, from: LeadId, to: LeadId) -> Result<(), StoreError> {
        for key in self.db.keys_of(from)? {
            self.keys.put(hash(&key.kind, &key.value), to);
        }
        self.db.move_keys(from, to)
    }

    /// What is known of the lead that a device belongs to.
    fn device(&self, lead: LeadId, person: &Person<'_>) -> Result<Device, StoreError> {
        let held = self.db.keys_of(lead)?;
        let contradicts = |key: &Key<'_>| {
            let mut same_kind = held.iter().filter(|held| held.kind == key.kind).peekable();
            same_kind.peek().is_some() && same_kind.all(|held| held.value != key.value)
        };
        Ok(Device {
            lead,
            identified: held.iter().any(|key| key.kind != ANONYMOUS_ID),
            contradicts: person.identified.iter().any(contradicts),
        })
    }
}

fn hash(kind: &str, value: &str) -> u128 {
    let digest = Sha256::new()
        .chain_update(kind)
        .chain_update([0])
        .chain_update(value)
        .finalize();
    u128::from_le_bytes(
        digest
            .get(..16)
            .and_then(|half| half.try_into().ok())
            .unwrap_or_default(),
    )
}
