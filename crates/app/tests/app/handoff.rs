//! From facts to a lead on a salesperson's desk, and back.

use crate::support::{AGREEMENT, DAY_MS, MINUTE_MS, START_MS, World, at, identify, keys, page, track};
use bellwether_app::{Actor, AppError, HandoffQuery, HandoffState, UserId};
use bellwether_core::domain::Stage;

#[tokio::test]
async fn who_qualifies_has_an_owner_a_task_and_a_due_time_when_accept_resolves() {
    let world = World::new();
    world.sales(&["ann", "bob"]).await;
    let who = keys("a1", "u1", "");
    let traits = [
        ("email", "eve@acme.example"),
        ("title", "VP Sales"),
        ("name", "Eve"),
    ];
    let facts = vec![
        page("m1", START_MS, keys("a1", "", ""), "/pricing"),
        identify("m2", START_MS + 1, who.clone(), &traits),
        track("m3", START_MS + 2, who, "Demo Requested"),
    ];
    let receipt = world.accept(START_MS + 1_000, facts).await;
    assert_eq!(
        (receipt.accepted, receipt.duplicates, receipt.refused.len()),
        (3, 0, 0)
    );

    let list = world.app.handoffs(HandoffQuery::default()).await.unwrap().items;
    assert_eq!(list.len(), 1);
    let handoff = &list[0];
    assert_eq!(handoff.state, HandoffState::Open);
    assert_eq!(handoff.trigger, "Demo Requested");
    assert_eq!(handoff.owner.as_ref().unwrap().name, "ann");
    assert_eq!(handoff.task, "Follow up with Eve");
    assert_eq!(handoff.due_at, Some(at(START_MS + 1_000 + 5 * MINUTE_MS)));
    assert_eq!((handoff.fit.millis(), handoff.intent.millis()), (20_000, 50_000));
    assert_eq!(handoff.grade, "A1");

    let lead = world.detail(handoff.lead).await;
    assert_eq!(lead.summary.stage, Stage::Mql);
    assert_eq!(lead.summary.account.as_ref().unwrap().name, "acme.example");
    assert_eq!(lead.summary.owner.as_ref().unwrap().name, "ann");
    let moves: Vec<(Option<Stage>, Stage)> = lead
        .transitions
        .iter()
        .map(|moved| (moved.from, moved.to))
        .collect();
    assert_eq!(
        moves,
        [
            (Some(Stage::Visitor), Stage::Lead),
            (Some(Stage::Lead), Stage::Mql)
        ]
    );
    let detail = world.app.handoff(handoff.id).await.unwrap().unwrap();
    assert_eq!(detail.packet["lead"]["email"], "eve@acme.example");
    assert_eq!(detail.packet["owner"]["name"], "ann");
}

#[tokio::test]
async fn a_visitor_is_scored_and_judged_once_known() {
    let world = World::new();
    world.sales(&["ann"]).await;
    let visitor = keys("a1", "", "");
    world
        .accept(START_MS, vec![track("m1", START_MS, visitor, "Demo Requested")])
        .await;
    let id = world.lead_of("anonymous_id", "a1").await;
    let lead = world.detail(id).await;
    assert_eq!(
        (lead.summary.stage, lead.summary.intent.millis()),
        (Stage::Visitor, 40_000)
    );
    assert!(lead.handoffs.is_empty());
    let traits = [("email", "eve@acme.example"), ("title", "VP Sales")];
    let facts = vec![identify("m2", START_MS + DAY_MS, keys("a1", "u1", ""), &traits)];
    world.accept(START_MS + DAY_MS, facts).await;
    let lead = world.detail(id).await;
    assert_eq!((lead.summary.stage, lead.handoffs.len()), (Stage::Mql, 1));
    assert_eq!(lead.handoffs[0].trigger, "traits");
}

#[tokio::test]
async fn what_sales_sends_back_qualifies_again_after_the_time_and_on_fresh_intent_only() {
    let world = World::new();
    world.sales(&["ann"]).await;
    let who = keys("", "u1", "");
    let demo = |n: i64, ms| track(&format!("d{n}"), ms, who.clone(), "Demo Requested");
    let facts = vec![
        identify("m1", START_MS, who.clone(), &[("title", "VP")]),
        demo(1, START_MS + 1),
    ];
    world.accept(START_MS + 2, facts).await;
    let id = world.lead_of("user_id", "u1").await;
    let first = world.detail(id).await.handoffs[0].id;

    let actor = Actor::User(UserId(1));
    let wrong = world
        .app
        .reject_handoff(first, "Because".to_owned(), None, actor)
        .await;
    assert!(
        matches!(wrong, Err(AppError::Invalid { field: "reason", .. })),
        "{wrong:?}"
    );
    world.clock.set(START_MS + DAY_MS);
    let back = world
        .app
        .reject_handoff(first, "timing NOT right".to_owned(), None, actor)
        .await
        .unwrap();
    assert_eq!(back.summary.state, HandoffState::Rejected);
    assert_eq!(back.rejection_reason.as_deref(), Some("Timing not right"));
    let again = world.app.accept_handoff(first, actor).await;
    assert!(matches!(again, Err(AppError::Conflict { .. })), "{again:?}");
    let lead = world.detail(id).await;
    assert_eq!((lead.summary.stage, lead.summary.cycle), (Stage::Recycled, 2));
    assert_eq!((lead.summary.owner, lead.summary.qualified_at), (None, None));

    // Too early.
    let early = START_MS + 80 * DAY_MS;
    world.accept(early, vec![demo(2, early)]).await;
    assert_eq!(world.detail(id).await.summary.stage, Stage::Recycled);
    let late = START_MS + 92 * DAY_MS;
    world.accept(late, vec![demo(3, late)]).await;
    let lead = world.detail(id).await;
    assert_eq!((lead.summary.stage, lead.handoffs.len()), (Stage::Mql, 2));
    assert_eq!((lead.handoffs[0].cycle, lead.handoffs[1].cycle), (2, 1));
    // One handoff a cycle, whatever comes.
    world
        .accept(late, vec![demo(4, late + 1), demo(5, late + 2)])
        .await;
    assert_eq!(world.detail(id).await.handoffs.len(), 2);
    let taken = world
        .app
        .accept_handoff(lead.handoffs[0].id, actor)
        .await
        .unwrap();
    assert_eq!(taken.summary.state, HandoffState::Accepted);
    assert_eq!(world.detail(id).await.summary.stage, Stage::Sal);
}

