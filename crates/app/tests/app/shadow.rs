//! A proposal that runs beside hands nobody off, and tells whom it would have.

use bellwether_app::{Actor, AppError, FactBody, HandoffQuery, ProposalId};
use bellwether_core::domain::{Properties, Value};
use bellwether_core::suspect::AGENT;

use crate::support::{AGREEMENT, DAY_MS, START_MS, World, identify, keys, page, track};

const HOUR_MS: i64 = 3_600_000;

/// Two views of the prices are enough; a request for a demo isn't.
fn other() -> String {
    AGREEMENT
        .replace("score = 50", "score = 35")
        .replace("fast = [\"Demo Requested\"]\n", "")
        .replace("points = 40\nmax = 1", "points = 10\nmax = 1")
}

async fn vp(world: &World, user: &str, ms: i64) {
    world
        .accept(
            ms,
            vec![identify(
                &format!("i-{user}"),
                ms,
                keys("", user, ""),
                &[("title", "VP")],
            )],
        )
        .await;
}

async fn looks(world: &World, user: &str, ms: i64) {
    let message = format!("p-{user}-{ms}");
    world
        .accept(ms, vec![page(&message, ms, keys("", user, ""), "/pricing")])
        .await;
}

async fn asks(world: &World, user: &str, ms: i64) {
    let message = format!("d-{user}-{ms}");
    world
        .accept(
            ms,
            vec![track(&message, ms, keys("", user, ""), "Demo Requested")],
        )
        .await;
}

async fn proposed(world: &World) -> ProposalId {
    world.app.propose(other(), None, Actor::Console).await.unwrap().id
}

#[tokio::test]
async fn it_tells_whom_it_would_have_handed_off_and_hands_off_nobody() {
    let world = World::new();
    world.sales(&["ann"]).await;
    for user in ["before", "looker", "asker", "both", "quiet"] {
        vp(&world, user, START_MS).await;
    }
    // Handed off before it began: not judged.
    asks(&world, "before", START_MS + 1).await;
    // Reached the proposal's line before it began, and does nothing more.
    looks(&world, "quiet", START_MS + 1).await;
    looks(&world, "quiet", START_MS + 2).await;
    let begin = START_MS + HOUR_MS;
    world.clock.set(begin);
    let run = world
        .app
        .start_shadow(proposed(&world).await, 7, Actor::Console)
        .await
        .unwrap();
    let later = begin + HOUR_MS;
    for ms in [later, later + 1] {
        looks(&world, "looker", ms).await;
        looks(&world, "both", ms).await;
    }
    asks(&world, "asker", later).await;
    asks(&world, "both", later + 2).await;
    let handed = || async {
        let handoffs = world.app.handoffs(HandoffQuery::default()).await.unwrap();
        handoffs.items.len()
    };
    assert_eq!(handed().await, 3);
    world.clock.set(begin + DAY_MS);
    let report = world.app.shadow_report(run.id).await.unwrap();
    assert_eq!((report.judged, report.both), (4, 1), "{report:?}");
    assert_eq!((report.only_proposed, report.only_active), (1, 1));
    assert_eq!(
        report.only_proposed_leads[0].lead,
        world.lead_of("user_id", "looker").await
    );
    assert_eq!(
        report.only_active_leads[0].lead,
        world.lead_of("user_id", "asker").await
    );
    assert_eq!(report.days, [("2026-06-01".to_owned(), 2, 2)]);
    assert_eq!(handed().await, 3);

    // What it came to in the end is kept, whatever comes after.
    world.clock.set(begin + 8 * DAY_MS);
    let report = world.app.shadow_report(run.id).await.unwrap();
    assert_eq!(report.until.ms(), begin + 7 * DAY_MS);
    looks(&world, "quiet", begin + 2 * DAY_MS).await;
    assert_eq!(world.app.shadow_report(run.id).await.unwrap(), report);
    assert_eq!(world.app.shadow(run.id).await.unwrap().report, Some(report));
}

