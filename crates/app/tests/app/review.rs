//! The quarterly review, counted by hand.

use bellwether_app::{ContactKind, Funnel, Promises, RuleFigures, RuleWorth};
use bellwether_core::domain::{Period, Stage};

use crate::lifecycle::{ANN, reach};
use crate::support::{DAY_MS, MINUTE_MS, START_MS, World};

/// In the quarter after the one in which tests begin.
const JULY_MS: i64 = START_MS + 45 * DAY_MS;

fn worth(rules: &[RuleFigures], rule: &str) -> (RuleWorth, RuleWorth) {
    let found = rules.iter().find(|figures| figures.rule == rule).unwrap();
    (found.now, found.before)
}

#[tokio::test]
async fn a_quarter_is_counted_beside_the_one_before() {
    let world = World::new();
    world.sales(&["ann"]).await;
    for (name, stage) in [
        ("looks", Stage::Visitor),
        ("known", Stage::Lead),
        ("waits", Stage::Mql),
        ("back", Stage::Recycled),
        ("taken", Stage::Sal),
        ("sql", Stage::Sql),
        ("deal", Stage::Opportunity),
        ("won", Stage::Customer),
    ] {
        reach(&world, name, stage).await;
    }
    let taken = world.lead_of("user_id", "taken").await;
    let handoff = world.detail(taken).await.handoffs[0].id;
    world.clock.set(START_MS + 3 * MINUTE_MS);
    world
        .app
        .record_contact(handoff, ContactKind::Call, None, None, ANN)
        .await
        .unwrap();
    world.clock.set(JULY_MS);
    reach(&world, "late", Stage::Lead).await;
    let review = world.app.review(None).await.unwrap();
    assert_eq!(
        (
            review.now.name.as_str(),
            review.now.complete,
            review.before.complete
        ),
        ("2026-Q3", false, true)
    );
    assert_eq!(review.now.handoffs, Funnel::default());
    let before = &review.before;
    // Seven that one could reach came in spring, "late" too: its facts say so. Six of them asked for a demo.
    assert_eq!((before.leads, before.qualified), (8, 6));
    assert_eq!(
        before.handoffs,
        Funnel {
            made: 6,
            accepted: 4,
            rejected: 1,
            expired: 0,
            waiting: 1,
            sql: 3,
            deals: 2,
            won: 1,
        }
    );
    assert_eq!(before.rejections, [("No budget".to_owned(), 1)]);
    assert_eq!(before.promises.made, 6);
    assert_eq!((before.promises.kept, before.promises.answered), (1, 1));
    assert_eq!(before.promises.median, Some(Period::from_ms(3 * MINUTE_MS)));
    assert_eq!(review.now.promises, Promises::default());
    let (now, then) = worth(&review.rules, "Demo");
    assert_eq!(now, RuleWorth::default());
    assert_eq!(
        then,
        RuleWorth {
            leads: 6,
            handoffs: 6,
            accepted: 4,
            won: 1,
            rejected: 1,
        }
    );
    // Everybody whom one could reach is a VP; whoever only looked around isn't known to be one.
    assert_eq!(worth(&review.rules, "Seniority").1.leads, 8);
    assert_eq!(worth(&review.rules, "Pricing").1, RuleWorth::default());
    // The same quarter asked for by name is the same.
    let spring = world.app.review(Some("2026-Q2".parse().unwrap())).await.unwrap();
    assert_eq!(&spring.now, before);
}
