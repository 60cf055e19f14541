//! Up to five people whose ids cross, who are joined by facts and by hand, and parted: each lead is always what the facts
//! that are its own come to, and parting restores what was before.

use std::collections::{BTreeMap, BTreeSet};

use bellwether_app::{Actor, AppError, FactBody, HandoffState, IncomingFact, LeadDetail, LeadId};
use bellwether_core::domain::{Points, Stage, Timestamp};
use bellwether_core::engine::Engine;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::properties::expected;
use crate::support::{DAY_MS, START_MS, World, fact, identify, keys, page, track};

/// Something that happens to the people of a case; each number is a person's or a device's.
#[derive(Debug, Clone)]
enum Op {
    /// Something was done, by whichever ids came along.
    Fact {
        device: Option<u8>,
        user: Option<u8>,
        email: Option<u8>,
        day: u8,
        what: What,
    },
    /// One user id takes the place of another.
    Alias { user: u8, previous: u8 },
    /// Somebody says that two are one.
    Merge(u8, u8),
    /// Somebody parts the lead that was joined last, or the one before that, and so on.
    Unmerge(u8),
    /// Sales answers whatever a person's lead has open.
    Answer { user: u8, accept: bool },
}

#[derive(Debug, Clone, Copy)]
enum What {
    Pricing,
    Demo,
    Title(u8),
}

fn op() -> impl Strategy<Value = Op> {
    let what = prop_oneof![
        4 => Just(What::Pricing),
        1 => Just(What::Demo),
        2 => (0_u8..3).prop_map(What::Title),
    ];
    let person = prop_oneof![3 => 0_u8..5, 1 => 0_u8..2];
    let ids = (
        prop::option::weighted(0.5, 0_u8..4),
        prop::option::weighted(0.6, person.clone()),
        prop::option::weighted(0.2, person.clone()),
    );
    let happened = (ids, 0_u8..30, what).prop_map(|((device, user, email), day, what)| Op::Fact {
        // A fact without any id is another test's.
        device: device.or(if user.is_none() && email.is_none() {
            Some(0)
        } else {
            None
        }),
        user,
        email,
        day,
        what,
    });
    prop_oneof![
        12 => happened,
        1 => (0_u8..5, 0_u8..5).prop_map(|(user, previous)| Op::Alias { user, previous }),
        1 => (0_u8..5, 0_u8..5).prop_map(|(one, other)| Op::Merge(one, other)),
        1 => (0_u8..3).prop_map(Op::Unmerge),
        1 => (0_u8..5, any::<bool>()).prop_map(|(user, accept)| Op::Answer { user, accept }),
    ]
}

/// The people of one case in a world that they share with those of other cases.
struct Cast<'w> {
    world: &'w World,
    case: u32,
    facts: Vec<IncomingFact>,
    /// Leads that were joined into others, in that order.
    joined: Vec<LeadId>,
}

