//! Who a fact is about: junk ids are refused, and a pure plan says which lead gets the fact, which leads turn out to be
//! one, and which keys change hands.
//!
//! An anonymous lead joins an identified one. Two identified leads are joined by an alias or an equal email only, never by
//! a device: a device that is identified as somebody else belongs to that one from then on, and its past stays.

use std::borrow::Cow;

use bellwether_store::LeadId;

/// The kind of a browser's or device's own id.
pub(crate) const ANONYMOUS_ID: &str = "anonymous_id";
/// The kind of the id that the sender's own system gives.
pub(crate) const USER_ID: &str = "user_id";
/// The kind of an email address.
pub(crate) const EMAIL: &str = "email";
/// What the kinds of external ids begin with in the store, so that none can pass for one of the three above.
pub(crate) const EXTERNAL: &str = "external_id:";

/// The longest id, in bytes.
const ID_BYTES_MAX: usize = 512;
/// How many external ids one fact may carry.
pub(crate) const EXTERNAL_IDS_MAX: usize = 16;

/// What programs send where they have no id.
const JUNK: [&str; 13] = [
    "",
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
    "undefined undefined",
];

/// A key in the form that it is looked up in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key<'a> {
    pub(crate) kind: Cow<'a, str>,
    pub(crate) value: Cow<'a, str>,
}

/// The keys of one fact that can be used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Person<'a> {
    pub(crate) anonymous: Option<Key<'a>>,
    /// User id, email and external ids, in this order.
    pub(crate) identified: Vec<Key<'a>>,
}

/// What the store knows of a device's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Device {
    pub(crate) lead: LeadId,
    /// Whether that lead has a user id, an email or an external id.
    pub(crate) identified: bool,
    /// Whether one of these is of the same kind as one of the fact's, and another.
    pub(crate) contradicts: bool,
}

/// Which lead gets a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// It; a new one where there is none.
    pub(crate) lead: Option<LeadId>,
    /// The leads that turn out to be the same. An id of any other lead stays with that one.
    pub(crate) joined: Vec<LeadId>,
}

/// Why an id can't be used, if it can't.
pub(crate) fn junk(id: &str) -> Option<&'static str> {
    let bare = id.trim().trim_matches(['"', '\'', '`']).trim();
    if id.len() > ID_BYTES_MAX {
        return Some("it is longer than 512 bytes");
    }
    if bare.len() <= 20 && JUNK.contains(&bare.to_ascii_lowercase().as_str()) {
        return Some("it is what programs send where they have no id");
    }
    None
}

/// An email address as it is compared; nothing where it is none.
pub(crate) fn email(address: &str) -> Option<Cow<'_, str>> {
    let trimmed = address.trim();
    let (local, domain) = trimmed.rsplit_once('@')?;
    let plain = !local.is_empty() && !domain.is_empty() && !trimmed.contains(char::is_whitespace);
    let lower = plain && !trimmed.contains(char::is_uppercase);
    match (plain, lower) {
        (false, _) => None,
        (true, true) => Some(Cow::Borrowed(trimmed)),
        (true, false) => Some(Cow::Owned(trimmed.to_lowercase())),
    }
}

/// Plans, given who holds each of [`Person::identified`] and the device's id.
pub(crate) fn plan(person: &Person<'_>, holders: &[Option<LeadId>], device: Option<Device>) -> Plan {
    let known = holders.iter().copied().flatten().next();
    let lead = match (known, device) {
        (Some(known), _) => Some(known),
        (None, Some(device)) if person.identified.is_empty() || !device.contradicts => Some(device.lead),
        (None, _) => None,
    };
    let mut joined = Vec::new();
    for (key, holder) in person.identified.iter().zip(holders) {
        if let Some(other) = holder
            && Some(*other) != lead
            && key.kind == EMAIL
        {
            joined.push(*other);
        }
    }
    if let Some(device) = device
        && !device.identified
        && lead.is_some_and(|lead| lead != device.lead)
    {
        joined.push(device.lead);
    }
    joined.sort_unstable();
    joined.dedup();
    Plan { lead, joined }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(kinds: &[&'static str]) -> Person<'static> {
        let key = |kind: &'static str| Key {
            kind: Cow::Borrowed(kind),
            value: Cow::Borrowed("x"),
        };
        Person {
            anonymous: Some(key(ANONYMOUS_ID)),
            identified: kinds.iter().map(|kind| key(kind)).collect(),
        }
    }

    fn device(lead: i64, identified: bool, contradicts: bool) -> Device {
        Device {
            lead: LeadId(lead),
            identified,
            contradicts,
        }
    }

    #[track_caller]
    fn check(
        kinds: &[&'static str],
        holders: &[Option<i64>],
        device: impl Into<Option<Device>>,
        lead: Option<i64>,
        joined: &[i64],
    ) {
        let holders: Vec<Option<LeadId>> = holders.iter().map(|id| id.map(LeadId)).collect();
        let plan = plan(&person(kinds), &holders, device.into());
        let joined: Vec<LeadId> = joined.iter().copied().map(LeadId).collect();
        assert_eq!((plan.lead, plan.joined), (lead.map(LeadId), joined));
    }

    #[test]
    fn a_fact_goes_to_whoever_its_ids_name() {
        check(&[], &[], None, None, &[]);
        check(&[], &[], device(7, true, false), Some(7), &[]);
        check(&[USER_ID], &[None], None, None, &[]);
        check(&[USER_ID], &[Some(3)], None, Some(3), &[]);
        // Somebody anonymous gives their name.
        check(&[USER_ID], &[None], device(7, false, false), Some(7), &[]);
        // Somebody anonymous turns out to be one who is known.
        check(&[USER_ID], &[Some(3)], device(7, false, false), Some(3), &[7]);
        // More is learned of somebody known.
        check(&[USER_ID], &[None], device(7, true, false), Some(7), &[]);
    }

    #[test]
    fn a_device_never_joins_two_who_are_known() {
        check(&[USER_ID], &[Some(3)], device(7, true, true), Some(3), &[]);
        check(&[USER_ID], &[None], device(7, true, true), None, &[]);
    }

    #[test]
    fn an_equal_email_joins_and_an_external_id_does_not() {
        check(&[USER_ID, EMAIL], &[Some(3), Some(5)], None, Some(3), &[5]);
        check(
            &[USER_ID, EMAIL],
            &[None, Some(5)],
            device(7, false, false),
            Some(5),
            &[7],
        );
        let plan = plan(
            &person(&[USER_ID, "external_id:crm"]),
            &[Some(LeadId(3)), Some(LeadId(5))],
            None,
        );
        assert_eq!(plan.joined, Vec::new());
    }

    #[test]
    fn what_programs_send_for_no_id_is_junk() {
        for id in [
            "",
            " ",
            "null",
            "\"undefined\"",
            "[object Object]",
            "'None'",
            "NaN",
            "0",
            "GUEST",
        ] {
            assert!(junk(id).is_some(), "{id}");
        }
        for id in ["a", "00", "nullable", "1"] {
            assert!(junk(id).is_none(), "{id}");
        }
        assert!(junk(&"x".repeat(513)).is_some());
    }

    #[test]
    fn emails_are_compared_in_lower_case() {
        assert_eq!(email(" Ana@Acme.Example ").as_deref(), Some("ana@acme.example"));
        for none in ["", "ana", "@acme.example", "ana@", "a b@acme.example"] {
            assert_eq!(email(none), None, "{none}");
        }
    }
}
