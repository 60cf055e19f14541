//! A retroactive version judges everybody anew and hands nobody off by itself: whom it would is listed, and somebody
//! confirms it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bellwether_app::{
    Actor, AgreementVersion, AppError, HandoffQuery, HandoffSummary, Listed, NewlyQualified, PublishMode,
};

use crate::support::{AGREEMENT, DAY_MS, START_MS, World, identify, keys, page, track};

/// Two views of the prices are enough, also a day later.
fn lower() -> String {
    AGREEMENT
        .replace("score = 50", "score = 35")
        .replace("intent = 20\nfast", "intent = 15\nfast")
}

/// So many who look at the prices twice and aren't heard of again.
async fn lookers(world: &World, many: u32) {
    for n in 0..many {
        let who = keys("", &format!("u{n}"), "");
        let facts = vec![
            identify(&format!("i{n}"), START_MS, who.clone(), &[("title", "VP")]),
            page(&format!("p{n}"), START_MS, who.clone(), "/pricing"),
            page(&format!("q{n}"), START_MS + 1, who, "/pricing"),
        ];
        world.accept(START_MS, facts).await;
    }
}

async fn publish(world: &World, source: String, mode: PublishMode) -> AgreementVersion {
    let proposed = world.app.propose(source, None, Actor::Console).await.unwrap();
    let reason = Some("a test".to_owned());
    world
        .app
        .publish_proposal(proposed.id, mode, reason, Actor::Console)
        .await
        .unwrap()
}

async fn handoffs(world: &World) -> Vec<HandoffSummary> {
    world
        .app
        .handoffs(HandoffQuery {
            limit: 200,
            ..HandoffQuery::default()
        })
        .await
        .unwrap()
        .items
}

async fn list(world: &World, state: &str) -> Vec<NewlyQualified> {
    let version = world.app.active_agreement().await.unwrap().version;
    let page = world
        .app
        .newly_qualified(version, Some(state.to_owned()), None, 200)
        .await;
    page.unwrap().items
}

#[tokio::test]
async fn nobody_is_handed_off_before_somebody_confirms_it() {
    let world = World::new();
    world.sales(&["ann"]).await;
    lookers(&world, 3).await;
    world.clock.set(START_MS + DAY_MS);
    let version = publish(&world, lower(), PublishMode::Retroactive).await.version;
    world.settle().await;
    assert!(handoffs(&world).await.is_empty());
    let listed = list(&world, "waiting").await;
    assert_eq!(listed.len(), 3);
    let one = &listed[0];
    assert_eq!(
        (one.qualified_at.ms(), one.trigger.as_str()),
        (START_MS + 1, "page")
    );
    assert_eq!((one.team.as_deref(), one.reaches), (Some("sdr"), true));

    // Something small that they do changes nothing.
    let second = listed[1].lead;
    world
        .accept(
            START_MS + DAY_MS,
            vec![page("r1", START_MS + DAY_MS, keys("", "u1", ""), "/about")],
        )
        .await;
    assert!(handoffs(&world).await.is_empty());

    let wrong = world.app.confirm(version, Listed::All(2), Actor::Console).await;
    assert!(matches!(wrong, Err(AppError::Conflict { .. })), "{wrong:?}");
    let some = Listed::Leads(vec![one.lead, second]);
    let confirmed = world
        .app
        .confirm(version, some.clone(), Actor::Console)
        .await
        .unwrap();
    assert_eq!(
        (confirmed.decided, confirmed.not_waiting.as_slice()),
        (2, [].as_slice())
    );
    let again = world.app.confirm(version, some, Actor::Console).await.unwrap();
    assert_eq!((again.decided, again.not_waiting.len()), (0, 2));
    world.settle().await;
    let mut handed: Vec<_> = handoffs(&world).await.iter().map(|one| one.lead).collect();
    handed.sort_unstable();
    assert_eq!(handed, [one.lead, second]);
    let done = list(&world, "handed_off").await;
    assert!(
        done.iter()
            .all(|one| one.handoff.is_some() && one.decided_by.as_deref() == Some("console"))
    );

    // Who is left out is judged by what they do next, as under a version that holds forward.
    world
        .app
        .leave_out(version, Listed::All(1), Actor::Console)
        .await
        .unwrap();
    world.settle().await;
    assert_eq!(handoffs(&world).await.len(), 2);
    world
        .accept(
            START_MS + DAY_MS,
            vec![page("r2", START_MS + DAY_MS, keys("", "u2", ""), "/about")],
        )
        .await;
    assert_eq!(handoffs(&world).await.len(), 3);
}

