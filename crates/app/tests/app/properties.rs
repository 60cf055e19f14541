//! Whatever order facts arrive in, however often and in whatever portions: the lead is what its facts come to.

use std::sync::Arc;

use bellwether_app::{FactBody, HandoffState, IncomingFact, LeadQuery};
use bellwether_core::domain::{Number, Properties, Timestamp, TraitSource, Traits, Value};
use bellwether_core::engine::{Engine, Fact, fold};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::{START_MS, World, identify, keys, page, track, track_with};

/// By which of somebody's ids a fact comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Anonymous,
    User,
    Email,
    AnonymousAndUser,
    UserAndEmail,
}

#[derive(Debug, Clone)]
enum What {
    Pricing,
    Demo,
    Asset(u8),
    Title(u8),
    Email(u8),
}

#[derive(Debug, Clone)]
struct Case {
    facts: Vec<(i64, By, What)>,
    /// The order of arrival, with repetitions; each fact is in it.
    arrival: Vec<usize>,
    /// How many facts come together.
    portions: Vec<usize>,
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        4 => Just(What::Pricing),
        1 => Just(What::Demo),
        3 => (0_u8..20).prop_map(What::Asset),
        2 => (0_u8..4).prop_map(What::Title),
        1 => (0_u8..3).prop_map(What::Email),
    ]
}

/// Times fall on few instants, so that several facts share one.
fn fact(by: impl Strategy<Value = By>) -> impl Strategy<Value = (i64, By, What)> {
    let ms = (0_i64..40, 0_i64..3).prop_map(|(day, hour)| START_MS + day * 86_400_000 + hour * 3_600_000);
    (ms, by, what())
}

fn case(facts: impl Strategy<Value = Vec<(i64, By, What)>>) -> impl Strategy<Value = Case> {
    facts.prop_flat_map(|facts| {
        let count = facts.len();
        let all: Vec<usize> = (0..count).collect();
        let arrival = (Just(all), prop::collection::vec(0..count, 0..4)).prop_map(|(mut all, again)| {
            all.extend(again);
            all
        });
        let portions = prop::collection::vec(1_usize..6, 1..8);
        (Just(facts), arrival.prop_shuffle(), portions).prop_map(|(facts, arrival, portions)| Case {
            facts,
            arrival,
            portions,
        })
    })
}

/// The fact as it is sent, for the person of a case.
fn sent(person: usize, index: usize, (ms, by, what): &(i64, By, What)) -> IncomingFact {
    let (anonymous, user, email) = (
        format!("a{person}"),
        format!("u{person}"),
        format!("p{person}@acme.example"),
    );
    let who = match by {
        By::Anonymous => keys(&anonymous, "", ""),
        By::User => keys("", &user, ""),
        By::Email => keys("", "", &email),
        By::AnonymousAndUser => keys(&anonymous, &user, ""),
        By::UserAndEmail => keys("", &user, &email),
    };
    let message = format!("m{person}-{index}");
    match what {
        What::Pricing => page(&message, *ms, who, "/pricing/all"),
        What::Demo => track(&message, *ms, who, "demo_requested"),
        What::Asset(size) => {
            let size = Number::new(f64::from(*size)).map(Value::Number).unwrap();
            let properties = Properties::from([("size".to_owned(), size)]);
            track_with(&message, *ms, who, "Asset Downloaded", properties)
        }
        What::Title(n) => identify(
            &message,
            *ms,
            who,
            &[("title", ["VP Sales", "Engineer", "", "vp"][usize::from(*n)])],
        ),
        What::Email(n) => {
            // An address among the traits is a key too, so it must be this person's own.
            let address = if *n == 0 { email.to_uppercase() } else { email };
            identify(&message, *ms, who, &[("email", &address)])
        }
    }
}

