//! What machines do is held apart, listed and counted, and what is released is as if it had never been held.

use bellwether_app::{
    Actor, App, AppError, FactBody, HeldEvent, IncomingFact, LeadDetail, LeadId, Release, SuspectQuery,
};
use bellwether_core::agreement::Agreement;
use bellwether_core::domain::{Event, Properties, Value};
use bellwether_core::suspect::{AGENT, Rule, sift_events};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::{AGREEMENT, MINUTE_MS, START_MS, World, identify, keys, page, track_with};

const CLICKS: &str = r#"
[[intent]]
name   = "Clicked"
on     = "Email Link Clicked"
points = 15
max    = 3
"#;
const OFF: &str = "[suspect]\nburst = false\nclick_without_visit = false\nagents = false\nspeed = false\n";

fn agreement(suspect: &str) -> String {
    format!("{AGREEMENT}\n{CLICKS}\n{suspect}")
}

fn mail(message: &str, ms: i64, name: &str, link: &str) -> IncomingFact {
    let said = [("email_id", "spring"), ("link_url", link)];
    let properties = said.map(|(name, value)| (name.to_owned(), Value::from(value)));
    track_with(
        message,
        START_MS + ms,
        keys("", "ana", ""),
        name,
        Properties::from(properties),
    )
}

fn click(message: &str, ms: i64, link: &str) -> IncomingFact {
    mail(message, ms, "Email Link Clicked", link)
}

fn view(message: &str, ms: i64, agent: Option<&str>) -> IncomingFact {
    let mut fact = page(message, START_MS + ms, keys("", "ana", ""), "/pricing");
    if let (FactBody::Event(event), Some(agent)) = (&mut fact.body, agent) {
        event.properties.insert(AGENT.to_owned(), Value::from(agent));
    }
    fact
}

fn vp() -> IncomingFact {
    identify(
        "who",
        START_MS,
        keys("", "ana", ""),
        &[("title", "VP Sales"), ("email", "ana@acme.example")],
    )
}

/// A delivery and six links within two seconds.
fn scanned() -> Vec<IncomingFact> {
    let clicks = (0..6).map(|n| click(&format!("c{n}"), 1_000 + n * 350, &format!("/{n}")));
    [mail("d", 0, "Email Delivered", "")]
        .into_iter()
        .chain(clicks)
        .collect()
}

async fn held(app: &App) -> Vec<HeldEvent> {
    app.suspects(SuspectQuery::default()).await.unwrap().items
}

async fn held_now(app: &App) -> (u64, u64) {
    let counts = app.counts().await.unwrap();
    (counts.suspects_held, counts.suspects_released)
}

/// All that a lead comes to, as bytes.
fn comes_to(detail: &LeadDetail) -> String {
    let stored = &detail.summary;
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:#?} {:#?} {:#?}",
        stored.fit,
        stored.intent,
        stored.grade,
        stored.qualified_at,
        stored.trigger,
        stored.created_at,
        stored.last_seen,
        detail.traits,
        detail.ledger,
        detail.ways
    )
}

async fn stored(app: &App) -> String {
    let leads = app
        .leads(bellwether_app::LeadQuery::default())
        .await
        .unwrap()
        .items;
    let rows = leads.iter().map(|lead| {
        (
            lead.fit,
            lead.intent,
            lead.grade.clone(),
            lead.qualified_at,
            lead.trigger.clone(),
            lead.stage,
            lead.scored_at,
        )
    });
    format!("{:?}", rows.collect::<Vec<_>>())
}

