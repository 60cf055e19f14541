//! Whose a lead becomes on a team, by the way that its route picks.

use super::rotation::{Member, round_robin};
use crate::agreement::Pick;
use crate::explain::words::{counted, minute};

/// Whose turn it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The member's id.
    pub id: String,
    /// Why it is theirs, in words.
    pub reason: String,
    /// Whether the team's turns are counted from nothing from here on, before this one.
    pub anew: bool,
}

/// Picks a member; `open` says how many handoffs one hasn't answered. `None` where there is nobody.
///
/// In turn, everybody's share is the same; by weight, it goes by weight. Where the counts don't fit those shares, since
/// somebody came, went or has another weight, or the agreement picks otherwise than before, counting begins anew: who
/// comes builds up nothing and owes nothing, and nobody pays for what the shares were before.
pub fn pick<E>(
    by: Pick,
    members: &[Member],
    open: impl FnMut(&str) -> Result<u64, E>,
) -> Result<Option<Turn>, E> {
    match by {
        Pick::Weighted => Ok(in_turn(members.to_vec())),
        Pick::RoundRobin => Ok(in_turn(
            members
                .iter()
                .map(|member| Member {
                    weight: 1,
                    ..member.clone()
                })
                .collect(),
        )),
        Pick::LeastLoaded => least_loaded(members, open),
    }
}

fn in_turn(mut members: Vec<Member>) -> Option<Turn> {
    let anew = !is_balanced(&members);
    if anew {
        for member in &mut members {
            member.assigned = 0;
        }
    }
    let picked = round_robin(&members)?;
    Some(Turn {
        id: picked.member.id.clone(),
        reason: picked.reason,
        anew,
    })
}

/// Whether everybody is within one lead of their share, as those are who were picked in turn all along.
fn is_balanced(members: &[Member]) -> bool {
    let able = || members.iter().filter(|member| member.weight > 0);
    let weights: u128 = able().map(|member| u128::from(member.weight)).sum();
    let given: u128 = able().map(|member| u128::from(member.assigned)).sum();
    able().all(|member| {
        let has = u128::from(member.assigned) * weights;
        let share = u128::from(member.weight) * given;
        has.abs_diff(share) < weights
    })
}

fn least_loaded<E>(
    members: &[Member],
    mut open: impl FnMut(&str) -> Result<u64, E>,
) -> Result<Option<Turn>, E> {
    let mut loads = Vec::with_capacity(members.len());
    for member in members.iter().filter(|member| member.weight > 0) {
        loads.push((open(&member.id)?, member.last_assigned_at, member.id.as_str()));
    }
    let least = loads.iter().min();
    Ok(least.map(|(load, last, id)| Turn {
        id: (*id).to_owned(),
        reason: load_in_words(*load, *last, loads.len()),
        anew: false,
    }))
}

fn load_in_words(load: u64, last: Option<crate::domain::Timestamp>, among: usize) -> String {
    if among == 1 {
        return "the only one who can take it now".to_owned();
    }
    let open = counted(usize::try_from(load).unwrap_or(usize::MAX), "lead", "leads");
    let waits = match last {
        Some(last) => format!("the last on {}", minute(last)),
        None => "none yet".to_owned(),
    };
    format!("has the fewest to answer: {open}; {waits}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::Timestamp;

    fn team(weights: &[u32]) -> Vec<Member> {
        let members = weights.iter().enumerate();
        let members = members.map(|(index, weight)| Member {
            id: format!("m{index}"),
            weight: *weight,
            assigned: 0,
            last_assigned_at: None,
        });
        members.collect()
    }

    fn turn(by: Pick, team: &[Member]) -> Option<Turn> {
        pick(by, team, |_| Ok::<_, Infallible>(0)).unwrap_or_else(|never| match never {})
    }

    /// Gives leads, and says how many each got.
    fn give(by: Pick, team: &mut [Member], leads: i64) -> BTreeMap<String, u32> {
        let mut got = BTreeMap::new();
        for at in 0..leads {
            let turn = turn(by, team).unwrap();
            for member in team.iter_mut() {
                if turn.anew {
                    member.assigned = 0;
                }
                if member.id == turn.id {
                    member.assigned += 1;
                    member.last_assigned_at = Timestamp::from_ms(at);
                }
            }
            *got.entry(turn.id).or_default() += 1;
        }
        got
    }

    fn shares(by: Pick, weights: &[u32], leads: i64) -> Vec<u32> {
        give(by, &mut team(weights), leads).into_values().collect()
    }

    #[test]
    fn in_turn_is_equal_whatever_the_weights_and_by_weight_is_not() {
        assert_eq!(shares(Pick::RoundRobin, &[3, 1, 1], 30), [10, 10, 10]);
        assert_eq!(shares(Pick::Weighted, &[3, 1, 1], 30), [18, 6, 6]);
    }

    #[test]
    fn who_comes_back_or_weighs_more_owes_nothing_and_builds_up_nothing() {
        let mut team = team(&[1, 1, 1]);
        team[0].assigned = 900;
        team[1].assigned = 900;
        assert!(turn(Pick::RoundRobin, &team).unwrap().anew);
        let got = give(Pick::RoundRobin, &mut team, 6);
        assert_eq!(got.into_values().collect::<Vec<_>>(), [2, 2, 2]);
        team[0].weight = 4;
        let got = give(Pick::Weighted, &mut team, 6);
        assert_eq!(got.into_values().collect::<Vec<_>>(), [4, 1, 1]);
    }

    #[test]
    fn the_least_loaded_is_who_has_the_fewest_open_then_waits_longest() {
        let mut team = team(&[1, 5, 1]);
        team[0].last_assigned_at = Timestamp::from_ms(5);
        let loads = BTreeMap::from([("m0", 2), ("m1", 7), ("m2", 2)]);
        let open = |id: &str| Ok::<_, Infallible>(loads.get(id).copied().unwrap_or(0));
        let turn = pick(Pick::LeastLoaded, &team, open).unwrap().unwrap();
        assert_eq!(
            (turn.id.as_str(), turn.reason.as_str(), turn.anew),
            ("m2", "has the fewest to answer: 2 leads; none yet", false)
        );
        assert_eq!(pick(Pick::LeastLoaded, &[], open).unwrap(), None);
        let failing = pick(Pick::LeastLoaded, &team, |_| Err("the store"));
        assert_eq!(failing, Err("the store"));
    }

    proptest! {
        #[test]
        fn turns_that_were_picked_so_never_begin_anew(weights in vec(1_u32..30, 1..9), leads in 0_i64..120) {
            for by in [Pick::RoundRobin, Pick::Weighted] {
                let mut team = team(&weights);
                for at in 0..leads {
                    let turn = turn(by, &team).unwrap();
                    prop_assert!(!turn.anew, "{team:?}");
                    let member = team.iter_mut().find(|member| member.id == turn.id).unwrap();
                    member.assigned += 1;
                    member.last_assigned_at = Timestamp::from_ms(at);
                }
            }
        }
    }
}
