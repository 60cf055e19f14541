//! The engine against the plain implementation in `oracle`, which was written from the contract's text alone; and the
//! claims that follow from it: arrival order never shows, and folding online is folding the whole history.

mod oracle;

use std::sync::Arc;

use bellwether_core::agreement::{Agreement, Decay, RuleKind};
use bellwether_core::domain::{Event, Period, Points, Timestamp, TraitSource, Traits};
use bellwether_core::engine::{Engine, Fact, LeadState, Person, TraitLog, apply, score_account};
use oracle::{OracleLead, judge, judge_account};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// A fact of an [`OracleLead`], to be given to the engine one by one.
#[derive(Debug, Clone)]
enum Step {
    Event(Event),
    Traits(Traits),
    Created,
    SentBack(Period),
}

/// A lead as the live server holds it: the state, and the facts to fold anew when one comes late.
struct Live<'a> {
    engine: &'a Engine,
    base: &'a Traits,
    facts: Vec<(Timestamp, Step)>,
    state: LeadState,
    traits: TraitLog,
}

impl<'a> Live<'a> {
    fn new(engine: &'a Engine, base: &'a Traits) -> Self {
        let mut live = Self {
            engine,
            base,
            facts: Vec::new(),
            state: LeadState::new(engine),
            traits: TraitLog::default(),
        };
        live.begin();
        live
    }

    fn begin(&mut self) {
        self.state.clear(self.engine);
        self.traits = TraitLog::default();
        self.traits.write(Timestamp::MIN, TraitSource::Stated, self.base);
        self.state.known_from_the_beginning(self.engine);
        self.state
            .learn_from_the_beginning(self.engine, self.engine.fit(self.base));
    }

    fn arrive(&mut self, ts: Timestamp, step: Step) {
        let in_order = self.apply(ts, &step);
        self.facts.push((ts, step));
        if !in_order {
            self.refold();
        }
    }

    fn refold(&mut self) {
        self.begin();
        let mut facts = std::mem::take(&mut self.facts);
        facts.sort_by_key(|(ts, step)| (*ts, matches!(step, Step::SentBack(_))));
        for (ts, step) in &facts {
            assert!(self.apply(*ts, step), "sorted facts are never late");
        }
        self.facts = facts;
    }

    fn apply(&mut self, ts: Timestamp, step: &Step) -> bool {
        let Self {
            engine,
            state,
            traits,
            ..
        } = self;
        match step {
            Step::Event(event) => {
                let signature = Arc::new(engine.classify(&event.view()));
                apply(engine, state, traits, ts, &Fact::Event(signature))
            }
            Step::Created => state.create(engine, ts),
            Step::SentBack(again) => state.send_back(engine, ts, Some(*again)),
            Step::Traits(written) => {
                if state.newest().is_some_and(|newest| ts < newest) {
                    return false;
                }
                traits.write(ts, TraitSource::Stated, written);
                state.learn(engine, ts, engine.fit(&traits.current()))
            }
        }
    }
}

fn steps(lead: &OracleLead, t: Timestamp) -> Vec<(Timestamp, Step)> {
    let events = lead
        .events
        .iter()
        .map(|event| (event.ts, Step::Event(event.clone())));
    let traits = lead
        .traits
        .iter()
        .map(|(ts, traits)| (*ts, Step::Traits(traits.clone())));
    let created = lead.created_at.iter().map(|ts| (*ts, Step::Created));
    let returned = lead
        .sent_back
        .iter()
        .map(|(ts, again)| (*ts, Step::SentBack(*again)));
    events
        .chain(traits)
        .chain(created)
        .chain(returned)
        .filter(|(ts, _)| *ts <= t)
        .collect()
}

fn shuffled(mut steps: Vec<(Timestamp, Step)>, order: &[Index]) -> Vec<(Timestamp, Step)> {
    for (i, index) in order.iter().enumerate().take(steps.len()) {
        let other = index.index(steps.len());
        steps.swap(i, other);
    }
    steps
}

