//! Leads told anew: whatever was told before and in whatever steps, a chronicle is as one that was told all at once, and its
//! verdicts are those of each lead's own facts.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::Arc;

use bellwether_core::agreement::Agreement;
use bellwether_core::domain::{Event, EventKind, Properties, Timestamp, TraitSource, Traits, Value};
use bellwether_core::engine::Engine;
use bellwether_core::explain::{History, HistoryFact, explain};
use bellwether_replay::{Chronicle, Retelling, Told};
use proptest::prelude::*;

use crate::chronicle::OTHER;
use crate::support::AGREEMENT;

const DAY_MS: i64 = 86_400_000;

/// Something that is known of a lead.
#[derive(Debug, Clone)]
enum Fact {
    Did(i64, &'static str, Option<&'static str>, bool),
    Said(i64, TraitSource, Traits),
    Created(i64),
    Known(i64),
}

/// What becomes of one lead in a step.
#[derive(Debug, Clone)]
enum Step {
    Learn(usize, Fact),
    /// It was joined into another lead, or is nobody whom one could reach any more.
    Gone(usize),
    /// The chronicle is written and opened again.
    Reopen,
}

fn fact() -> impl Strategy<Value = Fact> {
    // Few instants, so that much falls together.
    let ms = (0_i64..40).prop_map(|half_day| 1_767_225_600_000 + half_day * DAY_MS / 2);
    let names = [
        "Demo Requested",
        "Asset Downloaded",
        "Email Link Clicked",
        "page",
        "Webinar Attended",
    ];
    let did = (
        ms.clone(),
        prop::sample::select(names.to_vec()),
        prop::sample::select(vec![None, Some("/pricing"), Some("/product")]),
        prop::bool::weighted(0.2),
    );
    let said = (
        ms.clone(),
        prop::sample::select(TraitSource::ALL.to_vec()),
        prop::sample::select(vec!["title", "employees", "email", "channel"]),
        prop::sample::select(vec![
            "VP Sales",
            "700",
            "ana@acme.example",
            "organic_search",
            "Student",
        ]),
    );
    prop_oneof![
        8 => did.prop_map(|(ms, name, path, released)| Fact::Did(ms, name, path, released)),
        3 => said.prop_map(|(ms, source, name, value)| {
            Fact::Said(ms, source, Traits::from([(name.to_owned(), Value::from(value))]))
        }),
        1 => ms.clone().prop_map(Fact::Created),
        2 => ms.prop_map(Fact::Known),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0_usize..6, fact()).prop_map(|(lead, fact)| Step::Learn(lead, fact)),
        1 => (0_usize..6).prop_map(Step::Gone),
        1 => Just(Step::Reopen),
    ]
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms_clamped(ms)
}

fn event(ms: i64, name: &str, path: Option<&str>) -> Event {
    Event {
        ts: at(ms),
        kind: if name == "page" {
            EventKind::Page
        } else {
            EventKind::Track
        },
        name: name.to_owned(),
        path: path.map(str::to_owned),
        properties: Properties::from([("user_agent".to_owned(), Value::from("Mozilla/5.0"))]),
    }
}

fn tell(chronicle: Chronicle, facts: &BTreeMap<usize, Vec<Fact>>, leads: &BTreeSet<usize>) -> Chronicle {
    let mut retelling = Retelling::of(chronicle);
    for lead in leads {
        let place = retelling.lead(&lead.to_string());
        for fact in facts.get(lead).into_iter().flatten() {
            match fact {
                Fact::Did(ms, name, path, released) => {
                    let event = event(*ms, name, *path);
                    let told = Told {
                        kind: event.kind,
                        name,
                        path: *path,
                        released: *released,
                    };
                    let number = retelling.event(told, &event.properties).expect("few");
                    retelling.did(place, event.ts, number);
                }
                Fact::Said(ms, source, traits) => retelling
                    .said(place, at(*ms), *source, traits.clone())
                    .expect("few"),
                Fact::Created(ms) => retelling.created(place, at(*ms)),
                Fact::Known(ms) => retelling.known(place, at(*ms)),
            }
        }
    }
    retelling.finish(format!("{} leads", leads.len()))
}

