//! Whose an event is that came from a device, and who is the same lead as somebody else.
//!
//! An anonymous id belongs to the user that it was last identified as at that time, and to the first such user before
//! that; of several users at one instant it is the last by name. An alias joins two leads whenever it was said; the
//! target's id stays.

use hashbrown::HashMap;

use crate::error::ReplayError;
use crate::records::{Record, RecordLog};
use crate::texts::Texts;

const LINKS_IN_MEMORY_MAX: usize = 500_000;

/// Words that clients send in place of an id.
const JUNK: [&str; 11] = [
    "anonymous",
    "guest",
    "undefined",
    "null",
    "none",
    "nan",
    "0",
    "[object object]",
    "true",
    "false",
    "email",
];

/// What the input says about who is who.
pub(crate) struct Identities {
    links: RecordLog,
    aliases: Vec<(i64, u32, u32)>,
}

/// Who is who.
#[derive(Default)]
pub(crate) struct Resolved {
    /// For each anonymous id, from when on it belongs to whom.
    users: HashMap<u32, Vec<(i64, u32)>>,
    /// For each lead that was joined into another, that one.
    joined: HashMap<u32, u32>,
}

/// Whether an id is a placeholder that many visitors share.
pub(crate) fn is_junk(id: &str) -> bool {
    let bare = id.trim().trim_matches(['"', '\'']).trim();
    bare.is_empty() || JUNK.iter().any(|junk| bare.eq_ignore_ascii_case(junk))
}

impl Identities {
    pub(crate) fn new() -> Self {
        Self {
            links: RecordLog::new(LINKS_IN_MEMORY_MAX),
            aliases: Vec::new(),
        }
    }

    /// Takes that an anonymous id was used by a user.
    pub(crate) fn link(&mut self, ts: i64, anonymous: u32, user: u32) -> Result<(), ReplayError> {
        self.links.push(Record {
            lead: anonymous,
            ts,
            fact: user,
            message: 0,
        })
    }

    /// Takes that `previous` is the same as `target`.
    pub(crate) fn alias(&mut self, ts: i64, previous: u32, target: u32) -> Result<(), ReplayError> {
        self.aliases.push((ts, previous, target));
        self.link(ts, previous, target)
    }

    pub(crate) fn resolve(self, ids: &Texts) -> Result<Resolved, ReplayError> {
        let mut resolved = Resolved::default();
        let mut links = self.links.sorted(&|link| link.lead)?;
        while let Some(link) = links.next()? {
            let users = resolved.users.entry(link.lead).or_default();
            match users.last_mut() {
                Some((ts, user)) if *ts == link.ts => {
                    if ids.get(link.fact) > ids.get(*user) {
                        *user = link.fact;
                    }
                }
                Some((_, user)) if *user == link.fact => {}
                _ => users.push((link.ts, link.fact)),
            }
        }
        let mut aliases = self.aliases;
        aliases.sort_by_key(|(ts, previous, target)| (*ts, ids.get(*previous), ids.get(*target)));
        for (_, previous, target) in aliases {
            let (from, to) = (resolved.root(previous), resolved.root(target));
            if from != to {
                resolved.joined.insert(from, to);
            }
        }
        Ok(resolved)
    }
}

impl Resolved {
    /// Whose something is that came at `ts` with this id, `anonymous` or a user's.
    pub(crate) fn lead(&self, id: u32, ts: i64, anonymous: bool) -> u32 {
        if self.users.is_empty() && self.joined.is_empty() {
            return id;
        }
        let user = if anonymous { self.user(id, ts) } else { None };
        self.root(user.unwrap_or(id))
    }

    /// Who a lead was joined into in the end.
    pub(crate) fn root(&self, mut lead: u32) -> u32 {
        while let Some(target) = self.joined.get(&lead) {
            lead = *target;
        }
        lead
    }

    /// The leads that were joined into others.
    pub(crate) fn joined(&self) -> impl Iterator<Item = u32> {
        self.joined.keys().copied()
    }

    fn user(&self, anonymous: u32, ts: i64) -> Option<u32> {
        let users = self.users.get(&anonymous)?;
        let until = users.partition_point(|(from, _)| *from <= ts);
        users.get(until.saturating_sub(1)).map(|(_, user)| *user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_belongs_to_whom_it_was_last_identified_as_and_its_past_to_the_first() {
        let mut ids = Texts::default();
        let [device, ana, bob, other] = ["device", "ana", "bob", "other"].map(|id| ids.intern(id));
        let links = [(10, ana), (15, ana), (20, bob), (20, ana), (30, ana)];
        let resolve = |order: &[usize]| {
            let mut identities = Identities::new();
            for at in order {
                identities
                    .link(links[*at].0, device, links[*at].1)
                    .expect("linked");
            }
            let resolved = identities.resolve(&ids).expect("resolved");
            [5, 10, 19, 20, 29, 30, 99].map(|ts| resolved.lead(device, ts, true))
        };
        let expected = [ana, ana, ana, bob, bob, ana, ana];
        assert_eq!(resolve(&[0, 1, 2, 3, 4]), expected);
        assert_eq!(resolve(&[4, 3, 2, 1, 0]), expected);
        assert_eq!(resolve(&[2, 4, 0, 3, 1]), expected);
        let nobody = Identities::new().resolve(&ids).expect("resolved");
        assert_eq!(nobody.lead(other, 5, true), other);
    }

    #[test]
    fn aliases_join_in_chains_and_a_circle_ends() {
        let mut ids = Texts::default();
        let [a, b, c] = ["a", "b", "c"].map(|id| ids.intern(id));
        let mut identities = Identities::new();
        for (ts, previous, target) in [(1, a, b), (2, b, c), (3, c, a)] {
            identities.alias(ts, previous, target).expect("taken");
        }
        let resolved = identities.resolve(&ids).expect("resolved");
        assert_eq!([a, b, c].map(|id| resolved.lead(id, 9, false)), [c, c, c]);
    }

    #[test]
    fn placeholders_are_known_quoted_and_in_any_case() {
        for id in ["", " NULL ", "\"undefined\"", "[object Object]", "0", "'Guest'"] {
            assert!(is_junk(id), "{id}");
        }
        for id in ["1", "nullable", "00"] {
            assert!(!is_junk(id), "{id}");
        }
    }
}
