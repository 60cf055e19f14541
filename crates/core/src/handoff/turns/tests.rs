use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn able(weights: &[u32]) -> Vec<Able> {
    (1..)
        .zip(weights)
        .map(|(id, weight)| Able { id, weight: *weight })
        .collect()
}

fn seated(able: &[Able]) -> Turns {
    let mut turns = Turns::default();
    turns.seat(&able.iter().map(|one| one.id).collect::<Vec<_>>());
    turns
}

fn give(turns: &mut Turns, able: &[Able], at: i64) -> Option<i64> {
    let id = turns.next(able)?.id;
    turns.give(id, Timestamp::from_ms_clamped(at));
    Some(id)
}

fn order(weights: &[u32], leads: i64) -> Vec<i64> {
    let able = able(weights);
    let mut turns = seated(&able);
    (0..leads).filter_map(|at| give(&mut turns, &able, at)).collect()
}

#[test]
fn equals_take_turns_and_others_by_weight() {
    assert_eq!(order(&[1, 1, 1], 6), [1, 2, 3, 1, 2, 3]);
    assert_eq!(order(&[2, 1], 6), [1, 2, 1, 2, 1, 1]);
    assert_eq!(order(&[0, 1], 2), [2, 2]);
    assert_eq!(order(&[0, 0], 2), Vec::<i64>::new());
    assert_eq!(order(&[], 2), Vec::<i64>::new());
}

#[test]
fn in_short_stretches_the_lightest_have_their_turns_too() {
    // The team loses and gets back a member after each lead, so that no stretch is longer than one.
    let whole = able(&[3, 1, 1]);
    let without = able(&[3, 1]);
    let mut turns = seated(&whole);
    let mut got = BTreeMap::<i64, u32>::new();
    for at in 0..70 {
        let there = if at % 2 == 0 { &whole } else { &without };
        *got.entry(give(&mut turns, there, at).unwrap()).or_default() += 1;
    }
    // Shares: 35 × 3/5 + 35 × 3/4, 35 × 1/5 + 35 × 1/4, 35 × 1/5.
    assert_eq!(got, BTreeMap::from([(1, 47), (2, 16), (3, 7)]));
}

#[test]
fn the_reason_tells_count_share_credit_and_wait() {
    let able = able(&[2, 1]);
    let mut turns = seated(&able);
    assert_eq!(
        turns.next(&able).unwrap().reason,
        "next in turn: has 0 leads of 0, a fair share is 0.0; owed nothing; none yet"
    );
    turns.give(1, Timestamp::from_ms_clamped(0));
    assert_eq!(
        turns.next(&able[..1]).unwrap().reason,
        "the only one who can take it now"
    );
    turns.give(1, Timestamp::from_ms_clamped(0));
    let next = turns.next(&able).unwrap();
    assert_eq!(
        next.reason,
        "next in turn: has 0 leads of 0, a fair share is 0.0; owed 0.3 leads; none yet"
    );
}

#[test]
fn who_joins_begins_level_and_who_leaves_is_forgotten() {
    let mut turns = Turns::new(vec![place(1, 2 * LEAD), place(2, -LEAD), place(3, -LEAD)]);
    turns.seat(&[2, 3, 4]);
    let credits: Vec<(i64, i64)> = turns
        .places()
        .iter()
        .map(|place| (place.id, place.credit))
        .collect();
    assert_eq!(credits, [(2, 0), (3, 0), (4, 0)]);
    let before = turns.clone();
    turns.seat(&[2, 3, 4]);
    assert_eq!(turns, before);
}

fn place(id: i64, credit: i64) -> Turn {
    Turn {
        id,
        weight: 0,
        given: 0,
        credit,
        last_at: None,
    }
}

#[test]
fn what_a_manager_gives_is_owed_to_the_others() {
    let able = able(&[1, 1, 1]);
    let mut turns = seated(&able);
    give(&mut turns, &able, 0);
    turns.give_out_of_turn(3, &able, Timestamp::from_ms_clamped(1));
    let rest: Vec<_> = (2..6).filter_map(|at| give(&mut turns, &able, at)).collect();
    assert_eq!(rest, [2, 1, 3, 2]);
}

#[test]
fn the_fewest_open_comes_first_then_the_longest_wait() {
    let at = Timestamp::from_ms_clamped;
    let next = least_loaded(&[(1, 2, Some(at(5))), (2, 7, None), (3, 2, None)]).unwrap();
    assert_eq!(
        (next.id, next.reason.as_str()),
        (3, "has the fewest to answer: 2 leads; none yet")
    );
    assert_eq!(least_loaded(&[]), None);
}