/// A lead's facts without the events that the agreement holds apart; nothing where one couldn't reach it.
fn history(engine: &Engine, facts: &[Fact]) -> Option<History> {
    let mut history = History::default();
    let (mut known, mut created, mut released) = (None, None, Vec::new());
    let mut events = 0;
    for fact in facts {
        match fact {
            Fact::Did(ms, name, path, is_released) => {
                if *is_released {
                    released.push(events);
                }
                events += 1;
                history.facts.push(HistoryFact::Event(event(*ms, name, *path)));
            }
            Fact::Said(ms, source, traits) => {
                history
                    .facts
                    .push(HistoryFact::Traits(at(*ms), *source, traits.clone()));
            }
            Fact::Created(ms) => created = created.into_iter().chain([*ms]).min(),
            Fact::Known(ms) => known = known.into_iter().chain([*ms]).min(),
        }
    }
    history.facts.push(HistoryFact::Known(at(known?)));
    history
        .facts
        .extend(created.map(|ms| HistoryFact::Created(at(ms))));
    if let Some(rules) = &engine.agreement().suspect {
        history.hold_apart(rules, &released);
    }
    Some(history)
}

fn check(chronicle: &Chronicle, facts: &BTreeMap<usize, Vec<Fact>>) {
    let whole = tell(Chronicle::default(), facts, &facts.keys().copied().collect());
    assert_eq!(chronicle.fingerprint(), whole.fingerprint());
    for agreement in [AGREEMENT, OTHER] {
        let engine = Engine::new(Arc::new(Agreement::parse(agreement).expect("it is in order")));
        let t = chronicle.latest();
        let [one, two] = [1, 2].map(|threads| NonZeroUsize::new(threads).expect("some"));
        let judged = chronicle.judge(&engine, t, two);
        assert_eq!(judged, whole.judge(&engine, t, one));
        let mut expected: Vec<(String, History)> = facts
            .iter()
            .filter_map(|(lead, facts)| Some((lead.to_string(), history(&engine, facts)?)))
            .collect();
        expected.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(expected.len(), chronicle.leads());
        for (lead, (verdict, (id, history))) in (0..).zip(judged.leads.iter().zip(&expected)) {
            assert_eq!(chronicle.id(lead), id);
            let ledger = explain(&engine, history, t);
            let qualified = ledger.qualified.as_ref();
            assert_eq!(
                (verdict.now.fit, verdict.now.intent),
                (ledger.totals.fit, ledger.totals.intent),
                "{id}"
            );
            assert_eq!(
                verdict.qualified.as_ref().map(|it| (
                    it.at,
                    it.trigger.to_string(),
                    it.score.fit,
                    it.score.intent
                )),
                qualified.map(|it| (it.at, it.trigger.clone(), it.score.fit, it.score.intent)),
                "{id}"
            );
            let kept = explain(&engine, &chronicle.facts_as_judged(&engine, lead, t), t);
            assert_eq!(format!("{kept:?}"), format!("{ledger:?}"), "{id}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn told_in_steps_or_all_at_once_a_chronicle_is_the_same(
        rounds in prop::collection::vec(prop::collection::vec(step(), 1..25), 1..6)
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut facts: BTreeMap<usize, Vec<Fact>> = BTreeMap::new();
        let mut chronicle = Chronicle::default();
        for steps in rounds {
            let mut changed = BTreeSet::new();
            for step in steps {
                match step {
                    Step::Learn(lead, fact) => {
                        facts.entry(lead).or_default().push(fact);
                        changed.insert(lead);
                    }
                    Step::Gone(lead) => {
                        facts.remove(&lead);
                        changed.insert(lead);
                    }
                    Step::Reopen => {
                        chronicle.write(folder.path()).expect("written");
                        let position = chronicle.position().to_owned();
                        chronicle = Chronicle::open(folder.path(), &|_| {}).expect("it is as it was written");
                        prop_assert_eq!(chronicle.position(), position);
                    }
                }
            }
            // What is derived before more is told is worked out only for the leads that are told anew.
            let engine = Engine::new(Arc::new(Agreement::parse(OTHER).expect("it is in order")));
            chronicle.judge(&engine, chronicle.latest(), NonZeroUsize::MIN);
            chronicle = tell(chronicle, &facts, &changed);
            check(&chronicle, &facts);
        }
    }
}