#[tokio::test]
async fn a_scanners_burst_hands_nobody_off_and_released_it_was_never_held() {
    let world = World::with(&agreement(""), |_| {});
    let never = World::with(&agreement(OFF), |_| {});
    for world in [&world, &never] {
        world.sales(&["sam"]).await;
        world.accept(START_MS, vec![vp()]).await;
        for fact in scanned() {
            world.accept(START_MS + 5_000, vec![fact]).await;
        }
    }
    let ana = world.lead_of("user_id", "ana").await;
    let found = held(&world.app).await;
    assert_eq!(found.len(), 6);
    assert!(
        found.iter().all(|one| one.rule == "burst" && one.lead == ana),
        "{found:?}"
    );
    assert_eq!(
        found[0].reason,
        "3 or more links of one mail clicked within 10s of one another or 30s of its delivery"
    );
    assert_eq!(held_now(&world.app).await, (6, 0));
    assert!(world.detail(ana).await.handoffs.is_empty());
    assert_eq!(never.detail(ana).await.handoffs.len(), 1);

    let what = Release::Lead {
        lead: ana,
        rule: Some(Rule::Burst),
    };
    let released = world.app.release(what, Actor::Console).await.unwrap();
    assert_eq!((released.lead, released.events), (ana, 6));
    assert!(held(&world.app).await.is_empty());
    assert_eq!(held_now(&world.app).await, (0, 6));
    let (ours, theirs) = (world.detail(ana).await, never.detail(ana).await);
    assert_eq!(ours.handoffs.len(), 1);
    assert_eq!(comes_to(&ours), comes_to(&theirs));
    assert_eq!(stored(&world.app).await, stored(&never.app).await);
    let mark = ours
        .events
        .items
        .iter()
        .find_map(|event| event.suspect.clone())
        .unwrap();
    assert_eq!(mark.released.unwrap().1, "console");
}

#[tokio::test]
async fn a_click_waits_for_its_visit_and_counts_from_its_own_time() {
    let world = World::with(&agreement(""), |_| {});
    world.accept(START_MS, vec![vp(), click("c", 0, "/offer")]).await;
    assert_eq!(held(&world.app).await[0].rule, "click_without_visit");
    world
        .accept(START_MS + MINUTE_MS, vec![view("v", 2_000, None)])
        .await;
    assert!(held(&world.app).await.is_empty());
    let never = World::with(&agreement(OFF), |_| {});
    never
        .accept(
            START_MS,
            vec![vp(), click("c", 0, "/offer"), view("v", 2_000, None)],
        )
        .await;
    let ana = world.lead_of("user_id", "ana").await;
    assert_eq!(
        comes_to(&world.detail(ana).await),
        comes_to(&never.detail(ana).await)
    );
    assert_eq!(held_now(&world.app).await, (0, 0));
}

#[tokio::test]
async fn one_event_is_released_once_and_can_be_held_again() {
    let world = World::with(&agreement(""), |_| {});
    world
        .accept(
            START_MS,
            vec![vp(), view("v", 0, Some("Googlebot")), view("w", 1, Some("curl"))],
        )
        .await;
    let found = held(&world.app).await;
    assert_eq!(
        found.iter().map(|one| one.reason.as_str()).collect::<Vec<_>>(),
        [
            "sent by curl, which is a program",
            "sent by Googlebot, which is a program"
        ]
    );
    let event = found[1].event;
    let released = world
        .app
        .release(Release::Event(event), Actor::Console)
        .await
        .unwrap();
    assert_eq!(released.events, 1);
    let again = world.app.release(Release::Event(event), Actor::Console).await;
    assert!(matches!(again, Err(AppError::Conflict { .. })), "{again:?}");
    let nothing = world.app.release(Release::Event(9_999), Actor::Console).await;
    assert!(matches!(nothing, Err(AppError::NotFound { .. })), "{nothing:?}");
    assert_eq!(held_now(&world.app).await, (1, 1));
    world.app.hold_again(event, Actor::Console).await.unwrap();
    assert_eq!(held_now(&world.app).await, (2, 0));
    assert_eq!(held(&world.app).await, found.clone());
}

#[tokio::test]
async fn another_agreement_judges_suspicion_anew() {
    let world = World::with(&agreement(""), |_| {});
    world.accept(START_MS, vec![vp()]).await;
    world.accept(START_MS, scanned()).await;
    assert_eq!(held_now(&world.app).await, (6, 0));
    world.clock.set(START_MS + MINUTE_MS);
    world.publish(&agreement(OFF)).await;
    // Whatever is asked of the lead after it is scored anew.
    world
        .accept(
            START_MS + MINUTE_MS,
            vec![identify("late", START_MS, keys("", "ana", ""), &[("phone", "1")])],
        )
        .await;
    assert_eq!(held_now(&world.app).await, (0, 0));
    world.publish(&agreement("[suspect]\nburst = false\n")).await;
    world
        .accept(
            START_MS + MINUTE_MS,
            vec![identify(
                "later",
                START_MS,
                keys("", "ana", ""),
                &[("phone", "2")],
            )],
        )
        .await;
    let counts = world.app.suspect_counts().await.unwrap();
    let held: Vec<_> = counts
        .iter()
        .map(|count| (count.rule.as_str(), count.held))
        .collect();
    assert_eq!(
        held,
        [
            ("agents", 0),
            ("speed", 0),
            ("burst", 0),
            ("click_without_visit", 6)
        ]
    );
}