#[tokio::test]
async fn who_raises_their_hand_while_all_are_judged_anew_does_not_wait() {
    let world = World::new();
    world.sales(&["ann"]).await;
    lookers(&world, 2).await;
    world.clock.set(START_MS + DAY_MS);
    publish(&world, lower(), PublishMode::Retroactive).await;
    world.settle().await;
    let now = START_MS + DAY_MS + 1;
    world
        .accept(now, vec![track("d", now, keys("", "u0", ""), "Demo Requested")])
        .await;
    let handed = handoffs(&world).await;
    assert_eq!(handed.len(), 1);
    assert_eq!(list(&world, "handed_off").await[0].handoff, Some(handed[0].id));
    assert_eq!(list(&world, "waiting").await.len(), 1);
}

#[tokio::test]
async fn forward_lists_nobody_and_a_newer_version_closes_the_list() {
    let world = World::new();
    world.sales(&["ann"]).await;
    lookers(&world, 2).await;
    world.clock.set(START_MS + DAY_MS);
    let forward = publish(&world, lower(), PublishMode::Forward).await;
    world.settle().await;
    assert!(list(&world, "waiting").await.is_empty());
    let retroactive = publish(
        &world,
        lower().replace("score = 35", "score = 30"),
        PublishMode::Retroactive,
    )
    .await;
    world.settle().await;
    assert_eq!(list(&world, "waiting").await.len(), 2);
    publish(&world, AGREEMENT.to_owned(), PublishMode::Forward).await;
    let closed = world
        .app
        .confirm(retroactive.version, Listed::All(2), Actor::Console)
        .await;
    assert!(matches!(closed, Err(AppError::Conflict { .. })), "{closed:?}");
    let old = world
        .app
        .newly_qualified(retroactive.version, None, None, 0)
        .await
        .unwrap();
    assert!(old.items.iter().all(|one| one.state == "superseded"));
    world.settle().await;
    assert!(handoffs(&world).await.is_empty());
    assert_eq!(forward.version, 2);
}

#[tokio::test]
async fn what_no_longer_holds_when_it_is_confirmed_lapses() {
    let world = World::new();
    world.sales(&["ann"]).await;
    lookers(&world, 2).await;
    world.clock.set(START_MS + DAY_MS);
    let version = publish(&world, lower(), PublishMode::Retroactive).await.version;
    world.settle().await;
    let rival = START_MS + DAY_MS;
    world
        .accept(
            rival,
            vec![identify(
                "x",
                START_MS - 1,
                keys("", "u0", ""),
                &[("email", "x@rival.example")],
            )],
        )
        .await;
    world
        .app
        .confirm(version, Listed::All(2), Actor::Console)
        .await
        .unwrap();
    world.settle().await;
    assert_eq!(handoffs(&world).await.len(), 1);
    let lapsed = list(&world, "lapsed").await;
    assert_eq!(lapsed[0].outcome.as_deref(), Some("it doesn't qualify any more"));
}

#[tokio::test]
async fn judging_anew_and_handing_off_go_on_where_they_broke_off() {
    // A budget of commits, after which each fails: a crash, wherever it falls.
    let budget = Arc::new(AtomicI64::new(i64::MAX));
    let fault = Arc::clone(&budget);
    let world = World::with(AGREEMENT, move |options| {
        options.commit_fault = Some(Arc::new(move || fault.fetch_sub(1, Ordering::SeqCst) <= 0));
    });
    world.sales(&["ann", "bob"]).await;
    lookers(&world, 600).await;
    world.clock.set(START_MS + DAY_MS);
    let proposed = world.app.propose(lower(), None, Actor::Console).await.unwrap();
    // The publishing itself, and one slice.
    budget.store(2, Ordering::SeqCst);
    let reason = Some("a test".to_owned());
    let version = world
        .app
        .publish_proposal(proposed.id, PublishMode::Retroactive, reason, Actor::Console)
        .await
        .unwrap()
        .version;
    let counts = world.app.confirm_counts().await.unwrap();
    assert!(counts.left > 0 && counts.waiting <= 256, "{counts:?}");
    let world = world.again(AGREEMENT);
    world.settle().await;
    assert_eq!(world.app.confirm_counts().await.unwrap().waiting, 600);
    world
        .app
        .confirm(version, Listed::All(600), Actor::Console)
        .await
        .unwrap();
    // Stopped at once; what was confirmed is done by whoever comes next.
    let world = world.again(AGREEMENT);
    world.settle().await;
    let counts = world.app.confirm_counts().await.unwrap();
    assert_eq!((counts.handed_off, counts.confirmed), (600, 0));
    assert_eq!(world.app.counts().await.unwrap().handoffs_open, 600);
}