#[tokio::test]
async fn the_team_takes_turns_and_an_accounts_owner_keeps_the_account() {
    let world = World::new();
    world.sales(&["ann", "bob", "cid"]).await;
    let mut owners = Vec::new();
    for n in 0..30 {
        let who = keys("", &format!("u{n}"), "");
        let ms = START_MS + n * MINUTE_MS;
        let facts = vec![
            identify(&format!("i{n}"), ms, who.clone(), &[("title", "VP")]),
            track(&format!("t{n}"), ms, who, "Demo Requested"),
        ];
        world.accept(ms, facts).await;
        let id = world.lead_of("user_id", &format!("u{n}")).await;
        owners.push(world.detail(id).await.summary.owner.unwrap().name);
        let count = |name: &str| owners.iter().filter(|owner| *owner == name).count();
        let counts = [count("ann"), count("bob"), count("cid")];
        assert!(
            counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1,
            "{counts:?}"
        );
    }
    let colleague = |n: i64| {
        let who = keys("", &format!("c{n}"), "");
        let traits = [
            ("title", "VP"),
            ("email", if n == 0 { "x@one.example" } else { "y@one.example" }),
        ];
        vec![
            identify(&format!("ci{n}"), START_MS, who.clone(), &traits),
            track(&format!("ct{n}"), START_MS, who, "Demo Requested"),
        ]
    };
    let both: Vec<_> = colleague(0).into_iter().chain(colleague(1)).collect();
    world.accept(START_MS, both).await;
    let one = world.detail(world.lead_of("user_id", "c0").await).await;
    let two = world.detail(world.lead_of("user_id", "c1").await).await;
    assert_eq!(one.summary.owner, two.summary.owner);
    assert_eq!(two.handoffs[0].route_reason, "has the lead's account already");
}

#[tokio::test]
async fn without_anybody_on_the_team_the_lead_waits_and_it_is_listed() {
    let world = World::new();
    let who = keys("", "u1", "");
    let facts = vec![
        identify("m1", START_MS, who.clone(), &[("title", "VP")]),
        track("m2", START_MS, who, "Demo Requested"),
    ];
    world.accept(START_MS, facts).await;
    let list = world.app.handoffs(HandoffQuery::default()).await.unwrap().items;
    assert_eq!((list.len(), list[0].owner.clone()), (1, None));
    assert_eq!(list[0].route_reason, "nobody is on team `sdr`");
    let findings = world.app.findings(10).await.unwrap();
    assert!(
        findings.iter().any(|finding| finding.kind == "no_owner"),
        "{findings:?}"
    );
}

#[tokio::test]
async fn what_nobody_answers_goes_back_to_marketing_once_and_late_if_nobody_was_there() {
    let agreement = AGREEMENT.replace("priority = \"high\"", "priority = \"high\"\nexpire = \"14d\"");
    let world = World::with(&agreement, |options| options.deliver = false);
    world.sales(&["ann"]).await;
    let who = keys("", "u1", "eve@acme.example");
    let facts = vec![
        identify("m1", START_MS, who.clone(), &[("title", "VP")]),
        track("m2", START_MS, who.clone(), "Demo Requested"),
    ];
    world.accept(START_MS, facts).await;
    let lead = world.lead_of("user_id", "u1").await;
    world.clock.set(START_MS + 14 * DAY_MS - 1);
    assert_eq!(world.app.fire_timers().await.unwrap(), 0);
    world.clock.set(START_MS + 14 * DAY_MS + 125 * MINUTE_MS);
    assert_eq!(world.app.fire_timers().await.unwrap(), 1);
    assert_eq!(world.app.fire_timers().await.unwrap(), 0);
    let detail = world.detail(lead).await;
    assert_eq!(
        (detail.summary.stage, detail.summary.cycle, detail.summary.owner),
        (Stage::Recycled, 2, None)
    );
    assert_eq!(detail.handoffs[0].state, HandoffState::Expired);
    let moved = detail.transitions.last().unwrap();
    assert_eq!(
        (moved.actor.as_str(), moved.reason.as_str()),
        ("engine", "nobody answered, 2 h 5 min late")
    );
    // Fresh intent brings it back.
    let later = START_MS + 15 * DAY_MS;
    world.clock.set(later);
    world
        .accept(later, vec![track("m3", later, who, "Demo Requested")])
        .await;
    let detail = world.detail(lead).await;
    assert_eq!((detail.summary.stage, detail.handoffs[0].cycle), (Stage::Mql, 2));
    world
        .app
        .accept_handoff(detail.handoffs[0].id, Actor::Console)
        .await
        .unwrap();
    world.clock.set(later + 30 * DAY_MS);
    assert_eq!(
        world.app.fire_timers().await.unwrap(),
        0,
        "an answered handoff expires no more"
    );
}