#[tokio::test]
async fn what_is_held_and_released_goes_with_its_lead_when_two_are_joined_and_parted() {
    let world = World::with(&agreement(""), |_| {});
    let of = |message: &str, ms: i64, user: &str, link: &str| {
        let properties = [("email_id", "m"), ("link_url", link)].map(|(k, v)| (k.to_owned(), Value::from(v)));
        track_with(
            message,
            START_MS + ms,
            keys("", user, ""),
            "Email Link Clicked",
            Properties::from(properties),
        )
    };
    // Two links each: only together they are a burst, and alone each waits for its visit.
    let facts = vec![
        of("1", 0, "ana", "/a"),
        of("2", 10, "ana", "/b"),
        of("3", 20, "ben", "/c"),
        of("4", 30, "ben", "/d"),
    ];
    world.accept(START_MS, facts).await;
    let (ana, ben) = (
        world.lead_of("user_id", "ana").await,
        world.lead_of("user_id", "ben").await,
    );
    let rules = async |lead: LeadId| -> Vec<String> {
        let query = SuspectQuery {
            lead: Some(lead),
            ..SuspectQuery::default()
        };
        let found = world.app.suspects(query).await.unwrap().items;
        found
            .into_iter()
            .filter(|one| one.lead == lead)
            .map(|one| one.rule)
            .collect()
    };
    assert_eq!(rules(ben).await, ["click_without_visit"; 2]);
    world.app.merge_leads(ana, ben, Actor::Console).await.unwrap();
    assert_eq!(rules(ana).await, ["burst"; 4]);
    let last = held(&world.app).await[0].event;
    world
        .app
        .release(Release::Event(last), Actor::Console)
        .await
        .unwrap();
    world.app.unmerge_lead(ben, Actor::Console).await.unwrap();
    assert_eq!(rules(ana).await, ["click_without_visit"; 2]);
    assert_eq!(rules(ben).await, ["click_without_visit"; 1]);
    assert_eq!(held_now(&world.app).await, (3, 1));
}

#[tokio::test]
async fn held_events_are_listed_a_page_at_a_time_by_rule_and_lead() {
    let world = World::with(&agreement(""), |_| {});
    world.accept(START_MS, scanned()).await;
    world
        .accept(
            START_MS,
            (0..3)
                .map(|n| view(&format!("v{n}"), n * 60_000, Some("curl")))
                .collect(),
        )
        .await;
    let mut query = SuspectQuery {
        limit: 4,
        ..SuspectQuery::default()
    };
    let mut all = Vec::new();
    loop {
        let page = world.app.suspects(query.clone()).await.unwrap();
        all.extend(page.items.into_iter().map(|one| one.event));
        match page.next {
            Some(next) => query.cursor = Some(next),
            None => break,
        }
    }
    assert_eq!(all.len(), 9);
    assert!(all.is_sorted_by(|a, b| a > b));
    let by_rule = SuspectQuery {
        rule: Some(Rule::Agents),
        ..SuspectQuery::default()
    };
    assert_eq!(world.app.suspects(by_rule).await.unwrap().items.len(), 3);
    let ana = world.lead_of("user_id", "ana").await;
    let both = SuspectQuery {
        rule: Some(Rule::Burst),
        lead: Some(ana),
        ..SuspectQuery::default()
    };
    assert_eq!(world.app.suspects(both).await.unwrap().items.len(), 6);
    let nobody = SuspectQuery {
        lead: Some(LeadId(99)),
        ..SuspectQuery::default()
    };
    assert_eq!(world.app.suspects(nobody).await.unwrap().items, []);
}

/// One of few kinds of event at one of few instants.
fn happened() -> impl Strategy<Value = (u8, i64)> {
    (0_u8..8, prop_oneof![3 => 0_i64..20, 1 => 0_i64..2_000])
}