impl Cast<'_> {
    fn user(&self, n: u8) -> String {
        format!("u{}-{n}", self.case)
    }

    fn fact(&self, op: &Op) -> Option<IncomingFact> {
        let index = self.facts.len();
        let message = format!("m{}-{index}", self.case);
        let ms = |day: u8| START_MS + i64::from(day) * DAY_MS + i64::try_from(index).unwrap();
        match op {
            Op::Fact {
                device,
                user,
                email,
                day,
                what,
            } => {
                let device = device.map_or(String::new(), |n| format!("d{}-{n}", self.case));
                let user = user.map_or(String::new(), |n| self.user(n));
                let email = email.map_or(String::new(), |n| format!("p{}-{n}@acme.example", self.case));
                let who = keys(&device, &user, &email);
                Some(match what {
                    What::Pricing => page(&message, ms(*day), who, "/pricing"),
                    What::Demo => track(&message, ms(*day), who, "Demo Requested"),
                    What::Title(n) => {
                        let title = ["VP Sales", "Engineer", ""][usize::from(*n)];
                        identify(&message, ms(*day), who, &[("title", title)])
                    }
                })
            }
            Op::Alias { user, previous } if user != previous => {
                let previous_id = self.user(*previous);
                let who = keys("", &self.user(*user), "");
                Some(fact(&message, ms(0), who, FactBody::Alias { previous_id }))
            }
            _ => None,
        }
    }

    async fn play(&mut self, op: &Op) {
        if let Some(fact) = self.fact(op) {
            self.facts.push(fact.clone());
            self.world.accept(START_MS + 40 * DAY_MS, vec![fact]).await;
        }
        match op {
            Op::Merge(one, other) => {
                if let (Some(one), Some(other)) = (self.lead(*one).await, self.lead(*other).await)
                    && one != other
                {
                    self.merge(one, other).await;
                }
            }
            Op::Unmerge(back) => {
                let place = self.joined.len().checked_sub(usize::from(*back) + 1);
                if let Some(place) = place {
                    let gone = self.joined.remove(place);
                    let parted = self.world.app.unmerge_lead(gone, Actor::Console).await;
                    parted.unwrap();
                }
            }
            Op::Answer { user, accept } => {
                if let Some(lead) = self.lead(*user).await {
                    self.answer(lead, *accept).await;
                }
            }
            _ => {}
        }
    }

    async fn merge(&mut self, one: LeadId, other: LeadId) {
        let stays = self
            .world
            .app
            .merge_leads(one, other, Actor::Console)
            .await
            .unwrap();
        assert_eq!(stays, one.min(other));
        self.joined.push(one.max(other));
    }

    async fn answer(&self, lead: LeadId, accept: bool) {
        let open = self.world.detail(lead).await.handoffs;
        let Some(open) = open.iter().find(|handoff| handoff.state == HandoffState::Open) else {
            return;
        };
        let app = &self.world.app;
        let answered = if accept {
            app.accept_handoff(open.id, Actor::Console).await
        } else {
            app.reject_handoff(open.id, "No budget".to_owned(), None, Actor::Console)
                .await
        };
        answered.unwrap();
    }

    async fn lead(&self, user: u8) -> Option<LeadId> {
        self.world
            .app
            .lead_by_key("user_id", &self.user(user))
            .await
            .unwrap()
    }

    /// Every lead that the facts of the case led to, each once.
    async fn leads(&self) -> Vec<LeadDetail> {
        let mut ids = BTreeSet::new();
        for fact in &self.facts {
            let sent = &fact.keys;
            for (kind, value) in [
                ("anonymous_id", &sent.anonymous_id),
                ("user_id", &sent.user_id),
                ("email", &sent.email),
            ] {
                if let Some(value) = value {
                    ids.extend(self.world.app.lead_by_key(kind, value).await.unwrap());
                }
            }
        }
        // A lead whose device was handed over may have no key left: it is found by the number that it was given.
        let lowest = ids.iter().next().copied();
        let highest = self.joined.iter().copied().chain(ids.iter().copied()).max();
        if let (Some(lowest), Some(highest)) = (lowest, highest) {
            for id in lowest.0..=highest.0 {
                if let Some(lead) = self.world.app.lead(LeadId(id), now()).await.unwrap() {
                    ids.insert(lead.summary.id);
                }
            }
        }
        let mut leads = Vec::new();
        for id in ids {
            leads.push(self.world.app.lead(id, now()).await.unwrap().unwrap());
        }
        leads
    }
}

fn now() -> Timestamp {
    crate::support::at(START_MS + 60 * DAY_MS)
}

/// What must be restored, in words that can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Standing {
    facts: Vec<i64>,
    keys: Vec<(String, String)>,
    traits: Vec<String>,
    stage: Stage,
    owner: Option<String>,
    account: Option<String>,
    points: (Points, Points),
    created_at: Timestamp,
    last_seen: Timestamp,
    handoffs: Vec<(i64, HandoffState)>,
    cycle: u32,
}

fn standing(lead: &LeadDetail) -> Standing {
    let summary = &lead.summary;
    let mut keys: Vec<(String, String)> = lead
        .identities
        .iter()
        .map(|identity| (identity.kind.clone(), identity.value.clone()))
        .collect();
    keys.sort();
    Standing {
        facts: lead.events.items.iter().map(|event| event.id).collect(),
        keys,
        traits: lead
            .traits
            .iter()
            .map(|known| format!("{} = {} since {}", known.name, known.value, known.since))
            .collect(),
        stage: summary.stage,
        owner: summary.owner.as_ref().map(|owner| owner.name.clone()),
        account: summary.account.as_ref().map(|account| account.name.clone()),
        points: (summary.fit, summary.intent),
        created_at: summary.created_at,
        last_seen: summary.last_seen,
        handoffs: lead
            .handoffs
            .iter()
            .map(|handoff| (handoff.id.0, handoff.state))
            .collect(),
        cycle: summary.cycle,
    }
}