#[tokio::test]
async fn who_reached_the_line_before_it_began_counts_once_they_do_something() {
    let world = World::new();
    vp(&world, "ana", START_MS).await;
    looks(&world, "ana", START_MS + 1).await;
    looks(&world, "ana", START_MS + 2).await;
    let begin = START_MS + HOUR_MS;
    world.clock.set(begin);
    let run = world
        .app
        .start_shadow(proposed(&world).await, 1, Actor::Console)
        .await
        .unwrap();
    assert_eq!(world.app.shadow_report(run.id).await.unwrap().only_proposed, 0);
    let later = begin + 1;
    world
        .accept(later, vec![page("a", later, keys("", "ana", ""), "/about")])
        .await;
    world.clock.set(later + 1);
    let report = world.app.shadow_report(run.id).await.unwrap();
    assert_eq!(report.only_proposed, 1);
    assert_eq!(report.only_proposed_leads[0].at.ms(), later);
}

#[tokio::test]
async fn who_was_sent_back_before_counts_as_far_as_they_may_come_again() {
    let world = World::new();
    world.sales(&["ann"]).await;
    for user in ["again", "not yet", "held"] {
        vp(&world, user, START_MS).await;
        asks(&world, user, START_MS + 1).await;
    }
    world.clock.set(START_MS + 2);
    for (user, reason) in [("again", "No budget"), ("not yet", "Timing not right")] {
        let lead = world.detail(world.lead_of("user_id", user).await).await;
        let handoff = lead.handoffs[0].id;
        let rejected = world
            .app
            .reject_handoff(handoff, reason.to_owned(), None, Actor::Console);
        rejected.await.unwrap();
    }
    let begin = START_MS + HOUR_MS;
    world.clock.set(begin);
    let run = world
        .app
        .start_shadow(proposed(&world).await, 7, Actor::Console)
        .await
        .unwrap();
    for user in ["again", "not yet", "held"] {
        asks(&world, user, begin + 1).await;
        looks(&world, user, begin + 2).await;
        looks(&world, user, begin + 3).await;
    }
    world.clock.set(begin + DAY_MS);
    let report = world.app.shadow_report(run.id).await.unwrap();
    assert_eq!((report.judged, report.both), (2, 1), "{report:?}");
    assert_eq!((report.only_proposed, report.only_active), (0, 0));
}

#[tokio::test]
async fn each_side_holds_apart_what_its_own_rules_do() {
    let world = World::new();
    vp(&world, "ana", START_MS).await;
    let trusting = format!("{}\n[suspect]\nagents = false\n", other());
    let proposal = world.app.propose(trusting, None, Actor::Console).await.unwrap();
    let run = world
        .app
        .start_shadow(proposal.id, 1, Actor::Console)
        .await
        .unwrap();
    let robot = Properties::from([(AGENT.to_owned(), Value::from("Googlebot/2.1"))]);
    for n in 1..=2 {
        let mut look = page(&format!("p{n}"), START_MS + n, keys("", "ana", ""), "/pricing");
        if let FactBody::Event(event) = &mut look.body {
            event.properties = robot.clone();
        }
        world.accept(START_MS + n, vec![look]).await;
    }
    world.clock.set(START_MS + DAY_MS);
    let report = world.app.shadow_report(run.id).await.unwrap();
    assert_eq!((report.only_proposed, report.only_active), (1, 0), "{report:?}");
    assert_eq!(report.only_proposed_leads[0].at.ms(), START_MS + 2);
}

#[tokio::test]
async fn it_has_a_length_and_an_end() {
    let world = World::new();
    let id = proposed(&world).await;
    for days in [0, 91] {
        let outcome = world.app.start_shadow(id, days, Actor::Console).await;
        assert!(
            matches!(outcome, Err(AppError::Invalid { field: "days", .. })),
            "{outcome:?}"
        );
    }
    let run = world.app.start_shadow(id, 90, Actor::Console).await.unwrap();
    world.clock.set(START_MS + DAY_MS);
    let stopped = world.app.stop_shadow(run.id, Actor::Console).await.unwrap();
    assert_eq!(
        (stopped.ends_at.ms(), stopped.stopped_by.as_deref()),
        (START_MS + DAY_MS, Some("console"))
    );
    let again = world.app.stop_shadow(run.id, Actor::Console).await;
    assert!(matches!(again, Err(AppError::Conflict { .. })), "{again:?}");
    for _ in 0..5 {
        world.app.start_shadow(id, 1, Actor::Console).await.unwrap();
    }
    let crowded = world.app.start_shadow(id, 1, Actor::Console).await;
    assert!(matches!(crowded, Err(AppError::Refused { .. })), "{crowded:?}");
    assert_eq!(world.app.shadows(Some(id)).await.unwrap().len(), 6);
}