fn sent(index: usize, (what, seconds): (u8, i64)) -> IncomingFact {
    let (message, ms) = (format!("m{index}"), seconds * 1_000);
    match what {
        0..=2 => click(&message, ms, &format!("/{what}")),
        3 => mail(&message, ms, "Email Delivered", ""),
        4 => mail(&message, ms, "Email Opened", ""),
        5 => view(&message, ms, Some("curl")),
        _ => view(&message, ms, None),
    }
}

/// Facts, in which portions they come, whether in order, and whether the app forgets its leads between them.
type Case = (Vec<(u8, i64)>, Vec<usize>, bool, bool);

const QUICK: &str = "[suspect]\nspeed = { events = 5, within = \"4s\" }\n";

/// Live, whatever the order and portions in which facts come and whether the lead is in memory: what is held, and what the
/// rest comes to, is what sifting all of them says.
#[test]
fn live_holds_what_sifting_the_whole_history_holds() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut runner = TestRunner::new(Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    });
    let facts = prop::collection::vec(happened(), 1..40);
    let strategy = (
        facts,
        prop::collection::vec(1_usize..6, 1..6),
        any::<bool>(),
        any::<bool>(),
    );
    runner
        .run(&strategy, |case| runtime.block_on(lives_as_sifted(case)))
        .unwrap();
}

async fn lives_as_sifted((mut facts, portions, in_order, forgetful): Case) -> Result<(), TestCaseError> {
    if in_order {
        facts.sort_by_key(|(_, seconds)| *seconds);
    }
    let facts = facts.iter().enumerate();
    let sent: Vec<IncomingFact> = facts.map(|(index, one)| sent(index, *one)).collect();
    let events: Vec<Event> = sent.iter().filter_map(event_of).collect();
    let rules = Agreement::parse(&agreement(QUICK))
        .unwrap()
        .suspect
        .unwrap_or_default();
    let expected = sift_events(&rules, events.iter(), &[]);
    let world = World::with(&agreement(QUICK), |options| {
        if forgetful {
            options.lead_states_max = 1;
        }
    });
    come_in_portions(&world, sent.clone(), &portions).await;
    let all = SuspectQuery {
        limit: 200,
        ..SuspectQuery::default()
    };
    let shown =
        |ts, path: &Option<String>, rule: &str, reason: &str| format!("{ts} {path:?} {rule} {reason}");
    let found = world.app.suspects(all).await.unwrap().items;
    let mut found: Vec<String> = found
        .iter()
        .map(|one| shown(one.ts, &one.path, &one.rule, &one.reason))
        .collect();
    let judged = events.iter().zip(&expected);
    let held = judged.filter_map(|(event, held)| Some((event, held.as_ref()?)));
    let mut wanted: Vec<String> = held
        .map(|(event, held)| shown(event.ts, &event.path, held.rule.as_str(), &held.reason))
        .collect();
    found.sort_unstable();
    wanted.sort_unstable();
    prop_assert_eq!(found, wanted);
    let counted = sent.into_iter().zip(&expected).filter(|(_, held)| held.is_none());
    let counted: Vec<IncomingFact> = counted.map(|(fact, _)| fact).collect();
    if !counted.is_empty() {
        let sifted = World::with(&agreement(OFF), |_| {});
        sifted.accept(START_MS, counted).await;
        prop_assert_eq!(first_lead(&world.app).await, first_lead(&sifted.app).await);
    }
    Ok(())
}

fn event_of(fact: &IncomingFact) -> Option<Event> {
    match &fact.body {
        FactBody::Event(event) => Some(event.clone()),
        _ => None,
    }
}

async fn come_in_portions(world: &World, mut rest: Vec<IncomingFact>, portions: &[usize]) {
    let mut sizes = portions.iter().cycle();
    while !rest.is_empty() {
        let size = sizes.next().copied().unwrap_or(1).min(rest.len());
        world.accept(START_MS, rest.drain(..size).collect()).await;
        // Somebody else, so that a forgetful app forgets.
        let other = identify(
            &format!("o{}", rest.len()),
            START_MS,
            keys("", "other", ""),
            &[("title", "Engineer")],
        );
        world.accept(START_MS, vec![other]).await;
    }
}

async fn first_lead(app: &App) -> String {
    let leads = app
        .leads(bellwether_app::LeadQuery::default())
        .await
        .unwrap()
        .items;
    let first = leads.iter().find(|lead| lead.id == LeadId(1));
    format!(
        "{:?}",
        first.map(|lead| (lead.fit, lead.intent, lead.qualified_at))
    )
}