/// Each fact is one lead's, and each lead is what its facts come to.
async fn check_unions(cast: &Cast<'_>, engine: &Engine) -> Result<(), TestCaseError> {
    let by_ts: BTreeMap<Timestamp, &IncomingFact> = cast.facts.iter().map(|fact| (fact.ts, fact)).collect();
    let mut seen = BTreeSet::new();
    for lead in cast.leads().await {
        let own: Vec<IncomingFact> = lead
            .events
            .items
            .iter()
            .map(|event| by_ts[&event.ts].clone())
            .collect();
        for fact in &own {
            prop_assert!(seen.insert(fact.ts), "a fact of two leads: {fact:?}");
        }
        let count = |state| {
            let handoffs = lead.handoffs.iter();
            handoffs.filter(|handoff| handoff.state == state).count()
        };
        // Of two leads that were both accepted, what was accepted stays so.
        let (open, accepted) = (count(HandoffState::Open), count(HandoffState::Accepted));
        prop_assert!(open == 0 || (open, accepted) == (1, 0));
        if own.is_empty() || lead.summary.cycle > 1 {
            // What was sent back is judged by other facts than these.
            continue;
        }
        let (fit, intent, qualified) = expected(engine, &own, lead.summary.last_seen);
        prop_assert_eq!(lead.summary.qualified_at, qualified.map(|(at, _)| at));
        let row = cast.world.app.lead(lead.summary.id, lead.summary.last_seen).await;
        let row = row.unwrap().unwrap().summary;
        prop_assert_eq!((row.fit.millis(), row.intent.millis()), (fit, intent));
        if lead.summary.qualified_at.is_some() {
            prop_assert!(!lead.handoffs.is_empty(), "no handoff is lost");
        }
    }
    prop_assert_eq!(seen.len(), cast.facts.len());
    Ok(())
}

/// Merges two leads and parts them again: everything is as before, but for a handoff that the merge made.
async fn check_parting(cast: &mut Cast<'_>) -> Result<(), TestCaseError> {
    let before = cast.leads().await;
    let [one, other, ..] = before.as_slice() else {
        return Ok(());
    };
    let (one, other) = (one.summary.id, other.summary.id);
    let app = &cast.world.app;
    let preview = app.preview_merge(one, other, Actor::Console).await.unwrap();
    let unchanged: Vec<Standing> = cast.leads().await.iter().map(standing).collect();
    let before: Vec<Standing> = before.iter().map(standing).collect();
    prop_assert_eq!(&unchanged, &before, "a preview changes nothing");
    cast.merge(one, other).await;
    let merged = cast.world.detail(one).await;
    let shown = &preview.after[0];
    prop_assert_eq!(shown.lead.stage, merged.summary.stage);
    prop_assert_eq!(shown.facts, merged.events.items.len() as u64);
    prop_assert_eq!(shown.handoffs.len(), merged.handoffs.len());
    let made: Vec<i64> = merged
        .handoffs
        .iter()
        .map(|handoff| handoff.id.0)
        .filter(|id| {
            before
                .iter()
                .all(|lead| lead.handoffs.iter().all(|(known, _)| known != id))
        })
        .collect();
    let parted = cast
        .world
        .app
        .preview_unmerge(other, Actor::Console)
        .await
        .unwrap();
    prop_assert_eq!(parted.after.len(), 2);
    cast.world.app.unmerge_lead(other, Actor::Console).await.unwrap();
    cast.joined.pop();
    let mut after: Vec<Standing> = cast.leads().await.iter().map(standing).collect();
    prop_assert_eq!(after.len(), before.len());
    for (after, before) in after.iter_mut().zip(&before) {
        if after.handoffs.iter().any(|(id, _)| made.contains(id)) {
            // The decision that was made meanwhile stays, with all that goes with it.
            after.handoffs.retain(|(id, _)| !made.contains(id));
            (after.stage, after.cycle) = (before.stage, before.cycle);
            after.owner.clone_from(&before.owner);
        }
    }
    prop_assert_eq!(after, before);
    Ok(())
}

