//! Which lead a fact is about: the plan of [`identity`](crate::identity), carried out.

use bellwether_core::domain::{Timestamp, Traits, Value};
use bellwether_store::{Holder, LeadId, PairRow, PairState, StoreError};
use sha2::{Digest, Sha256};

use super::Committer;
use super::join::Joining;
use super::leads::ENGINE;
use crate::identity::{self, ANONYMOUS_ID, Device, Key, Person, Plan, USER_ID};

impl Committer {
    /// The lead that a fact is about, after joining what turns out to be one and linking what is new; and the lead that
    /// the fact is kept for, which is another one where its key came from a lead that was joined.
    pub(super) fn resolve(
        &mut self,
        person: &Person<'_>,
        ts: Timestamp,
        at: Timestamp,
    ) -> Result<Holder, StoreError> {
        let device = match &person.anonymous {
            Some(key) => self.holder(key)?,
            None => None,
        };
        if person.identified.is_empty()
            && let Some(holder) = device
        {
            return Ok(holder);
        }
        let mut holders = Vec::with_capacity(person.identified.len());
        for key in &person.identified {
            holders.push(self.holder(key)?);
        }
        let agreed = holders.first().copied().flatten().filter(|first| {
            let same = |holder: &Option<Holder>| holder.is_some_and(|holder| holder.lead == first.lead);
            holders.iter().all(same) && (person.anonymous.is_none() || same(&device))
        });
        if let Some(holder) = agreed {
            return Ok(holder);
        }
        let known_device = match device {
            Some(holder) => Some(self.device(holder.lead, person)?),
            None => None,
        };
        let leads: Vec<Option<LeadId>> = holders
            .iter()
            .map(|holder| holder.map(|holder| holder.lead))
            .collect();
        let plan = identity::plan(person, &leads, known_device);
        self.carry_out(person, &plan, &holders, device, (ts, at))
    }

    /// Joins, links, and says whom the fact is kept for.
    fn carry_out(
        &mut self,
        person: &Person<'_>,
        plan: &Plan,
        holders: &[Option<Holder>],
        device: Option<Holder>,
        (ts, at): (Timestamp, Timestamp),
    ) -> Result<Holder, StoreError> {
        let mut lead = match plan.lead {
            Some(lead) => lead,
            None => self.create(ts),
        };
        let mut one = vec![lead];
        for other in &plan.joined {
            let by_device = device.is_some_and(|device| device.lead == *other);
            let reason = if by_device {
                "the same device"
            } else {
                "the same email address"
            };
            if let Some(stays) = self.join_found(lead, *other, reason, at)? {
                lead = stays;
                one.push(*other);
            }
        }
        let of_one = |holder: &&Holder| one.contains(&holder.lead);
        let origin = holders
            .iter()
            .flatten()
            .chain(&device)
            .find(of_one)
            .map_or(lead, |holder| holder.origin);
        let holder = Holder { lead, origin };
        for (index, key) in person.identified.iter().enumerate() {
            match holders.get(index).copied().flatten() {
                None => self.give(key, holder, ts)?,
                Some(other) if one.contains(&other.lead) => {}
                Some(other) => self.contest(key, lead, other.lead, at)?,
            }
        }
        match (&person.anonymous, device) {
            (Some(_), Some(device)) if one.contains(&device.lead) => {}
            (Some(key), _) => self.give(key, holder, ts)?,
            (None, _) => {}
        }
        Ok(holder)
    }

    /// Lists that a key belongs to somebody else, and offers the two as a pair to look at.
    fn contest(
        &mut self,
        key: &Key<'_>,
        lead: LeadId,
        other: LeadId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.find(
            "contested_id",
            &key.value,
            format!("as {}: it belongs to another lead", key.kind),
            at,
        );
        let kind = key.kind.strip_prefix(identity::EXTERNAL).unwrap_or(&key.kind);
        self.db.put_pair(&PairRow {
            id: 0,
            one: lead,
            other,
            state: PairState::Offered,
            reason: format!("both are known by the {kind} `{}`", key.value),
            at,
            actor: None,
        })
    }

    /// Joins two leads that a fact shows to be one; nothing where somebody parted them.
    fn join_found(
        &mut self,
        one: LeadId,
        other: LeadId,
        reason: &str,
        at: Timestamp,
    ) -> Result<Option<LeadId>, StoreError> {
        if self.are_apart(one, other)? {
            self.find(
                "kept_apart",
                &format!("leads {} and {}", one.min(other), one.max(other)),
                format!("{reason}, but they were parted by hand; merge them by hand if they are one"),
                at,
            );
            return Ok(None);
        }
        let joining = Joining {
            at,
            actor: ENGINE,
            reason,
        };
        self.join(one, other, joining).map(Some)
    }

    /// Joins whoever was known by a previous id, and links that id.
    pub(super) fn join_alias(
        &mut self,
        mut holder: Holder,
        previous: &str,
        ts: Timestamp,
        at: Timestamp,
    ) -> Result<Holder, StoreError> {
        for kind in [USER_ID, ANONYMOUS_ID] {
            let key = Key {
                kind: kind.into(),
                value: previous.trim().into(),
            };
            match self.holder(&key)? {
                Some(other) if other.lead == holder.lead => {}
                Some(other) => {
                    if let Some(stays) = self.join_found(holder.lead, other.lead, "an alias", at)? {
                        holder.lead = stays;
                    }
                }
                None => self.give(&key, holder, ts)?,
            }
        }
        Ok(holder)
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
            lead.account_new = true;
        }
        Ok(())
    }

    /// Who has a key.
    pub(super) fn holder(&mut self, key: &Key<'_>) -> Result<Option<Holder>, StoreError> {
        let hash = hash(&key.kind, &key.value);
        if let Some(holder) = self.keys.get(&hash) {
            return Ok(Some(*holder));
        }
        let found = self.db.key_holder(&key.kind, &key.value)?;
        if let Some(holder) = found {
            self.keys.put(hash, holder);
        }
        Ok(found)
    }

    /// Gives a key to a lead, whoever had it.
    pub(super) fn give(&mut self, key: &Key<'_>, holder: Holder, ts: Timestamp) -> Result<(), StoreError> {
        self.db.put_key(&key.kind, &key.value, holder, ts)?;
        self.keys.put(hash(&key.kind, &key.value), holder);
        Ok(())
    }

    /// Brings the cached holders of a lead's keys up to date.
    pub(super) fn recall_keys(&mut self, lead: LeadId) -> Result<(), StoreError> {
        for key in self.db.keys_of(lead)? {
            let origin = key.origin;
            self.keys
                .put(hash(&key.kind, &key.value), Holder { lead, origin });
        }
        Ok(())
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
