//! Lists: in order, filtered, and whole over their pages.

use bellwether_app::{AppError, HandoffQuery, LeadQuery, LeadSort, PAGE_ITEMS_MAX};
use bellwether_core::domain::Stage;

use crate::support::{MINUTE_MS, START_MS, World, identify, keys, page, track};

async fn crowd(world: &World) {
    world.sales(&["ann", "bob"]).await;
    for n in 0..25_i64 {
        let ms = START_MS + n * MINUTE_MS;
        let who = keys("", &format!("u{n}"), "");
        let address = format!("p{n}@{}.example", if n % 5 == 0 { "acme" } else { "other" });
        let title = if n % 2 == 0 { "VP" } else { "Engineer" };
        let mut facts = vec![identify(
            &format!("i{n}"),
            ms,
            who.clone(),
            &[("email", &address), ("title", title)],
        )];
        if n % 3 == 0 {
            facts.push(track(&format!("t{n}"), ms, who, "Demo Requested"));
        }
        facts.push(page(
            &format!("v{n}"),
            ms,
            keys(&format!("a{n}"), "", ""),
            "/pricing",
        ));
        world.accept(ms, facts).await;
    }
}

async fn all(world: &World, query: &LeadQuery) -> Vec<bellwether_app::LeadSummary> {
    let (mut found, mut query) = (Vec::new(), query.clone());
    loop {
        let page = world.app.leads(query.clone()).await.unwrap();
        assert!(page.items.len() <= query.limit as usize);
        found.extend(page.items);
        match page.next {
            Some(next) => query.cursor = Some(next),
            None => return found,
        }
    }
}

#[tokio::test]
async fn leads_come_in_every_order_and_each_once() {
    let world = World::new();
    crowd(&world).await;
    for sort in [LeadSort::Score, LeadSort::LastSeen, LeadSort::Created] {
        for stage in [None, Some(Stage::Visitor), Some(Stage::Mql)] {
            let query = LeadQuery {
                sort,
                stage,
                limit: 4,
                ..LeadQuery::default()
            };
            let found = all(&world, &query).await;
            let expected = match stage {
                None | Some(Stage::Visitor) => 25,
                _ => 5,
            };
            assert_eq!(found.len(), expected, "{sort:?} {stage:?}");
            let by = |lead: &bellwether_app::LeadSummary| match sort {
                LeadSort::Score => (lead.score.millis(), lead.id),
                LeadSort::LastSeen => (lead.last_seen.ms(), lead.id),
                LeadSort::Created => (lead.created_at.ms(), lead.id),
            };
            assert!(
                found.windows(2).all(|pair| by(&pair[0]) > by(&pair[1])),
                "{sort:?} {stage:?}"
            );
        }
    }
}

#[tokio::test]
async fn leads_are_found_by_owner_account_and_words() {
    let world = World::new();
    crowd(&world).await;
    let of_word = all(
        &world,
        &LeadQuery {
            search: Some("ACME".to_owned()),
            limit: 2,
            ..LeadQuery::default()
        },
    )
    .await;
    assert_eq!(of_word.len(), 5);
    let account = of_word[0].account.as_ref().unwrap().id;
    for sort in [LeadSort::Score, LeadSort::LastSeen] {
        let query = LeadQuery {
            account: Some(account),
            sort,
            limit: 2,
            ..LeadQuery::default()
        };
        assert_eq!(all(&world, &query).await.len(), 5);
    }
    let owner = all(
        &world,
        &LeadQuery {
            stage: Some(Stage::Mql),
            limit: 9,
            ..LeadQuery::default()
        },
    )
    .await;
    let owner = owner[0].owner.as_ref().unwrap().id;
    let own = all(
        &world,
        &LeadQuery {
            owner: Some(owner),
            limit: 2,
            ..LeadQuery::default()
        },
    )
    .await;
    assert!(!own.is_empty() && own.iter().all(|lead| lead.owner.as_ref().unwrap().id == owner));
    let odd = LeadQuery {
        search: Some("100%_'\"; --".to_owned()),
        limit: PAGE_ITEMS_MAX + 1,
        ..LeadQuery::default()
    };
    assert!(world.app.leads(odd).await.unwrap().items.is_empty());
    let wrong = LeadQuery {
        cursor: Some("1; DROP TABLE lead".to_owned()),
        ..LeadQuery::default()
    };
    assert!(matches!(
        world.app.leads(wrong).await,
        Err(AppError::Invalid { field: "cursor", .. })
    ));
}

#[tokio::test]
async fn handoffs_come_by_due_time_and_each_once() {
    let world = World::new();
    crowd(&world).await;
    let (mut found, mut query) = (
        Vec::new(),
        HandoffQuery {
            limit: 2,
            ..HandoffQuery::default()
        },
    );
    loop {
        let page = world.app.handoffs(query.clone()).await.unwrap();
        found.extend(page.items);
        match page.next {
            Some(next) => query.cursor = Some(next),
            None => break,
        }
    }
    assert_eq!(found.len(), 5);
    assert!(
        found
            .windows(2)
            .all(|pair| (pair[0].due_at, pair[0].id) < (pair[1].due_at, pair[1].id))
    );
}