fn run(cases: u32, parts: bool) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    // So few states in memory that most leads are folded from the database each time.
    let world = World::with(crate::support::AGREEMENT, |options| options.lead_states_max = 2);
    runtime.block_on(world.sales(&["ann", "bob"]));
    world.clock.set(START_MS + 41 * DAY_MS);
    let engine = runtime.block_on(world.app.active_agreement()).unwrap().engine;
    let case = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::with_cases(cases)
    });
    let outcome = runner.run(&prop::collection::vec(op(), 1..40), |ops| {
        case.set(case.get() + 1);
        let mut cast = Cast {
            world: &world,
            case: case.get(),
            facts: Vec::new(),
            joined: Vec::new(),
        };
        runtime.block_on(async {
            for op in &ops {
                cast.play(op).await;
            }
            if parts {
                check_parting(&mut cast).await?;
            }
            check_unions(&cast, &engine).await
        })
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[test]
fn each_lead_is_what_its_own_facts_come_to_whatever_was_joined_and_parted() {
    run(60, false);
}

#[test]
fn parting_restores_what_was_before_merging() {
    run(60, true);
}

#[tokio::test]
async fn two_with_one_address_are_joined_parted_and_stay_apart() {
    let world = World::new();
    let address = |message: &str, user: &str| {
        identify(
            message,
            START_MS,
            keys("", user, ""),
            &[("email", "office@acme.example")],
        )
    };
    let facts = vec![
        page("m0", START_MS, keys("", "u1", ""), "/"),
        page("m1", START_MS, keys("", "u2", ""), "/"),
        address("m2", "u1"),
        address("m3", "u2"),
    ];
    world.accept(START_MS, facts).await;
    let one = world.lead_of("user_id", "u1").await;
    assert_eq!(world.lead_of("user_id", "u2").await, one);
    let joined = world.detail(one).await.joined;
    assert_eq!(joined[0].reason, "the same email address");
    let two = joined[0].id;
    assert_eq!(world.app.unmerge_lead(two, Actor::Console).await.unwrap(), one);
    assert_eq!(world.lead_of("user_id", "u2").await, two);
    world.accept(START_MS, vec![address("m4", "u2")]).await;
    assert_eq!(world.lead_of("user_id", "u2").await, two);
    assert_eq!(world.lead_of("email", "office@acme.example").await, one);
    let findings = world.app.findings(50).await.unwrap();
    assert!(findings.iter().any(|finding| finding.kind == "kept_apart"));
    // Whoever parted them may change their mind.
    assert_eq!(
        world.app.merge_leads(two, one, Actor::Console).await.unwrap(),
        one
    );
    world.accept(START_MS, vec![address("m5", "u2")]).await;
    assert_eq!(world.detail(one).await.events.items.len(), 6);
}

#[tokio::test]
async fn what_cannot_be_merged_or_parted_is_refused_with_the_reason() {
    let world = World::new();
    world
        .accept(START_MS, vec![page("m0", START_MS, keys("", "u1", ""), "/")])
        .await;
    let one = world.lead_of("user_id", "u1").await;
    let app = &world.app;
    let refused = app.merge_leads(one, one, Actor::Console).await;
    assert!(matches!(refused, Err(AppError::Conflict { .. })), "{refused:?}");
    let refused = app.merge_leads(one, LeadId(99), Actor::Console).await;
    assert!(
        matches!(&refused, Err(AppError::NotFound { id, .. }) if id == "99"),
        "{refused:?}"
    );
    let refused = app.unmerge_lead(one, Actor::Console).await;
    assert!(matches!(refused, Err(AppError::Conflict { .. })), "{refused:?}");
    let refused = app.preview_unmerge(LeadId(99), Actor::Console).await;
    assert!(matches!(refused, Err(AppError::NotFound { .. })), "{refused:?}");
}

#[tokio::test]
async fn who_looks_like_one_is_offered_as_a_pair_until_somebody_decides() {
    let world = World::new();
    let ana = |message: &str, user: &str, email: &str| {
        let traits = [("name", "Ana Lopez"), ("email", email)];
        identify(message, START_MS, keys("", user, ""), &traits)
    };
    let facts = vec![
        ana("m1", "u1", "ana@acme.example"),
        ana("m2", "u2", "a.lopez@acme.example"),
        ana("m3", "u3", "ana@other.example"),
        ana("m4", "u4", "ana+events@acme.example"),
    ];
    world.accept(START_MS, facts).await;
    let pairs = async || world.app.lead_pairs(None, 50).await.unwrap().items;
    let found: BTreeSet<(i64, i64)> = pairs()
        .await
        .iter()
        .map(|pair| (pair.one.id.0, pair.other.id.0))
        .collect();
    assert_eq!(found, BTreeSet::from([(1, 2), (1, 4), (2, 4)]));
    world
        .app
        .dismiss_pair(LeadId(2), LeadId(4), Actor::Console)
        .await
        .unwrap();
    world
        .app
        .merge_leads(LeadId(1), LeadId(2), Actor::Console)
        .await
        .unwrap();
    let left = pairs().await;
    assert_eq!(left.len(), 1);
    assert_eq!((left[0].one.id, left[0].other.id), (LeadId(1), LeadId(4)));
    assert_eq!(left[0].reason, "the same mailbox, ana@acme.example");
}