fn check(
    agreement: &Agreement,
    lead: &OracleLead,
    order: &[Index],
    t: Timestamp,
) -> Result<(), TestCaseError> {
    let engine = Engine::new(Arc::new(agreement.clone()));
    let mut live = Live::new(&engine, &lead.base);
    for (ts, step) in shuffled(steps(lead, t), order) {
        live.arrive(ts, step);
    }
    let expected = judge(agreement, lead, t);
    let score = engine.score(&live.state, t);
    prop_assert_eq!(score.fit, expected.fit, "fit");
    prop_assert_eq!(score.intent, expected.intent, "intent");
    prop_assert_eq!(score.displayed(agreement.clamp), expected.shown, "as shown");
    prop_assert_eq!(engine.grade(score), expected.grade.unwrap_or_default(), "grade");
    let exclusion = live
        .state
        .fit()
        .disqualified_by
        .map(|index| agreement.disqualify[index].name.clone());
    prop_assert_eq!(exclusion, expected.disqualified_by, "disqualified by");
    let qualified = live.state.qualification(&engine);
    prop_assert_eq!(
        qualified.as_ref().map(|q| q.at),
        expected.qualified_at,
        "qualified at"
    );
    prop_assert_eq!(qualified.map(|q| q.trigger), expected.trigger, "trigger");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn the_engine_agrees_with_the_contract_in_any_order_of_arrival(
        (agreement, lead, t) in oracle::strategies::case(),
        order in vec(any::<Index>(), 0..60),
    ) {
        check(&agreement, &lead, &order, t)?;
    }

    #[test]
    fn asking_in_between_changes_nothing(
        agreement in oracle::strategies::agreement(),
        lead in oracle::strategies::lead(),
    ) {
        let engine = Engine::new(Arc::new(agreement.clone()));
        let mut sorted = steps(&lead, Timestamp::MAX);
        sorted.sort_by_key(|(ts, step)| (*ts, matches!(step, Step::SentBack(_))));
        let (mut asked, mut silent) = (Live::new(&engine, &lead.base), Live::new(&engine, &lead.base));
        for (ts, step) in sorted {
            asked.arrive(ts, step.clone());
            asked.state.qualification(&engine);
            silent.arrive(ts, step);
        }
        prop_assert_eq!(asked.state.qualification(&engine), silent.state.qualification(&engine));
    }

    #[test]
    fn events_at_once_are_events_one_by_one(
        agreement in oracle::strategies::agreement(),
        lead in oracle::strategies::lead(),
        order in vec(any::<Index>(), 0..4),
    ) {
        let engine = Engine::new(Arc::new(agreement.clone()));
        let mut sorted = steps(&lead, Timestamp::MAX);
        sorted.sort_by_key(|(ts, step)| (*ts, matches!(step, Step::SentBack(_))));
        // A few of them are too old by the time that they come.
        let given = shuffled(sorted, &order);
        let (mut at_once, mut one_by_one) = (Live::new(&engine, &lead.base), Live::new(&engine, &lead.base));
        let is_event = |step: &Step| matches!(step, Step::Event(_));
        let signature = |event: &Event| Arc::new(engine.classify(&event.view()));
        for stretch in given.chunk_by(|(_, a), (_, b)| is_event(a) && is_event(b)) {
            let signatures = stretch.iter().filter_map(|(ts, step)| match step {
                Step::Event(event) => Some((*ts, signature(event))),
                _ => None,
            });
            at_once.state.events(&engine, signatures.clone());
            for (ts, signature) in signatures {
                one_by_one.state.event(&engine, ts, signature);
            }
            for (ts, step) in stretch.iter().filter(|(_, step)| !is_event(step)) {
                at_once.apply(*ts, step);
                one_by_one.apply(*ts, step);
            }
            prop_assert_eq!(at_once.state.newest(), one_by_one.state.newest());
            prop_assert_eq!(at_once.state.last_event(), one_by_one.state.last_event());
        }
        let end = one_by_one.state.newest().unwrap_or(Timestamp::MIN);
        let (found, expected) = (&mut at_once.state, &mut one_by_one.state);
        prop_assert_eq!(engine.score(found, end), engine.score(expected, end));
        prop_assert_eq!(found.cycle(), expected.cycle());
        prop_assert_eq!(found.qualification(&engine), expected.qualification(&engine));
    }

    #[test]
    fn an_account_is_what_its_people_and_its_own_signals_come_to(
        (agreement, people, company, t) in oracle::strategies::account_case(),
    ) {
        let expected = judge_account(&agreement, &people, &company, t);
        let engine = Engine::new(Arc::new(agreement.clone()));
        let folded: Vec<(Points, Traits)> = people
            .iter()
            .map(|person| {
                let mut live = Live::new(&engine, &person.base);
                for (ts, step) in steps(person, t) {
                    live.arrive(ts, step);
                }
                (engine.score(&live.state, t).intent, live.traits.current())
            })
            .collect();
        let own = engine.for_accounts().map_or(Points::ZERO, |rules| {
            let mut state: LeadState = LeadState::new(&rules);
            for event in company.iter().filter(|event| event.ts <= t) {
                assert!(state.event(&rules, event.ts, Arc::new(rules.classify(&event.view()))));
            }
            rules.score(&state, t).intent
        });
        let people: Vec<Person<'_>> =
            folded.iter().map(|(intent, traits)| Person { intent: *intent, traits }).collect();
        let model = agreement.account.as_ref().expect("the strategy gives one");
        let scored = score_account(model, &people, own);
        let found = (scored.score, scored.people, scored.roles, scored.qualified);
        let expected = expected.expect("the agreement has an account");
        prop_assert_eq!(found, (expected.score, expected.people, expected.roles, expected.qualified));
    }

    #[test]
    fn merging_two_leads_is_folding_the_union_of_their_histories(
        (agreement, one, t) in oracle::strategies::case(),
        other in oracle::strategies::lead(),
        order in vec(any::<Index>(), 0..120),
    ) {
        let union = OracleLead {
            base: one.base.clone(),
            traits: one.traits.iter().chain(&other.traits).cloned().collect(),
            created_at: one.created_at.into_iter().chain(other.created_at).min(),
            events: one.events.iter().chain(&other.events).cloned().collect(),
            sent_back: one.sent_back.clone(),
        };
        check(&agreement, &union, &order, t)?;
    }
}

/// Five times the rules, a fifth of which fade over more than a hundred years.
fn enlarged(mut agreement: Agreement) -> Agreement {
    let once = std::mem::take(&mut agreement.intent);
    for copy in 0..5 {
        agreement.intent.extend(once.iter().cloned().map(|mut rule| {
            rule.name = format!("{} ({copy})", rule.name);
            if let RuleKind::Matches(matches) = &mut rule.kind
                && copy == 0
            {
                (matches.decay, matches.expires_days) = (Decay::Over { days: 40_000 }, None);
            }
            rule
        }));
    }
    agreement
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_engine_agrees_with_the_contract_on_long_histories_and_many_rules(
        (agreement, lead, t) in oracle::strategies::case_of(200),
    ) {
        check(&enlarged(agreement), &lead, &[], t)?;
    }
}