/// What the engine makes of all facts, sorted: fit, intent, when it qualified and why.
pub(crate) fn expected(
    engine: &Engine,
    facts: &[IncomingFact],
    at: impl Into<Option<Timestamp>>,
) -> (i64, i64, Option<(Timestamp, String)>) {
    let mut folded: Vec<(Timestamp, Fact)> = Vec::new();
    let mut known = Vec::new();
    for fact in facts {
        let mut traits = Traits::new();
        match &fact.body {
            FactBody::Event(event) => {
                folded.push((fact.ts, Fact::Event(Arc::new(engine.classify(&event.view())))));
            }
            FactBody::Identify(given) => traits = given.clone(),
            FactBody::Group { .. } | FactBody::Alias { .. } => {}
        }
        if let Some(email) = &fact.keys.email {
            traits
                .entry("email".to_owned())
                .or_insert_with(|| Value::Text(email.clone()));
        }
        if fact.keys.user_id.is_some() || traits.contains_key("email") {
            known.push(fact.ts);
        }
        if !traits.is_empty() {
            folded.push((fact.ts, Fact::Traits(TraitSource::Stated, traits)));
        }
    }
    folded.extend(known.iter().min().map(|known| (*known, Fact::Known)));
    let (mut state, _) = fold(engine, &folded);
    let score = engine.score(&state, at.into().or(state.newest()).unwrap());
    let qualified = state
        .qualification(engine)
        .map(|qualified| (qualified.at, qualified.trigger));
    (score.fit.millis(), score.intent.millis(), qualified)
}

fn check(
    world: &World,
    runtime: &tokio::runtime::Runtime,
    person: usize,
    case: &Case,
) -> Result<(), TestCaseError> {
    let mut facts: Vec<IncomingFact> = case
        .facts
        .iter()
        .enumerate()
        .map(|(index, fact)| sent(person, index, fact))
        .collect();
    // A company by which the lead's row is found again; no rule reads it.
    let user = keys("", &format!("u{person}"), "");
    let named = identify(
        &format!("n{person}"),
        START_MS,
        user,
        &[("company", &format!("(of {person})"))],
    );
    facts.push(named);
    let received_ms = START_MS + 60 * 86_400_000;
    let mut arrival = case.arrival.clone();
    arrival.push(facts.len() - 1);
    let (mut rest, mut accepted, mut portions) = (arrival.as_slice(), 0, case.portions.iter().cycle());
    while !rest.is_empty() {
        let (now, later) = rest.split_at(rest.len().min(*portions.next().unwrap()));
        rest = later;
        let batch = now.iter().map(|index| facts[*index].clone()).collect();
        accepted += runtime.block_on(world.accept(received_ms, batch)).accepted as usize;
    }
    prop_assert_eq!(accepted, facts.len());
    runtime.block_on(async {
        let engine = world.app.active_agreement().await.unwrap().engine;
        let id = world.lead_of("user_id", &format!("u{person}")).await;
        // The row as it is kept, scored as of the newest fact.
        let query = LeadQuery {
            search: Some(format!("(of {person})")),
            ..LeadQuery::default()
        };
        let row = world.app.leads(query).await.unwrap().items.pop().unwrap();
        prop_assert_eq!(row.id, id);
        let detail = world.detail(id).await;
        let (fit, intent, qualified) = expected(&engine, &facts, None);
        let row_qualified = row.qualified_at.zip(row.trigger.clone());
        prop_assert_eq!((&row_qualified, row.fit.millis()), (&qualified, fit));
        prop_assert_eq!(row.intent.millis(), intent);
        let open = detail
            .handoffs
            .iter()
            .filter(|handoff| handoff.state == HandoffState::Open)
            .count();
        let others = detail
            .handoffs
            .iter()
            .filter(|handoff| handoff.state == HandoffState::Merged)
            .count();
        prop_assert_eq!(open + others, detail.handoffs.len());
        prop_assert!(open <= 1);
        if qualified.is_some() {
            prop_assert_eq!(open, 1);
        }
        Ok(())
    })
}

fn run(cases: u32, strategy: &impl Strategy<Value = Case>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    // So few states in memory that most leads are folded from the database each time.
    let world = World::with(crate::support::AGREEMENT, |options| options.lead_states_max = 1);
    runtime.block_on(world.sales(&["ann", "bob"]));
    let person = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::with_cases(cases)
    });
    let outcome = runner.run(strategy, |case| {
        person.set(person.get() + 1);
        check(&world, &runtime, person.get(), &case)
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[test]
fn any_order_repetition_and_portions_of_a_leads_facts_come_to_the_same() {
    run(300, &case(prop::collection::vec(fact(Just(By::User)), 1..25)));
}

#[test]
fn joined_leads_are_the_union_of_their_histories() {
    let by = prop_oneof![Just(By::Anonymous), Just(By::User), Just(By::Email)];
    let facts = prop::collection::vec(fact(by), 1..20);
    let links = (fact(Just(By::AnonymousAndUser)), fact(Just(By::UserAndEmail)));
    let facts = (facts, links).prop_map(|(mut facts, (one, other))| {
        facts.extend([one, other]);
        facts
    });
    run(300, &case(facts));
}
