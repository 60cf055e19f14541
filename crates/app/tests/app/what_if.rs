//! An edit is answered coarse and then exact, and abandoned by whoever edits on.

use bellwether_app::{Actor, AppError, KeyId, LeadId, ReplaySummary, WhatIf, WhatIfStep};
use bellwether_store::{Db, OutcomeRow};

use crate::support::{AGREEMENT, DAY_MS, START_MS, World, at, identify, keys, page, track};

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
    // One of the sample, and two others.
    for lead in [3, 4, 5] {
        decide(&world, LeadId(lead), true);
    }
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
    let recall = |summary: &ReplaySummary| summary.figures.as_ref().map(|figures| figures.proposed.recall.of);
    assert_eq!(recall(&coarse), Some(1));
    let Some(WhatIfStep::Exact(exact)) = run.next().await else {
        panic!("the second answer is the exact one");
    };
    assert_eq!(recall(&exact), Some(3));
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
async fn what_is_asked_as_the_server_stops_ends() {
    let World { app, directory, .. } = world().await;
    let run = app.what_if(edit(true), Actor::Console).await.unwrap().unwrap();
    drop(app);
    // How far it came by then is open, but it neither fails nor goes on.
    assert!(matches!(
        last(run).await,
        WhatIfStep::Abandoned | WhatIfStep::Exact(_)
    ));
    drop(directory);
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

/// Three with a demo, whom both hand off; five who looked at prices, whom only the edit does; one of each is won.
async fn with_deals() -> World {
    let world = World::new();
    world.sales(&["ana", "bob"]).await;
    for n in 0..8 {
        let who = keys("", &format!("u{n}"), "");
        let did = if n < 3 {
            track(&format!("d{n}"), START_MS, who.clone(), "Demo Requested")
        } else {
            page(&format!("p{n}"), START_MS, who.clone(), "/pricing")
        };
        let known = identify(&format!("i{n}"), START_MS, who, &[("title", "VP")]);
        world.accept(START_MS, vec![known, did]).await;
    }
    for (user, won) in [("u0", true), ("u1", false), ("u5", true)] {
        decide(&world, world.lead_of("user_id", user).await, won);
    }
    world
}

/// A deal of a lead is won or lost.
fn decide(world: &World, lead: LeadId, won: bool) {
    let db = Db::open_helper(world.directory.path()).unwrap();
    let put = db.put_outcome(&OutcomeRow {
        lead,
        origin: lead,
        opportunity: lead.to_string(),
        won,
        at: at(START_MS + DAY_MS),
        amount_thousandths: None,
        currency: None,
        reason: None,
        has_id: true,
    });
    put.unwrap();
}

#[tokio::test]
async fn it_tells_of_won_deals_of_causes_and_of_the_load() {
    let world = with_deals().await;
    let run = world
        .app
        .what_if(edit(true), Actor::Console)
        .await
        .unwrap()
        .unwrap();
    let WhatIfStep::Exact(summary) = last(run).await else {
        panic!("so few leads are judged at once");
    };
    assert_eq!((summary.active, summary.proposed, summary.newly), (3, 8, 5));
    let months: Vec<_> = summary
        .months
        .iter()
        .map(|month| (month.active, month.proposed))
        .collect();
    assert_eq!(months, [(3, 8)]);
    let figures = summary.figures.as_ref().unwrap();
    assert_eq!(
        (figures.active.precision.hits, figures.active.precision.of),
        (1, 2)
    );
    assert_eq!((figures.proposed.recall.hits, figures.proposed.recall.of), (2, 2));
    assert_eq!((figures.newly.fates.won, figures.newly.fates.unknown), (1, 4));
    assert_eq!(figures.proposed.per_week, Some(8_000_000));
    assert_eq!(figures.proposed.per_person, Some(4_000_000));
    let causes = figures.newly.causes.iter();
    let causes: Vec<_> = causes
        .map(|cause| (cause.kind.as_str(), cause.name.as_str(), cause.leads))
        .collect();
    assert_eq!(causes, [("line", "intent", 5), ("line", "score", 5)]);
    assert_eq!(
        summary.headline(),
        "Of 8 leads version 1 would have handed off 3, and this 8: 5 newly, 0 no longer. Won deals: 1 gained, 0 missed."
    );
    let rows = summary.rows();
    let rows: Vec<_> = rows
        .iter()
        .map(|row| (row.what, row.active.as_str(), row.proposed.as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            ("Won, of those decided", "1 of 2 (9–91 %)", "2 of 3 (21–94 %)"),
            ("Handed off, of all won", "1 of 2 (9–91 %)", "2 of 2 (34–100 %)"),
            ("Leads a week", "3.0", "8.0"),
            ("In the busiest week", "3", "8"),
            ("A week for each who takes leads", "1.5", "4.0"),
        ]
    );
    assert_eq!(
        summary.causes(),
        ["Newly because of the line on intent (5), the line on score (5)."]
    );
}
