//! Another agreement holds forward: scores follow it, handoffs wait for the next thing that a lead does.

use bellwether_app::{Actor, App, AppError, HandoffQuery, LeadQuery, Options};
use bellwether_store::{AgreementRow, Db};

use crate::support::{AGREEMENT, DAY_MS, START_MS, World, at, identify, keys, page};

fn lower_line() -> String {
    AGREEMENT
        .replace("score = 50", "score = 25")
        .replace("intent = 20\nfast", "intent = 5\nfast")
}

#[tokio::test]
async fn a_new_agreement_rescores_everybody_and_hands_nobody_off_by_itself() {
    let world = World::new();
    world.sales(&["ann"]).await;
    for n in 0..600 {
        let who = keys("", &format!("u{n}"), "");
        let facts = vec![
            identify(&format!("i{n}"), START_MS, who.clone(), &[("title", "VP")]),
            page(&format!("p{n}"), START_MS, who, "/pricing"),
        ];
        world.accept(START_MS, facts).await;
    }
    world.clock.set(START_MS + DAY_MS);
    let version = world.publish(&lower_line()).await;
    assert_eq!(version.version, 2);
    assert_eq!(world.app.active_agreement().await.unwrap().hash, version.hash);
    world.settle().await;
    assert!(
        world
            .app
            .handoffs(HandoffQuery::default())
            .await
            .unwrap()
            .items
            .is_empty()
    );
    let lead = world
        .app
        .leads(LeadQuery::default())
        .await
        .unwrap()
        .items
        .swap_remove(0);
    assert!(lead.qualified_at.is_some());
    let later = START_MS + 2 * DAY_MS;
    world
        .accept(later, vec![page("again", later, keys("", "u7", ""), "/about")])
        .await;
    let handoffs = world.app.handoffs(HandoffQuery::default()).await.unwrap().items;
    assert_eq!(handoffs.len(), 1);
    assert_eq!(handoffs[0].lead, world.lead_of("user_id", "u7").await);
}

#[tokio::test]
async fn what_is_wrong_or_late_changes_nothing() {
    let world = World::new();
    let broken = AGREEMENT.replace("score = 50", "score = \"many\"");
    let outcome = world.app.put_agreement(broken, None, None, Actor::Console).await;
    assert!(
        matches!(&outcome, Err(AppError::Agreement(problems)) if !problems.is_empty()),
        "{outcome:?}"
    );
    let outcome = world
        .app
        .put_agreement(lower_line(), Some(7), None, Actor::Console)
        .await;
    assert!(matches!(outcome, Err(AppError::Conflict { .. })), "{outcome:?}");
    assert_eq!(world.app.active_agreement().await.unwrap().version, 1);
    // The same again is no new version.
    let same = world
        .app
        .put_agreement(AGREEMENT.to_owned(), Some(1), None, Actor::Console)
        .await
        .unwrap();
    assert_eq!(same.version, 1);
}

#[tokio::test]
async fn a_database_opens_whose_agreement_has_a_text_that_is_not_right_any_more() {
    let directory = tempfile::tempdir().unwrap();
    let task = "task = \"Follow up with {{ lead.name }}\"";
    assert!(AGREEMENT.contains(task));
    let row = AgreementRow {
        version: 1,
        hash: "of an older version of the product".to_owned(),
        source: AGREEMENT.replace(task, "task = \"Call {{ lead.shoe_size }}\""),
        activated_at: at(START_MS),
        published_by: Actor::Console.to_string(),
        mode: "forward".to_owned(),
        basis: "unsigned".to_owned(),
        reason: None,
        proposal: None,
        back_to: None,
        rescored_to: None,
        rescored_at: None,
    };
    let db = Db::open_writer(directory.path()).unwrap();
    db.insert_agreement(&row).unwrap();
    drop(db);
    let app = App::open(Options::new(directory.path().to_owned(), AGREEMENT.to_owned())).unwrap();
    let active = app.active_agreement().await.unwrap();
    assert!(active.source.contains("shoe_size"));
    let mended = app
        .put_agreement(AGREEMENT.to_owned(), None, None, Actor::Console)
        .await
        .unwrap();
    assert_eq!(mended.version, 2);
}
