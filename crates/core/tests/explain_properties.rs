//! What must hold of every ledger and every way, whatever the agreement and the lead.

#[expect(dead_code, reason = "the other tests over this oracle use the rest of it")]
mod oracle;

use std::sync::Arc;

use bellwether_core::agreement::Agreement;
use bellwether_core::domain::{Points, Timestamp, TraitSource};
use bellwether_core::engine::{Engine, Returned};
use bellwether_core::explain::{Counted, History, HistoryFact, Ledger, Step, explain, ways};
use proptest::prelude::*;

use self::oracle::OracleLead;

fn history_of(lead: &OracleLead) -> History {
    let events = lead.events.iter().cloned().map(HistoryFact::Event);
    let traits = lead.traits.iter().cloned();
    let traits = traits.map(|(ts, traits)| HistoryFact::Traits(ts, TraitSource::Stated, traits));
    let created = lead.created_at.map(HistoryFact::Created);
    let returned = lead.sent_back.iter();
    let returned = returned.map(|(ts, again)| HistoryFact::SentBack(*ts, Returned { again: Some(*again) }));
    History {
        base: lead.base.clone(),
        always_known: true,
        facts: events.chain(traits).chain(created).chain(returned).collect(),
    }
}

/// What the matches of a rule say that it gives.
fn sum_of_matches(counted: &Counted) -> Option<Points> {
    match counted {
        Counted::Matches { matches, earlier, .. } => {
            let listed: Points = matches.iter().map(|found| found.points).sum();
            Some(listed + earlier.map_or(Points::ZERO, |earlier| earlier.points))
        }
        Counted::Quiet(_) => None,
    }
}

/// How many facts a step is.
fn facts_of(step: &Step) -> usize {
    match step {
        Step::Event { times, .. } => *times as usize,
        Step::Trait { .. } | Step::BecomeKnown => 1,
    }
}

fn ledger_sums(ledger: &Ledger) -> Result<(), TestCaseError> {
    let fit: Points = ledger.fit.iter().map(|line| line.points).sum();
    let intent: Points = ledger.intent.iter().map(|line| line.points).sum();
    let cuts: Points = ledger.cuts.iter().map(|cut| cut.points).sum();
    prop_assert_eq!(fit, ledger.totals.fit, "fit");
    prop_assert_eq!(intent + cuts, ledger.totals.intent, "intent");
    prop_assert_eq!(
        ledger.totals.fit + ledger.totals.intent,
        ledger.totals.score,
        "score"
    );
    for line in &ledger.intent {
        if let Some(sum) = sum_of_matches(&line.counted) {
            prop_assert_eq!(sum, line.points, "{}", line.rule);
        }
    }
    Ok(())
}

/// The ledger's lines and the naive implementation's, one by one.
fn agrees_with_the_contract(
    agreement: &Agreement,
    lead: &OracleLead,
    ledger: &Ledger,
) -> Result<(), TestCaseError> {
    let expected = oracle::judge(agreement, lead, ledger.at);
    let fit = ledger.fit.iter().map(|line| (line.rule.clone(), line.points));
    let intent = ledger.intent.iter().map(|line| (line.rule.clone(), line.points));
    let lines: Vec<(String, Points)> = fit.chain(intent).collect();
    prop_assert_eq!(lines, expected.lines, "lines");
    let cuts = expected.cuts.into_iter().filter(|(_, cut)| *cut != Points::ZERO);
    let cuts: Vec<(String, Points)> = cuts.collect();
    let found: Vec<(String, Points)> = ledger
        .cuts
        .iter()
        .map(|cut| (cut.group.clone(), cut.points))
        .collect();
    prop_assert_eq!(found, cuts, "cuts");
    prop_assert_eq!(ledger.totals.score, expected.score, "score");
    prop_assert_eq!(
        ledger.qualified.as_ref().map(|q| q.at),
        expected.qualified_at,
        "qualified at"
    );
    prop_assert_eq!(
        &ledger.disqualified_by,
        &expected.disqualified_by,
        "disqualified by"
    );
    prop_assert_eq!(
        ledger.qualified.is_none(),
        !ledger.held_back.is_empty(),
        "a reason for every no"
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_ledger_sums_to_the_score_at_any_instant((agreement, lead, t) in oracle::strategies::case()) {
        let engine = Engine::new(Arc::new(agreement.clone()));
        let history = history_of(&lead);
        for at in oracle::instants(&lead, t).into_iter().chain([t]) {
            let ledger = explain(&engine, &history, at);
            ledger_sums(&ledger)?;
            let score = engine.score(&history.fold(&engine, at).state, at);
            prop_assert_eq!(ledger.totals.score, score.total());
        }
        let ledger = explain(&engine, &history, t);
        agrees_with_the_contract(&agreement, &lead, &ledger)?;
        prop_assert!(ledger.render_text().lines().count() > 3);
    }

    #[test]
    fn the_order_of_facts_never_shows(
        (agreement, lead, t) in oracle::strategies::case(),
        rotate in any::<prop::sample::Index>(),
    ) {
        let engine = Engine::new(Arc::new(agreement));
        let history = history_of(&lead);
        let mut turned = history.clone();
        if !turned.facts.is_empty() {
            let by = rotate.index(turned.facts.len());
            turned.facts.rotate_left(by);
            turned.facts.reverse();
        }
        let (one, other) = (explain(&engine, &history, t), explain(&engine, &turned, t));
        prop_assert_eq!(one.render_text(), other.render_text());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn following_a_way_really_qualifies((agreement, lead, t) in oracle::strategies::case()) {
        let engine = Engine::new(Arc::new(agreement));
        let mut history = history_of(&lead);
        history.always_known = lead.base.len() % 2 == 0;
        let found = ways(&engine, &history, t, 5);
        prop_assert_eq!(found.ways.is_empty(), found.none_because.is_some());
        for way in &found.ways {
            prop_assert!((1..=3).contains(&way.steps.len()));
            let mut followed = history.clone();
            followed.facts.extend(way.facts().iter().cloned());
            let ledger = explain(&engine, &followed, t);
            prop_assert_eq!(ledger.qualified.map(|q| q.at), Some(t), "{:?}", way);
            prop_assert_eq!(ledger.totals, way.score);
        }
    }

    #[test]
    fn no_step_of_a_way_is_idle((agreement, lead, t) in oracle::strategies::case()) {
        let engine = Engine::new(Arc::new(agreement));
        let history = history_of(&lead);
        for way in ways(&engine, &history, t, 5).ways {
            for idle in 0..way.steps.len() {
                let mut facts = way.facts().iter().cloned();
                let mut followed = history.clone();
                for (index, step) in way.steps.iter().enumerate() {
                    let own: Vec<HistoryFact> = facts.by_ref().take(facts_of(step)).collect();
                    followed.facts.extend(own.into_iter().filter(|_| index != idle));
                }
                let ledger = explain(&engine, &followed, t);
                prop_assert!(ledger.qualified.is_none(), "step {idle} of {:?}", way.steps);
            }
        }
    }

    #[test]
    fn before_anything_a_ledger_is_one_of_nobody(agreement in oracle::strategies::agreement()) {
        let engine = Engine::new(Arc::new(agreement));
        let ledger = explain(&engine, &History::default(), Timestamp::MIN);
        ledger_sums(&ledger)?;
        prop_assert!(ledger.qualified.is_none());
    }
}
