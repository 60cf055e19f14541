//! Whose turn it is. Each member's share goes by weight; nobody is ever a whole lead ahead of it or behind it.

use std::cmp::Reverse;

use crate::domain::Timestamp;
use crate::explain::words::{counted, minute};

/// A member of a team who can take a lead now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who it is.
    pub id: String,
    /// How many leads they get beside others'; a member of weight 0 gets none.
    pub weight: u32,
    /// How many they got, as far as it counts towards their share.
    pub assigned: u32,
    /// When they got the last one.
    pub last_assigned_at: Option<Timestamp>,
}

/// Whose turn it is, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picked<'a> {
    /// The member.
    pub member: &'a Member,
    /// Why it is theirs, in words.
    pub reason: String,
}

/// Picks who is next; `None` where there is nobody with a weight.
///
/// Of those who are behind their share of all leads including this one, the member whose next lead is due soonest gets
/// it: the n-th lead of a member with share w is due when n/w leads were given. Ties go to
/// whoever is furthest behind, then has waited longest, then by id. This is the earliest-deadline rule of fair scheduling (Baruah et al., proportionate progress, 1996), which
/// keeps every member within one lead of their share over any stretch without absences; always taking the one furthest
/// behind does not, in teams with uneven weights.
pub fn round_robin(members: &[Member]) -> Option<Picked<'_>> {
    let weights: u64 = members.iter().map(|member| u64::from(member.weight)).sum();
    let given: u64 = members
        .iter()
        .filter(|member| member.weight > 0)
        .map(|member| u64::from(member.assigned))
        .sum();
    let able = members.iter().filter(|member| member.weight > 0);
    let due = able.clone().filter(|member| is_behind(member, weights, given));
    let member = due.min_by(|a, b| turn(a, weights, given).cmp(&turn(b, weights, given)))?;
    let alone = able.count() == 1;
    Some(Picked {
        member,
        reason: reason(member, weights, given, alone),
    })
}

/// Whether the member has less than their share of the leads given and this one.
fn is_behind(member: &Member, weights: u64, given: u64) -> bool {
    u128::from(member.weight) * u128::from(given.saturating_add(1))
        > u128::from(member.assigned) * u128::from(weights)
}

/// When the member's next lead is due, in leads given; how far behind their share they are; since when they wait; and
/// who they are. The least is next.
fn turn(member: &Member, weights: u64, given: u64) -> (u64, Reverse<u128>, Option<Timestamp>, &str) {
    let next = u64::from(member.assigned).saturating_add(1);
    let due = next
        .saturating_mul(weights)
        .div_ceil(u64::from(member.weight.max(1)));
    let share = u128::from(member.weight) * u128::from(given.saturating_add(1));
    let behind = share.saturating_sub(u128::from(member.assigned) * u128::from(weights));
    (due, Reverse(behind), member.last_assigned_at, &member.id)
}

fn reason(member: &Member, weights: u64, given: u64, alone: bool) -> String {
    if alone {
        return "the only one who can take it now".to_owned();
    }
    let tenths = u128::from(member.weight) * u128::from(given) * 10 / u128::from(weights.max(1));
    let (whole, tenth) = (tenths / 10, tenths % 10);
    let has = counted(
        usize::try_from(member.assigned).unwrap_or(usize::MAX),
        "lead",
        "leads",
    );
    let waits = match member.last_assigned_at {
        Some(last) => format!("the last on {}", minute(last)),
        None => "none yet".to_owned(),
    };
    format!("next in turn: has {has} of {given}, a fair share is {whole}.{tenth}; {waits}")
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn team(weights: &[u32]) -> Vec<Member> {
        let members = weights.iter().enumerate();
        let members = members.map(|(index, weight)| Member {
            id: format!("m{index:02}"),
            weight: *weight,
            assigned: 0,
            last_assigned_at: None,
        });
        members.collect()
    }

    fn give(team: &mut [Member], at: i64) -> Option<String> {
        let id = round_robin(team)?.member.id.clone();
        let member = team.iter_mut().find(|member| member.id == id)?;
        member.assigned += 1;
        member.last_assigned_at = Timestamp::from_ms(at);
        Some(id)
    }

    #[test]
    fn equals_take_turns() {
        let mut team = team(&[1, 1, 1]);
        let order: Vec<String> = (0..6).filter_map(|at| give(&mut team, at)).collect();
        assert_eq!(order, ["m00", "m01", "m02", "m00", "m01", "m02"]);
    }

    #[test]
    fn nobody_is_nobody_and_weight_nothing_gets_nothing() {
        assert_eq!(round_robin(&[]), None);
        assert_eq!(round_robin(&team(&[0, 0])), None);
        let picked = team(&[0, 1]);
        let picked = round_robin(&picked).unwrap();
        assert_eq!(
            (picked.member.id.as_str(), picked.reason.as_str()),
            ("m01", "the only one who can take it now")
        );
    }

    #[test]
    fn the_reason_tells_count_share_and_wait() {
        let mut team = team(&[2, 1]);
        team[0].assigned = 3;
        team[1].assigned = 1;
        team[1].last_assigned_at = Timestamp::from_ms(0);
        let picked = round_robin(&team).unwrap();
        assert_eq!(
            picked.reason,
            "next in turn: has 1 lead of 4, a fair share is 1.3; the last on 1970-01-01 00:00 UTC"
        );
    }

    #[test]
    fn after_any_count_somebody_is_next() {
        let mut team = team(&[1, 1000, u32::MAX]);
        team[0].assigned = u32::MAX;
        assert_eq!(
            round_robin(&team).map(|picked| picked.member.id.as_str()),
            Some("m02")
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn nobody_is_a_lead_from_their_share(weights in vec(1_u32..40, 1..12), leads in 1_i64..300) {
            let mut team = team(&weights);
            let total: i64 = weights.iter().map(|weight| i64::from(*weight)).sum();
            for at in 1..=leads {
                prop_assert!(give(&mut team, at).is_some());
                for member in &team {
                    let off = i64::from(member.assigned) * total - i64::from(member.weight) * at;
                    prop_assert!(off.abs() < total, "{member:?} after {at}");
                }
            }
        }

        #[test]
        fn the_order_of_members_never_shows(weights in vec(0_u32..10, 0..8), leads in 0_i64..40) {
            let mut team = team(&weights);
            for at in 0..leads {
                give(&mut team, at / 3);
            }
            let mut turned = team.clone();
            turned.reverse();
            let id = |team: &[Member]| round_robin(team).map(|picked| picked.member.id.clone());
            prop_assert_eq!(id(&team), id(&turned));
        }
    }
}
