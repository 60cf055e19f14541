//! An edit is answered coarse and then exact, and abandoned by whoever edits on.

use bellwether_app::{Actor, AppError, KeyId, WhatIf, WhatIfStep};

use crate::support::{AGREEMENT, START_MS, World, identify, keys, page};

const LEADS: u64 = 3_000;

/// One view of the prices is enough, or never is.
fn edit(enough: bool) -> String {
    let intent = if enough { "intent = 10" } else { "intent = 90" };
    AGREEMENT
        .replace("score = 50", "score = 30")
        .replace("intent = 20", intent)
}

async fn world() -> World {
    let world = World::new();
    for batch in 0..30 {
        let facts = (0..LEADS / 30).flat_map(|n| {
            let who = keys("", &format!("u{batch}-{n}"), "");
            [
                identify(
                    &format!("i{batch}-{n}"),
                    START_MS,
                    who.clone(),
                    &[("title", "VP")],
                ),
                page(&format!("p{batch}-{n}"), START_MS, who, "/pricing"),
            ]
        });
        world.accept(START_MS, facts.collect()).await;
    }
    world
}

async fn last(mut run: WhatIf) -> WhatIfStep {
    let mut last = run.next().await.expect("there is an answer");
    while let Some(step) = run.next().await {
        last = step;
    }
    last
}

#[tokio::test]
async fn it_is_answered_by_a_sample_that_says_its_size_and_then_exactly() {
    let world = world().await;
    let actor = Actor::Key(KeyId(1));
    let mut run = world.app.what_if(edit(true), actor).await.unwrap().unwrap();
    let Some(WhatIfStep::Coarse(coarse)) = run.next().await else {
        panic!("the first answer is a coarse one");
    };
    assert_eq!((coarse.leads, coarse.judged), (LEADS, LEADS / 3));
    assert_eq!(
        (coarse.active, coarse.proposed, coarse.newly),
        (0, LEADS / 3, LEADS / 3)
    );
    let Some(WhatIfStep::Exact(exact)) = run.next().await else {
        panic!("the second answer is the exact one");
    };
    assert_eq!((exact.judged, exact.proposed, exact.newly), (LEADS, LEADS, LEADS));
    assert!(run.next().await.is_none());
    // What is published later says the same.
    let proposed = world.app.propose(edit(true), None, Actor::Console).await.unwrap();
    let replayed = world.app.replay_proposal(proposed.id).await.unwrap();
    assert_eq!(replayed.replay, Some(exact));
}

#[tokio::test]
async fn who_edits_on_abandons_what_they_asked_before_and_nobody_elses() {
    let world = world().await;
    let (one, other) = (Actor::Key(KeyId(1)), Actor::Key(KeyId(2)));
    let ask = |enough, actor| world.app.what_if(edit(enough), actor);
    let first = ask(true, one).await.unwrap().unwrap();
    let elses = ask(true, other).await.unwrap().unwrap();
    let second = ask(false, one).await.unwrap().unwrap();
    // It may have been ready before it was abandoned.
    assert!(matches!(
        last(first).await,
        WhatIfStep::Abandoned | WhatIfStep::Exact(_)
    ));
    assert!(matches!(last(elses).await, WhatIfStep::Exact(exact) if exact.newly == LEADS));
    assert!(matches!(last(second).await, WhatIfStep::Exact(exact) if exact.newly == 0));
}

#[tokio::test]
async fn what_is_wrong_is_said_and_so_many_run_at_once() {
    let world = world().await;
    let broken = edit(true).replace("score = 30", "score = \"many\"");
    let outcome = world.app.what_if(broken, Actor::Console).await;
    assert!(matches!(outcome, Err(AppError::Agreement(_))), "{outcome:?}");
    let mut runs = Vec::new();
    for key in 1..=2 {
        runs.push(
            world
                .app
                .what_if(edit(true), Actor::Key(KeyId(key)))
                .await
                .unwrap(),
        );
    }
    // Whether there is a place depends on how fast the others are; where there is none, that is said.
    let third = world.app.what_if(edit(true), Actor::Key(KeyId(3))).await.unwrap();
    for run in runs.into_iter().chain([third]).flatten() {
        assert!(matches!(last(run).await, WhatIfStep::Exact(_)));
    }
}