#[test]
fn weights_that_would_take_long_are_fair_too() {
    let weights: Vec<u32> = (0..40).map(|n| 997 - n * 7).collect();
    let able = able(&weights);
    let mut turns = seated(&able);
    assert_eq!(Round::of(&turns).and_then(|round| round.last_call()), None);
    stays_within_a_lead(&mut turns, &able, 600).unwrap();
}

/// Gives leads in one stretch, and sees that nobody is a whole lead from their share after any of them.
fn stays_within_a_lead(turns: &mut Turns, able: &[Able], leads: i64) -> Result<(), TestCaseError> {
    let weights: i64 = able.iter().map(|one| i64::from(one.weight)).sum();
    let mut got = BTreeMap::<i64, i64>::new();
    for at in 1..=leads {
        let id = give(turns, able, at);
        prop_assert!(id.is_some());
        *got.entry(id.unwrap_or_default()).or_default() += 1;
        for one in able {
            let off = got.get(&one.id).copied().unwrap_or(0) * weights - i64::from(one.weight) * at;
            prop_assert!(off.abs() < weights, "{one:?} after {at}");
        }
    }
    Ok(())
}

/// One step in a team's life.
#[derive(Debug, Clone)]
enum Step {
    /// Leads come.
    Leads(u8),
    /// Somebody comes back or goes away, for a moment or for good.
    Toggle(u8),
    /// Somebody's weight changes.
    Weigh(u8, u32),
    /// Somebody leaves the team, or joins it.
    Join(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (1_u8..12).prop_map(Step::Leads),
        4 => (0_u8..10).prop_map(Step::Toggle),
        1 => (0_u8..10, 1_u32..8).prop_map(|(who, weight)| Step::Weigh(who, weight)),
        1 => (0_u8..10).prop_map(Step::Join),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn in_a_stretch_nobody_is_a_lead_from_their_share(
        weights in vec(1_u32..40, 1..12),
        credits in vec(-3 * LEAD..3 * LEAD, 12),
        leads in 1_i64..300,
    ) {
        let able = able(&weights);
        // Whatever everybody is owed from before.
        let places = able.iter().zip(credits).map(|(one, credit)| place(one.id, credit));
        let mut turns = Turns::new(places.collect());
        stays_within_a_lead(&mut turns, &able, leads)?;
    }

    #[test]
    fn the_order_of_members_never_shows(weights in vec(0_u32..10, 0..8), leads in 0_i64..40) {
        let able = able(&weights);
        let mut turns = seated(&able);
        let mut turned = able.clone();
        turned.reverse();
        for at in 0..leads {
            let mut other = turns.clone();
            prop_assert_eq!(other.next(&turned), turns.next(&able));
            give(&mut turns, &able, at / 3);
        }
    }

    #[test]
    fn over_all_stretches_credit_stays_small_and_sums_to_nothing(steps in vec(step(), 1..120), weights in vec(1_u32..8, 10)) {
        let mut weights = weights;
        let mut on_team: BTreeSet<u8> = (0..5).collect();
        let mut away: BTreeSet<u8> = BTreeSet::new();
        let mut turns = Turns::default();
        let mut at = 0;
        for step in steps {
            match &step {
                Step::Toggle(who) => { if !away.remove(who) { away.insert(*who); } }
                Step::Weigh(who, weight) => weights[usize::from(*who)] = *weight,
                Step::Join(who) => { if !on_team.remove(who) { on_team.insert(*who); } }
                Step::Leads(_) => {}
            }
            let members: Vec<i64> = on_team.iter().map(|who| i64::from(*who)).collect();
            let there: Vec<Able> = on_team.difference(&away)
                .map(|who| Able { id: i64::from(*who), weight: weights[usize::from(*who)] })
                .collect();
            turns.seat(&members);
            let leads = match step { Step::Leads(leads) => leads, _ => 0 };
            for _ in 0..leads {
                let before = turns.clone();
                let got = give(&mut turns, &there, at);
                at += 1;
                prop_assert_eq!(got.is_some(), !there.is_empty());
                prop_assert!(got.is_none_or(|id| there.iter().any(|one| one.id == id)));
                for (was, is) in before.places().iter().zip(turns.places()) {
                    let able = there.iter().any(|one| one.id == is.id);
                    prop_assert!(able || was.credit == is.credit, "whoever is away neither builds up nor owes");
                }
            }
            let credits: Vec<i64> = turns.places().iter().map(|place| place.credit).collect();
            prop_assert!(credits.iter().all(|credit| credit.abs() < WORST), "{credits:?}");
        }
    }
}

/// The most that anybody was owed or ahead in all those schedules.
const WORST: i64 = 2 * LEAD;
